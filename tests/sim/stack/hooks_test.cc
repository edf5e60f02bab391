// Where the stack and netfilter meet. Kernel data: tests/data/kernel/netfilter (the cases named below).
#include <gtest/gtest.h>

#include "tests/sim/stack/filtered_router.h"

namespace fourtuple::stack {
namespace {

using test::FilteredRouter;

constexpr std::uint8_t port_unreachable = 3, prohibited = 13;

// --- errors the router makes ---

// reject_at_every_hook
TEST(RejectedAnswers, an_echo_reply_that_is_rejected_brings_no_error) {
  FilteredRouter router(R"(table inet f { chain output { type filter hook output priority 0;
    icmp type echo-reply counter reject
    ip protocol icmp counter; }; })");
  router.send(router.echo_request("192.168.1.10", "192.168.1.1"));
  EXPECT_EQ(router.counted(0), 1u);
  EXPECT_EQ(router.counted(1), 0u);
  EXPECT_TRUE(router.sent("lo").empty());
}

// rejects_01075
TEST(RejectedAnswers, a_reset_that_is_rejected_brings_an_error_over_lo_related_all_the_way) {
  FilteredRouter router(R"(table inet f {
    chain output { type filter hook output priority 0; oifname "lan" ip protocol tcp reject; }
    chain input { type filter hook input priority 0; iifname "lo" ct state related counter; }; })");
  router.send(router.tcp("192.168.1.10", "192.168.1.1", 4000, 80, TcpFlag::syn));
  ASSERT_EQ(router.sent("lo").size(), 1u);
  EXPECT_EQ(router.sent("lo")[0].icmp_code(), port_unreachable);
  EXPECT_TRUE(router.sent("lan").empty());
  EXPECT_EQ(router.counted(0), 1u);
}

// Nothing that was only held on the way stays: the table would fill up.
TEST(RejectedAnswers, entries_held_on_the_way_are_given_up) {
  FilteredRouter router(R"(table inet f {
    chain output { type filter hook output priority 0; oifname "lan" ip protocol tcp reject; }
    chain input { type filter hook input priority 0; ct state related counter
                  udp dport 9 reject; }; })");
  for (std::uint16_t port = 1; port < 20; ++port) {
    router.send(router.tcp("192.168.1.10", "192.168.1.1", port, 80, TcpFlag::syn));
    router.send(router.udp("192.168.1.10", "192.168.1.1", port, 9));
  }
  EXPECT_EQ(router.context().system.netfilter.conntrack.counts[1], 0u);
}

// gen00005, untracked_01274
TEST(PortUnreachable, is_related_only_where_it_is_tracked) {
  FilteredRouter router(R"(table inet f {
    chain early { type filter hook output priority raw; ct state related counter; }
    chain late { type filter hook output priority filter; ct state related counter; }; })");
  router.send(router.udp("192.168.1.10", "192.168.1.1", 4000, 9));
  EXPECT_EQ(router.sent("lan").size(), 1u);
  EXPECT_EQ(router.counted(0), 0u);
  EXPECT_EQ(router.counted(1), 1u);
}

TEST(PortUnreachable, of_a_rule_is_related_from_the_start) {
  FilteredRouter router(R"(table inet f {
    chain input { type filter hook input priority filter; udp dport 9 reject with icmpx admin-prohibited; }
    chain early { type filter hook output priority raw; ct state related counter; }; })");
  router.send(router.udp("192.168.1.10", "192.168.1.1", 4000, 9));
  ASSERT_EQ(router.sent("lan").size(), 1u);
  EXPECT_EQ(router.sent("lan")[0].icmp_code(), prohibited);
  EXPECT_EQ(router.counted(0), 1u);
}

// --- addresses that change on the way ---

// two_routers_01424
TEST(Martians, an_own_source_address_from_outside_is_dropped_before_input) {
  FilteredRouter router(R"(table ip f {
    chain prerouting { type filter hook prerouting priority 0; counter; }
    chain input { type filter hook input priority 0; counter; }
    chain forward { type filter hook forward priority 0; counter; }; })");
  router.send(router.udp("198.51.100.1", "192.168.1.1", 4000, 9));
  router.send(router.udp("192.168.1.1", "198.51.100.9", 4000, 9));
  EXPECT_EQ(router.counted(0), 2u);
  EXPECT_EQ(router.counted(1), 0u);
  EXPECT_EQ(router.counted(2), 0u);
  EXPECT_TRUE(router.sent("wan").empty());
}

// every_field_can_be_rewritten
TEST(RewrittenDestination, goes_to_the_neighbour_with_the_new_address) {
  FilteredRouter router(R"(table ip f { chain forward { type filter hook forward priority 0;
    udp dport 56 ip daddr set 198.51.100.8; }; })");
  router.send(router.udp("192.168.1.10", "198.51.100.9", 4000, 56));
  router.send(router.udp("192.168.1.10", "198.51.100.9", 4000, 56));
  EXPECT_EQ(router.received_by_servers(), std::vector<int>{8});
}

// anything_01758
TEST(RewrittenDestination, stays_on_the_interface_where_nobody_may_have_it) {
  FilteredRouter router(R"(table ip f { chain output { type filter hook output priority 0;
    ip daddr set 198.51.100.8; }; })");
  router.send(router.udp("192.168.1.10", "192.168.1.1", 4000, 9));
  EXPECT_TRUE(router.sent("lan").empty());
  EXPECT_TRUE(router.sent("wan").empty());
}

// one_statement_01959
TEST(RewrittenDestination, over_lo_is_delivered_all_the_same) {
  FilteredRouter router(R"(table ip f {
    chain output { type filter hook output priority 0; oifname "lo" ip daddr set 198.51.100.8
                   oifname "lan" ip protocol tcp reject; }
    chain input { type filter hook input priority 0; iifname "lo" ip daddr 198.51.100.8 counter; }; })");
  router.send(router.tcp("192.168.1.10", "192.168.1.1", 4000, 80, TcpFlag::syn));
  EXPECT_EQ(router.counted(0), 1u);
  EXPECT_TRUE(router.sent("wan").empty());
}

// --- what rules learn of routes ---

// Measured: 65495 over lo, whose MTU of 65536 IPv4 does not use in full.
TEST(RouteSelectors, know_the_mtu_and_the_gateway_of_the_way_taken) {
  FilteredRouter router(R"(table ip f {
    chain forward { type filter hook forward priority 0; rt ip nexthop 198.51.100.8 counter
                    rt ip nexthop 198.51.100.9 counter
                    rt mtu 1460 counter; }
    chain output { type filter hook output priority 0; oifname "lan" reject
                   oifname "lo" rt mtu 65495 counter; }; })");
  router.send(router.udp("192.168.1.10", "203.0.113.5", 4000, 9));
  EXPECT_EQ(router.counted(0), 1u);
  router.send(router.udp("192.168.1.10", "198.51.100.9", 4000, 9));
  EXPECT_EQ(router.counted(1), 1u);
  EXPECT_EQ(router.counted(2), 2u);
  router.send(router.tcp("192.168.1.10", "192.168.1.1", 4000, 80, TcpFlag::syn));
  EXPECT_EQ(router.counted(3), 1u);
}

// one_match_01727
TEST(EntryCounts, hold_the_reset_that_ends_the_flow) {
  FilteredRouter router(R"(table inet f { chain output { type filter hook output priority 0;
    ct packets 2 ct reply bytes 40 counter; }; })");
  router.send(router.tcp("192.168.1.10", "192.168.1.1", 4000, 80, TcpFlag::syn));
  EXPECT_EQ(router.counted(0), 1u);
}

// --- fragments ---

// nf_defrag_ipv4: a rule that needs connection tracking brings reassembly, others do not.
std::vector<std::uint64_t> counted_fragments(const char* rule) {
  FilteredRouter router(std::string("table ip f {\nchain prerouting {\ntype filter hook prerouting priority 0\n"
                                    "counter\nudp dport 9 counter\n") +
                        rule + "\n}\n}\n");
  Packet part = router.udp("192.168.1.10", "198.51.100.9", 4000, 9);
  part.ip_id = 77;
  part.payload_length = 808;  // its UDP header among them
  part.fragment_flags = FragmentFlag::is_fragment | FragmentFlag::more_fragments;
  router.send(part);
  part.fragment_flags = FragmentFlag::is_fragment;
  part.fragment_offset = 101;
  router.send(part);
  return {router.counted(0), router.counted(1), router.sent("wan").size()};
}

TEST(Fragments, are_seen_one_by_one_by_rules_that_track_nothing) {
  EXPECT_EQ(counted_fragments("ip ttl 1 drop"), (std::vector<std::uint64_t>{2, 1, 1}));
}

TEST(Fragments, are_put_together_before_connections_are_tracked) {
  EXPECT_EQ(counted_fragments("ct state invalid drop"), (std::vector<std::uint64_t>{1, 1, 2}))
      << "the datagram leaves as fragments again";
}

}  // namespace
}  // namespace fourtuple::stack
