#include "sim/replay/quiz/quiz.h"

#include <algorithm>

#include "sim/trace/codec.h"

namespace fourtuple::replay {

void Quiz::set_on(bool on) {
  *this = Quiz();
  on_ = on;
}

const Question* Quiz::ask(const Indexes& indexes, const Cursor& cursor, std::uint64_t from, std::uint64_t to) {
  if (!on_ || current_) return nullptr;
  const trace::Trace& trace = indexes.trace();
  to = std::min(to, indexes.end());
  for (std::uint64_t at = trace.skip_padding(from); at < to; at = trace.next(at)) {
    const std::optional<std::uint64_t> key = question_key(indexes, at);
    if (!key || done_.count(*key) != 0) continue;
    std::optional<Question> found = question_at(indexes, cursor, at);
    // What happened before `from` gave it away already.
    if (!found || found->pause < from) continue;
    current_ = std::move(found);
    chosen_.reset();
    return &*current_;
  }
  return nullptr;
}

bool Quiz::answer(std::size_t choice) {
  FT_CHECK(waits() && choice < current_->choices.size());
  chosen_ = choice;
  done_.insert(current_->key);
  ++answered_;
  if (choice != current_->right) return false;
  ++right_;
  return true;
}

void Quiz::dismiss() {
  current_.reset();
  chosen_.reset();
}

}  // namespace fourtuple::replay
