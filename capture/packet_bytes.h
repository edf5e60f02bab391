// The bytes of a simulated packet, as they would be on a wire: headers from its packet_created record, payload from
// the streams and contents it refers to, fragments cut from their datagram, ICMP errors with the packet they quote.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/base/index_map.h"
#include "sim/trace/streams.h"
#include "sim/trace/trace.h"
#include "sim/wire/encode.h"

namespace fourtuple::capture {

class PacketBytes {
 public:
  explicit PacketBytes(const trace::Trace& trace) : trace_(&trace) {}

  // Takes in one record; every record of the trace in order, before encode() is asked.
  void add(std::uint64_t position);

  // Appends the IP packet as it was behind the record at `position`, with `ttl`, and returns its length on the wire.
  // That is more than was appended when the payload is not known (the trace was itself imported): then only headers are
  // appended. 0: the packet was never created.
  std::uint32_t encode(PacketId packet, std::uint64_t position, std::uint8_t ttl, std::vector<std::uint8_t>& out) const;

 private:
  struct Datagram {
    PacketId first;
    std::uint32_t length = 0;  // of its IP payload
  };
  struct DatagramKey {
    AddressId source, destination;
    std::uint16_t ip_id;
    Protocol protocol;
    friend auto operator<=>(const DatagramKey&, const DatagramKey&) = default;
  };
  struct Quote {
    PacketId original;
    std::uint8_t ttl;
    std::uint64_t position;  // of the packet_quoted record
  };

  void add_created(std::uint64_t position);
  void add_fragment(const Packet& packet);
  // The packet as it was at `position`.
  bool find(PacketId id, std::uint64_t position, Packet& packet) const;
  // Carries out what rewrote the packet, or (inner) the one it quotes, until `position`.
  void rewrite(PacketId id, std::uint64_t position, bool inner, Packet& packet) const;
  bool encode_quote(const Packet& error, std::uint64_t position, std::vector<std::uint8_t>& out) const;
  // The IP packet of these headers; its length on the wire.
  std::uint32_t encode_image(const Packet& packet, std::uint64_t position, std::vector<std::uint8_t>& out) const;
  // The transport payload; false when unknown.
  bool payload(const Packet& packet, std::uint64_t position, std::vector<std::uint8_t>& out) const;
  // Header and payload behind the IP header; false when the payload is unknown and only the header was appended.
  bool ip_payload(const Packet& packet, std::uint64_t position, std::vector<std::uint8_t>& out) const;
  bool fragment_payload(const Packet& packet, std::vector<std::uint8_t>& out) const;

  const trace::Trace* trace_;
  std::vector<std::uint64_t> created_;  // by PacketId: position + 1, 0 when not created
  std::vector<std::uint8_t> last_ttl_;  // by PacketId: as last sent
  trace::Streams streams_;
  std::vector<Datagram> datagrams_;
  std::map<DatagramKey, std::uint32_t> open_datagrams_;
  std::map<PacketId, std::uint32_t> datagram_of_;
  std::map<PacketId, Quote> quotes_;
  std::map<PacketId, std::vector<std::uint64_t>> rewrites_;  // positions
};

}  // namespace fourtuple::capture
