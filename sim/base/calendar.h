// The event queue: a monotone radix heap with a sorted front. Time never goes backward (checked on push), and events of
// equal time come out in the order they were pushed.
//
//        front: sorted, times in [base, front_end)        buckets[b]: times whose highest bit that differs from
//   ──┬──────────────────────────────┬──────────────      base is bit b-1; unsorted, in order of pushing
//     now                            front_end
//
// The earliest bucket is opened when the front is used up: a small one is sorted into the front, a large one is spread
// over the buckets below it. A simulation with few pending events lives in the front alone.
//
// Why equal times keep their order: two events of equal time are always in the same bucket, spreading keeps a bucket's
// order, sorting is stable, and a push into the front goes behind its equals.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/time.h"

namespace fourtuple {

// What happens when; `kind` and `target` belong to the owner of the calendar.
struct Event {
  Time at;
  std::uint32_t kind = 0;
  std::uint32_t target = 0;
};
static_assert(sizeof(Event) == 16);

class Calendar {
 public:
  // REQUIRES: event.at is not before the last popped event.
  void push(const Event& event) {
    FT_CHECK(event.at >= now_);
    ++size_;
    if (event.at < front_end_) {
      insert(event);
      if (front_.size() - head_ > max_front) [[unlikely]]
        spread_front();
      return;
    }
    put(event);
  }

  // Takes the earliest event if it is due at or before `limit`.
  bool pop(Time limit, Event& event) {
    if (head_ == front_.size() && !refill()) return false;
    if (front_[head_].at > limit) return false;
    event = front_[head_++];
    now_ = event.at;
    --size_;
    return true;
  }

  // Time of the earliest event, Time::never() when there is none.
  Time next_time() {
    if (head_ == front_.size() && !refill()) return Time::never();
    return front_[head_].at;
  }
  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  static constexpr std::size_t max_front = 64;

  unsigned bucket_of(Time at) const {
    return static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(at.ns) ^ base_));
  }
  void put(const Event& event) {
    const unsigned bucket = bucket_of(event.at);
    buckets_[bucket].push_back(event);
    used_ |= 1ull << bucket;
  }
  // Into the sorted front, behind everything that is not later.
  void insert(const Event& event) {
    if (head_ == front_.size()) {
      front_.clear();
      head_ = 0;
    }
    front_.push_back(event);
    std::size_t at = front_.size() - 1;
    for (; at > head_ && front_[at - 1].at > event.at; --at) front_[at] = front_[at - 1];
    front_[at] = event;
  }
  void spread_front();
  bool refill();
  void open(unsigned bucket);

  std::vector<Event> front_;
  std::size_t head_ = 0;
  Time now_{0};
  Time front_end_{0};
  std::uint64_t base_ = 0;
  std::uint64_t used_ = 0;  // bit b: bucket b is not empty
  std::uint64_t size_ = 0;
  std::array<std::vector<Event>, 64> buckets_;
};

}  // namespace fourtuple
