// Does a packet fit a Selector? The same answer in faults, triggers, captions and expectations.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/trace/trace.h"
#include "sim/world/scenario/scenario.h"

namespace fourtuple::world {

// What a selector is asked about: a packet as it is at one place, and one sending of it.
struct PacketSight {
  Packet packet;
  HostId made_by;
  NetworkId network;  // it was sent onto
  Time at;
};

// A packet on its way: its headers, and what they were until a translator changed them last.
struct TravellingPacket {
  PacketSight sight;
  HostId changed_by = HostId::none();  // none: it is as it was made
  std::uint32_t before = 0;            // PacketWatch::before()
};

// Which sockets a name stands for, by the tuples its connection had; the caller keeps it up to date.
struct NameTuple {
  SocketRef name = nothing;
  Protocol protocol = Protocol::tcp;
  HostId host;
  FourTuple tuple;  // local side is the named socket's; remote port 0: any peer
};

// Everything but nth, fate and reason, which need more than one packet.
bool fits(const Selector& selector, const PacketSight& sight, const trace::Tables& tables,
          const std::vector<NameTuple>& names);
// Whether the k-th fitting packet (from 1) is wanted.
bool wants_nth(const Selector& selector, std::uint32_t k);

// The packets of a trace so far, as far as selectors care: grown by the records as they come.
class PacketWatch {
 public:
  void clear();
  // Takes in one record.
  void add(const trace::Slot* record);
  // The packet with this id; null when its record was not seen.
  const TravellingPacket* find(PacketId packet) const;
  // As it was until it was changed. REQUIRES: packet.changed_by is valid.
  const Packet& before(const TravellingPacket& packet) const { return before_[packet.before]; }
  const std::vector<NameTuple>& names() const { return names_; }
  // A named socket got a tuple.
  void name(const NameTuple& tuple);

 private:
  void change(const trace::Slot* record);

  std::vector<TravellingPacket> packets_;  // by packet id
  std::vector<Packet> before_;             // one for every change
  std::vector<NameTuple> names_;
};

}  // namespace fourtuple::world
