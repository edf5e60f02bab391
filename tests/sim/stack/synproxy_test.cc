// synproxy on a router, segment by segment. Kernel data: the cases synproxy_… of tests/data/kernel/netfilter.
#include <gtest/gtest.h>

#include "tests/sim/stack/filtered_router.h"

namespace fourtuple::stack {
namespace {

using test::FilteredRouter;

constexpr const char* client = "192.168.1.10";
constexpr const char* server = "198.51.100.9";

std::string rules(const std::string& options) {
  return "table ip s { chain pre { type filter hook prerouting priority raw; tcp dport 80 tcp flags syn notrack; }\n"
         "chain forward { type filter hook forward priority 0;\n"
         "tcp dport 80 ct state invalid,untracked synproxy " +
         options + "\nct state invalid drop\n}\n}\n";
}

// A client and a server of which this test plays both.
class Proxied : public testing::Test {
 protected:
  explicit Proxied(const std::string& options = "mss 1400 wscale 7 timestamp sack-perm") : router_(rules(options)) {
    router_.context().system.netfilter.hosts[1].conntrack.tcp_loose = false;
  }

  Packet from_client(std::uint8_t flags, std::uint32_t seq, SeqNumber ack = {0}) {
    Packet packet = router_.tcp(client, server, 4000, 80, flags);
    packet.seq = {seq};
    packet.ack = ack;
    packet.window = 500;
    return packet;
  }
  Packet from_server(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack) {
    Packet packet = router_.tcp(server, client, 80, 4000, flags);
    packet.seq = {seq};
    packet.ack = {ack};
    packet.window = 600;
    return packet;
  }
  void send_syn(std::uint8_t options = TcpOption::mss) {
    Packet syn = from_client(TcpFlag::syn, 1000);
    syn.options = options;
    syn.mss = 1460;
    syn.window_scale = 3;
    syn.ts_value = 777;
    router_.send(syn);
    ASSERT_EQ(router_.sent("lan").size(), 1u);
    syn_ack_ = router_.sent("lan")[0];
  }
  // As far as the server's answer.
  void connect() {
    send_syn();
    router_.send(from_client(TcpFlag::ack, 1001, syn_ack_.seq + 1));
    router_.send(from_server(TcpFlag::syn | TcpFlag::ack, 5000, 1001), true);
  }

  FilteredRouter router_;
  Packet syn_ack_;
};

TEST_F(Proxied, a_syn_is_answered_with_a_closed_window_and_nothing_is_remembered) {
  send_syn();
  EXPECT_TRUE(router_.sent("wan").empty());
  EXPECT_EQ(syn_ack_.flags, TcpFlag::syn | TcpFlag::ack);
  EXPECT_EQ(syn_ack_.ack, SeqNumber{1001});
  EXPECT_EQ(syn_ack_.window, 0);
  EXPECT_EQ(syn_ack_.options, TcpOption::mss);
  EXPECT_EQ(syn_ack_.mss, 1400);
  EXPECT_EQ(syn_ack_.ttl, 64);
  EXPECT_EQ(router_.context().system.netfilter.conntrack.counts[1], 0u);
}

TEST_F(Proxied, options_of_the_client_hide_in_the_timestamp) {
  send_syn(TcpOption::mss | TcpOption::timestamps | TcpOption::window_scale | TcpOption::sack_permitted);
  EXPECT_EQ(syn_ack_.window_scale, 7);
  EXPECT_EQ(syn_ack_.ts_echo, 777u);
  Packet ack = from_client(TcpFlag::ack, 1001, syn_ack_.seq + 1);
  ack.options = TcpOption::timestamps;
  ack.ts_value = 778;
  ack.ts_echo = syn_ack_.ts_value;
  router_.send(ack);
  ASSERT_EQ(router_.sent("wan").size(), 1u);
  const Packet asked = router_.sent("wan")[0];
  EXPECT_EQ(asked.flags, TcpFlag::syn);
  EXPECT_EQ(asked.seq, SeqNumber{1000});
  EXPECT_EQ(asked.mss, 1460);
  EXPECT_EQ(asked.window_scale, 3);
  EXPECT_EQ(asked.window, 500);
  EXPECT_EQ(asked.options,
            TcpOption::mss | TcpOption::timestamps | TcpOption::window_scale | TcpOption::sack_permitted);
}

TEST_F(Proxied, an_acknowledgement_without_a_valid_cookie_is_dropped) {
  send_syn();
  router_.send(from_client(TcpFlag::ack, 1001, syn_ack_.seq + 100));
  EXPECT_TRUE(router_.sent("wan").empty());
  EXPECT_TRUE(router_.sent("lan").empty());
}

TEST_F(Proxied, both_sides_hear_of_the_servers_answer) {
  connect();
  ASSERT_EQ(router_.sent("wan").size(), 1u);
  const Packet to_server = router_.sent("wan")[0];
  EXPECT_EQ(to_server.ack, SeqNumber{5001});
  EXPECT_EQ(to_server.window, 500);
  ASSERT_EQ(router_.sent("lan").size(), 1u);
  const Packet to_client = router_.sent("lan")[0];
  EXPECT_EQ(to_client.flags, TcpFlag::ack);
  EXPECT_EQ(to_client.seq, syn_ack_.seq + 1);
  EXPECT_EQ(to_client.window, 600);
}

TEST_F(Proxied, sequence_numbers_of_the_server_follow_the_cookie) {
  connect();
  Packet data = from_server(TcpFlag::ack | TcpFlag::psh, 5001, 1001);
  data.payload_length = 20;
  router_.send(data, true);
  ASSERT_EQ(router_.sent("lan").size(), 1u);
  EXPECT_EQ(router_.sent("lan")[0].seq, syn_ack_.seq + 1);
  router_.send(from_client(TcpFlag::ack, 1001, syn_ack_.seq + 21));
  ASSERT_EQ(router_.sent("wan").size(), 1u);
  EXPECT_EQ(router_.sent("wan")[0].ack, SeqNumber{5021});
  EXPECT_EQ(router_.sent("wan")[0].seq, SeqNumber{1001});
}

TEST_F(Proxied, a_refusal_of_the_server_reaches_the_client_under_the_number_it_expects) {
  send_syn();
  router_.send(from_client(TcpFlag::ack, 1001, syn_ack_.seq + 1));
  router_.send(from_server(TcpFlag::rst | TcpFlag::ack, 0, 1001), true);
  ASSERT_EQ(router_.sent("lan").size(), 1u);
  EXPECT_EQ(router_.sent("lan")[0].seq, syn_ack_.seq + 1);
  EXPECT_EQ(router_.context().system.netfilter.conntrack.counts[1], 0u);
}

// Linux looks for the cookie under the keep-alive's own number: an MSS in the last place of the table is lost so.
TEST_F(Proxied, a_keep_alive_asks_the_server_again_for_the_next_mss_of_the_table) {
  Packet syn = from_client(TcpFlag::syn, 1000);
  syn.options = TcpOption::mss;
  syn.mss = 536;
  router_.send(syn);
  ASSERT_EQ(router_.sent("lan").size(), 1u);
  const SeqNumber cookie = router_.sent("lan")[0].seq;
  router_.send(from_client(TcpFlag::ack, 1001, cookie + 1));
  router_.send(from_client(TcpFlag::ack, 1000, cookie + 1));
  ASSERT_EQ(router_.sent("wan").size(), 1u);
  EXPECT_EQ(router_.sent("wan")[0].flags, TcpFlag::syn);
  EXPECT_EQ(router_.sent("wan")[0].seq, SeqNumber{1000});
  EXPECT_EQ(router_.sent("wan")[0].mss, 1300);
}

TEST_F(Proxied, what_a_copy_of_the_world_remembers_goes_on_alone) {
  connect();
  const netfilter::Netfilter before = router_.context().system.netfilter;
  ASSERT_EQ(before.conntrack.synproxied.size(), 1u);
  router_.context().system.netfilter.conntrack.synproxied.mut(0).sequence_offset = 1;
  EXPECT_EQ(before.conntrack.synproxied[0].sequence_offset, syn_ack_.seq.raw - 5000);
}

TEST(SynproxyByName, is_the_object_of_the_table) {
  FilteredRouter router(R"(table ip s { synproxy guard { mss 1234; wscale 7; timestamp; };
    chain forward { type filter hook forward priority 0; tcp dport 80 synproxy name "guard"; }; })");
  router.send(router.tcp(client, server, 4000, 80, TcpFlag::syn));
  ASSERT_EQ(router.sent("lan").size(), 1u);
  EXPECT_EQ(router.sent("lan")[0].flags, TcpFlag::syn | TcpFlag::ack);
  EXPECT_EQ(router.sent("lan")[0].options, 0);  // the SYN had none
}

TEST(SynproxyStatement, passes_by_what_is_not_tcp) {
  FilteredRouter router(
      "table ip s { chain forward { type filter hook forward priority 0; synproxy mss 1460 wscale 7; }; }");
  router.send(router.udp(client, server, 4000, 80));
  EXPECT_EQ(router.sent("wan").size(), 1u);
}

}  // namespace
}  // namespace fourtuple::stack
