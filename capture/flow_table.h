// Sorts packets into conversations. A SYN with another initial sequence number on the same four-tuple starts a new one,
// as in tshark; VLANs, interfaces and tunnels do not tell conversations apart, as there.
#pragma once

#include <cstdint>
#include <vector>

#include "capture/flow.h"
#include "capture/flow_index.h"
#include "sim/wire/decode.h"
#include "sim/wire/four_tuple.h"

namespace fourtuple::capture {

// A packet's place in its conversation.
struct FlowPlace {
  static constexpr std::uint32_t no_flow = 0xffffffffu;
  std::uint32_t flow = no_flow;
  std::uint8_t direction = 0;  // 0: a to b
  bool first = false;          // it opened the conversation
  bool reuses_ports = false;   // … on a four-tuple that had one before

  bool valid() const { return flow != no_flow; }
};

// What the frame around a packet contributes.
struct FrameFacts {
  std::uint32_t number = 0;  // from 1
  std::uint32_t wire_length = 0;
  std::int64_t time_ns = 0;
  std::uint8_t depth = 1;
};

class FlowTable {
 public:
  static constexpr std::uint32_t max_flows = 1u << 20;

  // Counts a packet whose ports and header were read. The addresses of `packet` are set. An invalid place means the
  // table is full.
  FlowPlace add(const Packet& packet, const DecodedPacket& decoded, const FrameFacts& frame);

  // The conversation a packet with these values would belong to now; for packets quoted by ICMP errors.
  FlowPlace find(const Packet& packet) const;

  // For packets that are added soon: asks for the memory that finding the conversation takes, then for the conversation
  // itself. search_key(): what both take. likely(): the conversation, but for chance; no_flow when there is none yet.
  static std::uint64_t search_key(const Packet& packet);
  void prefetch_search(std::uint64_t key) const { index_.prefetch(key); }
  std::uint32_t likely(std::uint64_t key) const {
    return index_.find(key, [](std::uint32_t) { return true; });
  }
  void prefetch(std::uint32_t flow) const;

  // Counts an ICMP error that quotes a packet of the conversation at `place`.
  void add_error(const FlowPlace& place, const Packet& error);

  // Counts a later fragment of a packet of the conversation at `place`.
  void add_later_fragment(const FlowPlace& place) { ++flows_[place.flow].later_fragments[place.direction]; }

  const std::vector<Flow>& flows() const { return flows_; }

 private:
  // The latest conversation of the packet's four-tuple; no_flow when there is none.
  std::uint32_t index_of(const Packet& packet, std::uint64_t key) const;
  // `before`: the one on this four-tuple until now, or no_flow.
  FlowPlace open(const Packet& packet, std::uint64_t key, std::uint32_t before, const FrameFacts& frame);
  std::uint8_t direction_of(const Flow& flow, const Packet& packet) const;

  std::vector<Flow> flows_;  // both protocols, in order of first packet
  FlowIndex index_;
  std::uint32_t tcp_streams_ = 0, udp_streams_ = 0;
};

}  // namespace fourtuple::capture
