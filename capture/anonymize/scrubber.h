// Takes out of a frame what identifies people: addresses go through an AddressMap, in every header that holds them
// (tunnels, quotes of ICMP errors, ARP, neighbour discovery, IP options); what programs sent becomes zeros; headers of
// protocols not known here become zeros as well. Lengths, ports, flags, numbers and times stay. Checksums are right
// again where they were right.
//
// Everything is found with the decoders that sort packets into conversations (link.h, sim/wire/decode.h, tunnel.h), so
// what one of them sees is what the other treats. Bytes none of them understands are zeros afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "capture/anonymize/address_map.h"
#include "capture/anonymize/sums.h"
#include "capture/frame.h"
#include "capture/link.h"
#include "capture/tunnel.h"
#include "sim/wire/decode.h"

namespace fourtuple::capture {

class Scrubber {
 public:
  // `map` must outlive it.
  explicit Scrubber(AddressMap& map) : map_(&map) {}

  // Rewrites the captured bytes of a frame that had `original` bytes on the wire. Returns how many bytes hold headers:
  // all that is worth keeping when payload is cut off.
  std::size_t scrub(LinkType link, MutableBytes frame, std::uint32_t original);

  std::uint64_t payload_bytes() const { return payload_bytes_; }  // that became zeros
  std::uint64_t opaque_frames() const { return opaque_frames_; }  // neither IP nor ARP: zeros but for the link header

 private:
  // One packet as it was and as it becomes: the same length.
  struct Layer {
    Bytes before;
    MutableBytes now;
    const DecodedPacket& decoded;
    std::size_t end = 0;        // of the packet within its bytes; link padding is behind it
    std::size_t transport = 0;  // where the header behind IP starts, at most `end`
    std::uint32_t depth = 0;
  };

  // scrubber.cc: link layer, ARP
  void network(MutableBytes bytes, const LinkHeader& header, std::uint32_t wire);
  void hardware_addresses(LinkType link, MutableBytes frame);
  void arp(MutableBytes bytes);
  void map_address(MutableBytes bytes, std::size_t at, Family family);
  void map_mac(MutableBytes bytes, std::size_t at);
  void zero(MutableBytes bytes);
  void keep(MutableBytes header);

  // scrub_ip.cc
  void ip(MutableBytes bytes, std::uint32_t wire, std::uint32_t depth);
  void unreadable(Layer layer);
  void ip_addresses(const Layer& layer);
  void ip_options(MutableBytes options);
  void extensions(const Layer& layer);
  void routing_header(MutableBytes header);
  void destination_options(MutableBytes options);
  bool tunnel(const Layer& layer, std::uint32_t wire);

  // scrub_transport.cc
  void transport(const Layer& layer);
  void tcp_options(MutableBytes options);
  void icmp(const Layer& layer);
  void icmpv6(const Layer& layer);
  void neighbour_options(MutableBytes options, std::uint32_t depth);
  void group_records(MutableBytes records);
  void mend_transport(const Layer& layer);
  void mend(MutableBytes now, Bytes before, std::size_t from, std::size_t end, std::size_t field);

  static constexpr std::uint32_t most_depth = 10;  // tunnels and quotes in each other

  AddressMap* map_;
  std::array<std::vector<std::uint8_t>, most_depth> before_;  // by depth
  MutableBytes frame_;
  std::size_t kept_ = 0;
  std::uint64_t payload_bytes_ = 0, opaque_frames_ = 0;
};

}  // namespace fourtuple::capture
