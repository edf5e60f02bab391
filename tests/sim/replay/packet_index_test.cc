#include "sim/replay/packet_index.h"

#include <gtest/gtest.h>

#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

constexpr HostId host{0};

class PacketIndexed : public testing::Test {
 protected:
  template <class Event>
  std::uint64_t add(const Event& event, HostId by = host) {
    const std::uint64_t position = trace_.append(Time{1}, by, event);
    packets_.add(position, trace_.at(position));
    return position;
  }
  Packet segment(std::uint8_t flags, std::uint32_t seq) {
    Packet packet;
    packet.id = {next_++};
    packet.protocol = Protocol::tcp;
    packet.source = loopback_v4;
    packet.destination = wildcard_v4;
    packet.source_port = 4000;
    packet.destination_port = 80;
    packet.flags = flags;
    packet.seq = {seq};
    return packet;
  }

  trace::Trace trace_{trace::Level::facts};
  PacketIndex packets_{trace_};
  std::uint32_t next_ = 0;
};

TEST_F(PacketIndexed, numbers_that_were_moved_stay_moved_when_an_address_changes_later) {
  const Packet made = segment(TcpFlag::ack, 1000);
  const std::uint64_t created = add(trace::PacketCreated{made});
  trace::PacketRewritten moved{made.id, made.source, made.destination, 4000, 80};
  moved.has_tcp = true;
  moved.tcp = trace::tcp_numbers(made);
  moved.tcp.seq = {7000};
  const std::uint64_t first = add(moved);
  const std::uint64_t second = add(trace::PacketRewritten{made.id, made.source, made.destination, 5000, 80});
  EXPECT_EQ(packets_.packet_at(made.id, created)->seq, SeqNumber{1000});
  EXPECT_EQ(packets_.packet_at(made.id, first)->seq, SeqNumber{7000});
  EXPECT_EQ(packets_.packet_at(made.id, first)->source_port, 4000);
  EXPECT_EQ(packets_.packet_at(made.id, second)->seq, SeqNumber{7000});
  EXPECT_EQ(packets_.packet_at(made.id, second)->source_port, 5000);
}

TEST_F(PacketIndexed, a_syn_is_sent_again_only_by_the_host_that_sent_it) {
  add(trace::PacketCreated{segment(TcpFlag::syn, 1000)});
  add(trace::PacketCreated{segment(TcpFlag::syn, 1000)}, HostId{1});
  add(trace::PacketCreated{segment(TcpFlag::syn, 1000)}, HostId{1});
  EXPECT_FALSE(packets_.retransmission({0}));
  EXPECT_FALSE(packets_.retransmission({1}));
  EXPECT_TRUE(packets_.retransmission({2}));
}

}  // namespace
}  // namespace fourtuple::replay
