#include "app/rule_text.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/netfilter/nft/print.h"
#include "sim/netfilter/nft/print_elements.h"
#include "sim/netfilter/nft/print_expression.h"
#include "sim/netfilter/nft/types.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

using nft::Type;
using replay::KeyWords;
using Bytes = std::vector<std::uint8_t>;

std::uint32_t bits_of(std::uint8_t type, std::uint8_t width) {
  return width != 0 ? width : nft::info(static_cast<Type>(type)).bits;
}

std::size_t words_of(std::uint32_t bits) {
  return std::max<std::size_t>((bits + 31) / 32, 1);
}

nft::Value value_of(KeyWords words) {
  nft::Value value;
  for (const std::uint32_t word : words) value = {(value.high << 32) | (value.low >> 32), (value.low << 32) | word};
  return value;
}

// A damaged trace may hold types that are none.
bool are_types(const Bytes& types, const Bytes& widths) {
  return !types.empty() && types.size() == widths.size() && std::all_of(types.begin(), types.end(), nft::is_type);
}

// Linux numbers a host's interfaces from 1, lo first, as the topology lists them.
std::string interface_text(const trace::Tables& tables, HostId host, std::uint64_t index) {
  const auto& hosts = tables.topology.hosts;
  if (host.value >= hosts.size() || index == 0 || index > hosts[host.value].interfaces.size())
    return std::to_string(index);
  return "\"" + trace::interface_name(tables, hosts[host.value].interfaces[index - 1]) + "\"";
}

std::string text_of(const trace::Tables& tables, HostId host, const Bytes& types, const Bytes& widths, KeyWords words) {
  if (!are_types(types, widths)) return replay::hex_value(host, types, widths, words);
  std::string text;
  for (std::size_t i = 0; i < types.size() && !words.empty(); ++i) {
    const std::size_t count = std::min(words_of(bits_of(types[i], widths[i])), words.size());
    const KeyWords part = words.first(count);
    words = words.subspan(count);
    text += i == 0 ? "" : " . ";
    text += static_cast<Type>(types[i]) == Type::iface_index ? interface_text(tables, host, value_of(part).low)
                                                             : nft::print_words({&types[i], 1}, {&widths[i], 1}, part);
  }
  return text;
}

// "10.0.0.0/8", "1024-2000", "eth*", or the value alone.
std::string part_text(std::uint8_t type_number, std::uint8_t width, KeyWords low, KeyWords high) {
  const auto type = static_cast<Type>(type_number);
  const std::uint32_t bits = bits_of(type_number, width);
  const nft::Value first = value_of(low), last = value_of(high);
  if (first == last) return nft::print_words({&type_number, 1}, {&width, 1}, low);
  const auto prefix = nft::prefix_length(first, last, bits);
  if (prefix && type == Type::ifname) return nft::print_name_prefix(first, *prefix);
  if (prefix && nft::has_prefixes(type)) return fmt::format("{}/{}", nft::print_number(type, first, bits), *prefix);
  return nft::print_number(type, first, bits) + "-" + nft::print_number(type, last, bits);
}

std::string interval_text(const trace::SetInfo& set, KeyWords low, KeyWords high) {
  std::string text;
  for (std::size_t i = 0; i < set.types.size() && !low.empty(); ++i) {
    const std::size_t count = std::min(words_of(bits_of(set.types[i], set.widths[i])), low.size());
    text += (i == 0 ? "" : " . ") + part_text(set.types[i], set.widths[i], low.first(count), high.first(count));
    low = low.subspan(count);
    high = high.subspan(count);
  }
  return text;
}

bool stands_before(const trace::SetInfo& set, KeyWords a, KeyWords b) {
  if (!are_types(set.types, set.widths)) return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  std::size_t size = 0;
  for (std::size_t i = 0; i < set.types.size(); ++i) size += words_of(bits_of(set.types[i], set.widths[i]));
  // nft leaves intervals of concatenations as they came.
  if (set.types.size() > 1 && (a.size() > size || b.size() > size)) return false;
  return nft::sorts_before(set.types, set.widths, a.first(std::min(size, a.size())), b.first(std::min(size, b.size())));
}

std::string line_of(const trace::SetInfo& set, const std::vector<std::string>& texts) {
  return nft::elements_line(set.types, texts);
}

}  // namespace

replay::ValueText rule_values(const trace::Tables& tables) {
  return [&tables](HostId host, const Bytes& types, const Bytes& widths, KeyWords words) {
    return text_of(tables, host, types, widths, words);
  };
}

replay::ListingStyle nft_listing(const trace::Tables& tables) {
  replay::ListingStyle style{rule_values(tables), {}, nft::print_duration, stands_before, line_of};
  style.interval = [&tables](const trace::SetInfo& set, KeyWords low, KeyWords high) {
    return are_types(set.types, set.widths) ? interval_text(set, low, high)
                                            : text_of(tables, {}, set.types, set.widths, low);
  };
  return style;
}

}  // namespace fourtuple::app
