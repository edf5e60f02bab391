// The trace: an append-only sequence of records in segments of 1 MiB that never move, plus side tables. It is the only
// contract between producers (simulator, capture importer) and consumers (window, command line, tests).
//
// Threads: one producer appends and calls publish(); any number of readers may read records below published(). Side
// tables are complete before the first record is published and constant afterwards.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/base/check.h"
#include "sim/trace/codec.h"
#include "sim/trace/record.h"
#include "sim/trace/tables.h"

namespace fourtuple::trace {

class Trace {
 public:
  static constexpr std::uint64_t segment_slots = 32768;
  static constexpr std::uint64_t max_segments = 32768;  // 32 GiB

  Trace();
  explicit Trace(Level level);
  Trace(Trace&&) noexcept;
  Trace& operator=(Trace&&) noexcept;
  ~Trace();

  Level level() const { return level_; }
  // Whether records of `kind` are kept: producers skip the work of making the others.
  bool wants(Kind kind) const { return level_of(kind) <= level_; }
  bool wants(Level level) const { return level <= level_; }

  // Appends one record if its level is kept; the position of its head slot is the returned number.
  template <class Event>
  std::uint64_t append(Time at, HostId host, const Event& event) {
    if (!wants(Event::kind)) return end_;
    Packed packed;
    pack(at, host, event, packed);
    return append_slots(packed.slots, packed.count);
  }
  // Appends a record already in slots (loading, copying). REQUIRES: 1 <= count <= max_record_slots.
  std::uint64_t append_slots(const Slot* slots, std::uint32_t count) {
    std::uint64_t room = segment_slots - (end_ & (segment_slots - 1));
    if (room == segment_slots || room < count) [[unlikely]]
      open_segment(room == segment_slots ? 0 : static_cast<std::uint32_t>(room));
    const std::uint64_t at = end_;
    Slot* to = &segments_[at / segment_slots][at & (segment_slots - 1)];
    for (std::uint32_t i = 0; i < count; ++i) to[i] = slots[i];
    end_ += count;
    return at;
  }
  // Makes everything appended so far visible to readers.
  void publish() { published_.store(end_, std::memory_order_release); }

  // Slots readers may look at; a record position is valid below it.
  std::uint64_t published() const { return published_.load(std::memory_order_acquire); }
  // The slots of the record at `position`: the head and, behind it, its continuation slots.
  const Slot* at(std::uint64_t position) const {
    return &segments_[position / segment_slots][position & (segment_slots - 1)];
  }
  // Position of the first record at or after `position`, skipping padding; `published()` at the end.
  std::uint64_t skip_padding(std::uint64_t position) const {
    while (position < published() && at(position)->kind == Kind::padding) position += 1 + at(position)->subject;
    return position < published() ? position : published();
  }
  std::uint64_t first() const { return skip_padding(0); }
  std::uint64_t next(std::uint64_t position) const { return skip_padding(position + 1 + at(position)->extra); }
  Time end_time() const { return end_time_; }
  void set_end_time(Time time) { end_time_ = time; }
  std::uint64_t bytes() const;

  const Tables& tables() const { return tables_; }
  Tables& mutable_tables() { return tables_; }

 private:
  void open_segment(std::uint32_t padding);

  std::unique_ptr<std::unique_ptr<Slot[]>[]> segments_;  // a directory of fixed size, so readers never see it move
  std::uint64_t end_ = 0;
  std::atomic<std::uint64_t> published_{0};
  Level level_ = Level::facts;
  Time end_time_{0};  // when the run or capture ended; at least the last record's time
  Tables tables_;
};

}  // namespace fourtuple::trace
