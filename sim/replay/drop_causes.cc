#include "sim/replay/drop_causes.h"

#include <map>

#include "sim/replay/rule_words.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

// The last decision about a packet that still lives.
struct Decision {
  std::uint32_t ruleset, chain, rule;
  bool drops;
};

}  // namespace

std::vector<DropCause> drop_causes(const trace::Trace& trace) {
  std::vector<DropCause> causes;
  std::map<PacketId, Decision> decisions;
  std::vector<std::uint32_t> rulesets(trace.tables().topology.hosts.size(), DropCause::none);
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    const trace::Slot* slots = trace.at(at);
    switch (slots->kind) {
      case trace::Kind::ruleset_loaded:
        if (slots->host_id().value < rulesets.size())
          rulesets[slots->host_id().value] = trace::unpack_ruleset_loaded(slots).ruleset;
        break;
      case trace::Kind::rule_verdict: {
        const trace::RuleVerdictReached event = trace::unpack_rule_verdict(slots);
        if (slots->host_id().value < rulesets.size())
          decisions[event.packet] = {rulesets[slots->host_id().value], event.chain, event.rule,
                                     event.verdict == trace::RuleVerdict::drop};
        break;
      }
      case trace::Kind::packet_delivered:
        decisions.erase({slots->subject});
        break;
      case trace::Kind::packet_dropped: {
        const trace::PacketDropped event = trace::unpack_packet_dropped(slots);
        DropCause cause{at, event.packet, slots->host_id(), event.reason};
        const auto decision = decisions.find(event.packet);
        if (decision != decisions.end()) {
          const Decision& known = decision->second;
          if (event.reason == trace::DropReason::rule && known.drops &&
              known.ruleset < trace.tables().rulesets.size()) {
            cause.ruleset = known.ruleset;
            cause.chain = known.chain;
            cause.rule = known.rule;
          }
          decisions.erase(decision);
        }
        causes.push_back(cause);
        break;
      }
      default:
        break;
    }
  }
  return causes;
}

std::string rule_text(const trace::Trace& trace, const DropCause& cause) {
  if (cause.ruleset >= trace.tables().rulesets.size()) return unknown_cause_words(trace);
  return cause_words(trace.tables().rulesets[cause.ruleset], cause.chain, cause.rule);
}

}  // namespace fourtuple::replay
