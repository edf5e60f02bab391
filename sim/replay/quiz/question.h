// Predict, then reveal: questions that a trace asks and answers by itself. Just before a packet is looked up on a host:
// which socket takes it, or none? Just before rules are tried on it: which of them decides? The choices are the host's
// real sockets and rules at that instant, so an edited scenario asks its own questions. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"

namespace fourtuple::replay {

enum class QuestionKind : std::uint8_t { delivery, verdict };

struct Choice {
  static constexpr std::uint32_t none = 0xffffffffu;
  std::string words;          // "httpd, fd 3: listens on any:80", "rule 2: tcp dport 22 accept"
  SocketId socket;            // delivery: who takes it; none(): nobody does
  std::uint32_t rule = none;  // verdict: in RulesetInfo::rules; none: no rule, the policy or the chain before decides
};

struct Question {
  static constexpr std::size_t fewest_choices = 3, most_choices = 5;

  QuestionKind kind = QuestionKind::delivery;
  std::uint64_t pause = 0;   // boundary at which to ask: the records that answer it have not happened
  std::uint64_t answer = 0;  // the record that answers it
  HostId host;
  PacketId packet;
  std::string words;  // "Which socket of server takes this SYN to port 80?"
  std::vector<Choice> choices;
  std::size_t right = 0;
  std::string because;    // why, in one sentence
  std::uint64_t key = 0;  // the same for questions whose answer would be the same once more
};

// Question::key of the question that this record answers, without the work of asking it; nothing for records that
// answer none.
std::optional<std::uint64_t> question_key(const Indexes& indexes, std::uint64_t record);
// The question that this record answers; nothing when it answers none, or when there is nothing to choose from.
std::optional<Question> question_at(const Indexes& indexes, const Cursor& cursor, std::uint64_t record);

}  // namespace fourtuple::replay
