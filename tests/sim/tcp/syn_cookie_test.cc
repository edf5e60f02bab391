#include "sim/tcp/syn_cookie.h"

#include <gtest/gtest.h>

namespace fourtuple::tcp {
namespace {

constexpr Time start{1'000'000'000'000};

Packet syn() {
  Packet packet;
  packet.source = {5};
  packet.destination = {6};
  packet.source_port = 4000;
  packet.destination_port = 80;
  packet.flags = TcpFlag::syn;
  packet.seq = {1000};
  return packet;
}

Packet ack_of(SeqNumber cookie) {
  Packet packet = syn();
  packet.flags = TcpFlag::ack;
  packet.seq = {1001};
  packet.ack = cookie + 1;
  return packet;
}

std::uint16_t told(std::uint16_t mss, Family family = Family::ipv4) {
  const CookieKey key{99, family, start};
  return read_cookie(key, ack_of(make_cookie(key, syn(), mss)));
}

TEST(SynCookie, tells_the_mss_rounded_down) {
  EXPECT_EQ(told(0), 536);
  EXPECT_EQ(told(1299), 536);
  EXPECT_EQ(told(1300), 1300);
  EXPECT_EQ(told(1459), 1440);
  EXPECT_EQ(told(9000), 1460);
  EXPECT_EQ(told(1419, Family::ipv6), 1220);
  EXPECT_EQ(told(9000, Family::ipv6), 8940);
}

TEST(SynCookie, is_good_for_one_to_two_minutes) {
  const SeqNumber cookie = make_cookie({99, Family::ipv4, start}, syn(), 1460);
  EXPECT_EQ(read_cookie({99, Family::ipv4, start + seconds(59)}, ack_of(cookie)), 1460);
  EXPECT_EQ(read_cookie({99, Family::ipv4, start + seconds(120)}, ack_of(cookie)), 0);
  EXPECT_EQ(read_cookie({99, Family::ipv4, start - seconds(61)}, ack_of(cookie)), 0);
}

TEST(SynCookie, belongs_to_one_connection_of_one_host) {
  const CookieKey key{99, Family::ipv4, start};
  const SeqNumber cookie = make_cookie(key, syn(), 1460);
  Packet other = ack_of(cookie);
  other.source_port = 4001;
  EXPECT_EQ(read_cookie(key, other), 0);
  EXPECT_EQ(read_cookie({98, Family::ipv4, start}, ack_of(cookie)), 0);
  EXPECT_EQ(read_cookie(key, ack_of(cookie + 77)), 0);
}

TEST(CookieOptions, fit_six_bits_of_a_timestamp) {
  Packet offered = syn();
  offered.options = TcpOption::window_scale | TcpOption::sack_permitted;
  offered.window_scale = 7;
  EXPECT_EQ(cookie_option_bits(offered) & ~cookie_option_mask, 0u);
  Packet restored;
  restore_cookie_options(cookie_option_bits(offered), restored);
  EXPECT_EQ(restored.options, offered.options);
  EXPECT_EQ(restored.window_scale, 7);

  Packet none;
  restore_cookie_options(cookie_option_bits(syn()), none);
  EXPECT_EQ(none.options, 0);
}

}  // namespace
}  // namespace fourtuple::tcp
