// Flows: unordered pairs of (address, port) with a protocol, numbered by their first packet. The number picks the
// colour. ICMP echo counts its identifier as the port; ICMP errors belong to the flow they quote.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/index_map.h"
#include "sim/base/paged_array.h"
#include "sim/base/time.h"
#include "sim/wire/four_tuple.h"

namespace fourtuple::replay {

struct FlowKey {
  FourTuple tuple;  // the smaller (address, port) is local
  Protocol protocol = Protocol::none;
  friend bool operator==(const FlowKey&, const FlowKey&) = default;
};
inline std::uint64_t hash_of(const FlowKey& key) {
  return mix_bits(fourtuple::hash_of(key.tuple) + static_cast<std::uint64_t>(key.protocol));
}

struct Flow {
  FourTuple tuple;  // local: the sender of the first packet
  Protocol protocol = Protocol::none;
  PacketId first_packet;
  Time first_time{0}, last_time{0};
  std::uint64_t packets[2] = {0, 0};  // [0] by the sender of the first packet, [1] by the other side
  std::uint64_t payload_bytes[2] = {0, 0};
};

// Which bytes of one direction of a TCP connection have been sent, well enough to tell a retransmission from new data
// and from data that was only overtaken (two gaps are remembered).
class SentRanges {
 public:
  // Whether all of this segment's sequence space was sent before. Segments that occupy none are never counted.
  bool add(const Packet& packet);

 private:
  struct Gap {
    SeqNumber begin, end;
  };
  SeqNumber start_, highest_;
  Gap gaps_[2];
  bool known_ = false;
};

class FlowTable {
 public:
  static constexpr std::uint32_t none = 0x7fffffffu;

  // The flow of a packet just created, new or known; none for an ICMP error. `retransmission` is set.
  // `maker`: the host that made it; what synproxy says in another's name is no retransmission.
  std::uint32_t add(const Packet& packet, Time at, bool& retransmission, HostId maker = HostId::none());
  // NAT made `after` of a packet of a flow: packets with those addresses and ports belong to it too. Addresses and
  // ports that have a flow already keep it.
  void alias(const Packet& before, const Packet& after);
  // The flow of that packet if it has been seen, else none.
  std::uint32_t find(const Packet& packet) const;
  std::uint32_t find(Protocol protocol, const FourTuple& tuple) const;  // either direction

  std::uint32_t size() const { return flows_.size(); }
  const Flow& operator[](std::uint32_t flow) const { return flows_[flow]; }
  std::uint64_t bytes() const;

 private:
  struct Directions {
    SentRanges sent[2];
    HostId maker[2];  // of the last SYN
  };
  // A flow under other addresses: the tuple as side 0 sends it.
  struct Alias {
    FourTuple tuple;
    std::uint32_t flow;
  };
  static constexpr std::uint32_t alias_bit = 0x80000000u;

  struct Place {
    std::uint32_t flow = none;
    FourTuple first_sender;  // the tuple as side 0 sends it, under the addresses looked for
  };
  Place place(Protocol protocol, const FourTuple& tuple) const;

  // In pages, since growing must not copy millions of them in one frame.
  PagedArray<Flow> flows_;
  PagedArray<Directions> directions_;
  std::vector<Alias> aliases_;
  IndexMap<FlowKey> index_;
};

// Whether it is an ICMP message about another packet.
bool is_icmp_error(const Packet& packet);

}  // namespace fourtuple::replay
