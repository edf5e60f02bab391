// Every selector of the language, its field and its type.
#include "tests/sim/netfilter/nft/read.h"

namespace fourtuple::nft {
namespace {

using test::read_statement;

struct SelectorRow {
  const char* rule;
  Field field;
  Type type;
  const char* text = "";
  friend void PrintTo(const SelectorRow& row, std::ostream* out) { *out << row.rule; }
};

class Selector : public testing::TestWithParam<SelectorRow> {};

TEST_P(Selector, has_its_field_and_type) {
  const SelectorRow& row = GetParam();
  const Statement statement = read_statement(row.rule);
  ASSERT_EQ(statement.left.size(), 1u);
  EXPECT_EQ(statement.left[0].kind, ExprKind::selector);
  EXPECT_EQ(statement.left[0].field, row.field);
  EXPECT_EQ(statement.left[0].type, row.type);
  EXPECT_EQ(statement.left[0].text, row.text);
}

INSTANTIATE_TEST_SUITE_P(Meta, Selector,
                         testing::Values(SelectorRow{"meta length 5", Field::meta_length, Type::integer},
                                         SelectorRow{"meta protocol ip", Field::meta_protocol, Type::ether_type},
                                         SelectorRow{"meta nfproto ipv4", Field::meta_nfproto, Type::nf_proto},
                                         SelectorRow{"meta l4proto tcp", Field::meta_l4proto, Type::inet_proto},
                                         SelectorRow{"meta mark 5", Field::meta_mark, Type::mark},
                                         SelectorRow{"mark 5", Field::meta_mark, Type::mark},
                                         SelectorRow{"meta priority 1:2", Field::meta_priority, Type::classid},
                                         SelectorRow{"iif lo", Field::meta_iif, Type::iface_index},
                                         SelectorRow{"meta iif lo", Field::meta_iif, Type::iface_index},
                                         SelectorRow{"iifname \"lo\"", Field::meta_iifname, Type::ifname},
                                         SelectorRow{"oif lo", Field::meta_oif, Type::iface_index},
                                         SelectorRow{"meta oifname lo", Field::meta_oifname, Type::ifname},
                                         SelectorRow{"iiftype ether", Field::meta_iiftype, Type::iface_type},
                                         SelectorRow{"meta skuid 0", Field::meta_skuid, Type::uid},
                                         SelectorRow{"skgid 0", Field::meta_skgid, Type::gid},
                                         SelectorRow{"pkttype host", Field::meta_pkttype, Type::packet_type},
                                         SelectorRow{"meta cpu 1", Field::meta_cpu, Type::integer},
                                         SelectorRow{"iifgroup default", Field::meta_iifgroup, Type::devgroup},
                                         SelectorRow{"meta time \"2024-01-01 10:00:00\"", Field::meta_time, Type::time},
                                         SelectorRow{"day Monday", Field::meta_day, Type::day},
                                         SelectorRow{"meta hour \"10:00\"", Field::meta_hour, Type::hour},
                                         SelectorRow{"ipsec exists", Field::meta_secpath, Type::boolean}));

INSTANTIATE_TEST_SUITE_P(
    Conntrack, Selector,
    testing::Values(SelectorRow{"ct state new", Field::ct_state, Type::ct_state},
                    SelectorRow{"ct direction reply", Field::ct_direction, Type::ct_dir},
                    SelectorRow{"ct status dnat", Field::ct_status, Type::ct_status},
                    SelectorRow{"ct mark 5", Field::ct_mark, Type::mark},
                    SelectorRow{"ct expiration 30s", Field::ct_expiration, Type::time},
                    SelectorRow{"ct helper \"ftp\"", Field::ct_helper, Type::string},
                    SelectorRow{"ct label 5", Field::ct_label, Type::ct_label},
                    SelectorRow{"ct l3proto ipv4", Field::ct_l3proto, Type::nf_proto},
                    SelectorRow{"ct protocol tcp", Field::ct_protocol, Type::inet_proto},
                    SelectorRow{"ct zone 5", Field::ct_zone, Type::integer},
                    SelectorRow{"ct packets > 5", Field::ct_packets, Type::integer},
                    SelectorRow{"ct original bytes > 5", Field::ct_bytes, Type::integer, "original"},
                    SelectorRow{"ct reply avgpkt > 5", Field::ct_avgpkt, Type::integer, "reply"},
                    SelectorRow{"ct id 5", Field::ct_id, Type::integer},
                    SelectorRow{"ct original ip saddr 1.1.1.1", Field::ct_original_saddr, Type::ipv4_addr, "ip"},
                    SelectorRow{"ct reply ip6 daddr ::1", Field::ct_reply_daddr, Type::ipv6_addr, "ip6"}));

INSTANTIATE_TEST_SUITE_P(Headers, Selector,
                         testing::Values(SelectorRow{"ip version 4", Field::ip_version, Type::integer},
                                         SelectorRow{"ip dscp ef", Field::ip_dscp, Type::dscp},
                                         SelectorRow{"ip ecn ce", Field::ip_ecn, Type::ecn},
                                         SelectorRow{"ip ttl 1", Field::ip_ttl, Type::integer},
                                         SelectorRow{"ip protocol udp", Field::ip_protocol, Type::inet_proto},
                                         SelectorRow{"ip saddr 10.0.0.1", Field::ip_saddr, Type::ipv4_addr},
                                         SelectorRow{"ip6 daddr ::1", Field::ip6_daddr, Type::ipv6_addr},
                                         SelectorRow{"ip6 nexthdr tcp", Field::ip6_nexthdr, Type::inet_proto},
                                         SelectorRow{"ip6 hoplimit 1", Field::ip6_hoplimit, Type::integer},
                                         SelectorRow{"tcp dport 22", Field::tcp_dport, Type::inet_service},
                                         SelectorRow{"tcp flags syn", Field::tcp_flags, Type::tcp_flag},
                                         SelectorRow{"tcp window 5", Field::tcp_window, Type::integer},
                                         SelectorRow{"udp sport 53", Field::udp_sport, Type::inet_service},
                                         SelectorRow{"th dport 53", Field::th_dport, Type::inet_service},
                                         SelectorRow{"@th,16,16 53", Field::th_dport, Type::inet_service},
                                         SelectorRow{"sctp dport 5", Field::sctp_dport, Type::inet_service},
                                         SelectorRow{"icmp type echo-request", Field::icmp_type, Type::icmp_type},
                                         SelectorRow{"icmp code port-unreachable", Field::icmp_code, Type::icmp_code},
                                         SelectorRow{"icmpv6 type 128", Field::icmpv6_type, Type::icmpv6_type},
                                         SelectorRow{"icmpv6 param-problem 5", Field::icmpv6_parameter_problem,
                                                     Type::integer},
                                         SelectorRow{"ether saddr 0:1:2:3:4:5", Field::ether_saddr, Type::ether_addr}));

INSTANTIATE_TEST_SUITE_P(
    WithArguments, Selector,
    testing::Values(SelectorRow{"fib daddr type local", Field::fib, Type::fib_addrtype, "fib daddr type"},
                    SelectorRow{"fib iif . saddr oif lo", Field::fib, Type::iface_index, "fib saddr . iif oif"},
                    SelectorRow{"fib saddr oifname \"lo\"", Field::fib, Type::ifname, "fib saddr oifname"},
                    SelectorRow{"tcp option maxseg size 5", Field::tcp_option, Type::integer, "tcp option maxseg size"},
                    SelectorRow{"tcp option mss exists", Field::tcp_option, Type::boolean, "tcp option maxseg"},
                    SelectorRow{"tcp option 6 length 3", Field::tcp_option, Type::integer, "tcp option echo length"},
                    SelectorRow{"ip option rr addr 5", Field::ip_option, Type::integer, "ip option rr addr"},
                    SelectorRow{"exthdr frag exists", Field::exthdr, Type::boolean, "exthdr frag"},
                    SelectorRow{"rt0 addr[1] ::1", Field::exthdr, Type::ipv6_addr, "rt0 addr[1]"},
                    SelectorRow{"rt classid 5", Field::rt, Type::realm, "rt classid"},
                    SelectorRow{"rt ip nexthop 1.1.1.1", Field::rt, Type::ipv4_addr, "rt ip nexthop"},
                    SelectorRow{"socket transparent 1", Field::socket, Type::integer, "socket transparent"},
                    SelectorRow{"socket cgroupv2 level 1 \"x\"", Field::socket, Type::cgroupsv2,
                                "socket cgroupv2 level 1"},
                    SelectorRow{"osf ttl loose name \"Linux\"", Field::osf, Type::string, "osf ttl loose name"},
                    SelectorRow{"ipsec in spnum 1 reqid 5", Field::ipsec, Type::integer, "ipsec in spnum 1 reqid"},
                    SelectorRow{"sctp chunk data stream 5", Field::sctp_chunk, Type::integer, "sctp chunk data stream"},
                    SelectorRow{"vlan cfi 1", Field::vlan_other, Type::integer, "vlan dei"},
                    SelectorRow{"@nh,96,32 5", Field::raw_payload, Type::integer, "@nh,96,32"}));

TEST(Selectors, fib_keeps_its_keys_and_result) {
  const Statement statement = read_statement("fib saddr . mark . iif oif missing");
  EXPECT_EQ(statement.left[0].number, FibKey::saddr | FibKey::mark | FibKey::iif);
  EXPECT_EQ(statement.left[0].number2, FibResult::oif);
  EXPECT_EQ(statement.right[0].type, Type::boolean);
  EXPECT_EQ(statement.right[0].value, Value(0));
}

TEST(Selectors, raw_payload_keeps_base_place_and_width) {
  const Expr selector = read_statement("@ih,8,24 5").left[0];
  EXPECT_EQ(selector.length, 3u);
  EXPECT_EQ(selector.number, 8u);
  EXPECT_EQ(selector.number2, 24u);
}

TEST(Selectors, addresses_of_ct_have_the_family_of_the_table) {
  EXPECT_EQ(read_statement("ct original saddr ::1", 0, "ip6").left[0].type, Type::ipv6_addr);
  EXPECT_EQ(read_statement("ct reply daddr 1.1.1.1", 0, "ip").left[0].type, Type::ipv4_addr);
}

TEST(Selectors, ports_of_ct_need_a_transport_protocol) {
  EXPECT_EQ(read_statement("meta l4proto tcp ct original proto-src 5", 1).left[0].field, Field::ct_original_sport);
  EXPECT_FALSE(parse(test::in_chain("ct original proto-src 5")).errors.empty());
}

}  // namespace
}  // namespace fourtuple::nft
