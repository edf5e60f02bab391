#include "sim/replay/flows.h"

#include <gtest/gtest.h>

#include "sim/replay/indexes.h"
#include "tests/sim/replay/trace_builder.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::TraceBuilder;

TEST(Flows, both_directions_share_a_number_in_order_of_appearance) {
  TraceBuilder builder;
  const PacketId a = builder.send(0, 0, 1, builder.tcp(0, 1, 4000, 80, TcpFlag::syn));
  const PacketId b = builder.send(1, 0, 1, builder.tcp(0, 1, 4001, 80, TcpFlag::syn));
  const PacketId answer = builder.send(2, 1, 0, builder.tcp(1, 0, 80, 4000, TcpFlag::syn | TcpFlag::ack));
  const PacketId udp = builder.send(3, 0, 1, builder.udp(0, 1, 4000, 80, 10));
  Indexes indexes(builder.trace());
  indexes.refresh();
  EXPECT_EQ(indexes.packets().flow(a), 0u);
  EXPECT_EQ(indexes.packets().flow(b), 1u);
  EXPECT_EQ(indexes.packets().flow(answer), 0u);
  EXPECT_EQ(indexes.packets().flow(udp), 2u);
  const Flow& flow = indexes.flows()[0];
  EXPECT_EQ(flow.tuple.local, builder.address(0));
  EXPECT_EQ(flow.packets[0], 1u);
  EXPECT_EQ(flow.packets[1], 1u);
  EXPECT_EQ(flow.last_time, Time{2000});
}

TEST(Flows, an_icmp_error_belongs_to_the_flow_it_quotes) {
  TraceBuilder builder;
  const PacketId udp = builder.send(0, 0, 1, builder.udp(0, 1, 4000, 53));
  for (const bool quote_first : {false, true}) {
    Packet error = builder.udp(1, 0, 0, 0);
    error.protocol = Protocol::icmp;
    error.source_port = 3 << 8 | 3;
    if (quote_first) builder.add(10, 1, trace::PacketQuoted{error.id, udp, 0});
    builder.send(10, 1, 0, error);
    if (!quote_first) builder.add(10, 1, trace::PacketQuoted{error.id, udp, 0});
    Indexes indexes(builder.trace());
    indexes.refresh();
    EXPECT_EQ(indexes.packets().flow(error.id), 0u);
    EXPECT_EQ(indexes.packets().quoted(error.id), udp);
    EXPECT_EQ(indexes.flows().size(), 1u);
  }
}

TEST(Flows, echoes_are_told_apart_by_identifier) {
  TraceBuilder builder;
  const auto echo = [&](std::uint32_t from, std::uint8_t type, std::uint16_t id) {
    Packet packet = builder.udp(from, 1 - from, 0, id);
    packet.protocol = Protocol::icmp;
    packet.source_port = static_cast<std::uint16_t>(type << 8);
    return builder.send(0, from, 1 - from, packet);
  };
  const PacketId request = echo(0, 8, 7), reply = echo(1, 0, 7), other = echo(0, 8, 9);
  Indexes indexes(builder.trace());
  indexes.refresh();
  EXPECT_EQ(indexes.packets().flow(request), indexes.packets().flow(reply));
  EXPECT_NE(indexes.packets().flow(request), indexes.packets().flow(other));
}

Packet segment(std::uint32_t seq, std::uint32_t length, std::uint8_t flags = TcpFlag::ack) {
  Packet packet;
  packet.protocol = Protocol::tcp;
  packet.seq = {seq};
  packet.payload_length = length;
  packet.flags = flags;
  return packet;
}

TEST(SentRanges, tells_repeated_bytes_from_new_and_overtaken_ones) {
  SentRanges sent;
  EXPECT_FALSE(sent.add(segment(0xfffffff0u, 0, TcpFlag::syn)));
  EXPECT_TRUE(sent.add(segment(0xfffffff0u, 0, TcpFlag::syn)));
  EXPECT_FALSE(sent.add(segment(0xfffffff1u, 100)));
  EXPECT_FALSE(sent.add(segment(0x55, 0)));
  EXPECT_FALSE(sent.add(segment(0xb9, 100))) << "100 bytes were overtaken";
  EXPECT_FALSE(sent.add(segment(0x55, 100))) << "they come now";
  EXPECT_TRUE(sent.add(segment(0x55, 100))) << "and once more";
  EXPECT_TRUE(sent.add(segment(0xfffffff1u, 100)));
  EXPECT_FALSE(sent.add(segment(0x11d, 0, TcpFlag::fin | TcpFlag::ack)));
  EXPECT_TRUE(sent.add(segment(0x11d, 0, TcpFlag::fin | TcpFlag::ack)));
  EXPECT_FALSE(sent.add(segment(5000, 0, TcpFlag::syn))) << "a new connection";
}

TEST(Histogram, counts_every_mark_once) {
  TraceBuilder builder;
  for (int i = 0; i < 100; ++i) {
    const PacketId id =
        builder.send(i * 10, 0, 1, builder.tcp(0, 1, 4000, 80, i % 10 == 0 ? TcpFlag::rst : TcpFlag::ack, 0, 5));
    if (i % 4 == 0) builder.add(i * 10, 0, trace::PacketDropped{id, trace::DropReason::queue_full, {}, {}, {}});
  }
  Indexes indexes(builder.trace());
  indexes.refresh();
  for (const std::uint32_t bins : {1u, 7u, 99u, 5000u}) {
    std::uint64_t sums[mark_kinds] = {};
    for (const Bin& bin : histogram(indexes.records(), indexes.marks(), Time{0}, Time{990'000}, bins))
      for (std::size_t kind = 0; kind < mark_kinds; ++kind) sums[kind] += bin.counts[kind];
    EXPECT_EQ(sums[0], 100u);
    EXPECT_EQ(sums[1], 25u);
    EXPECT_EQ(sums[2], 10u);
    EXPECT_EQ(sums[3], 89u);
  }
  const auto first_tenth = histogram(indexes.records(), indexes.marks(), Time{0}, Time{1'000'000}, 10)[0];
  EXPECT_EQ(first_tenth[Mark::packet], 10u);
}

}  // namespace
}  // namespace fourtuple::replay
