// NAT: which tuples are chosen and how packets are rewritten. Expectations are what Linux 6.18 did with the same
// packets.
#include <set>

#include "tests/sim/netfilter/conntrack/lab.h"

namespace fourtuple::netfilter {
namespace {

using trace::CtInfo;

constexpr const char* c = "192.168.1.10";
constexpr const char* d = "192.168.1.11";
constexpr const char* s1 = "198.51.100.9";
constexpr const char* s2 = "198.51.100.8";
constexpr const char* router = "198.51.100.1";

struct NatLab : Lab {
  explicit NatLab(std::uint16_t first_port = 0, std::uint16_t last_port = 0, std::uint8_t flags = 0) {
    nat = true;
    snat = range(router, {}, first_port, last_port, flags);
  }
  // The port a flow of `inside` gets; 0 when it is dropped.
  std::uint16_t out(const char* inside, std::uint16_t port, const char* peer, std::uint16_t peer_port) {
    const Passed passed = forward(udp(inside, port, peer, peer_port));
    if (!passed.delivered) return 0;
    EXPECT_EQ(passed.packet.source, at(router));
    return passed.packet.source_port;
  }
  Passed syn(std::uint16_t port, std::uint32_t seq) { return forward(tcp(c, port, s1, 80, "S", seq)); }
};

TEST(SourceNat, keeps_the_port_while_the_reply_tuple_is_free) {
  NatLab lab;
  EXPECT_EQ(lab.out(c, 4000, s1, 80), 4000);
  const std::uint16_t moved = lab.out(d, 4000, s1, 80);
  EXPECT_NE(moved, 4000);
  EXPECT_GE(moved, 1024);
  EXPECT_EQ(lab.out(d, 4000, s2, 80), moved) << "the mapping is used again for another peer";
  EXPECT_EQ(lab.out(d, 4000, s1, 81), moved);
  EXPECT_EQ(lab.out(c, 4000, s2, 80), 4000);
}

TEST(SourceNat, lets_in_only_what_answers) {
  NatLab lab;
  lab.out(c, 4000, s1, 80);
  lab.snat.reset();
  const Lab::Passed other_port = lab.forward(lab.udp(s1, 81, router, 4000));
  EXPECT_EQ(other_port.info, CtInfo::fresh);
  EXPECT_EQ(other_port.packet.destination, lab.at(router)) << "for the router itself";
  const Lab::Passed answer = lab.forward(lab.udp(s1, 80, router, 4000));
  EXPECT_EQ(answer.info, CtInfo::established_reply);
  EXPECT_EQ(answer.packet.destination, lab.at(c));
  EXPECT_EQ(answer.packet.destination_port, 4000);
}

TEST(SourceNat, an_unsolicited_packet_takes_the_tuple) {
  NatLab lab;
  const std::optional<NatRange> rule = lab.snat;
  lab.snat.reset();
  lab.forward(lab.udp(s2, 80, router, 4000));
  lab.snat = rule;
  EXPECT_NE(lab.out(c, 4000, s2, 80), 4000);
}

TEST(SourceNat, a_clash_moves_within_the_class_of_the_port) {
  struct {
    std::uint16_t port, least, most;
  } const classes[] = {{4000, 1024, 65535}, {1000, 600, 1023}, {500, 1, 511}};
  for (const auto& [port, least, most] : classes) {
    std::set<std::uint16_t> seen;
    for (std::uint16_t peer = 1; peer <= 60; ++peer) {
      NatLab lab;
      lab.filter.hosts[0].random = Random(peer, "clash");
      lab.out(c, port, s1, peer);
      const std::uint16_t moved = lab.out(d, port, s1, peer);
      EXPECT_GE(moved, least);
      EXPECT_LE(moved, most);
      EXPECT_NE(moved, port);
      seen.insert(moved);
    }
    EXPECT_GT(seen.size(), 40u) << port;
  }
}

TEST(SourceNat, random_flags_move_the_port_without_a_clash) {
  for (const std::uint8_t flag : {nft::NatFlag::random, nft::NatFlag::fully_random}) {
    std::set<std::uint16_t> seen;
    NatLab lab(0, 0, flag);
    for (std::uint16_t peer = 1; peer <= 60; ++peer) seen.insert(lab.out(c, 4000, s1, peer));
    EXPECT_GT(seen.size(), 55u);
    EXPECT_GE(*seen.begin(), 1024);
  }
}

TEST(SourceNat, a_range_keeps_a_port_inside_and_moves_one_outside) {
  NatLab lab(2000, 2009);
  EXPECT_EQ(lab.out(c, 2003, s1, 80), 2003);
  std::set<std::uint16_t> seen;
  for (std::uint16_t port = 4000; port < 4160; ++port) seen.insert(lab.out(c, port, s1, port));
  EXPECT_EQ(seen.size(), 10u) << "from a random place on";
  EXPECT_EQ(*seen.begin(), 2000);
  EXPECT_EQ(*seen.rbegin(), 2009);
}

TEST(SourceNat, a_full_range_drops_silently_and_only_for_that_peer) {
  NatLab lab(2000, 2002);
  std::set<std::uint16_t> seen;
  for (std::uint16_t port = 4000; port < 4003; ++port) seen.insert(lab.out(c, port, s1, 80));
  EXPECT_EQ(seen, (std::set<std::uint16_t>{2000, 2001, 2002}));
  EXPECT_EQ(lab.out(c, 4003, s1, 80), 0);
  EXPECT_EQ(lab.entries(), 3u);
  EXPECT_NE(lab.out(c, 4003, s2, 80), 0);
}

TEST(SourceNat, a_nearly_full_large_range_may_count_as_full) {
  NatLab lab(10000, 59999);
  for (std::uint32_t port = 10000; port < 59999; ++port)
    ASSERT_NE(lab.out(c, static_cast<std::uint16_t>(port), s1, 80), 0);
  // One of 50000 is free and a search tries 248 in five rounds.
  int found = 0;
  for (std::uint16_t port = 60000; port < 60020; ++port) found += lab.out(d, port, s1, 80) != 0 ? 1 : 0;
  EXPECT_LE(found, 1);
}

TEST(SourceNat, a_connection_that_is_over_makes_way_for_a_later_sequence_number) {
  for (const bool reset : {false, true}) {
    for (const std::uint32_t seq : {100u, 5'000'000u}) {
      NatLab lab(2000, 2000);
      ASSERT_TRUE(lab.syn(4000, 100).delivered);
      lab.forward(lab.tcp(s1, 80, router, 2000, "SA", 900, 101));
      lab.forward(lab.tcp(c, 4000, s1, 80, "A", 101, 901));
      EXPECT_FALSE(lab.syn(4001, 5'000'000).delivered) << "an open one stays";
      if (reset) {
        lab.forward(lab.tcp(s1, 80, router, 2000, "R", 901));
      } else {
        lab.forward(lab.tcp(s1, 80, router, 2000, "FA", 901, 101));
        lab.forward(lab.tcp(c, 4000, s1, 80, "FA", 101, 902));
        lab.forward(lab.tcp(s1, 80, router, 2000, "A", 902, 102));
      }
      EXPECT_EQ(lab.entry_text(lab.tcp(c, 4000, s1, 80, "S", 0)), reset ? "CLOSE 10 ASSURED" : "TIME_WAIT 120 ASSURED");
      EXPECT_EQ(lab.syn(4001, seq).delivered, seq > 100) << "reset " << reset;
      EXPECT_EQ(lab.entries(), 1u);
    }
  }
}

TEST(SourceNat, two_redirected_flows_to_one_inner_tuple_are_told_apart_by_the_source_port) {
  Lab lab;
  lab.nat = true;
  lab.dnat = lab.range(c, {}, 8080, 8080);
  const Lab::Passed first = lab.forward(lab.tcp(s1, 5000, router, 80, "S", 100));
  EXPECT_EQ(first.packet.destination, lab.at(c));
  EXPECT_EQ(first.packet.destination_port, 8080);
  EXPECT_EQ(first.packet.source_port, 5000);
  const Lab::Passed second = lab.forward(lab.tcp(s1, 5000, router, 81, "S", 100));
  EXPECT_EQ(second.packet.destination_port, 8080);
  EXPECT_NE(second.packet.source_port, 5000);
  const Lab::Passed answer = lab.forward(lab.tcp(c, 8080, s1, second.packet.source_port, "SA", 900, 101));
  EXPECT_EQ(answer.packet.source, lab.at(router));
  EXPECT_EQ(answer.packet.source_port, 81);
  EXPECT_EQ(answer.packet.destination_port, 5000);
}

TEST(SourceNat, echo_identifiers_are_ports) {
  NatLab lab;
  EXPECT_EQ(lab.forward(lab.icmp(c, s1, 8, 0, 7)).packet.destination_port, 7);
  const Lab::Passed second = lab.forward(lab.icmp(d, s1, 8, 0, 7));
  EXPECT_NE(second.packet.destination_port, 7);
  EXPECT_EQ(second.packet.source_port, 8 << 8) << "type and code stay";
  const Lab::Passed answer = lab.forward(lab.icmp(s1, router, 0, 0, second.packet.destination_port));
  EXPECT_EQ(answer.packet.destination, lab.at(d));
  EXPECT_EQ(answer.packet.destination_port, 7);
}

TEST(SourceNat, addresses_of_a_range_are_chosen_as_linux_chooses_them) {
  struct {
    const char *from, *to;
    std::uint16_t port;
    const char *usual, *persistent;
  } const flows[] = {
      {c, s1, 4000, "198.51.100.38", "198.51.100.48"}, {d, s1, 4000, "198.51.100.46", "198.51.100.49"},
      {c, s2, 4000, "198.51.100.38", "198.51.100.48"},  // 4000 is mapped already
      {c, s2, 4001, "198.51.100.28", "198.51.100.48"}, {d, s2, 4000, "198.51.100.46", "198.51.100.49"},
  };
  for (const bool persistent : {false, true}) {
    Lab lab;
    lab.nat = true;
    lab.snat =
        lab.range("198.51.100.20", "198.51.100.50", 0, 0, persistent ? nft::NatFlag::persistent : std::uint8_t{0});
    for (const auto& flow : flows) {
      const Packet packet = lab.forward(lab.udp(flow.from, flow.port, flow.to, 80)).packet;
      EXPECT_EQ(lab.addresses[packet.source].to_string(), persistent ? flow.persistent : flow.usual);
    }
  }
}

TEST(SourceNat, a_prefix_keeps_the_rest_of_the_address) {
  Lab lab;
  lab.nat = true;
  lab.snat = lab.range("203.0.113.0", "203.0.113.255", 0, 0, nft::NatFlag::netmap_prefix);
  EXPECT_EQ(lab.forward(lab.udp(c, 4000, s1, 80)).packet.source, lab.at("203.0.113.10"));
  EXPECT_EQ(lab.forward(lab.udp(d, 4000, s1, 80)).packet.source, lab.at("203.0.113.11"));
}

TEST(SourceNat, a_masqueraded_flow_ends_when_it_leaves_elsewhere) {
  NatLab lab;
  lab.snat->masquerade_out = InterfaceId{9};
  const Packet first = lab.udp(c, 4000, s1, 80);
  EXPECT_TRUE(lab.forward(first).delivered);
  EXPECT_FALSE(lab.forward(first).delivered) << "the lab sends by another interface";
  EXPECT_EQ(lab.entries(), 0u);
}

TEST(DestinationNat, a_port_range_is_filled_from_its_beginning) {
  Lab lab;
  lab.nat = true;
  lab.dnat = lab.range(c, {}, 7000, 7100);
  EXPECT_EQ(lab.forward(lab.udp(s1, 4000, router, 80)).packet.destination_port, 7000);
  EXPECT_EQ(lab.forward(lab.udp(s1, 4000, router, 81)).packet.destination_port, 7001);
  EXPECT_EQ(lab.forward(lab.udp(s1, 4000, router, 7050)).packet.destination_port, 7050);
  EXPECT_EQ(lab.forward(lab.udp(s1, 4001, router, 81)).packet.destination_port, 7000);
}

TEST(Nat, an_existing_flow_is_not_touched_by_a_new_rule) {
  Lab lab;
  lab.nat = true;
  EXPECT_EQ(lab.forward(lab.udp(s1, 5000, router, 53)).packet.destination, lab.at(router));
  lab.dnat = lab.range(c);
  EXPECT_EQ(lab.forward(lab.udp(s1, 5000, router, 53)).packet.destination, lab.at(router));
  EXPECT_EQ(lab.forward(lab.udp(s1, 5001, router, 53)).packet.destination, lab.at(c));
}

TEST(Nat, an_entry_from_before_nat_was_there_stays_without) {
  NatLab lab;
  lab.nat = false;
  lab.forward(lab.udp(c, 4000, s1, 80));
  lab.nat = true;
  EXPECT_EQ(lab.forward(lab.udp(c, 4000, s1, 80)).packet.source, lab.at(c));
}

TEST(IcmpErrors, are_translated_outside_and_inside) {
  NatLab lab;
  const Packet sent = lab.forward(lab.udp(c, 4000, s1, 80)).packet;
  for (const char* from : {s1, s2}) {
    const Lab::Passed error = lab.forward(lab.error(from, router, 3, 3, sent));
    EXPECT_EQ(error.info, CtInfo::related_reply);
    EXPECT_EQ(error.packet.source, lab.at(from));
    EXPECT_EQ(error.packet.destination, lab.at(c));
    const Packet& quoted = lab.environment.quote(error.packet.payload_source);
    EXPECT_EQ(quoted.source, lab.at(c));
    EXPECT_EQ(quoted.source_port, 4000);
    EXPECT_EQ(quoted.destination, lab.at(s1));
  }
}

TEST(IcmpErrors, of_the_inner_side_are_translated_on_their_way_out) {
  Lab lab;
  lab.nat = true;
  lab.dnat = lab.range(c, {}, 8080, 8080);
  const Packet sent = lab.forward(lab.udp(s1, 5000, router, 80)).packet;
  const Lab::Passed error = lab.forward(lab.error(c, s1, 3, 3, sent));
  EXPECT_EQ(error.info, CtInfo::related_reply);
  EXPECT_EQ(error.packet.source, lab.at(router));
  EXPECT_EQ(error.packet.destination, lab.at(s1));
  const Packet& quoted = lab.environment.quote(error.packet.payload_source);
  EXPECT_EQ(quoted.destination, lab.at(router));
  EXPECT_EQ(quoted.destination_port, 80);
}

TEST(IcmpErrors, about_an_echo_restore_its_identifier) {
  NatLab lab;
  lab.forward(lab.icmp(c, s1, 8, 0, 7));
  const Packet sent = lab.forward(lab.icmp(d, s1, 8, 0, 7)).packet;
  const Lab::Passed error = lab.forward(lab.error(s2, router, 11, 0, sent));
  EXPECT_EQ(error.packet.destination, lab.at(d));
  EXPECT_EQ(lab.environment.quote(error.packet.payload_source).destination_port, 7);
}

TEST(IcmpErrors, about_unknown_flows_or_to_somebody_else_are_invalid) {
  NatLab lab;
  const Packet sent = lab.forward(lab.udp(c, 4000, s1, 80)).packet;
  EXPECT_EQ(lab.forward(lab.error(s1, d, 3, 3, sent)).info, CtInfo::invalid) << "not to whom the packet came from";
  EXPECT_EQ(lab.forward(lab.error(s1, router, 3, 3, lab.udp(router, 4001, s1, 80))).info, CtInfo::invalid);
}

TEST(IcmpErrors, must_quote_the_ports) {
  NatLab lab;
  const Packet sent = lab.forward(lab.udp(c, 4000, s1, 80)).packet;
  Packet error = lab.error(s1, router, 3, 3, sent);
  error.payload_length = 24;
  EXPECT_EQ(lab.forward(error).info, CtInfo::invalid);
  error.payload_length = 28;
  EXPECT_EQ(lab.forward(error).info, CtInfo::related_reply);
}

TEST(IcmpErrors, redirects_about_translated_flows_are_dropped) {
  NatLab lab;
  const Packet sent = lab.forward(lab.udp(c, 4000, s1, 80)).packet;
  EXPECT_FALSE(lab.forward(lab.error(s1, router, 5, 1, sent)).delivered);
}

}  // namespace
}  // namespace fourtuple::netfilter
