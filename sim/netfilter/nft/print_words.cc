// Values of records, which know only types, widths and words.
#include <algorithm>

#include "sim/netfilter/nft/print.h"
#include "sim/netfilter/nft/print_elements.h"
#include "sim/netfilter/nft/print_expression.h"

namespace fourtuple::nft {
namespace {

std::size_t words_in(std::uint32_t bits) {
  return std::max<std::size_t>((bits + 31) / 32, 1);
}

// 0 stands for 128 bits where a byte holds the width.
std::uint32_t bits_at(std::span<const std::uint8_t> types, std::span<const std::uint8_t> widths, std::size_t i) {
  const std::uint32_t own = info(static_cast<Type>(types[i])).bits;
  return i < widths.size() && widths[i] != 0 ? widths[i] : own;
}

Value take(std::span<const std::uint32_t>& words, std::uint32_t bits) {
  Value value;
  const std::size_t count = std::min(words_in(bits), words.size());
  for (const std::uint32_t word : words.first(count)) {
    value.high = value.high << 32 | value.low >> 32;
    value.low = value.low << 32 | word;
  }
  words = words.subspan(count);
  return value;
}

// How many elements nft puts on a line.
std::size_t per_line(std::span<const std::uint8_t> types) {
  if (types.size() != 1) return 1;
  switch (static_cast<Type>(types[0])) {
    case Type::nf_proto:
    case Type::integer:
    case Type::arp_op:
    case Type::inet_proto:
    case Type::inet_service:
    case Type::tcp_flag:
    case Type::dccp_pkttype:
    case Type::mark:
    case Type::iface_index:
    case Type::classid:
    case Type::uid:
    case Type::gid:
    case Type::ct_dir:
      return 5;
    case Type::ipv4_addr:
    case Type::ct_state:
    case Type::ct_status:
    case Type::packet_type:
      return 2;
    default:
      return 1;
  }
}

int compared_bytes(Value a, Value b, std::uint32_t bits) {
  const auto byte = [](Value value, std::uint32_t shift) {
    return static_cast<int>((shift >= 64 ? value.high >> (shift - 64) : value.low >> shift) & 0xff);
  };
  for (std::uint32_t shift = 0; shift < (bits + 7) / 8 * 8; shift += 8)  // the last byte counts most
    if (byte(a, shift) != byte(b, shift)) return byte(a, shift) - byte(b, shift);
  return 0;
}

}  // namespace

std::string print_words(std::span<const std::uint8_t> types, std::span<const std::uint8_t> widths,
                        std::span<const std::uint32_t> words) {
  std::string text;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::uint32_t bits = bits_at(types, widths, i);
    text += (i == 0 ? "" : " . ") + print_element_value({static_cast<Type>(types[i]), bits}, take(words, bits));
  }
  return text;
}

std::string elements_line(std::span<const std::uint8_t> key_types, std::span<const std::string> elements) {
  if (elements.empty()) return {};
  const std::size_t most = per_line(key_types);
  std::string text = "\t\telements = { ";
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) text += i % most == 0 ? ",\n\t\t\t     " : ", ";
    text += elements[i];
  }
  return text + " }\n";
}

bool sorts_before(std::span<const std::uint8_t> types, std::span<const std::uint8_t> widths,
                  std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  std::vector<int> order(types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto type = static_cast<Type>(types[i]);
    const std::uint32_t bits = bits_at(types, widths, i);
    const Value first = take(a, bits), second = take(b, bits);
    const bool name = type == Type::ifname || type == Type::string;
    const bool by_bytes = name || (types.size() > 1 && !is_host_order(type));
    order[i] = by_bytes ? compared_bytes(first, second, bits) : first < second ? -1 : first == second ? 0 : 1;
  }
  for (auto at = order.rbegin(); at != order.rend(); ++at)
    if (*at != 0) return *at < 0;
  return false;
}

}  // namespace fourtuple::nft
