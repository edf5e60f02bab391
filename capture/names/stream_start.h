// The beginning of what one side of a TCP connection sent, put together from its segments in any order. Bounded.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/wire/bytes.h"
#include "sim/wire/seq_number.h"

namespace fourtuple::capture {

class StreamStart {
 public:
  static constexpr std::uint32_t most_bytes = 16'384;

  explicit StreamStart(SeqNumber first) : first_(first) {}

  // Takes in a segment's payload; of what was there before, the first copy stays.
  void add(SeqNumber seq, Bytes payload);
  // What is there without a gap.
  Bytes contiguous() const;
  // Forgets the first bytes; the stream then starts behind them. REQUIRES: they are contiguous.
  void drop(std::uint32_t bytes);
  // It is of no use to add more: too many bytes, segments or gaps.
  bool full() const { return full_; }

 private:
  static constexpr std::size_t most_pieces = 8;
  static constexpr std::uint32_t most_segments = 256;
  struct Piece {
    std::uint32_t from, to;
  };

  SeqNumber first_;
  std::vector<std::uint8_t> bytes_;
  std::vector<Piece> pieces_;  // what is there, in order, with gaps between
  std::uint32_t segments_ = 0;
  bool full_ = false;
};

}  // namespace fourtuple::capture
