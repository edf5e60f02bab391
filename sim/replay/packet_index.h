// Where each packet's records are: created, every hop, its end, and the packet an ICMP error quotes. By packet id;
// 20 bytes a packet and 8 a hop. Fed record by record by Indexes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/paged_array.h"
#include "sim/replay/flows.h"
#include "sim/trace/trace.h"

namespace fourtuple::replay {

struct PacketKey {
  PacketId packet;
  friend bool operator==(const PacketKey&, const PacketKey&) = default;
};
inline std::uint64_t hash_of(const PacketKey& key) {
  return mix_bits(key.packet.value);
}

enum class Fate : std::uint8_t { under_way, delivered, dropped };

class PacketIndex {
 public:
  static constexpr std::uint64_t none = ~std::uint64_t{0};

  explicit PacketIndex(const trace::Trace& trace) : trace_(&trace) {}
  void add(std::uint64_t position, const trace::Slot* record);

  // One past the largest packet id seen.
  std::uint32_t size() const { return entries_.size(); }
  // Position of its packet_created record, or none.
  std::uint64_t created(PacketId packet) const;
  // Position of its last delivered or dropped record, or none.
  std::uint64_t end(PacketId packet) const;
  // Positions of its packet_sent records in order.
  std::vector<std::uint64_t> hops(PacketId packet) const;
  // Its last packet_sent record, or none.
  std::uint64_t last_hop(PacketId packet) const;
  Fate fate(PacketId packet) const;
  // The packet that this ICMP error quotes, or none.
  PacketId quoted(PacketId packet) const;
  // The headers as created; nothing when the packet was never created.
  std::optional<Packet> packet(PacketId id) const;
  // The headers as they were behind the record at `position`: what NAT and rules rewrote until then is in them.
  std::optional<Packet> packet_at(PacketId id, std::uint64_t position) const;
  // The packet that this ICMP error quotes, as quoted and as rewritten until `position`.
  std::optional<Packet> quoted_at(PacketId error, std::uint64_t position) const;
  // Positions of its packet_rewritten records in order.
  std::vector<std::uint64_t> rewrites(PacketId packet) const;
  // Number of its flow (flows.h), or FlowTable::none.
  std::uint32_t flow(PacketId packet) const;
  const FlowTable& flows() const { return flows_; }
  // Whether the data, SYN or FIN it carries had been sent before.
  bool retransmission(PacketId packet) const;
  std::uint64_t bytes() const;

 private:
  static constexpr std::uint32_t nowhere = 0xffffffffu;
  struct Entry {
    std::uint32_t created = nowhere;
    std::uint32_t end = nowhere;
    std::uint32_t first_hop = nowhere;  // in hops_
    std::uint32_t last_hop = nowhere;
    std::uint32_t flow : 31;
    std::uint32_t retransmission : 1;
    Entry() : flow(FlowTable::none), retransmission(0) {}
  };
  struct Hop {
    std::uint32_t position;
    std::uint32_t next;
  };
  struct Quote {
    PacketId packet, original;
    std::uint32_t position;
  };
  // A packet_rewritten record; a packet's are linked from its newest.
  struct Rewrite {
    std::uint32_t position;
    std::uint32_t previous;
  };

  Entry* entry(PacketId packet);
  const Entry* find(PacketId packet) const {
    return packet.value < entries_.size() ? &entries_[packet.value] : nullptr;
  }
  void add_quote(const trace::PacketQuoted& quote, std::uint32_t position);
  void add_rewrite(const trace::Slot* record, std::uint32_t position);
  const Quote* quote_of(PacketId packet) const;

  const trace::Trace* trace_;
  // In pages, since growing must not copy millions of them in one frame.
  PagedArray<Entry> entries_;
  PagedArray<Hop> hops_;
  std::vector<Quote> quotes_;  // by packet
  std::vector<Rewrite> rewrites_;
  IndexMap<PacketKey> last_rewrite_;  // packet -> rewrites_
  FlowTable flows_;
};

}  // namespace fourtuple::replay
