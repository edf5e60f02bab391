// The connection tracking table of one host at the cursor: both tuples of each entry with what NAT changed, the time
// left, and the entry of the selected packet. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/kit/table.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

// One end of a tuple; rewritten parts differ from what the other direction alone would say.
struct TupleEnd {
  std::string address, port;  // no port: ""
  bool address_rewritten = false, port_rewritten = false;
  std::string text() const;  // "203.0.113.7:8080"
};

struct ConntrackRow {
  std::uint32_t entry = 0;
  RowChange change = RowChange::none;
  Protocol protocol = Protocol::none;
  std::string protocol_word;       // "tcp"
  std::string state, old_state;    // "ESTABLISHED"; only TCP has one
  TupleEnd original[2], reply[2];  // source, destination
  std::string detail;              // ICMP: "type 8 code 0"
  std::optional<std::size_t> flow;
  std::uint32_t flow_number = replay::FlowTable::none;
  bool replied = false, assured = false, source_nat = false, destination_nat = false;
  std::string mark;                  // "0x10"; "" for none
  float left = 0;                    // part of the timeout that is left, 0 to 1
  std::string left_text;             // "431,994 s"
  std::string packets[2], bytes[2];  // original and reply direction
  bool current = false;              // of the selected packet
  bool pending = false;              // not stored yet: its first packet is still on its way through the host
  std::string sentence;              // what it makes the host do
};

// What became of the headers of a packet on this host.
struct HeaderChange {
  std::string name;           // "from", "to", "TTL"
  std::string before, after;  // `after` differs from `before` when it was rewritten
  bool changed() const { return before != after; }
};

struct ConntrackModel {
  std::vector<HostId> hosts;  // see hosts_that_track(): only rules start connection tracking
  std::vector<std::string> host_names;
  std::size_t host = 0;
  bool inferred = false;                // nobody saw the table: packets on both sides tell what it must hold
  std::vector<ConntrackRow> rows;       // by number of the entry; of very many the latest
  std::size_t total = 0;                // entries in the table
  std::size_t translated = 0;           // of them with NAT
  PacketId packet;                      // the selected one, if it was on this host
  bool untracked_yet = false;           // it has no entry here (yet)
  std::optional<ConntrackRow> pending;  // its entry to be, as NAT has made it so far
  std::vector<HeaderChange> header;
  std::string note;  // when there are no rows
};

// Hosts that have a ruleset at some time.
std::vector<HostId> hosts_with_rules(const trace::Trace& trace);
// And the translators that a capture's packets, seen on both their sides, let one suppose.
std::vector<HostId> hosts_that_track(const trace::Trace& trace);
// `before`: the state to compare with.
ConntrackModel build_conntrack(const PanelContext& context, HostId host, const state::State& before);
// The host whose entries or rules are of interest: the selected one if it has rules, else the one where the selected
// packet met them, else the first one with rules.
HostId choose_filter_host(const PanelContext& context);
// From and to of the packet as it came to `host` and as it is at the cursor; TTL when it is forwarded. Empty when it
// was never there or has not arrived.
std::vector<HeaderChange> header_changes(const PanelContext& context, PacketId packet, HostId host);

}  // namespace fourtuple::viz
