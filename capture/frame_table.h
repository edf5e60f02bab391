// The index of a capture: one small entry per frame, by packet id (the frame's number minus one). Entries never move,
// so that growing copies nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "capture/analysis/tcp_marks.h"
#include "capture/flow_table.h"
#include "capture/report.h"

namespace fourtuple::capture {

struct FrameInfo {
  static constexpr std::uint32_t no_rtt = 0xffffffffu;

  std::uint64_t file_offset = 0;
  std::int64_t time_ns = 0;  // since 1970 UTC
  std::uint32_t captured = 0;
  std::uint32_t original = 0;
  std::uint32_t flow = FlowPlace::no_flow;              // icmp_error: that it quotes; later_fragment: its first one's
  std::uint32_t previous_in_flow = FlowPlace::no_flow;  // frame index
  std::uint32_t in_flight = 0;                          // SegmentJudgement::in_flight
  std::uint32_t rtt_us = no_rtt;                        // of the segment it acknowledges, rounded down
  std::uint16_t interface = 0;
  TcpMarks marks;
  std::uint16_t ip_offset = 0;  // of the packet shown (the inner one of a tunnel), from the frame's start
  FrameKind kind = FrameKind::other_network;
  std::uint8_t direction = 0;
};
static_assert(sizeof(FrameInfo) == 48);

class FrameTable {
 public:
  // Packet ids are below it.
  static constexpr std::uint64_t most = 0xffff'fff0;

  // REQUIRES: size() < most.
  void push_back(const FrameInfo& frame) {
    if ((size_ & (segment - 1)) == 0) open_segment();
    segments_.back().push_back(frame);
    ++size_;
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  FrameInfo& operator[](std::size_t i) { return segments_[i / segment][i & (segment - 1)]; }
  const FrameInfo& operator[](std::size_t i) const { return segments_[i / segment][i & (segment - 1)]; }
  const FrameInfo& back() const { return segments_.back().back(); }

  // In file order, for loops over all frames.
  class Place {
   public:
    Place(const FrameTable& table, std::size_t at) : table_(&table), at_(at) {}
    const FrameInfo& operator*() const { return (*table_)[at_]; }
    Place& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Place&, const Place&) = default;

   private:
    const FrameTable* table_;
    std::size_t at_;
  };
  Place begin() const { return {*this, 0}; }
  Place end() const { return {*this, size_}; }

 private:
  static constexpr std::size_t segment = 32768;

  void open_segment() { segments_.emplace_back().reserve(segment); }

  std::vector<std::vector<FrameInfo>> segments_;
  std::size_t size_ = 0;
};

}  // namespace fourtuple::capture
