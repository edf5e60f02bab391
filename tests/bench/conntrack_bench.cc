// Connection tracking with many flows: bytes of the heap per entry, and what a new flow and a known one cost.
#include <benchmark/benchmark.h>
#include <cstdlib>

#include "sim/base/random.h"
#include "tests/bench/heap.h"
#include "tests/sim/netfilter/rules/router.h"

namespace fourtuple::netfilter {
namespace {

// UDP flows of a provider's customers through a translating router: every entry is in both indexes.
class Flows {
 public:
  static constexpr std::uint32_t most = 1'000'000;

  explicit Flows(std::uint32_t count) : router_(trace::Level::off) {
    const std::string fault = router_.load(
        "table ip n {\n  chain post { type nat hook postrouting priority srcnat; oifname \"wan\" snat to "
        "198.51.100.64-198.51.100.127; }\n}\n");
    if (!fault.empty()) std::abort();
    router_.filter.hosts[0].conntrack.max = 2 * most;
    router_.filter.hosts[0].conntrack.udp_timeout = 100'000;
    for (std::uint32_t i = 0; i < 250; ++i) {
      customers_.push_back(router_.environment.addresses.intern(IpAddress::v4(0xc0a80102u + i)));
      servers_.push_back(router_.environment.addresses.intern(IpAddress::v4(0xcb007101u + i)));
    }
    begun_ = bench::heap_bytes();
    for (std::uint32_t i = 0; i < count; ++i)
      if (!send(i)) std::abort();
  }
  // Bytes since the router was there, without flows.
  std::int64_t bytes() const { return bench::heap_bytes() - begun_; }
  std::uint32_t live() const { return router_.visible.conntrack.live(); }
  // A packet of flow `number`, through all three hooks.
  bool send(std::uint32_t number) {
    Packet packet;
    packet.protocol = Protocol::udp;
    packet.source = customers_[number % customers_.size()];
    packet.destination = servers_[number / 250 % servers_.size()];
    packet.source_port = static_cast<std::uint16_t>(1024 + number / 62'500);
    packet.destination_port = 53;
    packet.payload_length = 40;
    Context c = router_.context();
    Walk walk{packet, Router::lan, {}, {}};
    walk.out = Router::wan;
    return run_hook(c, walk, nft::HookPoint::prerouting).verdict == HookVerdict::accept &&
           run_hook(c, walk, nft::HookPoint::postrouting).verdict == HookVerdict::accept;
  }

 private:
  Router router_;
  std::int64_t begun_ = 0;
  std::vector<AddressId> customers_, servers_;
};

// Items are new flows; the counters say what they take once they are all there.
void new_flows(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  std::int64_t bytes = 0;
  for (auto _ : state) {
    const Flows flows(count);
    bytes = flows.bytes();
    if (flows.live() != count) state.SkipWithError("flows are missing");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * count);
  state.counters["bytes_per_entry"] = static_cast<double>(bytes) / count;
  state.counters["MB"] = static_cast<double>(bytes) / 1e6;
}
BENCHMARK(new_flows)->Arg(10'000)->Arg(100'000)->Arg(Flows::most)->Unit(benchmark::kMillisecond);

// One more packet of a random flow.
void known_flow(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  Flows flows(count);
  Random random(1, "bench");
  bool good = true;
  for (auto _ : state) good = flows.send(static_cast<std::uint32_t>(random.below(count))) && good;
  if (!good || flows.live() != count) state.SkipWithError("a packet made a new flow or was dropped");
}
BENCHMARK(known_flow)->Arg(100)->Arg(10'000)->Arg(Flows::most);

}  // namespace
}  // namespace fourtuple::netfilter
