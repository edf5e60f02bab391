#include "app/bench/connections.h"

#include <algorithm>
#include <vector>

#include "app/bench/clock.h"
#include "sim/world/chain.h"

namespace fourtuple::app {
namespace {

constexpr Duration apart = microseconds(10);
constexpr std::uint32_t slice = 10'000;  // connections timed together

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

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
  std::vector<double> per_connection_ns;
  const double began = processor_seconds();
  const Time first = Time{0} + milliseconds(1);
  for (std::uint32_t done = 0; done < connections; done += slice) {
    const std::uint32_t count = std::min(slice, connections - done);
    const double start = processor_seconds();
    world.run_until(first + apart * (done + count), trace);
    per_connection_ns.push_back((processor_seconds() - start) * 1e9 / count);
  }
  world.run_until(first + apart * connections + seconds(1), trace);
  cost.mean_ns = (processor_seconds() - began) * 1e9 / connections;
  cost.established = established_connections(world);
  cost.bytes = static_cast<double>(world.connection_bytes() - before) / std::max(cost.established, 1u);
  const std::size_t window = std::min<std::size_t>(per_connection_ns.size(), 5);
  cost.first_ns =
      median_of({per_connection_ns.begin(), per_connection_ns.begin() + static_cast<std::ptrdiff_t>(window)});
  cost.last_ns = median_of({per_connection_ns.end() - static_cast<std::ptrdiff_t>(window), per_connection_ns.end()});
  return cost;
}

}  // namespace fourtuple::app
