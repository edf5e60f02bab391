// Bytes to Packet: reads one IP packet into a struct the caller keeps, without allocation. It never reads beyond the
// bytes given and always says how far it came, so a cut or damaged packet still yields what could be understood.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/wire/address.h"
#include "sim/wire/bytes.h"
#include "sim/wire/packet.h"

namespace fourtuple {

// Why decoding ended.
enum class DecodeStop : std::uint8_t {
  complete = 0,         // every header of a known transport was read
  empty = 1,            // no bytes
  bad_version = 2,      // neither IPv4 nor IPv6
  ip_truncated = 3,     // the IP header is not all there
  bad_ip_header = 4,    // its lengths contradict each other
  other_protocol = 5,   // a transport not decoded here; ip_protocol says which
  later_fragment = 6,   // a fragment other than the first has no transport header
  transport_cut = 7,    // captured bytes end inside the transport header
  transport_short = 8,  // the packet itself ends inside the transport header
  bad_transport = 9,    // a TCP header length below 20
};

// "complete", "the IP header is cut short", …
std::string_view words_of(DecodeStop stop);

struct DecodedPacket {
  Packet packet;  // id and addresses (source, destination below) are left unset
  IpAddress source, destination;

  DecodeStop stop = DecodeStop::empty;
  bool has_ports = false;        // source_port and destination_port were read (TCP, UDP)
  bool has_header = false;       // the fixed transport header was read (TCP: up to the window)
  bool options_cut = false;      // TCP options end outside the captured bytes
  std::uint8_t ip_protocol = 0;  // of the innermost header reached
  std::uint8_t sack_blocks = 0;
  std::uint32_t sacked_bytes = 0;  // between the edges of the first three SACK blocks, summed up modulo 2^32
  bool authenticated = false;      // an AH header lies between IP and the transport

  std::uint32_t ip_length = 0;         // the whole IP packet as sent: headers and payload, without link padding
  std::uint32_t ip_header_length = 0;  // with options and extension headers
  std::uint32_t transport_header_length = 0;
  std::uint32_t payload_length = 0;    // transport payload this packet carries, as sent
  std::uint32_t payload_captured = 0;  // bytes of it that are there, from payload_at on
  std::uint32_t payload_at = 0;
  std::uint16_t udp_length = 0;   // the UDP header's own length field
  std::uint32_t fragment_id = 0;  // IPv4 identification, or that of the IPv6 fragment header
};

// Decodes `bytes`, which start at an IP header. `wire_length`: bytes from that header to the end of the frame as it was
// on the wire, used when the capture was cut or the IP length is 0 (segmentation offload); at least bytes.size().
void decode_packet(Bytes bytes, std::uint32_t wire_length, DecodedPacket& out);

enum class ChecksumState : std::uint8_t { unknown = 0, good = 1, bad = 2 };

struct ChecksumVerdict {
  ChecksumState ip = ChecksumState::unknown;         // IPv4 only
  ChecksumState transport = ChecksumState::unknown;  // unknown for fragments, cut packets, UDP without one
};

// REQUIRES: `decoded` came from `bytes`.
ChecksumVerdict verify_checksums(Bytes bytes, const DecodedPacket& decoded);

}  // namespace fourtuple
