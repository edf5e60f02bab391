#include "capture/anonymize/address_map.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace fourtuple::capture {
namespace {

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

std::string image_of(AddressMap& map, const char* text) {
  return map.of(ip(text)).to_string();
}

template <class Bytes>
int shared_bits(const Bytes& a, const Bytes& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    for (int bit = 0; bit < 8; ++bit)
      if ((((a[i] ^ b[i]) >> (7 - bit)) & 1) != 0) return static_cast<int>(8 * i) + bit;
  return static_cast<int>(8 * a.size());
}

IpAddress random_address(Random& random, Family family) {
  IpAddress address = IpAddress::wildcard(family);
  const std::size_t length = family == Family::ipv4 ? 4 : 16;
  // Half of them near a prefix that stays.
  constexpr const char* heads[] = {"10.0.0.0", "172.16.0.0", "127.0.0.0", "240.0.0.0",
                                   "2001::",   "fe80::",     "ff02::",    "::ffff:0:0"};
  if (random.below(2) == 0) address = ip(heads[random.below(4) + (family == Family::ipv4 ? 0 : 4)]);
  for (std::size_t i = random.below(length); i < length; ++i)
    address.bytes[i] = static_cast<std::uint8_t>(random.below(256));
  return address;
}

TEST(KeyedHash, gives_the_published_values_of_siphash) {
  const HashKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::array<std::uint8_t, 15> message{};
  for (std::uint8_t i = 0; i < message.size(); ++i) message[i] = i;
  EXPECT_EQ(keyed_hash(key, {}), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(keyed_hash(key, message), 0xa129ca6149be45e5u);
}

TEST(AddressMap, keeps_exactly_the_leading_bits_two_addresses_share) {
  AddressMap map(key_of("a secret"));
  Random random(3, "addresses");
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (int i = 0; i < 2000; ++i) {
      const IpAddress a = random_address(random, family);
      IpAddress b = a;
      const std::size_t from = random.below(family == Family::ipv4 ? 4 : 16);
      b.bytes[from] ^= static_cast<std::uint8_t>(random.below(256));
      EXPECT_EQ(shared_bits(map.of(a).bytes, map.of(b).bytes), shared_bits(a.bytes, b.bytes))
          << a.to_string() << " and " << b.to_string();
    }
  }
}

TEST(AddressMap, keeps_addresses_whose_meaning_is_needed) {
  AddressMap map(key_of("a secret"));
  for (const char* kept : {"0.0.0.0", "127.0.0.1", "127.1.2.3", "224.0.0.251", "239.255.255.250", "255.255.255.255",
                           "::", "::1", "ff02::1", "ff02::fb"})
    EXPECT_EQ(image_of(map, kept), kept);
  for (const char* prefix : {"10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
                             "2000::/3", "fd00::/8", "fe80::/64"}) {
    const Prefix kept = *Prefix::parse(prefix);
    for (std::uint32_t host = 1; host < 40; ++host)
      EXPECT_TRUE(kept.contains(map.of(kept.address.plus(host)))) << prefix << " " << host;
  }
}

TEST(AddressMap, maps_what_is_not_kept_and_differently_for_every_key) {
  AddressMap one(key_of("a secret")), other(key_of("another")), again(key_of("a secret"));
  for (const char* address : {"203.0.113.7", "192.168.1.10", "2001:db8::7", "fe80::1234:56ff:fe78:9abc", "fd12::1"}) {
    EXPECT_NE(image_of(one, address), address);
    EXPECT_NE(image_of(one, address), image_of(other, address));
    EXPECT_EQ(image_of(one, address), image_of(again, address));
  }
  EXPECT_EQ(one.replaced(), 5u);
}

TEST(AddressMap, maps_an_ipv4_address_inside_an_ipv6_one_as_itself) {
  AddressMap map(key_of("a secret"));
  const IpAddress inner = map.of(ip("203.0.113.7"));
  for (const auto& [text, at] :
       {std::pair{"::ffff:203.0.113.7", 12}, std::pair{"64:ff9b::cb00:7107", 12}, std::pair{"2002:cb00:7107::1", 2}}) {
    const IpAddress outer = map.of(ip(text));
    EXPECT_TRUE(std::equal(inner.bytes.begin(), inner.bytes.begin() + 4, outer.bytes.begin() + at)) << text;
  }
}

TEST(AddressMap, tells_groups_and_local_addresses_apart_from_others_among_mac_addresses) {
  const AddressMap map(key_of("a secret"));
  for (const MacAddress& kept :
       {MacAddress{}, MacAddress{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, MacAddress{0x01, 0x00, 0x5e, 0, 0, 0xfb},
        MacAddress{0x33, 0x33, 0, 0, 0, 1}, MacAddress{0x01, 0x80, 0xc2, 0, 0, 0x0e}})
    EXPECT_EQ(map.of(kept), kept);
  const MacAddress card{0x00, 0x1b, 0x21, 1, 2, 3}, neighbour{0x00, 0x1b, 0x21, 1, 2, 4}, container{0x02, 0x42, 1, 2};
  EXPECT_NE(map.of(card), card);
  EXPECT_EQ(shared_bits(map.of(card), map.of(neighbour)), shared_bits(card, neighbour));
  EXPECT_EQ(map.of(card)[0] & 3, 0);
  EXPECT_EQ(map.of(container)[0] & 3, 2);
}

TEST(AddressMap, gives_the_group_of_a_neighbour_solicitation_and_its_mac_address_the_same_end) {
  AddressMap map(key_of("a secret"));
  const IpAddress group = map.of(ip("ff02::1:ff12:3456"));
  const MacAddress mac = map.of(MacAddress{0x33, 0x33, 0xff, 0x12, 0x34, 0x56});
  EXPECT_EQ(group.to_string().substr(0, 10), "ff02::1:ff");
  EXPECT_NE(group, ip("ff02::1:ff12:3456")) << "it shows 24 bits of the address asked for";
  EXPECT_TRUE(std::equal(mac.begin() + 3, mac.end(), group.bytes.begin() + 13));
}

}  // namespace
}  // namespace fourtuple::capture
