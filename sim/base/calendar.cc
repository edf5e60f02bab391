#include "sim/base/calendar.h"

#include <algorithm>

namespace fourtuple {

// The front has grown too long for insertion to stay cheap: all of it goes back to buckets below the one it came from,
// which are empty now.
void Calendar::spread_front() {
  // After a look ahead the front may begin before base; then the buckets could not take its events, and it stays long.
  if (static_cast<std::uint64_t>(now_.ns) < base_) return;
  base_ = static_cast<std::uint64_t>(now_.ns);
  front_end_ = now_;
  for (std::size_t i = head_; i < front_.size(); ++i) put(front_[i]);
  front_.clear();
  head_ = 0;
}

// Fills the front from the earliest bucket; false when there is no event at all.
bool Calendar::refill() {
  front_.clear();
  head_ = 0;
  while (used_ != 0) {
    open(static_cast<unsigned>(std::countr_zero(used_)));
    if (!front_.empty()) return true;
  }
  return false;
}

void Calendar::open(unsigned bucket) {
  std::vector<Event>& events = buckets_[bucket];
  used_ &= ~(1ull << bucket);
  // Bucket 0 holds only times equal to base; bucket b the 2^(b-1) times from base with bit b-1 set and those below
  // clear.
  const std::uint64_t span = bucket == 0 ? 1 : 1ull << (bucket - 1);
  if (bucket != 0) base_ = (base_ & ~(2 * span - 1)) | span;
  if (events.size() <= max_front / 2 || bucket <= 1) {
    front_.swap(events);
    std::stable_sort(front_.begin(), front_.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
    front_end_ = Time{static_cast<std::int64_t>(base_ + span)};
    return;
  }
  front_end_ = Time{static_cast<std::int64_t>(base_)};
  for (const Event& event : events) put(event);
  events.clear();
}

}  // namespace fourtuple
