// Going anywhere in a trace of ten million records, what the keyframes for it cost, and how long the window's share of
// a frame is while a trace grows. Times of single jumps are reported as the greatest and the 99th of a hundred.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "sim/base/index_map.h"
#include "sim/base/random.h"
#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"
#include "sim/world/chain.h"

namespace fourtuple {
namespace {

constexpr std::uint64_t wanted_records = 10'000'000;

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

struct Times {
  std::vector<double> ms;

  void report(benchmark::State& state, const std::string& name) {
    if (ms.empty()) return;
    std::sort(ms.begin(), ms.end());
    state.counters[name + "_max_ms"] = ms.back();
    state.counters[name + "_p99_ms"] = ms[ms.size() * 99 / 100];
    state.counters[name + "_median_ms"] = ms[ms.size() / 2];
  }
};

// Records that touch one random socket after another: what no run does for long, and the worst for keyframes. With a
// million sockets one copy of the state takes the whole budget.
class Storm {
 public:
  Storm(trace::Trace& trace, std::uint32_t sockets) : trace_(&trace), sockets_(sockets) {
    trace::Tables& tables = trace.mutable_tables();
    tables.topology.hosts.resize(1);
    tables.topology.hosts[0].name = tables.strings.intern("host");
    add(trace::ProcessStarted{{0}, tables.strings.intern("server"), tables.strings.intern("root"), 100});
    for (std::uint32_t i = 0; i < sockets; ++i) {
      trace::SocketCreated created;
      created.socket = {i};
      created.owner = {0};
      created.protocol = Protocol::tcp;
      add(created);
      trace::DescriptorOpened opened;
      opened.process = {0};
      opened.fd = static_cast<std::int32_t>(i);
      opened.descriptor_kind = static_cast<std::uint8_t>(state::DescriptorKind::socket);
      opened.socket = {i};
      add(opened);
    }
  }
  void add_one() {
    const SocketId socket{static_cast<std::uint32_t>(random_.below(sockets_))};
    if (records_ % 2 == 0) {
      trace::TcpVariablesChanged changed;
      changed.socket = socket;
      // Numbers that look random, so that nothing is saved by what a connection's variables have in common.
      for (std::size_t i = 0; i + 8 <= sizeof(changed.image); i += 8) {
        const std::uint64_t number = mix_bits(records_ + i);
        std::memcpy(changed.image + i, &number, sizeof(number));
      }
      return add(changed);
    }
    trace::SocketQueues queues;
    queues.socket = socket;
    queues.receive = static_cast<std::uint32_t>(records_);
    add(queues);
  }
  std::uint64_t records() const { return records_; }

 private:
  template <class Event>
  void add(const Event& event) {
    trace_->append(Time{static_cast<std::int64_t>(records_++) * 100}, {0}, event);
  }

  trace::Trace* trace_;
  std::uint32_t sockets_;
  std::uint64_t records_ = 0;
  Random random_{1, "storm"};
};

constexpr std::uint32_t crowd = 100'000;  // sockets; more of them connect and are idle

// A run of the chain: up to `crowd` sockets send all the time, every detail recorded, cut where it has ten million
// records. More than that connect one after the other, facts recorded, until all are there.
std::unique_ptr<trace::Trace> chain_trace(std::uint32_t sockets) {
  world::ChainOptions options;
  options.flows = sockets / 2;
  options.idle = sockets > crowd;
  options.window_bytes = std::uint64_t{options.flows} << (options.idle ? 17 : 15);
  auto trace = std::make_unique<trace::Trace>(options.idle ? trace::Level::facts : trace::Level::expressions);
  world::World world = world::chain_world(options, options.idle ? seconds(50) : milliseconds(100), *trace);
  trace::Index index(*trace);
  const auto enough = [&] {
    return index.records() >= wanted_records && (!options.idle || world.system().visible.sockets.live() >= sockets);
  };
  for (Time until{0}; !enough() && world.run_until(until, *trace);) {
    until = until + milliseconds(1);
    trace->publish();
    index.refresh();
  }
  return trace;
}

std::unique_ptr<trace::Trace> storm_trace(std::uint32_t sockets) {
  auto trace = std::make_unique<trace::Trace>(trace::Level::expressions);
  Storm storm(*trace, sockets);
  while (storm.records() < wanted_records) storm.add_one();
  trace->publish();
  return trace;
}

// The last trace made: one is large enough.
const trace::Trace& long_trace(std::uint32_t sockets, bool storm) {
  static std::unique_ptr<trace::Trace> trace;
  static std::pair<std::uint32_t, bool> made{0, false};
  if (made != std::pair(sockets, storm)) {
    trace.reset();
    trace = storm ? storm_trace(sockets) : chain_trace(sockets);
    made = {sockets, storm};
  }
  return *trace;
}

// Random jumps once keyframes are laid.
void seek_anywhere(benchmark::State& state) {
  const trace::Trace& trace = long_trace(static_cast<std::uint32_t>(state.range(0)), state.range(1) != 0);
  replay::Cursor cursor(trace);
  const auto start = std::chrono::steady_clock::now();
  Times prepare, seek;
  while (!cursor.prepared()) {
    const auto frame = std::chrono::steady_clock::now();
    cursor.refresh(60'000);
    prepare.ms.push_back(ms_since(frame));
  }
  const double all_ms = ms_since(start);
  Random random(1, "seek");
  for (auto _ : state) {
    const std::uint64_t record = random.below(cursor.index().records());
    const Time to = trace.at(cursor.index().position_of(record))->at;
    const auto jump = std::chrono::steady_clock::now();
    cursor.seek(to);
    seek.ms.push_back(ms_since(jump));
  }
  seek.report(state, "seek");
  prepare.report(state, "prepare_frame");
  state.counters["prepare_all_ms"] = all_ms;
  state.counters["keyframes"] = static_cast<double>(cursor.keyframes());
  state.counters["keyframe_MB"] = static_cast<double>(cursor.keyframe_bytes()) / 1e6;
  state.counters["records"] = static_cast<double>(cursor.index().records());
  cursor.seek(Time::never());
  state.counters["sockets_at_end"] = static_cast<double>(cursor.state().sockets.live());
}
BENCHMARK(seek_anywhere)
    ->ArgNames({"sockets", "storm"})
    ->ArgsProduct({{20, 10'000, 1'000'000}, {0, 1}})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(200);

// One frame of the window after this many new records: they are taken into the indexes and keyframes are laid ahead.
void frame_of_a_growing_trace(benchmark::State& state) {
  trace::Trace trace(trace::Level::expressions);
  Storm storm(trace, 10'000);
  trace.publish();
  replay::Indexes indexes(trace);
  replay::Cursor cursor(trace);
  Times frames;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::int64_t i = 0; i < state.range(0); ++i) storm.add_one();
    trace.publish();
    state.ResumeTiming();
    const auto start = std::chrono::steady_clock::now();
    indexes.refresh();
    cursor.refresh(60'000);
    cursor.seek(Time::never());
    frames.ms.push_back(ms_since(start));
  }
  frames.report(state, "frame");
}
BENCHMARK(frame_of_a_growing_trace)
    ->ArgName("records")
    ->Arg(16'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(60);

// The same for a run with packets: the chain's ten million records come a million a second, sixty frames a second, and
// the window's cursor follows. `part` times tell which piece of work the longest frame is due to.
void frame_of_a_growing_run(benchmark::State& state) {
  constexpr std::uint64_t records_a_frame = 1'000'000 / 60;
  const trace::Trace& source = long_trace(static_cast<std::uint32_t>(state.range(0)), false);
  trace::Trace trace(source.level());
  trace.mutable_tables() = source.tables();
  replay::Indexes indexes(trace);
  replay::Cursor cursor(trace);
  Times frames, parts[4];
  std::uint64_t position = source.first();
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    auto last = start;
    const auto part = [&](Times& times) {
      times.ms.push_back(ms_since(last));
      last = std::chrono::steady_clock::now();
    };
    for (std::uint64_t i = 0; i < records_a_frame && position < source.published(); ++i) {
      trace.append_slots(source.at(position), 1u + source.at(position)->extra);
      position = source.next(position);
    }
    trace.publish();
    part(parts[0]);
    indexes.refresh();
    part(parts[1]);
    cursor.refresh(60'000);
    part(parts[2]);
    cursor.seek(Time::never());
    part(parts[3]);
    frames.ms.push_back(ms_since(start));
  }
  frames.report(state, "frame");
  const char* names[] = {"copy_max_ms", "index_max_ms", "prepare_max_ms", "seek_max_ms"};
  for (std::size_t i = 0; i < 4; ++i)
    state.counters[names[i]] = *std::max_element(parts[i].ms.begin(), parts[i].ms.end());
}
BENCHMARK(frame_of_a_growing_run)
    ->ArgName("sockets")
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(600);

// One step back at the end of a storm over a million sockets: the first folds from a keyframe, the others from copies
// that the first left.
void step_back_in_a_crowd(benchmark::State& state) {
  const trace::Trace& trace = long_trace(1'000'000, true);
  replay::Cursor cursor(trace);
  cursor.seek(Time::never());
  cursor.seek_position(cursor.last_record());
  Times steps;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    cursor.seek_position(cursor.last_record());
    steps.ms.push_back(ms_since(start));
  }
  steps.report(state, "step");
}
BENCHMARK(step_back_in_a_crowd)->Unit(benchmark::kMillisecond)->Iterations(200);

}  // namespace
}  // namespace fourtuple
