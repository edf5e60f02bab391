// Judges what a scenario expects of its run (its `expect:` list) by the finished trace. Each verdict says in words what
// was expected and, when that did not happen, what happened instead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/expect/evidence.h"
#include "sim/trace/trace.h"
#include "sim/world/scenario/scenario.h"

namespace fourtuple::app {

struct Verdict {
  enum class Result : std::uint8_t { met, failed, not_reached };  // not_reached: the run was cut short before
  Result result = Result::met;
  std::size_t number = 0;  // of the expectation, from 0
  std::string expected;    // "socket a is ESTABLISHED at 0.300 000 s"
  std::string found;       // "it was in SYN-SENT"; empty when met
};

// The least detail a run must record so that every expectation can be judged.
trace::Level level_needed(const world::Scenario& scenario);

// In the order of the file.
std::vector<Verdict> judge(Evidence& evidence);

// What is expected, in words.
std::string words_of(const Evidence& evidence, const world::Expectation& expectation);
// Bytes as a text in quotes on one line, shortened.
std::string in_quotes(std::string_view bytes);

// --- one function for each kind: what happened instead, or "" when the expectation is met ---
std::string judge_socket(Evidence& evidence, const world::Expectation& expectation);
std::string judge_packet(Evidence& evidence, const world::Expectation& expectation);
std::string judge_packet_count(Evidence& evidence, const world::Expectation& expectation);
std::string judge_call(Evidence& evidence, const world::Expectation& expectation);
std::string judge_received(Evidence& evidence, const world::Expectation& expectation);
std::string judge_socket_count(Evidence& evidence, const world::Expectation& expectation);
std::string judge_listening(Evidence& evidence, const world::Expectation& expectation);
std::string judge_process(Evidence& evidence, const world::Expectation& expectation);
std::string judge_descriptor(Evidence& evidence, const world::Expectation& expectation);
std::string judge_descriptors(Evidence& evidence, const world::Expectation& expectation);
std::string judge_asleep(Evidence& evidence, const world::Expectation& expectation);
std::string judge_conntrack(Evidence& evidence, const world::Expectation& expectation);
std::string judge_rule(Evidence& evidence, const world::Expectation& expectation);

// Whether a rule's verdict ended the packet: of this chain ("inet filter input", "" for any), this rule (its number
// from 1, "policy" or a part of its text, "" for any).
bool was_dropped_by_rule(Evidence& evidence, PacketId id, std::string_view chain, std::string_view rule);
// "rule 3 of inet filter input: tcp dport 22 drop"; "" when no rule ended it.
std::string dropping_rule(Evidence& evidence, PacketId id);

// The instant an expectation is about.
inline Time instant_of(const Evidence& evidence, const world::Expectation& expectation) {
  return expectation.at.value_or(evidence.ended());
}

}  // namespace fourtuple::app
