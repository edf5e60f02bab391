#include "capture/packet_bytes.h"

#include <algorithm>

namespace fourtuple::capture {
namespace {

constexpr std::uint32_t longest_payload = 1u << 20;  // a damaged trace may claim more
constexpr std::uint32_t id_slack = 1u << 20;         // an id far ahead of the others can only be damage

bool is_fragment(const Packet& packet) {
  return (packet.fragment_flags & FragmentFlag::is_fragment) != 0;
}

}  // namespace

void PacketBytes::add(std::uint64_t position) {
  const trace::Slot* slot = trace_->at(position);
  switch (slot->kind) {
    case trace::Kind::packet_created:
      return add_created(position);
    case trace::Kind::packet_sent: {
      const trace::PacketSent sent = trace::unpack_packet_sent(slot);
      if (sent.packet.value < last_ttl_.size()) last_ttl_[sent.packet.value] = sent.ttl;
      return;
    }
    case trace::Kind::packet_quoted: {
      const trace::PacketQuoted quoted = trace::unpack_packet_quoted(slot);
      const bool known = quoted.original.value < last_ttl_.size();
      quotes_[quoted.packet] = {quoted.original, known ? last_ttl_[quoted.original.value] : std::uint8_t{64}, position};
      return;
    }
    case trace::Kind::packet_rewritten:
      rewrites_[{slot->subject}].push_back(position);
      return;
    case trace::Kind::stream_written:
      return streams_.add(position, slot);
    default:
      return;
  }
}

void PacketBytes::add_created(std::uint64_t position) {
  const Packet packet = trace::unpack_packet_created(trace_->at(position)).packet;
  if (packet.id.value > created_.size() + id_slack) return;
  if (created_.size() <= packet.id.value) {
    created_.resize(packet.id.value + 1);
    last_ttl_.resize(packet.id.value + 1);
  }
  created_[packet.id.value] = position + 1;
  last_ttl_[packet.id.value] = packet.ttl;
  if (is_fragment(packet)) add_fragment(packet);
}

// Fragments are created one after another, the first one first.
void PacketBytes::add_fragment(const Packet& packet) {
  const DatagramKey key{packet.source, packet.destination, packet.ip_id, packet.protocol};
  if (packet.fragment_offset == 0) {
    open_datagrams_[key] = static_cast<std::uint32_t>(datagrams_.size());
    datagrams_.push_back({packet.id, 0});
  }
  const auto found = open_datagrams_.find(key);
  if (found == open_datagrams_.end()) return;
  Datagram& datagram = datagrams_[found->second];
  datagram.length = std::max(datagram.length, packet.fragment_offset * 8u + packet.payload_length);
  datagram_of_[packet.id] = found->second;
}

void PacketBytes::rewrite(PacketId id, std::uint64_t position, bool inner, Packet& packet) const {
  const auto found = rewrites_.find(id);
  if (found == rewrites_.end()) return;
  for (const std::uint64_t at : found->second) {
    if (at > position) break;
    const trace::PacketRewritten event = trace::unpack_packet_rewritten(trace_->at(at));
    if (event.inner == inner) trace::rewrite(packet, event);
  }
}

bool PacketBytes::find(PacketId id, std::uint64_t position, Packet& packet) const {
  if (id.value >= created_.size() || created_[id.value] == 0) return false;
  packet = trace::unpack_packet_created(trace_->at(created_[id.value] - 1)).packet;
  rewrite(id, position, false, packet);
  return packet.source.value < trace_->tables().addresses.size() &&
         packet.destination.value < trace_->tables().addresses.size();
}

bool PacketBytes::encode_quote(const Packet& error, std::uint64_t position, std::vector<std::uint8_t>& out) const {
  const auto quote = quotes_.find(error.id);
  Packet original;
  // An error never quotes an error (RFC 1122 section 3.2.2).
  if (quote == quotes_.end() || !find(quote->second.original, quote->second.position, original) ||
      original.payload_kind == PayloadKind::quote)
    return false;
  original.ttl = quote->second.ttl;
  rewrite(error.id, position, true, original);
  return encode_image(original, quote->second.position, out) != 0;
}

bool PacketBytes::payload(const Packet& packet, std::uint64_t position, std::vector<std::uint8_t>& out) const {
  if (packet.payload_length == 0) return true;
  if (packet.payload_length > longest_payload) return false;
  const std::size_t start = out.size();
  bool known = false;
  if (packet.payload_kind != PayloadKind::quote) {
    std::string bytes;
    known = trace::payload_bytes(*trace_, streams_, packet, bytes) == trace::PayloadFound::bytes;
    out.insert(out.end(), bytes.begin(), bytes.end());
  } else {
    known = encode_quote(packet, position, out);
    if (known) out.resize(start + packet.payload_length);
  }
  if (!known) out.resize(start);
  return known;
}

bool PacketBytes::fragment_payload(const Packet& packet, std::vector<std::uint8_t>& out) const {
  const auto found = datagram_of_.find(packet.id);
  Packet whole;
  if (found == datagram_of_.end() || !find(datagrams_[found->second].first, created_[packet.id.value], whole))
    return false;
  const std::uint32_t total = datagrams_[found->second].length;
  whole.fragment_flags = 0;
  const std::uint32_t header = transport_header_length(whole);
  if (total < header) return false;
  whole.payload_length = total - header;
  std::vector<std::uint8_t> datagram;
  const bool known = ip_payload(whole, created_[packet.id.value], datagram);
  const std::size_t from = std::min<std::size_t>(packet.fragment_offset * 8u, datagram.size());
  const std::size_t length = std::min<std::size_t>(packet.payload_length, datagram.size() - from);
  append_bytes(out, Bytes(datagram).subspan(from, length));
  return known && length == packet.payload_length;
}

bool PacketBytes::ip_payload(const Packet& packet, std::uint64_t position, std::vector<std::uint8_t>& out) const {
  if (is_fragment(packet)) return fragment_payload(packet, out);
  const AddressTable& addresses = trace_->tables().addresses;
  std::vector<std::uint8_t> bytes;
  const bool known = payload(packet, position, bytes);
  const std::size_t start = out.size();
  encode_transport(packet, addresses[packet.source], addresses[packet.destination], bytes, out);
  if (!known) {
    // The checksum of unknown bytes is unknown; 0 is what segmentation offload leaves.
    std::uint8_t* header = out.data() + start;
    const bool udp = packet.protocol == Protocol::udp;
    store16(header + (packet.protocol == Protocol::tcp ? 16 : udp ? 6 : 2), 0);
    if (udp)
      store16(header + 4, static_cast<std::uint16_t>(std::min<std::uint32_t>(8 + packet.payload_length, 0xffff)));
  }
  return known;
}

std::uint32_t PacketBytes::encode(PacketId id, std::uint64_t position, std::uint8_t ttl,
                                  std::vector<std::uint8_t>& out) const {
  Packet packet;
  if (!find(id, position, packet)) return 0;
  packet.ttl = ttl;
  return encode_image(packet, position, out);
}

std::uint32_t PacketBytes::encode_image(const Packet& packet, std::uint64_t position,
                                        std::vector<std::uint8_t>& out) const {
  const AddressTable& addresses = trace_->tables().addresses;
  std::vector<std::uint8_t> inside;
  const bool known = ip_payload(packet, position, inside);
  const std::size_t start = out.size();
  const std::size_t captured = inside.size();
  if (!known) {
    // Lengths in the headers are those of the whole packet; what is not known is then cut off.
    const std::size_t header = is_fragment(packet) ? 0 : transport_header_length(packet);
    inside.resize(std::max<std::size_t>(captured, header + std::min(packet.payload_length, longest_payload)));
  }
  encode_ip(packet, addresses[packet.source], addresses[packet.destination], inside, out);
  const auto length = static_cast<std::uint32_t>(out.size() - start);
  if (!known) out.resize(out.size() - (inside.size() - captured));
  return length;
}

}  // namespace fourtuple::capture
