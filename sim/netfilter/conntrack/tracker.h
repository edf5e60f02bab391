// The protocol trackers: what a packet means for the entry it belongs to. They see plain data and change only the
// tracker's private part; track.cc makes the rest true.
#pragma once

#include "sim/base/time.h"
#include "sim/netfilter/conntrack/config.h"
#include "sim/netfilter/conntrack/tables.h"
#include "sim/trace/events.h"
#include "sim/wire/packet.h"

namespace fourtuple::netfilter {

// What a tracker is told.
struct Sighting {
  const ConntrackConfig& config;
  const Packet& packet;
  const state::ConntrackEntry& entry;
  Time now;
  int direction = 0;             // 0 original, 1 reply
  bool fresh = false;            // the entry is not in the table yet: this is its first packet
  std::uint32_t ack_offset = 0;  // how far the sequence numbers this packet acknowledges were moved (nf_ct_seq_offset)
  bool has(std::uint16_t status) const { return (entry.status & status) != 0; }
};

enum class Judgement : std::uint8_t {
  accepted,  // counted; timeout and state as told
  passed,    // belongs to the entry, but is not counted and does not prolong it
  invalid,   // does not belong to the entry
  reopens,   // the entry is over: destroy it and look again
  ends,      // belongs to the entry and ends it at once
};

struct Verdict {
  Judgement judgement = Judgement::invalid;
  state::TcpTracking tcp = state::TcpTracking::none;             // afterwards, whatever the judgement
  std::uint32_t timeout_s = trace::ConntrackSeen::keep_timeout;  // also with `invalid`: shortened
  bool assured = false;                                          // becomes assured
};

Verdict track_tcp(const Sighting& sighting, TcpTracker& tracker);
Verdict track_udp(const Sighting& sighting, UdpTracker& tracker);
// ICMP queries, GRE and every other protocol.
Verdict track_icmp(const Sighting& sighting, bool ipv6);
Verdict track_gre(const Sighting& sighting);
Verdict track_generic(const Sighting& sighting);

}  // namespace fourtuple::netfilter
