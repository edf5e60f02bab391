// Stepping: which record comes next, or came before, at a given grain.
//
// `boundary` is Cursor::position(). A step forward finds the first matching record not yet happened; a step back the
// last matching record before the one that happened last, so that repeated steps walk the same records both ways. The
// caller shows the state right after the record: cursor.seek_record(step->record).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/replay/indexes.h"

namespace fourtuple::replay {

enum class Grain : std::uint8_t {
  record,        // any record
  stage,         // any record about the selected packet, or about any packet
  hop,           // sent, delivered, dropped: of the selected packet, or of any
  packet,        // a packet is created
  flow,          // a packet of the selected flow is created
  drop,          // a packet is dropped
  reset,         // a packet with RST is created
  state_change,  // a TCP connection changes state; of the selected host if there is one
  same_kind,     // a record of the selected kind
  rule,          // a rule matched, or turned out not to; a policy decided: of the selected packet and host, or of any
  // A statement of a rule was looked at, or a rule or policy decided: likewise. Also the packet's way between them on a
  // host with rules: it arrives, comes to a hook or to routing, is rewritten, tracked, sent on, delivered or dropped.
  expression,
};

enum class Direction : std::uint8_t { forward, backward };

struct Selection {
  PacketId packet;
  std::uint32_t flow = FlowTable::none;
  HostId host;
  trace::Kind kind = trace::Kind::padding;
  // Ascending packet_created records that Grain::packet and Grain::flow keep to (filter/result.h); null: all.
  const std::vector<std::uint64_t>* matches = nullptr;
};

struct Step {
  std::uint64_t record = 0;
  Time time{0};
};

// Nothing when there is no such record. One step back from the first match also gives nothing: go to the start.
std::optional<Step> step(const Indexes& indexes, Grain grain, Direction direction, std::uint64_t boundary,
                         const Selection& selection);

// The packet a record is about, or none.
PacketId packet_of(const trace::Slot& record);

// When playback should pause by itself.
struct Breakpoints {
  bool on_drop = false;
  bool on_state_change = false;
  bool on_reset = false;
  PacketId packet;                       // any record about it
  std::uint32_t flow = FlowTable::none;  // a packet of it is delivered or dropped
  // Ascending records, such as the packets a filter takes (filter/result.h); null: none.
  const std::vector<std::uint64_t>* matches = nullptr;
  bool any() const {
    return on_drop || on_state_change || on_reset || packet.valid() || flow != FlowTable::none || matches != nullptr;
  }
};
// The first record in [from, to) that one of them names.
std::optional<Step> first_break(const Indexes& indexes, const Breakpoints& breakpoints, std::uint64_t from,
                                std::uint64_t to);

}  // namespace fourtuple::replay
