#include "sim/world/scenario/quantity.h"

#include <gtest/gtest.h>

#include "sim/world/scenario/expand.h"

namespace fourtuple::world {
namespace {

TEST(Quantity, times_are_exact) {
  EXPECT_EQ(parse_duration("10 ms")->ns, 10'000'000);
  EXPECT_EQ(parse_duration("1.5s")->ns, 1'500'000'000);
  EXPECT_EQ(parse_duration("0.1 us")->ns, 100);
  EXPECT_EQ(parse_duration("2 min")->ns, 120'000'000'000);
  EXPECT_EQ(parse_duration("0.125 h")->ns, 450'000'000'000);
  EXPECT_EQ(parse_duration("0")->ns, 0);
  EXPECT_EQ(parse_duration("1.000000000 s")->ns, 1'000'000'000);
}

TEST(Quantity, a_time_needs_a_unit_and_whole_nanoseconds) {
  for (const char* bad : {"", "10", "ms", "-1 ms", "1e3 ms", "0.5 ns", "1. ms", ".5 ms", "1..5 ms", "10 m", "10 ms ms",
                          "999999999999999999 h", "12345678901234567890 ns", "0x10 ms"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Quantity, rates_and_sizes_have_their_units) {
  EXPECT_EQ(parse_rate("100 Mbit/s"), 100'000'000u);
  EXPECT_EQ(parse_rate("2.5 Gbit/s"), 2'500'000'000u);
  EXPECT_FALSE(parse_rate("100"));
  EXPECT_FALSE(parse_rate("100 MB/s"));
  EXPECT_EQ(parse_size("64 KB"), 64'000u);
  EXPECT_EQ(parse_size("1.5 KiB"), 1536u);
  EXPECT_EQ(parse_size("100"), 100u);
  EXPECT_FALSE(parse_size("0.5 B"));
  EXPECT_EQ(parse_packets("50 packets"), 50u);
}

TEST(Quantity, shares_are_fractions_in_lowest_terms) {
  const auto tenth = parse_percent("0.1 %");
  ASSERT_TRUE(tenth);
  EXPECT_EQ(tenth->numerator, 1u);
  EXPECT_EQ(tenth->denominator, 1000u);
  EXPECT_EQ(parse_percent("100 %")->numerator, 1u);
  EXPECT_FALSE(parse_percent("100.1 %"));
  EXPECT_FALSE(parse_percent("5"));
  for (const char* text : {"0 %", "5 %", "0.1 %", "33.333 %", "100 %", "0.0000001 %"})
    EXPECT_EQ(percent_text(*parse_percent(text)), text);
}

TEST(Quantity, hosts_and_ports_are_told_apart_in_both_families) {
  EXPECT_EQ(parse_host_port("server:80")->host, "server");
  EXPECT_EQ(parse_host_port("[2001:db8::1]:80")->host, "2001:db8::1");
  EXPECT_EQ(parse_host_port("[2001:db8::1]:80")->port->first, 80);
  EXPECT_EQ(parse_host_port("2001:db8::1")->host, "2001:db8::1");
  EXPECT_FALSE(parse_host_port("2001:db8::1")->port);
  EXPECT_EQ(parse_host_port(":1024-65535")->port->last, 65535);
  for (const char* bad : {"", "server:", "server:65536", "[::1", "[::1]80", "a:2-1"})
    EXPECT_FALSE(parse_host_port(bad)) << bad;
  EXPECT_EQ(parse_protocol_host_port("udp [::]:53")->protocol, Protocol::udp);
  EXPECT_EQ(parse_protocol_host_port("127.0.0.1:80")->protocol, Protocol::none);
}

TEST(Quantity, ports_are_listed_as_the_kernel_reads_them) {
  const auto list = parse_port_list("8080,9000-9010");
  ASSERT_TRUE(list && list->size() == 2);
  EXPECT_EQ(list->at(0).first, 8080);
  EXPECT_EQ(list->at(0).last, 8080);
  EXPECT_EQ(list->at(1).first, 9000);
  EXPECT_EQ(list->at(1).last, 9010);
  EXPECT_TRUE(parse_port_list("") && parse_port_list("")->empty());
  for (const char* bad : {",", "80,", ",80", "80,,81", "90-80", "65536", "80 81"})
    EXPECT_FALSE(parse_port_list(bad)) << bad;
}

TEST(Quantity, a_SYN_is_one_without_ACK) {
  const auto syn = *parse_flags("SYN"), both = *parse_flags("SYN+ACK"), fin = *parse_flags("FIN");
  EXPECT_EQ(syn.set, TcpFlag::syn);
  EXPECT_TRUE((syn.clear & TcpFlag::ack) != 0);
  EXPECT_EQ(both.set, TcpFlag::syn | TcpFlag::ack);
  EXPECT_TRUE((fin.clear & TcpFlag::ack) == 0);
  EXPECT_FALSE(parse_flags("SYNACK"));
  EXPECT_FALSE(parse_flags(" "));
}

}  // namespace
}  // namespace fourtuple::world
