#include "sim/trace/trace.h"

#include <utility>

namespace fourtuple::trace {

Trace::Trace() : Trace(Level::facts) {}

Trace::Trace(Level level) : segments_(new std::unique_ptr<Slot[]>[max_segments]), level_(level) {}

Trace::Trace(Trace&& other) noexcept
    : segments_(std::move(other.segments_)),
      end_(std::exchange(other.end_, 0)),
      published_(other.published_.exchange(0)),
      level_(other.level_),
      end_time_(other.end_time_),
      tables_(std::move(other.tables_)) {
  other.segments_.reset(new std::unique_ptr<Slot[]>[max_segments]);
}

Trace& Trace::operator=(Trace&& other) noexcept {
  std::swap(segments_, other.segments_);
  std::swap(end_, other.end_);
  published_.store(other.published_.exchange(published_.load()));
  std::swap(level_, other.level_);
  std::swap(end_time_, other.end_time_);
  std::swap(tables_, other.tables_);
  return *this;
}

Trace::~Trace() = default;

std::uint64_t Trace::bytes() const {
  return (end_ + segment_slots - 1) / segment_slots * segment_slots * sizeof(Slot);
}

void Trace::open_segment(std::uint32_t padding) {
  if (padding != 0) {
    Slot filler;
    filler.subject = padding - 1;
    segments_[end_ / segment_slots][end_ & (segment_slots - 1)] = filler;
    end_ += padding;
  }
  FT_CHECK(end_ / segment_slots < max_segments);
  segments_[end_ / segment_slots] = std::unique_ptr<Slot[]>(new Slot[segment_slots]);
}

}  // namespace fourtuple::trace
