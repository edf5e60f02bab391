#include "capture/flow_table.h"

#include <gtest/gtest.h>

#include "tests/capture/builders.h"

namespace fourtuple::capture {
namespace {

using test::tcp_packet;

class FlowTableTest : public ::testing::Test {
 protected:
  FlowPlace add(Packet packet, bool from_a, std::int64_t time_ns = 0) {
    packet.source = from_a ? a : b;
    packet.destination = from_a ? b : a;
    DecodedPacket decoded;
    decoded.packet = packet;
    return table.add(packet, decoded, {++frame, 60, time_ns, 1});
  }

  FlowTable table;
  AddressId a{10}, b{11};
  std::uint32_t frame = 0;
};

TEST_F(FlowTableTest, keeps_both_directions_in_one_conversation) {
  add(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true, 50);
  const FlowPlace reply = add(tcp_packet(80, 5000, TcpFlag::syn | TcpFlag::ack, 9, 2), false, 40);
  ASSERT_EQ(table.flows().size(), 1u);
  EXPECT_EQ(reply.direction, 1);
  const Flow& flow = table.flows()[0];
  EXPECT_EQ(flow.packets, (PerDirection<std::uint64_t>{1, 1}));
  EXPECT_EQ(flow.start_ns, 40);
  EXPECT_EQ(flow.end_ns, 50);
  EXPECT_EQ(flow.tcp.isn[1]->raw, 9u);
}

TEST_F(FlowTableTest, starts_a_new_conversation_when_a_syn_reuses_the_ports) {
  add(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true);
  EXPECT_EQ(add(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true).flow, 0u) << "a repeated SYN";
  EXPECT_EQ(add(tcp_packet(5000, 80, TcpFlag::syn, 77, 0), true).flow, 1u);
  EXPECT_EQ(add(tcp_packet(80, 5000, TcpFlag::syn | TcpFlag::ack, 5, 78), false).flow, 1u);
}

TEST_F(FlowTableTest, counts_a_syn_after_a_mid_stream_start_as_reuse) {
  add(tcp_packet(5000, 80, TcpFlag::ack, 100, 200), true);
  EXPECT_EQ(add(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true).flow, 1u);
}

TEST_F(FlowTableTest, tells_tcp_and_udp_with_the_same_ports_apart) {
  add(tcp_packet(5000, 53, TcpFlag::syn, 1, 0), true);
  EXPECT_EQ(add(test::udp_packet(5000, 53), true).flow, 1u);
  EXPECT_EQ(table.flows()[1].stream, 0u);
}

TEST_F(FlowTableTest, follows_a_handshake_to_its_last_segment) {
  add(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true, 100);
  add(tcp_packet(80, 5000, TcpFlag::syn | TcpFlag::ack, 50, 2), false, 150);
  add(tcp_packet(5000, 80, TcpFlag::ack, 2, 51), true, 170);
  const TcpFlow& tcp = table.flows()[0].tcp;
  EXPECT_EQ(tcp.handshake.syn, 1u);
  EXPECT_EQ(tcp.handshake.syn_ack, 2u);
  EXPECT_EQ(tcp.handshake.ack, 3u);
  EXPECT_EQ(tcp.initial_rtt_ns, 70);
  EXPECT_EQ(tcp.completeness, 7);
}

}  // namespace
}  // namespace fourtuple::capture
