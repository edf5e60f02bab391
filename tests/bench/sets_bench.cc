// Rules with sets and maps of many elements: the cost of one rule's look-up, by kind and by number of elements.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <fmt/format.h>

#include "sim/base/random.h"
#include "tests/sim/netfilter/rules/router.h"

namespace fourtuple::netfilter {
namespace {

enum Kind : std::int64_t {
  addresses,        // type ipv4_addr
  prefixes,         // flags interval
  pairs,            // ipv4_addr . inet_service
  pairs_of_ranges,  // the same with prefixes and ranges of ports
  timed,            // flags timeout: elements live in the state
  timed_prefixes,   // flags interval, timeout
  address_map,      // ipv4_addr : mark
  prefix_verdicts,  // flags interval, to verdicts
};
constexpr const char* names[] = {"addresses", "prefixes",       "pairs",       "pairs_of_ranges",
                                 "timed",     "timed_prefixes", "address_map", "prefix_verdicts"};

std::string address(std::uint32_t number) {
  return fmt::format("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
}

std::string element(std::int64_t kind, std::uint32_t number) {
  const std::string prefix = address(number * 64) + "/27";
  switch (kind) {
    case prefixes:
    case timed_prefixes:
      return prefix;
    case pairs:
      return fmt::format("{} . {}", address(number * 64), 1000 + number % 10);
    case pairs_of_ranges:
      return fmt::format("{} . {}-{}", prefix, 1000 + number % 10, 2000 + number % 10);
    case address_map:
      return fmt::format("{} : {}", address(number * 64), number + 1);
    case prefix_verdicts:
      return prefix + " : drop";
    default:
      return address(number * 64);
  }
}

// One rule with the set, on prerouting; nothing is tracked.
std::string ruleset(std::int64_t kind, std::uint32_t count) {
  const bool rows = kind == pairs || kind == pairs_of_ranges;
  const bool intervals =
      kind == prefixes || kind == pairs_of_ranges || kind == timed_prefixes || kind == prefix_verdicts;
  const bool times = kind == timed || kind == timed_prefixes;
  const bool map = kind == address_map || kind == prefix_verdicts;
  std::string text =
      fmt::format("table ip f {{\n  {} s {{ type ipv4_addr{}{}; ", map ? "map" : "set", rows ? " . inet_service" : "",
                  kind == address_map       ? " : mark"
                  : kind == prefix_verdicts ? " : verdict"
                                            : "");
  if (intervals || times)
    text += fmt::format("flags {}{}{}; ", intervals ? "interval" : "", intervals && times ? ", " : "",
                        times ? "timeout; timeout 1d" : "");
  text += "elements = { ";
  for (std::uint32_t i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + element(kind, i);
  const char* rule = kind == address_map       ? "meta mark set ip daddr map @s"
                     : kind == prefix_verdicts ? "ip daddr vmap @s"
                     : rows                    ? "ip daddr . udp dport @s drop"
                                               : "ip daddr @s drop";
  return text + fmt::format(" }} }}\n  chain pre {{ type filter hook prerouting priority raw; {}; }}\n}}\n", rule);
}

// A packet whose destination is in the set half of the time.
void lookup(benchmark::State& state) {
  const std::int64_t kind = state.range(0);
  const auto count = static_cast<std::uint32_t>(state.range(1));
  Router router(trace::Level::off);
  if (const std::string fault = router.load(ruleset(kind, count)); !fault.empty()) {
    state.SkipWithError(fault.c_str());
    return;
  }
  constexpr std::uint32_t packets = 1024;
  std::vector<Packet> made;
  Random random(1, "bench");
  for (std::uint32_t i = 0; i < packets; ++i) {
    const auto number = static_cast<std::uint32_t>(random.below(count));
    made.push_back(router.udp("192.168.1.2", 4000, address(number * 64 + (i % 2) * 32),
                              static_cast<std::uint16_t>(1000 + number % 10)));
  }
  Context c = router.context();
  std::uint32_t at = 0, found = 0;
  for (auto _ : state) {
    Packet packet = made[at++ % packets];
    Walk walk{packet, Router::lan, {}, {}};
    const HookResult result = run_hook(c, walk, nft::HookPoint::prerouting);
    found += result.verdict == HookVerdict::drop || walk.mark != 0 ? 1 : 0;
  }
  state.SetLabel(fmt::format("{}, found {:.2f}", names[kind], found / static_cast<double>(state.iterations())));
}
BENCHMARK(lookup)
    ->ArgNames({"kind", "elements"})
    ->ArgsProduct({benchmark::CreateDenseRange(0, 7, 1), {10, 1'000, 10'000}});

}  // namespace
}  // namespace fourtuple::netfilter
