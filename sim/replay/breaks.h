// Breakpoints: records at which playback pauses by itself, and playing up to the next of them.
//
// Law (tested): playing backward pauses at the same records as playing forward, each time right behind the record.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"
#include "sim/replay/playback.h"

namespace fourtuple::replay {

struct Breakpoints {
  bool on_drop = false;
  bool on_reset = false;                 // a packet with RST is created
  bool on_retransmission = false;        // a packet is created whose data was sent before
  bool on_state_change = false;          // of any TCP connection
  PacketId packet;                       // any record about it
  std::uint32_t flow = FlowTable::none;  // a packet of it is delivered or dropped
  // Whatever else is to be found, such as a filter; may be empty. Asked for each record passed, so it must be quick.
  std::function<bool(std::uint64_t position, const trace::Slot& record)> matches;

  // Whether some of them need a look at every record; the others are listed already.
  bool scans() const { return on_state_change || packet.valid() || flow != FlowTable::none || matches; }
  bool any() const { return on_drop || on_reset || on_retransmission || scans(); }
};

enum class BreakCause : std::uint8_t { drop, reset, retransmission, state_change, packet, flow, match };

struct Break {
  std::uint64_t record = 0;
  Time time{0};
  BreakCause cause = BreakCause::drop;
};

// The first record in [from, to) that one of them names, or the last.
std::optional<Break> first_break(const Indexes& indexes, const Breakpoints& breakpoints, std::uint64_t from,
                                 std::uint64_t to);
std::optional<Break> last_break(const Indexes& indexes, const Breakpoints& breakpoints, std::uint64_t from,
                                std::uint64_t to);

// Lets `real_us` microseconds of real time pass and moves the cursor; forward not beyond `until`, where it pauses. A
// breakpoint on the way pauses it right behind its record and is returned.
std::optional<Break> play(Cursor& cursor, Playback& playback, const Indexes& indexes, const Breakpoints& breakpoints,
                          std::int64_t real_us, Time until = Time::never());

}  // namespace fourtuple::replay
