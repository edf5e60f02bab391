#include "capture/link.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/capture/builders.h"

namespace fourtuple::capture {
namespace {

using test::Buffer;

Buffer ethernet(std::initializer_list<std::uint8_t> after_macs) {
  Buffer frame(12 + after_macs.size() + 20, 0x45);
  std::fill_n(frame.begin(), 12, std::uint8_t{0});
  std::copy(after_macs.begin(), after_macs.end(), frame.begin() + 12);
  return frame;
}

TEST(Link, steps_over_vlan_tags) {
  const LinkHeader one = decode_link(LinkType::ethernet, ethernet({0x81, 0, 0x20, 0x05, 8, 0}));
  EXPECT_EQ(one.network, Network::ip);
  EXPECT_EQ(one.offset, 18u);
  EXPECT_EQ(one.vlan, 5);
  const LinkHeader two = decode_link(LinkType::ethernet, ethernet({0x88, 0xa8, 0, 7, 0x81, 0, 0, 5, 0x86, 0xdd}));
  EXPECT_EQ(two.offset, 22u);
  EXPECT_EQ(two.vlan, 7);
}

TEST(Link, finds_ip_behind_pppoe_mpls_and_snap) {
  EXPECT_EQ(decode_link(LinkType::ethernet, ethernet({0x88, 0x64, 0x11, 0, 0, 1, 0, 22, 0, 0x21})).offset, 22u);
  EXPECT_EQ(decode_link(LinkType::ethernet, ethernet({0x88, 0x47, 0, 0, 0x10, 64, 0, 0, 0x11, 64})).offset, 22u);
  const LinkHeader snap = decode_link(LinkType::ethernet, ethernet({0, 28, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}));
  EXPECT_EQ(snap.network, Network::ip);
  EXPECT_EQ(snap.offset, 22u);
}

TEST(Link, reads_bsd_loopback_in_both_byte_orders) {
  for (const Buffer& family : {Buffer{2, 0, 0, 0}, Buffer{0, 0, 0, 2}, Buffer{30, 0, 0, 0}, Buffer{0, 0, 0, 30}}) {
    Buffer frame = family;
    frame.resize(24, 0x60);
    EXPECT_EQ(decode_link(LinkType::null_loopback, frame).network, Network::ip);
  }
}

TEST(Link, reads_ppp_with_and_without_framing_bytes_and_compression) {
  EXPECT_EQ(decode_link(LinkType::ppp, Buffer{0xff, 0x03, 0x00, 0x21, 0x45}).offset, 4u);
  EXPECT_EQ(decode_link(LinkType::ppp, Buffer{0x00, 0x21, 0x45}).offset, 2u);
  EXPECT_EQ(decode_link(LinkType::ppp, Buffer{0x21, 0x45}).offset, 1u);
  EXPECT_EQ(decode_link(LinkType::ppp, Buffer{0xc0, 0x21, 0x01}).network, Network::other);
}

TEST(Link, says_cut_rather_than_reading_on) {
  for (const LinkType type : {LinkType::ethernet, LinkType::linux_sll, LinkType::linux_sll2, LinkType::null_loopback,
                              LinkType::ppp, LinkType::raw}) {
    EXPECT_EQ(decode_link(type, Buffer{}).network, Network::cut) << name_of(type);
  }
  Buffer tagged = ethernet({0x81, 0});
  tagged.resize(15);
  EXPECT_EQ(decode_link(LinkType::ethernet, tagged).network, Network::cut);
}

TEST(Link, does_not_guess_unknown_link_types) {
  EXPECT_EQ(decode_link(static_cast<LinkType>(147), Buffer(40, 0x45)).network, Network::unsupported);
  EXPECT_EQ(name_of(static_cast<LinkType>(147)), "link type 147");
}

}  // namespace
}  // namespace fourtuple::capture
