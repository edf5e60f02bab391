// fourtuple bench: how fast the simulator is on this machine. Wall-clock time is read here and nowhere in sim/.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "app/bench/clock.h"
#include "app/bench/connections.h"
#include "app/commands.h"
#include "app/ruleset_file.h"
#include "sim/world/chain.h"
#include "sim/world/scenario/quantity.h"

namespace fourtuple::app {
namespace {

struct ChainResult {
  std::uint64_t hops = 0;
  double run_s = 0;
  std::uint64_t trace_bytes = 0;
};

// Total window of all flows, as in the measurements the goals are set by: 256 KiB for one flow, 16 MiB for more.
std::uint64_t window_for(std::uint32_t flows) {
  return flows == 1 ? 256u * 1024 : 16u << 20;
}

ChainResult run_chain(const BenchOptions& options, std::shared_ptr<const world::RulesetSpec> rules, Duration span,
                      trace::Level level) {
  world::ChainOptions chain;
  chain.rules = std::move(rules);
  chain.udp = options.mode == "udp";
  chain.flows = options.flows;
  chain.window_bytes = window_for(options.flows);
  trace::Trace trace(level);
  world::World world = world::chain_world(chain, span, trace);
  const double start = wall_seconds();
  world.run_until(Time{0} + span, trace);
  ChainResult result;
  result.run_s = wall_seconds() - start;
  result.hops = world.packet_hops();
  result.trace_bytes = level == trace::Level::off ? 0 : trace.bytes();
  return result;
}

int bench_connections(const BenchOptions& options) {
  const ConnectionCost cost = cost_of_connections(options.flows);
  if (options.json) {
    nlohmann::ordered_json out;
    out["connections"] = cost.established;
    out["bytes_per_connection"] = cost.bytes;
    out["first_ns"] = cost.first_ns;
    out["last_ns"] = cost.last_ns;
    out["mean_ns"] = cost.mean_ns;
    out["memory_ns"] = cost.memory_ns;
    std::printf("%s\n", out.dump().c_str());
  } else {
    std::printf("%u connections established, idle, both ends in this World\n", cost.established);
    std::printf("  bytes each, both ends                       %8.0f\n", cost.bytes);
    std::printf("  ns to set one up, at first                  %8.0f\n", cost.first_ns);
    std::printf("  ns to set one up, at last                   %8.0f\n", cost.last_ns);
    std::printf("  ns to set one up, mean of all               %8.0f\n", cost.mean_ns);
    std::printf("  ns the system took beside it to give memory %8.0f\n", cost.memory_ns);
  }
  if (cost.established == cost.wanted) return exit_ok;
  std::fprintf(stderr, "fourtuple bench: %u of %u connections were not established\n", cost.wanted - cost.established,
               cost.wanted);
  return exit_failed;
}

}  // namespace

int bench(const BenchOptions& options) {
  if (options.what == "connections" && options.flows > 0) return bench_connections(options);
  const auto span = world::parse_duration(options.seconds);
  if (!span || span->ns <= 0 || options.what != "chain" || options.flows == 0 ||
      (options.mode != "tcp" && options.mode != "udp")) {
    std::fprintf(stderr,
                 "fourtuple bench: expected 'chain' or 'connections', --mode tcp or udp, --flows N, --seconds '1 s'\n");
    return exit_bad_input;
  }
  const bool facts = options.level == "facts";
  RulesetFile rules;
  if (!options.nft.empty()) {
    auto read = read_ruleset_file(options.nft);
    if (!read) {
      std::fprintf(stderr, "%s\n", read.error().to_string().c_str());
      return exit_bad_input;
    }
    rules = std::move(*read);
  }
  const ChainResult result = run_chain(options, rules.spec, *span, facts ? trace::Level::facts : trace::Level::off);
  const double per_second = static_cast<double>(result.hops) / result.run_s;
  const double trace_per_hop = static_cast<double>(result.trace_bytes) / static_cast<double>(result.hops);
  if (options.json) {
    nlohmann::ordered_json out;
    out["mode"] = options.mode;
    out["flows"] = options.flows;
    out["level"] = facts ? "facts" : "off";
    if (rules.spec) out["rules"] = options.nft;
    out["simulated_s"] = static_cast<double>(span->ns) / 1e9;
    out["run_s"] = result.run_s;
    out["hops"] = result.hops;
    out["hops_per_s"] = per_second;
    out["ns_per_hop"] = 1e9 / per_second;
    out["trace_bytes_per_hop"] = trace_per_hop;
    std::printf("%s\n", out.dump().c_str());
  } else {
    std::printf("chain, %s, %u flows, tracing %s\n", options.mode.c_str(), options.flows, facts ? "facts" : "off");
    std::printf("  packet-hops   %12llu\n", static_cast<unsigned long long>(result.hops));
    std::printf("  per second    %12.0f\n", per_second);
    std::printf("  ns per hop    %12.1f\n", 1e9 / per_second);
    if (facts) std::printf("  trace bytes per hop %6.1f\n", trace_per_hop);
  }
  return exit_ok;
}

}  // namespace fourtuple::app
