// A sparse index of a trace's records: from time to position, one record back, and how many records there are. Records
// have no length at their end, so going back means walking forward from the last known head; every 256th is known.
//
// Positions are those of Trace::at(). A *boundary* is the position of the next record not yet passed; the boundary
// behind everything is end(). Follows a growing trace: call refresh(). One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/trace/trace.h"

namespace fourtuple::trace {

class Index {
 public:
  static constexpr std::uint64_t none = ~std::uint64_t{0};

  explicit Index(const Trace& trace) : trace_(&trace) {}

  // Takes in the records published since the last call, at most about `max_slots` of them.
  void refresh(std::uint64_t max_slots = ~std::uint64_t{0});

  std::uint64_t first() const { return marks_.empty() ? end_ : marks_.front().position; }
  // Boundary behind the last record taken in.
  std::uint64_t end() const { return end_; }
  std::uint64_t records() const { return records_; }
  // Time of the last record taken in; 0 when there is none.
  Time last_time() const { return last_time_; }

  // Boundary behind all records at or before `time`.
  std::uint64_t boundary_after(Time time) const;
  // Boundary before all records at or after `time`.
  std::uint64_t boundary_before(Time time) const;
  // The last record before `boundary`, or none.
  std::uint64_t previous(std::uint64_t boundary) const;
  // The boundary behind the record at `position`. REQUIRES: a record is there.
  std::uint64_t next(std::uint64_t position) const;
  // How many records lie before `boundary`: the number of the record there, counting from 0.
  std::uint64_t number_of(std::uint64_t boundary) const;
  // The record with that number; end() when there are not so many.
  std::uint64_t position_of(std::uint64_t number) const;
  // Head of a record at or before `position` from which walking forward is short; first() if there is none.
  std::uint64_t known_before(std::uint64_t position) const;
  std::uint64_t bytes() const { return marks_.capacity() * sizeof(Mark); }

 private:
  static constexpr std::uint64_t stride = 256;
  struct Mark {
    std::uint64_t position;
    Time at;
  };

  const Trace* trace_;
  std::vector<Mark> marks_;  // every 256th record
  std::uint64_t end_ = 0;
  std::uint64_t records_ = 0;
  Time last_time_{0};
};

}  // namespace fourtuple::trace
