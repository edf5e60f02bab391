// Raw payload expressions: bits of a header or of what a packet carries, wherever they lie.
#include <algorithm>
#include <array>

#include "sim/netfilter/nft/protocols.h"
#include "sim/netfilter/rules/packet_view.h"
#include "sim/netfilter/rules/shift.h"

namespace fourtuple::netfilter {
namespace {

using nft::Value;

constexpr std::uint8_t network_base = 1, inner_base = 3;

nft::Protocol header_of(fourtuple::Family family, std::uint8_t base, Protocol transport) {
  if (base == network_base) return family == fourtuple::Family::ipv4 ? nft::Protocol::ip : nft::Protocol::ip6;
  switch (transport) {
    case Protocol::tcp:
      return nft::Protocol::tcp;
    case Protocol::udp:
      return nft::Protocol::udp;
    case Protocol::icmp:
      return nft::Protocol::icmp;
    case Protocol::icmpv6:
      return nft::Protocol::icmpv6;
    default:
      return nft::Protocol::none;
  }
}

// Appends the lowest `bits` bits of `part`. REQUIRES: 0 < bits <= 128.
void append(Value& value, Value part, std::uint64_t bits) {
  if (bits == 128) {
    value = part;
    return;
  }
  if (bits >= 64) {
    value = {value.low << (bits - 64), 0};
  } else {
    value = {(value.high << bits) | (value.low >> (64 - bits)), value.low << bits};
  }
  const Value mask = bits >= 64 ? Value{bits == 64 ? 0 : (std::uint64_t{1} << (bits - 64)) - 1, ~std::uint64_t{0}}
                                : Value{0, (std::uint64_t{1} << bits) - 1};
  value = value | (part & mask);
}

}  // namespace

bool PacketView::read_raw(std::uint8_t base, std::uint64_t first, std::uint64_t bits, Value& out) const {
  return base == inner_base ? read_payload(first, bits, out) : read_header(base, first, bits, out);
}

bool PacketView::read_header(std::uint8_t base, std::uint64_t first, std::uint64_t bits, Value& out) const {
  const nft::Protocol header = header_of(family_, base, walk_.packet.protocol);
  const std::uint64_t end = first + bits;
  out = {};
  for (std::uint64_t at = first; at < end;) {
    const std::uint64_t before = at;
    // Fields of ICMP overlap: the one this message has is the one that can be read.
    for (int n = 0; at == before; ++n) {
      const std::optional<nft::Field> field = nth_field(header, n);
      if (!field) return false;
      const nft::HeaderField place = *header_field(*field);
      const std::uint64_t field_end = std::uint64_t{place.offset} + place.bits;
      Value value;
      if (at < place.offset || at >= field_end || !read(*field, value)) continue;
      const std::uint64_t until = std::min(end, field_end);
      append(out, shifted_right(value, field_end - until), until - at);
      at = until;
    }
  }
  return true;
}

// nft_payload: the inner header is what TCP and UDP carry.
bool PacketView::read_payload(std::uint64_t first, std::uint64_t bits, Value& out) const {
  constexpr std::size_t most_bytes = 17;  // 128 bits need not begin with a byte
  const Packet& packet = walk_.packet;
  const std::uint64_t from = first / 8, count = (first + bits + 7) / 8 - from;
  if (!has(nft::Requires::tcp) && !has(nft::Requires::udp)) return false;
  if (packet.payload_kind != PayloadKind::content || from + count > packet.payload_length) return false;
  std::array<char, most_bytes> bytes{};
  trace::read_content(c_.trace.tables(), {packet.payload_source}, packet.payload_offset + from,
                      static_cast<std::uint32_t>(count), bytes.data());
  out = {};
  std::uint64_t left = bits, skip = first % 8;
  for (std::size_t i = 0; left != 0; ++i, skip = 0) {
    const std::uint64_t taken = std::min<std::uint64_t>(8 - skip, left);
    append(out, Value{static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) >> (8 - skip - taken)}, taken);
    left -= taken;
  }
  return true;
}

}  // namespace fourtuple::netfilter
