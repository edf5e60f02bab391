// Which socket a segment belongs to, among many established connections: the lookup that every packet goes through.
#include <benchmark/benchmark.h>
#include <vector>

#include "sim/base/random.h"
#include "sim/stack/demux.h"
#include "sim/world/chain.h"

namespace fourtuple {
namespace {

constexpr std::size_t segment_count = 1 << 20;

world::World established(std::uint32_t connections, trace::Trace& trace) {
  world::ChainOptions chain;
  chain.flows = connections;
  chain.window_bytes = std::uint64_t{connections} << 17;
  chain.idle = true;
  const Duration span = microseconds(100) * connections;
  world::World world = world::chain_world(chain, span, trace);
  world.run_until(Time{0} + span + seconds(1), trace);
  return world;
}

// Segments of random connections, as the end that takes them would see them; so many that no cache holds what they
// touch.
std::vector<Packet> random_segments(const stack::System& system) {
  const auto& sockets = system.visible.sockets;
  Random random(1, "segments");
  std::vector<Packet> segments;
  while (segments.size() < segment_count) {
    const auto at = static_cast<std::uint32_t>(random.below(sockets.end()));
    if (!sockets.alive(at) || sockets[at].tcp_state != TcpState::established) continue;
    Packet packet;
    packet.protocol = Protocol::tcp;
    packet.flags = TcpFlag::ack;
    packet.source = sockets[at].tuple.remote;
    packet.destination = sockets[at].tuple.local;
    packet.source_port = sockets[at].tuple.remote_port;
    packet.destination_port = sockets[at].tuple.local_port;
    packet.id = {sockets[at].host.value};  // remembers whose it is
    segments.push_back(packet);
  }
  return segments;
}

void established_lookup(benchmark::State& state) {
  trace::Trace trace(trace::Level::off);
  const world::World world = established(static_cast<std::uint32_t>(state.range(0)), trace);
  stack::System system = world.system();
  const std::vector<Packet> segments = random_segments(system);
  stack::Context c{system, trace, Time{0}};
  std::size_t at = 0, found = 0, looked = 0;
  for (auto _ : state) {
    const Packet& packet = segments[at++ & (segment_count - 1)];
    const stack::Match match = stack::lookup(c, HostId{packet.id.value}, packet);
    found += match.quality == trace::MatchQuality::established ? 1 : 0;
    ++looked;
  }
  if (found != looked) state.SkipWithError("a segment of an established connection did not find its socket");
}
BENCHMARK(established_lookup)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

}  // namespace
}  // namespace fourtuple
