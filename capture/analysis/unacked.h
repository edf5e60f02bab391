// The segments one direction sent and the other has not acknowledged, as Wireshark follows them: round trips and bytes
// in flight come from here. A few are kept in place; of more, memory is taken until they are acknowledged.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/wire/seq_number.h"

namespace fourtuple::capture {

class Unacked {
 public:
  // What is sent beyond this many is not followed: Wireshark's TCP_MAX_UNACKED_SEGMENTS.
  static constexpr std::size_t most = 10'000;
  static constexpr std::int64_t no_rtt = -1;

  // The segment [seq, end) was sent. Of one sent twice the first time counts.
  void add(SeqNumber seq, SeqNumber end, std::int64_t time_ns);
  // Everything before `ack` is acknowledged. How long ago the segment was sent that ends at `ack`; no_rtt when there is
  // none, or when no time passed in between (for Wireshark, 0 is not known) or less than none.
  std::int64_t acknowledge(SeqNumber ack, std::int64_t time_ns);
  // Bytes from the lowest number that waits up to the highest; 0 when nothing waits.
  std::uint32_t bytes() const;

 private:
  struct Sent {
    std::int64_t time_ns = 0;
    SeqNumber seq;  // the lowest of this one and all behind it
    SeqNumber end;
  };
  struct More {
    std::vector<Sent> sent;
    std::size_t acknowledged = 0;  // from the front
  };
  static constexpr std::size_t in_place = 4;

  std::span<Sent> waiting();
  void insert(std::size_t at, const Sent& sent);
  void remove_front(std::size_t count);

  // By end; all in `near_`, or all in `more_`.
  std::array<Sent, in_place> near_;
  std::unique_ptr<More> more_;
  std::uint8_t near_count_ = 0;
};

}  // namespace fourtuple::capture
