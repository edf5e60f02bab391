// The layout of a trace: 32-byte slots. A record is one slot, or a head slot followed by `extra` continuation slots.
// Persistent: kinds are numbered by hand, never renumbered, and a slot's layout never changes (docs/trace-format.md).
//
//   head slot   | time 8 | kind 1 | extra 1 | host 2 | subject 4 | a 4 | b 4 | c 4 | d 4 |
//
// What subject and a…d mean for each kind is said once, in trace/events.h.
#pragma once

#include <cstdint>

#include "sim/base/ids.h"
#include "sim/base/time.h"

namespace fourtuple::trace {

// Detail levels; each includes the ones before it.
enum class Level : std::uint8_t { off = 0, facts = 1, stages = 2, expressions = 3 };

enum class Kind : std::uint8_t {
  padding = 0,  // fills the end of a segment; its subject is the number of slots to skip after it
  // facts: packets
  packet_created = 1,
  packet_sent = 2,
  packet_dropped = 3,
  packet_delivered = 4,
  packet_quoted = 5,
  packet_rewritten = 6,
  // facts: processes and descriptors
  process_started = 16,
  process_activity = 17,
  process_ended = 18,
  descriptor_opened = 19,
  descriptor_closed = 20,
  syscall = 21,
  descriptor_flags = 22,
  process_forked = 23,
  process_limit = 24,
  // facts: sockets
  socket_created = 32,
  socket_bound = 33,
  socket_connected = 34,
  socket_state = 35,
  socket_owner = 36,
  socket_error = 37,
  socket_closed = 38,
  stream_written = 39,
  socket_listening = 40,
  // facts: netfilter
  conntrack_created = 41,
  conntrack_seen = 42,
  conntrack_marked = 43,
  conntrack_destroyed = 44,
  netfilter_object = 45,
  set_element_added = 46,
  set_element_removed = 47,
  // facts: control
  command = 48,
  note = 49,
  ruleset_loaded = 50,
  packet_logged = 51,
  // facts: things of one kernel alone
  local_created = 52,
  local_changed = 53,
  local_owner = 54,
  local_closed = 55,
  // stages
  stage = 64,
  lookup = 65,
  socket_queues = 66,
  stream_read = 67,
  data_call = 68,
  rule_verdict = 69,
  local_queues = 70,
  local_read = 71,
  // expressions
  tcp_variables = 96,
  tcp_segment_judged = 97,
  rule_expression = 98,
};

constexpr Level level_of(Kind kind) {
  const auto number = static_cast<std::uint8_t>(kind);
  return number < 64 ? Level::facts : number < 96 ? Level::stages : Level::expressions;
}

struct Slot {
  Time at;
  Kind kind = Kind::padding;
  std::uint8_t extra = 0;  // continuation slots that follow
  std::uint16_t host = 0xffff;
  std::uint32_t subject = 0xffffffffu;
  std::uint32_t a = 0, b = 0, c = 0, d = 0;

  HostId host_id() const { return host == 0xffff ? HostId::none() : HostId{host}; }
};
static_assert(sizeof(Slot) == 32);

// Most slots one record can have.
constexpr std::uint32_t max_record_slots = 4;

}  // namespace fourtuple::trace
