// A round of questions: which were asked, the one that waits for an answer, and how many were right. No drawing.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "sim/replay/quiz/question.h"

namespace fourtuple::replay {

class Quiz {
 public:
  bool on() const { return on_; }
  // Starting again forgets what was asked and the score.
  void set_on(bool on);

  // The next question that records in [from, to) answer and that was not asked yet; it then waits for its answer.
  const Question* ask(const Indexes& indexes, const Cursor& cursor, std::uint64_t from, std::uint64_t to);
  // The question on show, answered or not; null when there is none.
  const Question* current() const { return current_ ? &*current_ : nullptr; }
  // What was chosen; nothing while it waits.
  const std::optional<std::size_t>& chosen() const { return chosen_; }
  bool waits() const { return current_ && !chosen_; }
  // True when it was right. REQUIRES: waits(), choice below the number of choices.
  bool answer(std::size_t choice);
  // Takes the question away; one that was not answered may be asked again.
  void dismiss();

  std::uint32_t asked() const { return answered_; }
  std::uint32_t right() const { return right_; }

 private:
  bool on_ = false;
  std::set<std::uint64_t> done_;  // Question::key of those answered
  std::optional<Question> current_;
  std::optional<std::size_t> chosen_;
  std::uint32_t answered_ = 0, right_ = 0;
};

}  // namespace fourtuple::replay
