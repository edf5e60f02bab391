// What a packet costs in the hooks of a router: rules walked, flows tracked and translated, at every level of tracing.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <string>

#include "tests/bench/heap.h"
#include "tests/sim/netfilter/rules/router.h"

namespace fourtuple::netfilter {
namespace {

// Records are thrown away after this many packets: a trace of a whole measurement would not fit.
constexpr std::uint32_t packets_per_trace = 50'000;

// 19 rules as routers have them, none of which says anything about a web connection from the LAN, and the rule that
// lets established flows pass: the last one, or the first.
std::string twenty_rules(bool established_last) {
  const std::string established = "ct state established,related accept\n";
  const std::string others = R"(
    ct state invalid drop
    iifname "guest" oifname "lan" drop
    ip saddr 192.168.1.66 drop
    ip saddr @blocked drop
    ip daddr { 203.0.113.0/24, 192.0.2.0/24, 240.0.0.0/4 } drop
    ip protocol icmp icmp type echo-request limit rate 10/second accept
    tcp dport { 25, 135, 137-139, 445 } reject
    tcp flags & (fin | syn | rst | ack) == fin | rst drop
    udp dport 123 accept
    udp dport 53 ip daddr 9.9.9.9 accept
    iifname "wan" tcp dport 22 ct state new drop
    ip saddr . tcp dport { 192.168.1.7 . 6881, 192.168.1.8 . 6881 } accept
    meta mark 0x20 accept
    ip dscp cs1 counter drop
    meta l4proto { esp, ah } accept
    ip ttl < 2 drop
    iifname "lan" tcp dport 8080 drop
    iifname "wan" oifname "lan" ip daddr 192.168.1.80 tcp dport 8443 ct status dnat accept
    meta length > 9000 drop
)";
  return "table inet f {\n  set blocked { type ipv4_addr; flags interval; elements = { 192.168.1.200-192.168.1.220, "
         "10.0.0.0/8 } }\n  chain forward { type filter hook forward priority filter; policy drop;\n" +
         (established_last ? others + established : established + others) + "  }\n}\n";
}

constexpr const char* masquerade =
    "table ip n {\n  chain post { type nat hook postrouting priority srcnat; oifname \"wan\" masquerade; }\n}\n";

void load(Router& router, const std::string& rules) {
  if (const std::string fault = router.load(rules); !fault.empty()) {
    std::fprintf(stderr, "%s\n", fault.c_str());
    std::abort();
  }
}

bool forward(Router& router, Packet packet, InterfaceId in, InterfaceId out) {
  Context c = router.context();
  Walk walk{packet, in, {}, {}};
  if (run_hook(c, walk, nft::HookPoint::prerouting).verdict != HookVerdict::accept) return false;
  walk.out = out;
  if (run_hook(c, walk, nft::HookPoint::forward).verdict != HookVerdict::accept) return false;
  return run_hook(c, walk, nft::HookPoint::postrouting).verdict == HookVerdict::accept;
}

Packet answer_to(const Packet& packet) {
  Packet answer = packet;
  std::swap(answer.source, answer.destination);
  std::swap(answer.source_port, answer.destination_port);
  return answer;
}

// A TCP connection from the LAN, its handshake done: segments of 1448 bytes and their acknowledgements, in turn.
class Connection {
 public:
  explicit Connection(Router& router, bool translated) : router_(router) {
    Packet syn = router.tcp("192.168.1.10", 40000, "198.51.100.80", 443);
    up_ = syn;
    down_ = answer_to(syn);
    if (translated) down_.destination = router.environment.addresses.find(*IpAddress::parse("198.51.100.1"));
    up_.flags = down_.flags = TcpFlag::ack;
    up_.window = down_.window = syn.window = 64000;
    syn.options = TcpOption::mss;
    Packet syn_ack = down_;
    syn_ack.flags = TcpFlag::syn | TcpFlag::ack;
    syn_ack.seq = {5000};
    syn_ack.ack = {1001};
    up_.seq = down_.ack = {1001};
    up_.ack = down_.seq = {5001};
    // Only a ruleset that lets new connections pass lets this one begin.
    good_ = forward(router, syn, Router::lan, Router::wan) && forward(router, syn_ack, Router::wan, Router::lan) &&
            forward(router, up_, Router::lan, Router::wan);
    up_.payload_length = 1448;
  }
  bool good() const { return good_; }
  bool segment() {
    const bool passed = forward(router_, up_, Router::lan, Router::wan);
    up_.seq = down_.ack = up_.seq + 1448;
    return passed;
  }
  bool acknowledgement() { return forward(router_, down_, Router::wan, Router::lan); }

 private:
  Router& router_;
  Packet up_, down_;
  bool good_ = false;
};

// Arguments: the rule for established flows is the last one, packets are translated, trace level.
void established_flow(benchmark::State& state) {
  Router router(trace::Level::off);
  const std::string rules = state.range(1) != 0 ? masquerade : "";
  load(router,
       "table inet f { chain forward { type filter hook forward priority 0; ct state new accept; }\n}\n" + rules);
  Connection connection(router, state.range(1) != 0);
  load(router, "flush ruleset\n" + twenty_rules(state.range(0) != 0) + rules);
  bool good = connection.good();
  std::uint32_t left = 0;
  for (auto _ : state) {
    if (left == 0) {
      state.PauseTiming();
      router.trace = trace::Trace(static_cast<trace::Level>(state.range(2)));
      left = packets_per_trace;
      state.ResumeTiming();
    }
    left -= 2;
    good = connection.segment() && connection.acknowledgement() && good;
  }
  if (!good) state.SkipWithError("a packet was dropped");
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 2);
  state.counters["ns_per_packet"] = benchmark::Counter(static_cast<double>(state.iterations()) * 2 * 1e-9,
                                                       benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(established_flow)->ArgNames({"last", "nat", "level"})->ArgsProduct({{0, 1}, {0, 1}, {0, 1, 2, 3}});

}  // namespace
}  // namespace fourtuple::netfilter
