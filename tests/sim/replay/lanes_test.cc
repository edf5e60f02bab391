#include "sim/replay/lanes.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "sim/replay/indexes.h"
#include "tests/sim/support/random_history.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::TraceBuilder;

std::vector<std::uint32_t> packets(const std::vector<Transit>& transits) {
  std::vector<std::uint32_t> ids;
  for (const Transit& transit : transits) ids.push_back(transit.packet.value);
  std::sort(ids.begin(), ids.end());
  return ids;
}

TEST(Lanes, in_flight_is_what_has_departed_and_not_arrived) {
  TraceBuilder builder(trace::Level::facts, 5);
  Random random(9, "lanes");
  struct Sent {
    std::int64_t departs, arrives;
    std::uint32_t id;
  };
  std::vector<Sent> all;
  std::int64_t us = 0, last_arrival[5] = {};
  for (int i = 0; i < 2000; ++i) {
    us += static_cast<std::int64_t>(random.below(300));
    const auto from = static_cast<std::uint32_t>(random.below(5));
    const std::int64_t arrives = std::max(last_arrival[from], us + 500 + static_cast<std::int64_t>(random.below(2000)));
    last_arrival[from] = arrives;
    const PacketId id =
        builder.send(us, from, (from + 1) % 5, builder.udp(from, (from + 1) % 5, 1000, 2000), arrives - us);
    all.push_back({us * 1000, arrives * 1000, id.value});
  }
  Indexes indexes(builder.trace());
  indexes.refresh();
  EXPECT_EQ(indexes.lanes().size(), 5u);
  std::vector<Transit> transits;
  for (int i = 0; i < 300; ++i) {
    const Time time{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(us) * 1000))};
    std::vector<std::uint32_t> expected;
    std::optional<std::int64_t> shortest, next;
    for (const Sent& sent : all) {
      for (std::int64_t change : {sent.departs, sent.arrives})
        if (change > time.ns && (!next || change < *next)) next = change;
      if (sent.departs > time.ns || sent.arrives <= time.ns) continue;
      expected.push_back(sent.id);
      if (!shortest || sent.arrives - sent.departs < *shortest) shortest = sent.arrives - sent.departs;
    }
    indexes.lanes().in_flight(time, transits);
    ASSERT_EQ(packets(transits), expected);
    const auto found = indexes.lanes().shortest(time, false);
    ASSERT_EQ(found.value_or(Duration{-1}).ns, shortest.value_or(-1));
    const auto change = indexes.lanes().change(time, false);
    ASSERT_EQ(change.value_or(Time{-1}).ns, next.value_or(-1));
  }
}

TEST(Lanes, a_lost_packet_travels_and_dies_on_the_way) {
  TraceBuilder builder;
  const PacketId decided = builder.send(0, 0, 1, builder.udp(0, 1, 1, 2), 1000);
  builder.add(0, 0, trace::PacketDropped{decided, trace::DropReason::link_loss, {}, {0}, {}});
  const PacketId later = builder.send(2000, 0, 1, builder.udp(0, 1, 1, 2), 1000);
  builder.add(2700, 0, trace::PacketDropped{later, trace::DropReason::link_loss, {}, {0}, {}});
  Indexes indexes(builder.trace());
  indexes.refresh();
  std::vector<Transit> transits;
  indexes.lanes().in_flight(Time{400'000}, transits);
  ASSERT_EQ(transits.size(), 1u);
  EXPECT_TRUE(transits[0].lost);
  EXPECT_EQ(transits[0].dies, Time{500'000});
  EXPECT_EQ(transits[0].arrives, Time{1'000'000});
  indexes.lanes().in_flight(Time{600'000}, transits);
  EXPECT_TRUE(transits.empty());
  indexes.lanes().in_flight(Time{2'699'999}, transits);
  ASSERT_EQ(transits.size(), 1u);
  EXPECT_EQ(transits[0].dies, Time{2'700'000});
}

TEST(Lanes, a_drop_at_a_host_does_not_mark_the_link) {
  TraceBuilder builder;
  const PacketId packet = builder.send(0, 0, 1, builder.tcp(0, 1, 1, 2, TcpFlag::syn), 1000);
  builder.add(1000, 1, trace::PacketDropped{packet, trace::DropReason::no_socket, {}, {}, {}});
  Indexes indexes(builder.trace());
  indexes.refresh();
  EXPECT_FALSE(indexes.lanes().transit(indexes.packets().last_hop(packet)).lost);
  EXPECT_EQ(indexes.packets().fate(packet), Fate::dropped);
}

TEST(Lanes, a_capture_shows_each_packet_for_a_moment) {
  TraceBuilder builder;
  builder.trace().mutable_tables().source = trace::Source::capture;
  builder.send(0, 0, 1, builder.udp(0, 1, 1, 2), 0);
  Indexes indexes(builder.trace());
  indexes.refresh();
  std::vector<Transit> transits;
  indexes.lanes().in_flight(Time{10}, transits);
  ASSERT_EQ(transits.size(), 1u);
  EXPECT_TRUE(transits[0].inferred);
}

}  // namespace
}  // namespace fourtuple::replay
