// What a finished run amounts to, for a person and as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/expect/expect.h"
#include "app/session.h"

namespace fourtuple::app {

struct DropCount {
  trace::DropReason reason = trace::DropReason::none;
  std::uint64_t count = 0;
};

// Packets that one rule, or a chain's policy, dropped.
struct RuleDrops {
  std::string host, rule;  // "router", "rule 2 of chain inet filter forward: tcp dport 22 drop"
  std::uint64_t count = 0;
};

struct RunSummary {
  std::uint64_t made = 0, hops = 0, delivered = 0, dropped = 0;  // packets
  std::vector<DropCount> drops;                                  // by reason, those that occurred
  std::vector<RuleDrops> rules;                                  // most packets first
  std::uint64_t tracked = 0, translated = 0;                     // flows conntrack followed; of them changed by NAT
  bool has_rules = false;                                        // some host loaded a ruleset
  std::vector<Verdict> verdicts;
  std::string digest;                // 16 hexadecimal digits
  std::vector<std::string> written;  // files

  std::size_t count(Verdict::Result result) const;
};

// Counts packets and computes the digest; verdicts are the caller's.
RunSummary summarize(const trace::Trace& trace);

// Several lines, each with its line end.
std::string summary_text(const RunSummary& summary, const world::Scenario& scenario, const ScenarioRun& run,
                         std::uint64_t seed);
std::string summary_json(const RunSummary& summary, const world::Scenario& scenario, const ScenarioRun& run,
                         std::uint64_t seed);
// For each expectation not met: "file:line:column: error: expected …", then what happened instead.
std::string failures_text(const RunSummary& summary, const world::Scenario& scenario);

}  // namespace fourtuple::app
