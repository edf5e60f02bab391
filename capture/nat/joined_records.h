// Writes the packets of a capture with several places into a trace: what was seen at two of them is one packet that
// passes a router between, where its headers are rewritten. The router is inferred, one for every two places that share
// packets. A packet keeps the number of the frame that shows it first on its way.
//
//   client --lan0--> [inferred router] --wan0--> server       created, sent | rewritten, tracked, sent
//            frame 5                      frame 6
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "capture/nat/inferred_conntrack.h"
#include "capture/observed_hosts.h"
#include "capture/observed_sockets.h"

namespace fourtuple::capture {

// One frame's packet, and what else is known of it.
struct SeenPacket {
  Packet packet;          // its id is that of the frame
  std::uint32_t tie = 0;  // PacketTies::id
  CapturePlace where;
  FlowPlace place;
  FlowOwners owners;
  PacketId quoted;        // an ICMP error: the packet it quotes, none when that was not seen
  Packet quoted_headers;  // as they stand in it
  std::uint32_t ip_length = 0;
};

class JoinedRecords {
 public:
  static constexpr std::uint64_t none = ~std::uint64_t{0};

  // All must outlive this.
  JoinedRecords(const BothSides& sides, trace::Trace& trace, ObservedHosts& hosts, ObservedSockets& sockets);

  // Writes what the frame shows. The position of its packet_created record, or none when it shows a packet on its
  // further way. A frame dated before the one that precedes it on its way waits for that.
  std::uint64_t take(Time now, const SeenPacket& seen);
  // The packet that a frame shows; none while it waits.
  PacketId packet_of(PacketId frame) const {
    return frame.value < shown_.size() ? shown_[frame.value] : PacketId::none();
  }

 private:
  struct Router {
    HostId host;
    CapturePlace one, other;
  };
  struct Lane {
    InterfaceId from, to;
    friend auto operator<=>(const Lane&, const Lane&) = default;
  };

  void make_networks();
  void make_routers();
  void give_addresses();
  std::string place_name(const CapturePlace& place) const;
  NetworkId network(const CapturePlace& place) const;
  // The router that joins the place to another one; null when there is none.
  const Router* router_at(const CapturePlace& place) const;
  std::uint32_t pair_between(const Tie& from, const Tie& to) const;

  std::uint64_t create(Time now, const SeenPacket& seen);
  void proceed(Time now, const SeenPacket& seen, PacketId id);
  void rewrite(Time now, const SeenPacket& seen, HostId host, std::uint32_t pair, const Packet& packet);
  void observe(Time now, const SeenPacket& seen, const Packet& packet);
  void send(Time now, const SeenPacket& seen, PacketId id);
  Duration transit(Time now, Lane lane, std::uint32_t gap_ns);
  std::uint8_t ends_of(const SeenPacket& seen) const;
  void remember(PacketId frame, PacketId packet);

  const BothSides* sides_;
  trace::Trace* trace_;
  ObservedHosts* hosts_;
  ObservedSockets* sockets_;
  InferredConntrack conntrack_;
  std::map<CapturePlace, NetworkId> networks_;
  std::vector<Router> routers_;
  std::vector<std::uint32_t> router_of_pair_;
  std::vector<PacketId> packets_;                // by PacketTies::id
  std::vector<PacketId> shown_;                  // by frame
  std::map<std::uint32_t, SeenPacket> waiting_;  // by PacketTies::id
  std::map<Lane, Time> last_arrival_;
};

}  // namespace fourtuple::capture
