// Raw payload expressions, whose bits come from the fields packets carry. Kernel data: tests/data/kernel/netfilter
// (one_match_01133, anything_01263, anything_01660).
#include <gtest/gtest.h>

#include "tests/sim/stack/filtered_router.h"

namespace fourtuple::netfilter {
namespace {

using stack::test::FilteredRouter;

// Whether a UDP datagram 192.168.1.10:4000 → 198.51.100.9:53 of five bytes "x" matches, and a SYN from and to the same.
struct Matches {
  bool udp, tcp;
  bool operator==(const Matches&) const = default;
};

Matches matches(const std::string& condition, const char* family = "inet") {
  FilteredRouter router(std::string("table ") + family +
                        " f {\nchain forward {\ntype filter hook forward priority 0\n" + condition +
                        " counter\n}\n}\n");
  Packet datagram = router.udp("192.168.1.10", "198.51.100.9", 4000, 53);
  datagram.payload_kind = PayloadKind::content;
  datagram.payload_source = router.add_content("xyzzy").value;
  datagram.payload_length = 5;
  router.send(datagram);
  const bool udp = router.counted(0) == 1;
  router.send(router.tcp("192.168.1.10", "198.51.100.9", 4000, 53, TcpFlag::syn));
  return {udp, router.counted(0) == (udp ? 2u : 1u)};
}

constexpr Matches both{true, true}, neither{false, false}, only_udp{true, false}, only_tcp{false, true};

TEST(RawPayload, of_the_network_header_is_put_together_from_its_fields) {
  EXPECT_EQ(matches("@nh,96,32 0xc0a8010a"), both);
  EXPECT_EQ(matches("@nh,96,32 0xc0a8010a", "ip"), both);
  EXPECT_EQ(matches("@nh,96,32 0xc0a8010b"), neither);
  EXPECT_EQ(matches("@nh,72,8 17"), only_udp);
  EXPECT_EQ(matches("@nh,0,8 0x45"), both) << "version and header length";
  EXPECT_EQ(matches("@nh,96,64 0xc0a8010ac6336409"), both) << "both addresses";
  EXPECT_EQ(matches("@nh,100,8 0x0a"), both) << "the middle of a field, across a byte";
}

TEST(RawPayload, of_the_transport_header_is_that_of_its_protocol) {
  EXPECT_EQ(matches("@th,0,32 0x0fa00035"), both) << "both ports";
  EXPECT_EQ(matches("@th,32,16 13"), only_udp) << "the length of a datagram";
  EXPECT_EQ(matches("@th,104,8 2"), only_tcp) << "the flags of a segment";
}

TEST(RawPayload, of_the_inner_header_is_what_the_packet_carries) {
  EXPECT_EQ(matches("@ih,0,8 0x78"), only_udp);
  EXPECT_EQ(matches("@ih,0,40 0x78797a7a79"), only_udp);
  EXPECT_EQ(matches("@ih,12,8 0x97"), only_udp);
  EXPECT_EQ(matches("@ih,32,16 != 0"), neither) << "beyond the end";
}

TEST(RawPayload, fails_where_packets_carry_no_such_bits_here) {
  EXPECT_EQ(matches("@nh,80,16 != 0"), neither) << "the checksum";
  EXPECT_EQ(matches("@th,160,8 != 255"), neither) << "options";
}

}  // namespace
}  // namespace fourtuple::netfilter
