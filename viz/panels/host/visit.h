// One packet's stay on one host, read from the trace: stages, lookups, end, and the answer it brought about. Where the
// trace holds no stages, only arrival and end are known. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "viz/panel/context.h"

namespace fourtuple::viz {

enum class Passage : std::uint8_t { none, incoming, forwarded, outgoing };

struct StageMark {
  trace::Stage stage = trace::Stage::interface_in;
  InterfaceId interface;
  std::uint64_t record = 0;
  Time at;
};

struct LookupMark {
  trace::LookupTried tried;
  std::uint64_t record = 0;
};

struct Visit {
  HostId host;
  PacketId packet;
  Packet header;  // incoming: as NAT has made it when sockets are tried; else as it came or was created
  Passage passage = Passage::none;
  Time arrives;             // incoming and forwarded; otherwise when it was created
  InterfaceId interface;    // where it came in, or left
  std::uint64_t begin = 0;  // record from which the stay was read
  std::vector<StageMark> stages;
  std::vector<LookupMark> lookups;
  std::optional<trace::PacketDelivered> delivered;
  std::optional<trace::PacketDropped> dropped;
  std::uint64_t end = trace::Index::none;  // its last record here: delivered, dropped or sent on
  Time end_time;
  PacketId answer;         // RST or ICMP error
  bool missed = false;     // no socket fits
  bool seen_only = false;  // from a capture: its arrival was seen, what the kernel did with it is inferred
};

// Whether the packet was dropped on its way in before any socket was asked: by a rule, by routing, in reassembly.
bool stopped_before_lookup(const Visit& visit);

// What happened to `packet` on `host`; nothing when it was never there.
std::optional<Visit> find_visit(const PanelContext& context, PacketId packet, HostId host);

// A packet that is on its way through a host's kernel at the cursor: between two hooks, or before a rule.
struct Inside {
  PacketId packet;
  HostId host;
};
// The one that the last record tells of; nothing when that record ends a stay, or is older than the cursor's time.
std::optional<Inside> packet_inside(const PanelContext& context);
// Where routing sends it, in words: "to this host", "out by eth0".
std::string routing_words(const PanelContext& context, const Visit& visit);

// The host the X-ray shows: the selected one, else the one the selected packet is going through (any packet when none
// is selected), else its receiver, else that of the latest delivery (in a capture: arrival), else the first that is not
// a router.
HostId choose_host(const PanelContext& context);
// The selected packet if it was on `host`, else the latest one delivered or dropped there at or before the cursor, in a
// capture the latest one seen on its way to it.
std::optional<Visit> choose_visit(const PanelContext& context, HostId host);

}  // namespace fourtuple::viz
