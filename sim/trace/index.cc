#include "sim/trace/index.h"

#include <algorithm>

namespace fourtuple::trace {

void Index::refresh(std::uint64_t max_slots) {
  const std::uint64_t published = trace_->published();
  std::uint64_t position = trace_->skip_padding(end_);
  const std::uint64_t limit = published - end_ <= max_slots ? published : end_ + max_slots;
  while (position < limit) {
    const Slot* record = trace_->at(position);
    last_time_ = std::max(last_time_, record->at);
    if (records_ % stride == 0) marks_.push_back({position, last_time_});
    ++records_;
    position = trace_->next(position);
    end_ = position;
  }
}

std::uint64_t Index::boundary_after(Time time) const {
  // The first mark later than `time`; the boundary lies behind the mark before it.
  const auto later =
      std::upper_bound(marks_.begin(), marks_.end(), time, [](Time t, const Mark& mark) { return t < mark.at; });
  if (later == marks_.begin()) return first();
  std::uint64_t position = std::prev(later)->position;
  const std::uint64_t limit = later == marks_.end() ? end_ : later->position;
  while (position < limit && trace_->at(position)->at <= time) position = next(position);
  return position;
}

std::uint64_t Index::boundary_before(Time time) const {
  return time.ns <= 0 ? first() : boundary_after(time - nanoseconds(1));
}

std::uint64_t Index::known_before(std::uint64_t position) const {
  const auto later = std::upper_bound(marks_.begin(), marks_.end(), position,
                                      [](std::uint64_t at, const Mark& mark) { return at < mark.position; });
  return later == marks_.begin() ? first() : std::prev(later)->position;
}

std::uint64_t Index::previous(std::uint64_t boundary) const {
  if (marks_.empty() || boundary <= first()) return none;
  boundary = std::min(boundary, end_);
  std::uint64_t position = known_before(boundary - 1);
  for (std::uint64_t after = next(position); after < boundary; after = next(position)) position = after;
  return position;
}

std::uint64_t Index::next(std::uint64_t position) const {
  return std::min(trace_->next(position), end_);
}

std::uint64_t Index::number_of(std::uint64_t boundary) const {
  if (marks_.empty() || boundary <= first()) return 0;
  if (boundary >= end_) return records_;
  const auto later = std::upper_bound(marks_.begin(), marks_.end(), boundary,
                                      [](std::uint64_t at, const Mark& mark) { return at < mark.position; });
  const auto mark = std::prev(later);
  auto number = static_cast<std::uint64_t>(mark - marks_.begin()) * stride;
  for (std::uint64_t position = mark->position; position < boundary; position = next(position)) ++number;
  return number;
}

std::uint64_t Index::position_of(std::uint64_t number) const {
  if (number >= records_) return end_;
  std::uint64_t position = marks_[number / stride].position;
  for (std::uint64_t i = number / stride * stride; i < number; ++i) position = next(position);
  return position;
}

}  // namespace fourtuple::trace
