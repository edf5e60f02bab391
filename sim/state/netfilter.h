// The visible part of netfilter: connection tracking entries, stateful objects (counters, quotas, limits), elements of
// dynamic sets, and which revision of a ruleset each host has. Changed only by apply(), so stepping back restores it.
#pragma once

#include <array>
#include <cstdint>

#include "sim/base/ids.h"
#include "sim/base/time.h"
#include "sim/wire/packet.h"

namespace fourtuple::state {

// One direction of a tracked flow (nf_conntrack_tuple). ICMP: source_port is the echo identifier, destination_port is
// type << 8 | code. Protocols without ports: both 0.
struct ConntrackTuple {
  AddressId source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  friend bool operator==(const ConntrackTuple&, const ConntrackTuple&) = default;
};

// States of the TCP tracker, numbered as in Linux (enum tcp_conntrack).
enum class TcpTracking : std::uint8_t {
  none = 0,
  syn_sent = 1,
  syn_recv = 2,
  established = 3,
  fin_wait = 4,
  close_wait = 5,
  last_ack = 6,
  time_wait = 7,
  close = 8,
  syn_sent2 = 9,
};

// Bits of ConntrackEntry::status, as in Linux (enum ip_conntrack_status).
struct ConntrackStatus {
  static constexpr std::uint16_t expected = 0x001, seen_reply = 0x002, assured = 0x004, confirmed = 0x008,
                                 source_nat = 0x010, destination_nat = 0x020, sequence_adjust = 0x040,
                                 source_nat_done = 0x080, destination_nat_done = 0x100, dying = 0x200;
};

struct ConntrackEntry {
  ConntrackTuple original, reply;
  HostId host;
  Time expires;
  std::uint64_t bytes[2] = {};  // [0] original, [1] reply direction; of IP packets
  std::uint32_t packets[2] = {};
  std::uint32_t mark = 0;
  std::uint32_t timeout_s = 0;  // the timeout that was last set; expires - timeout_s is the last packet's instant
  std::uint16_t status = 0;
  Protocol protocol = Protocol::none;
  TcpTracking tcp = TcpTracking::none;
};

// A stateful object: counter (packets, bytes), quota (bytes used, 0), limit (tokens in ns, time of last packet in ns).
struct NetfilterObject {
  std::uint64_t first = 0, second = 0;
};

// Element key or compared value: each part takes one word per 32 bits, most significant word first.
using NetfilterWords = std::array<std::uint32_t, 16>;

// An element that a packet added, or one of the ruleset's with a timeout. Elements without either are in the ruleset.
struct SetElement {
  NetfilterWords words{};
  Time expires = Time::never();
  std::uint64_t timeout_ns = 0;        // 0: none
  std::uint32_t set = 0;               // trace::SetInfo::id
  std::uint32_t object = 0xffffffffu;  // the element's own counter or limit
  std::uint64_t data = 0;              // maps: the mapped value
  std::uint8_t word_count = 0;
};

inline constexpr std::uint32_t no_ruleset = 0xffffffffu;

}  // namespace fourtuple::state
