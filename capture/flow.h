// One conversation of a capture: a TCP or UDP four-tuple between its first and last packet, counted as tshark 4.0
// counts it. Every pair is [a to b, b to a], where a sent the first packet in the file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "sim/wire/address.h"
#include "sim/wire/packet.h"

namespace fourtuple::capture {

template <class T>
using PerDirection = std::array<T, 2>;

struct SynOptions {
  std::optional<std::uint16_t> mss;
  std::optional<std::uint8_t> window_scale;
  bool sack_permitted = false;
  bool timestamps = false;  // on any segment
};

// Frame numbers of the three-way handshake, 0 while not seen.
struct Handshake {
  std::uint32_t syn = 0, syn_ack = 0, ack = 0;
  std::uint8_t syn_direction = 0;
  SeqNumber syn_seq, syn_ack_seq;
  std::uint32_t syn_payload = 0;
};

// What only TCP has. What nearly every segment touches stands first.
struct TcpFlow {
  PerDirection<std::optional<SeqNumber>> first;  // from a SYN, else one below the first sequence number seen
  Handshake handshake;
  std::uint32_t zero_windows = 0;
  PerDirection<SynOptions> options;
  std::optional<std::int64_t> last_syn_ns, initial_rtt_ns;
  std::uint8_t completeness = 0;  // 1 SYN, 2 SYN-ACK, 4 ACK, 8 data, 16 FIN, 32 RST

  PerDirection<std::optional<SeqNumber>> isn;  // from a SYN
  PerDirection<std::uint32_t> syn{}, syn_ack{}, fin{}, rst{}, ece{}, cwr{}, sack_packets{};
};

// A packet of a flow touches its first four cache lines, hence the alignment.
struct alignas(64) Flow {
  static constexpr std::size_t touched = 256;

  Protocol protocol = Protocol::tcp;
  std::uint8_t depth = 1;  // 1: outermost IP header, 2: inside a tunnel
  std::uint16_t a_port = 0, b_port = 0;
  std::uint16_t last_icmp_error = 0;  // type << 8 | code
  std::uint32_t stream = 0;           // counts per protocol in order of first packet
  AddressId a, b;
  std::uint32_t first_frame = 0, last_frame = 0;              // from 1
  std::uint32_t icmp_errors = 0;                              // that quote it; in none of the counts below
  std::int64_t start_ns = 0, end_ns = 0;                      // earliest and latest, since 1970 UTC
  PerDirection<std::uint64_t> packets{}, bytes{}, payload{};  // bytes: whole frames as on the wire
  PerDirection<std::uint32_t> later_fragments{};              // without ports; in none of the counts above
  TcpFlow tcp;
};
static_assert(offsetof(Flow, tcp) + offsetof(TcpFlow, isn) <= Flow::touched);

}  // namespace fourtuple::capture
