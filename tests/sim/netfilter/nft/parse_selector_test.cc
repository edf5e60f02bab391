// Every selector of the language, its field and its type.
#include "tests/sim/netfilter/nft/read.h"

namespace fourtuple::nft {
namespace {

using test::read_statement;

struct Row {
  const char* rule;
  Field field;
  Type type;
  const char* text = "";
  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.rule; }
};

class Selector : public testing::TestWithParam<Row> {};

TEST_P(Selector, has_its_field_and_type) {
  const Row& row = GetParam();
  const Statement statement = read_statement(row.rule);
  ASSERT_EQ(statement.left.size(), 1u);
  EXPECT_EQ(statement.left[0].kind, ExprKind::selector);
  EXPECT_EQ(statement.left[0].field, row.field);
  EXPECT_EQ(statement.left[0].type, row.type);
  EXPECT_EQ(statement.left[0].text, row.text);
}

INSTANTIATE_TEST_SUITE_P(
    Meta, Selector,
    testing::Values(
        Row{"meta length 5", Field::meta_length, Type::integer},
        Row{"meta protocol ip", Field::meta_protocol, Type::ether_type},
        Row{"meta nfproto ipv4", Field::meta_nfproto, Type::nf_proto},
        Row{"meta l4proto tcp", Field::meta_l4proto, Type::inet_proto},
        Row{"meta mark 5", Field::meta_mark, Type::mark}, Row{"mark 5", Field::meta_mark, Type::mark},
        Row{"meta priority 1:2", Field::meta_priority, Type::classid},
        Row{"iif lo", Field::meta_iif, Type::iface_index}, Row{"meta iif lo", Field::meta_iif, Type::iface_index},
        Row{"iifname \"lo\"", Field::meta_iifname, Type::ifname}, Row{"oif lo", Field::meta_oif, Type::iface_index},
        Row{"meta oifname lo", Field::meta_oifname, Type::ifname},
        Row{"iiftype ether", Field::meta_iiftype, Type::iface_type}, Row{"meta skuid 0", Field::meta_skuid, Type::uid},
        Row{"skgid 0", Field::meta_skgid, Type::gid}, Row{"pkttype host", Field::meta_pkttype, Type::packet_type},
        Row{"meta cpu 1", Field::meta_cpu, Type::integer},
        Row{"iifgroup default", Field::meta_iifgroup, Type::devgroup},
        Row{"meta time \"2024-01-01 10:00:00\"", Field::meta_time, Type::time},
        Row{"day Monday", Field::meta_day, Type::day}, Row{"meta hour \"10:00\"", Field::meta_hour, Type::hour},
        Row{"ipsec exists", Field::meta_secpath, Type::boolean}));

INSTANTIATE_TEST_SUITE_P(Conntrack, Selector,
                         testing::Values(Row{"ct state new", Field::ct_state, Type::ct_state},
                                         Row{"ct direction reply", Field::ct_direction, Type::ct_dir},
                                         Row{"ct status dnat", Field::ct_status, Type::ct_status},
                                         Row{"ct mark 5", Field::ct_mark, Type::mark},
                                         Row{"ct expiration 30s", Field::ct_expiration, Type::time},
                                         Row{"ct helper \"ftp\"", Field::ct_helper, Type::string},
                                         Row{"ct label 5", Field::ct_label, Type::ct_label},
                                         Row{"ct l3proto ipv4", Field::ct_l3proto, Type::nf_proto},
                                         Row{"ct protocol tcp", Field::ct_protocol, Type::inet_proto},
                                         Row{"ct zone 5", Field::ct_zone, Type::integer},
                                         Row{"ct packets > 5", Field::ct_packets, Type::integer},
                                         Row{"ct original bytes > 5", Field::ct_bytes, Type::integer, "original"},
                                         Row{"ct reply avgpkt > 5", Field::ct_avgpkt, Type::integer, "reply"},
                                         Row{"ct id 5", Field::ct_id, Type::integer},
                                         Row{"ct original ip saddr 1.1.1.1", Field::ct_original_saddr, Type::ipv4_addr,
                                             "ip"},
                                         Row{"ct reply ip6 daddr ::1", Field::ct_reply_daddr, Type::ipv6_addr, "ip6"}));

INSTANTIATE_TEST_SUITE_P(Headers, Selector,
                         testing::Values(Row{"ip version 4", Field::ip_version, Type::integer},
                                         Row{"ip dscp ef", Field::ip_dscp, Type::dscp},
                                         Row{"ip ecn ce", Field::ip_ecn, Type::ecn},
                                         Row{"ip ttl 1", Field::ip_ttl, Type::integer},
                                         Row{"ip protocol udp", Field::ip_protocol, Type::inet_proto},
                                         Row{"ip saddr 10.0.0.1", Field::ip_saddr, Type::ipv4_addr},
                                         Row{"ip6 daddr ::1", Field::ip6_daddr, Type::ipv6_addr},
                                         Row{"ip6 nexthdr tcp", Field::ip6_nexthdr, Type::inet_proto},
                                         Row{"ip6 hoplimit 1", Field::ip6_hoplimit, Type::integer},
                                         Row{"tcp dport 22", Field::tcp_dport, Type::inet_service},
                                         Row{"tcp flags syn", Field::tcp_flags, Type::tcp_flag},
                                         Row{"tcp window 5", Field::tcp_window, Type::integer},
                                         Row{"udp sport 53", Field::udp_sport, Type::inet_service},
                                         Row{"th dport 53", Field::th_dport, Type::inet_service},
                                         Row{"@th,16,16 53", Field::th_dport, Type::inet_service},
                                         Row{"sctp dport 5", Field::sctp_dport, Type::inet_service},
                                         Row{"icmp type echo-request", Field::icmp_type, Type::icmp_type},
                                         Row{"icmp code port-unreachable", Field::icmp_code, Type::icmp_code},
                                         Row{"icmpv6 type 128", Field::icmpv6_type, Type::icmpv6_type},
                                         Row{"icmpv6 param-problem 5", Field::icmpv6_parameter_problem, Type::integer},
                                         Row{"ether saddr 0:1:2:3:4:5", Field::ether_saddr, Type::ether_addr}));

INSTANTIATE_TEST_SUITE_P(
    WithArguments, Selector,
    testing::Values(Row{"fib daddr type local", Field::fib, Type::fib_addrtype, "fib daddr type"},
                    Row{"fib iif . saddr oif lo", Field::fib, Type::iface_index, "fib saddr . iif oif"},
                    Row{"fib saddr oifname \"lo\"", Field::fib, Type::ifname, "fib saddr oifname"},
                    Row{"tcp option maxseg size 5", Field::tcp_option, Type::integer, "tcp option maxseg size"},
                    Row{"tcp option mss exists", Field::tcp_option, Type::boolean, "tcp option maxseg"},
                    Row{"tcp option 6 length 3", Field::tcp_option, Type::integer, "tcp option echo length"},
                    Row{"ip option rr addr 5", Field::ip_option, Type::integer, "ip option rr addr"},
                    Row{"exthdr frag exists", Field::exthdr, Type::boolean, "exthdr frag"},
                    Row{"rt0 addr[1] ::1", Field::exthdr, Type::ipv6_addr, "rt0 addr[1]"},
                    Row{"rt classid 5", Field::rt, Type::realm, "rt classid"},
                    Row{"rt ip nexthop 1.1.1.1", Field::rt, Type::ipv4_addr, "rt ip nexthop"},
                    Row{"socket transparent 1", Field::socket, Type::integer, "socket transparent"},
                    Row{"socket cgroupv2 level 1 \"x\"", Field::socket, Type::cgroupsv2, "socket cgroupv2 level 1"},
                    Row{"osf ttl loose name \"Linux\"", Field::osf, Type::string, "osf ttl loose name"},
                    Row{"ipsec in spnum 1 reqid 5", Field::ipsec, Type::integer, "ipsec in spnum 1 reqid"},
                    Row{"sctp chunk data stream 5", Field::sctp_chunk, Type::integer, "sctp chunk data stream"},
                    Row{"vlan cfi 1", Field::vlan_other, Type::integer, "vlan dei"},
                    Row{"@nh,96,32 5", Field::raw_payload, Type::integer, "@nh,96,32"}));

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
