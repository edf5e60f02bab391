// Micro benchmarks of the simulator's hot parts, and of the chain as a whole. Quote ratios taken in one run:
// against_ns3.py does that for the chain.
#include <benchmark/benchmark.h>

#include "sim/base/calendar.h"
#include "sim/base/index_map.h"
#include "sim/base/random.h"
#include "sim/stack/system.h"
#include "sim/world/chain.h"

namespace fourtuple {
namespace {

// The hold model: with n events pending, take the earliest and push one a random time ahead.
void calendar_hold(benchmark::State& state) {
  Calendar calendar;
  Random random(1, "bench");
  for (std::int64_t i = 0; i < state.range(0); ++i)
    calendar.push({Time{static_cast<std::int64_t>(random.below(1'000'000))}, 0, 0});
  Event event;
  for (auto _ : state) {
    calendar.pop(Time::never(), event);
    event.at = event.at + Duration{static_cast<std::int64_t>(random.below(1'000'000))};
    calendar.push(event);
  }
}
BENCHMARK(calendar_hold)->Arg(16)->Arg(1'000)->Arg(100'000);

// Random lookups of established connections by four-tuple.
void demultiplex(benchmark::State& state) {
  IndexMap<stack::ConnectionKey> table;
  const auto connections = static_cast<std::uint32_t>(state.range(0));
  const auto key = [](std::uint32_t i) {
    return stack::ConnectionKey{{{7}, {i >> 15}, 80, static_cast<std::uint16_t>(32768 + (i & 32767))}, {0}};
  };
  for (std::uint32_t i = 0; i < connections; ++i) table.set(key(i), i);
  Random random(1, "bench");
  for (auto _ : state) benchmark::DoNotOptimize(table.find(key(static_cast<std::uint32_t>(random.below(connections)))));
}
BENCHMARK(demultiplex)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

// 50 ms of the chain; items are packet-hops. Arguments: UDP or TCP, flows, trace level.
void chain(benchmark::State& state) {
  world::ChainOptions options;
  options.udp = state.range(0) != 0;
  options.flows = static_cast<std::uint32_t>(state.range(1));
  if (options.flows > 1) options.window_bytes = 16u << 20;
  std::int64_t hops = 0;
  for (auto _ : state) {
    state.PauseTiming();
    trace::Trace trace(static_cast<trace::Level>(state.range(2)));
    world::World world = world::chain_world(options, milliseconds(50), trace);
    state.ResumeTiming();
    world.run_until(Time{0} + milliseconds(50), trace);
    hops += static_cast<std::int64_t>(world.packet_hops());
  }
  state.SetItemsProcessed(hops);
}
BENCHMARK(chain)->ArgNames({"udp", "flows", "level"})->ArgsProduct({{0, 1}, {1, 100}, {0, 1}});

// A copy of a World with this many idle connections, and the first write to it.
void checkpoint(benchmark::State& state) {
  world::ChainOptions options;
  options.flows = static_cast<std::uint32_t>(state.range(0));
  options.window_bytes = std::uint64_t{options.flows} << 17;
  options.idle = true;
  trace::Trace trace(trace::Level::off);
  world::World world = world::chain_world(options, seconds(1), trace);
  world.run_until(Time{0} + seconds(2), trace);
  for (auto _ : state) {
    world::World copy = world;
    benchmark::DoNotOptimize(copy.packet_hops());
  }
}
BENCHMARK(checkpoint)->Arg(1'000)->Arg(25'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace fourtuple

BENCHMARK_MAIN();
