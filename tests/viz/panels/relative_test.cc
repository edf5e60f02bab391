#include "viz/panels/common/relative.h"

#include <gtest/gtest.h>

#include "sim/replay/packet_index.h"
#include "sim/trace/codec.h"

namespace fourtuple::viz {
namespace {

// A connection of which the segments are given: to the server, or back.
class Connection {
 public:
  Packet segment(bool back, std::uint8_t flags, std::uint32_t seq, std::uint32_t ack = 0, HostId maker = {0}) {
    Packet packet;
    packet.id = {next_++};
    packet.protocol = Protocol::tcp;
    packet.source = back ? loopback_v6 : loopback_v4;
    packet.destination = back ? loopback_v4 : loopback_v6;
    packet.source_port = back ? 80 : 4000;
    packet.destination_port = back ? 4000 : 80;
    packet.flags = flags;
    packet.seq = {seq};
    packet.ack = {ack};
    const std::uint64_t position = trace.append(Time{1}, maker, trace::PacketCreated{packet});
    packets.add(position, trace.at(position));
    return packet;
  }

  trace::Trace trace{trace::Level::facts};
  replay::PacketIndex packets{trace};

 private:
  std::uint32_t next_ = 0;
};

constexpr std::uint8_t syn_ack = TcpFlag::syn | TcpFlag::ack;

TEST(SequenceBase, is_the_syn_of_each_direction) {
  Connection connection;
  connection.segment(false, TcpFlag::syn, 1000);
  connection.segment(true, syn_ack, 5000, 1001);
  const Packet data = connection.segment(false, TcpFlag::ack, 1001, 5001);
  const SequenceBase base = sequence_base(connection.packets, 0, data);
  EXPECT_EQ(base.own, SeqNumber{1000});
  EXPECT_EQ(base.other, SeqNumber{5000});
}

TEST(SequenceBase, is_of_the_beginning_a_number_belongs_to_when_synproxy_answered_first) {
  Connection connection;
  connection.segment(false, TcpFlag::syn, 1000);
  connection.segment(true, syn_ack, 900'000, 1001, {1});
  connection.segment(false, TcpFlag::ack, 1001, 900'001);
  connection.segment(false, TcpFlag::syn, 1000, 0, {1});
  connection.segment(true, syn_ack, 5000, 1001, {2});
  const Packet from_server = connection.segment(true, TcpFlag::ack, 5001, 1001, {2});
  const Packet from_client = connection.segment(false, TcpFlag::ack, 1001, 900'021);
  EXPECT_EQ(sequence_base(connection.packets, 0, from_server).own, SeqNumber{5000});
  EXPECT_EQ(sequence_base(connection.packets, 0, from_client).other, SeqNumber{900'000});
}

}  // namespace
}  // namespace fourtuple::viz
