#include "app/expect/expect.h"

namespace fourtuple::app {
namespace {

using world::Expectation;

std::string judge_one(Evidence& evidence, const Expectation& expectation) {
  switch (expectation.kind) {
    case Expectation::Kind::socket:
      return judge_socket(evidence, expectation);
    case Expectation::Kind::packet:
      return judge_packet(evidence, expectation);
    case Expectation::Kind::packet_count:
      return judge_packet_count(evidence, expectation);
    case Expectation::Kind::call:
      return judge_call(evidence, expectation);
    case Expectation::Kind::received:
      return judge_received(evidence, expectation);
    case Expectation::Kind::socket_count:
      return judge_socket_count(evidence, expectation);
    case Expectation::Kind::listening:
      return judge_listening(evidence, expectation);
    case Expectation::Kind::process:
      return judge_process(evidence, expectation);
    case Expectation::Kind::descriptor:
      return judge_descriptor(evidence, expectation);
    case Expectation::Kind::descriptors:
      return judge_descriptors(evidence, expectation);
    case Expectation::Kind::asleep:
      return judge_asleep(evidence, expectation);
    case Expectation::Kind::conntrack:
      return judge_conntrack(evidence, expectation);
    case Expectation::Kind::rule:
      return judge_rule(evidence, expectation);
  }
  return "";
}

bool moves_data(trace::Call call) {
  using trace::Call;
  return call == Call::send || call == Call::sendto || call == Call::receive || call == Call::recvfrom ||
         call == Call::read || call == Call::write;
}

}  // namespace

trace::Level level_needed(const world::Scenario& scenario) {
  for (const Expectation& expectation : scenario.expects) {
    if (expectation.text || expectation.bytes) return trace::Level::stages;
    if (expectation.dropped_by && !(expectation.dropped_by->chain.empty() && expectation.dropped_by->rule.empty()))
      return trace::Level::stages;
    if (expectation.kind == Expectation::Kind::call && moves_data(expectation.call)) return trace::Level::stages;
  }
  return trace::Level::facts;
}

std::vector<Verdict> judge(Evidence& evidence) {
  std::vector<Verdict> verdicts;
  const auto& expects = evidence.scenario().expects;
  for (std::size_t i = 0; i < expects.size(); ++i) {
    Verdict verdict;
    verdict.number = i;
    verdict.expected = words_of(evidence, expects[i]);
    const bool cut = expects[i].at && *expects[i].at > evidence.ended() && evidence.cut_short();
    if (cut) {
      verdict.result = Verdict::Result::not_reached;
      verdict.found = "the run was ended before";
    } else {
      verdict.found = judge_one(evidence, expects[i]);
      // What holds of the whole run may yet come true in the part cut off.
      const bool early = evidence.cut_short() && !expects[i].at;
      const auto unmet = early ? Verdict::Result::not_reached : Verdict::Result::failed;
      verdict.result = verdict.found.empty() ? Verdict::Result::met : unmet;
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace fourtuple::app
