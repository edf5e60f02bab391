#include "viz/viewer/packet_words.h"

#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {

std::string what_words(const Packet& packet) {
  if (packet.protocol == Protocol::tcp) {
    const std::string bytes = packet.payload_length > 0
                                  ? grouped(packet.payload_length) + (packet.payload_length == 1 ? " byte" : " bytes")
                                  : "";
    std::string flags;
    if (packet.has(TcpFlag::syn)) flags = packet.has(TcpFlag::ack) ? "SYN ACK" : "SYN";
    if (packet.has(TcpFlag::fin)) flags = "FIN";
    if (packet.has(TcpFlag::rst)) flags = "RST";
    if (flags.empty()) return bytes.empty() ? "ACK" : bytes;
    return bytes.empty() ? flags : flags + ", " + bytes;
  }
  if (packet.protocol == Protocol::udp) return "UDP, " + grouped(packet.payload_length) + " bytes";
  if (packet.protocol == Protocol::icmp || packet.protocol == Protocol::icmpv6) return trace::icmp_text(packet);
  return std::string(trace::protocol_name(packet.protocol));
}

std::string owner_words(const trace::Tables& tables, AddressId address) {
  if (is_loopback(tables, address)) return "loopback";
  const HostId host = host_with(tables, address);
  if (host.valid()) return std::string(trace::host_name(tables, host));
  return address_text(tables, address);
}

std::string headline(const trace::Tables& tables, const Packet& packet) {
  std::string what = what_words(packet);
  if (packet.protocol == Protocol::tcp && what.starts_with("ACK")) what = "ACK";
  return fmt::format("{} from {} to {}", what, owner_words(tables, packet.source),
                     owner_words(tables, packet.destination));
}

PacketRemark remark(const replay::PacketIndex& packets, const Packet& packet, std::uint64_t boundary) {
  using Tone = PacketRemark::Tone;
  const std::uint64_t end = packets.end(packet.id);
  if (packets.fate(packet.id) == replay::Fate::dropped && end < boundary) return {"dropped", Tone::drop};
  if (packets.retransmission(packet.id)) return {"sent again", Tone::again};
  if (packet.protocol == Protocol::tcp && packet.has(TcpFlag::rst)) return {"RST", Tone::reset};
  return {what_words(packet), Tone::plain};
}

}  // namespace fourtuple::viz
