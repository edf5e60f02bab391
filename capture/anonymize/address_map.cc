#include "capture/anonymize/address_map.h"

#include <algorithm>
#include <cstring>

#include "sim/base/check.h"

namespace fourtuple::capture {
namespace {

constexpr std::uint8_t domain_v4 = 4, domain_v6 = 6, domain_mac = 48;

// A prefix that stays; below it the bits up to `kept` stay as well, and from `ipv4_at` on 32 bits are an IPv4 address.
struct Kept {
  std::array<std::uint8_t, 16> bytes;
  std::uint8_t length;
  std::uint8_t kept;
  std::uint8_t ipv4_at = 255;
};

// The first one that holds an address counts.
constexpr Kept kept_v4[] = {
    {{0}, 8, 32},          // "this network", the unspecified address (RFC 6890)
    {{10}, 8, 8},          // private (RFC 1918)
    {{100, 64}, 10, 10},   // shared by carriers (RFC 6598)
    {{127}, 8, 32},        // loopback
    {{169, 254}, 16, 16},  // link-local (RFC 3927)
    {{172, 16}, 12, 12},   // private
    {{192, 168}, 16, 16},  // private
    {{224}, 4, 32},        // groups name services
    {{255, 255, 255, 255}, 32, 32},
};
constexpr Kept kept_v6[] = {
    {{0}, 127, 128},                                                  // :: and ::1
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 96, 96},         // IPv4-mapped (RFC 4291)
    {{0, 0x64, 0xff, 0x9b}, 96, 96, 96},                              // translated (RFC 6052)
    {{0x20, 0x02}, 16, 16, 16},                                       // 6to4 (RFC 3056)
    {{0x20}, 3, 3},                                                   // global unicast
    {{0xfd}, 8, 8},                                                   // unique local (RFC 4193)
    {{0xfe, 0x80}, 10, 64},                                           // link-local
    {{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff}, 104, 104},  // solicited-node: 24 bits of a unicast address
    {{0xff, 0x30}, 12, 32},                                           // groups made from a unicast prefix (RFC 3306)
    {{0xff}, 8, 128},
};

// Whether the first `bits` bits are the same.
bool same_bits(const std::uint8_t* a, const std::uint8_t* b, std::uint32_t bits) {
  if (std::memcmp(a, b, bits / 8) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

template <std::size_t n>
const Kept* holder_of(const Kept (&rules)[n], const std::uint8_t* address) {
  const auto* found = std::find_if(std::begin(rules), std::end(rules), [&](const Kept& rule) {
    return same_bits(address, rule.bytes.data(), rule.length);
  });
  return found == std::end(rules) ? nullptr : found;
}

// Whether bit `bit` stays because the bits before it still lead to a kept prefix.
template <std::size_t n>
bool on_the_way(const Kept (&rules)[n], const std::uint8_t* address, std::uint32_t bit) {
  return std::any_of(std::begin(rules), std::end(rules),
                     [&](const Kept& rule) { return bit < rule.length && same_bits(address, rule.bytes.data(), bit); });
}

void turn(std::uint8_t* address, std::uint32_t bit) {
  address[bit / 8] ^= static_cast<std::uint8_t>(0x80u >> (bit % 8));
}

bool starts_with(const MacAddress& mac, std::initializer_list<std::uint8_t> head) {
  return std::equal(head.begin(), head.end(), mac.begin());
}

}  // namespace

// What the bits before `bit` say about it.
bool AddressMap::turns(std::uint8_t domain, const std::uint8_t* address, std::uint32_t bit) const {
  std::array<std::uint8_t, 18> message{domain, static_cast<std::uint8_t>(bit)};
  std::memcpy(message.data() + 2, address, bit / 8);
  if (bit % 8 != 0) message[2 + bit / 8] = static_cast<std::uint8_t>(address[bit / 8] & (0xff00u >> (bit % 8)));
  return (keyed_hash(key_, message) & 1) != 0;
}

IpAddress AddressMap::compute_v4(const IpAddress& address) const {
  IpAddress image = address;
  const Kept* holder = holder_of(kept_v4, address.bytes.data());
  const std::uint32_t kept = holder == nullptr ? 0 : holder->kept;
  for (std::uint32_t bit = kept; bit < 32; ++bit)
    if (!on_the_way(kept_v4, address.bytes.data(), bit) && turns(domain_v4, address.bytes.data(), bit))
      turn(image.bytes.data(), bit);
  return image;
}

IpAddress AddressMap::compute(const IpAddress& address) const {
  if (address.family == Family::ipv4) return compute_v4(address);
  IpAddress image = address;
  const Kept* holder = holder_of(kept_v6, address.bytes.data());
  std::uint32_t bit = holder == nullptr ? 0 : holder->kept;
  if (holder != nullptr && holder->ipv4_at != 255) {
    IpAddress inner;
    std::memcpy(inner.bytes.data(), address.bytes.data() + holder->ipv4_at / 8, 4);
    inner = compute_v4(inner);
    std::memcpy(image.bytes.data() + holder->ipv4_at / 8, inner.bytes.data(), 4);
    bit += 32;
  }
  for (; bit < 128; ++bit)
    if (!on_the_way(kept_v6, address.bytes.data(), bit) && turns(domain_v6, address.bytes.data(), bit))
      turn(image.bytes.data(), bit);
  return image;
}

IpAddress AddressMap::of(const IpAddress& address) {
  if (const AddressId id = known_.find(address); id.valid() && id.value < images_.size()) return images_[id.value];
  if (known_.size() >= most_known) return compute(address);
  known_.intern(address);
  while (images_.size() < known_.size()) {
    const IpAddress& next = known_[{static_cast<std::uint32_t>(images_.size())}];
    images_.push_back(compute(next));
    replaced_ += images_.back() != next;
  }
  return images_[known_.find(address).value];
}

MacAddress AddressMap::of(const MacAddress& address) const {
  const bool zeros = std::all_of(address.begin(), address.end(), [](std::uint8_t byte) { return byte == 0; });
  const bool broadcast = std::all_of(address.begin(), address.end(), [](std::uint8_t byte) { return byte == 0xff; });
  const bool of_ip = starts_with(address, {0x01, 0x00, 0x5e}) || starts_with(address, {0x33, 0x33});
  const bool of_bridges = starts_with(address, {0x01, 0x80, 0xc2}) || starts_with(address, {0x01, 0x00, 0x0c});
  MacAddress image = address;
  if (starts_with(address, {0x33, 0x33, 0xff})) {
    // The group address it was made from ends in the same bytes.
    IpAddress group{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff}, Family::ipv6};
    std::copy(address.begin() + 3, address.end(), group.bytes.begin() + 13);
    group = compute(group);
    std::copy(group.bytes.begin() + 13, group.bytes.end(), image.begin() + 3);
    return image;
  }
  if (zeros || broadcast || of_ip || of_bridges) return address;
  constexpr std::uint32_t local_bit = 6, group_bit = 7;
  for (std::uint32_t bit = 0; bit < 48; ++bit)
    if (bit != local_bit && bit != group_bit && turns(domain_mac, address.data(), bit)) turn(image.data(), bit);
  return image;
}

}  // namespace fourtuple::capture
