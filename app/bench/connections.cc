#include "app/bench/connections.h"

#include <algorithm>
#include <vector>

#include "app/bench/clock.h"
#include "sim/world/chain.h"

namespace fourtuple::app {
namespace {

constexpr Duration apart = microseconds(10);
constexpr std::uint32_t slice = 50'000;  // connections timed together

constexpr std::uint32_t last_slice(std::uint32_t connections) {
  return (connections - 1) % slice + 1;
}

// Processor time of this thread, split.
struct Spent {
  double program_s = 0, system_s = 0;

  static Spent now() {
    const double system_s = system_seconds();
    return {processor_seconds() - system_s, system_s};
  }
};

// Both ends of a connection are sockets of this World, so half of them are counted.
std::uint32_t established_connections(const world::World& world) {
  const state::State& seen = world.system().visible;
  std::uint32_t ends = 0;
  for (std::uint32_t i = 0; i < seen.sockets.end(); ++i)
    if (seen.sockets.alive(i) && seen.sockets[i].tcp_state == TcpState::established) ++ends;
  return ends / 2;
}

}  // namespace

ConnectionCost cost_of_connections(std::uint32_t connections) {
  world::ChainOptions chain;
  chain.flows = connections;
  chain.window_bytes = std::uint64_t{connections} << 17;
  chain.idle = true;
  trace::Trace trace(trace::Level::off);
  // The chain's senders start within the first tenth of the span.
  world::World world = world::chain_world(chain, apart * 10 * connections, trace);
  const std::uint64_t before = world.connection_bytes();

  ConnectionCost cost;
  cost.wanted = connections;
  const Time first = Time{0} + milliseconds(1);
  std::vector<Spent> spent = {Spent::now()};
  for (std::uint32_t done = 0; done < connections; done += slice) {
    world.run_until(first + apart * std::min(done + slice, connections), trace);
    spent.push_back(Spent::now());
  }
  world.run_until(first + apart * connections + seconds(1), trace);
  const Spent all = Spent::now();
  cost.established = established_connections(world);
  cost.bytes = static_cast<double>(world.connection_bytes() - before) / std::max(cost.established, 1u);
  cost.first_ns = (spent[1].program_s - spent[0].program_s) * 1e9 / std::min(slice, connections);
  cost.last_ns = (spent.back().program_s - spent[spent.size() - 2].program_s) * 1e9 / last_slice(connections);
  cost.mean_ns = (all.program_s - spent[0].program_s) * 1e9 / connections;
  cost.memory_ns = (all.system_s - spent[0].system_s) * 1e9 / connections;
  return cost;
}

}  // namespace fourtuple::app
