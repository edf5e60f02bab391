#include "viz/panels/timeline/timeline_model.h"

#include <gtest/gtest.h>

#include "sim/replay/indexes.h"

namespace fourtuple::viz {
namespace {

TimeAxis axis_of(std::int64_t ns, float width) {
  return {{0}, {ns}, 100, width};
}

TEST(TimeAxis, maps_time_to_pixels_and_back) {
  const TimeAxis axis = axis_of(2'000'000'000, 1000);
  EXPECT_FLOAT_EQ(axis.x_of({1'000'000'000}), 600);
  EXPECT_EQ(axis.time_at(600).ns, 1'000'000'000);
  EXPECT_EQ(axis.time_at(-50).ns, 0);
  EXPECT_EQ(axis.time_at(5000).ns, 2'000'000'000);
}

TEST(RoundTicks, are_one_two_or_five_times_a_power_of_ten) {
  const auto ticks = round_ticks(axis_of(2'400'000'000, 1200), 60);
  ASSERT_GE(ticks.size(), 5u);
  EXPECT_EQ(ticks[0].label, "0.0");
  EXPECT_EQ(ticks[1].label, "0.2");
  EXPECT_EQ(ticks.back().label, "2.4");
}

TEST(RoundTicks, keep_their_distance_for_any_span) {
  for (std::int64_t ns = 7; ns < 4'000'000'000'000'000'000 / 11; ns *= 11) {
    const TimeAxis axis = axis_of(ns, 900);
    const auto ticks = round_ticks(axis, 64);
    for (std::size_t i = 1; i < ticks.size(); ++i) EXPECT_GE(axis.x_of(ticks[i].at) - axis.x_of(ticks[i - 1].at), 63);
    EXPECT_LE(ticks.size(), 100u);
  }
}

TEST(RoundTicks, say_as_many_digits_as_the_step_needs) {
  EXPECT_EQ(round_ticks(axis_of(60'000'000'000, 1200), 64)[1].label, "5");
  EXPECT_EQ(round_ticks(axis_of(20'000'000, 1000), 64)[1].label, "0.002");
}

TEST(Timeline, of_an_empty_trace_has_empty_bars) {
  const trace::Trace trace(trace::Level::facts);
  replay::Indexes indexes(trace);
  indexes.refresh();
  const auto model = build_timeline(indexes.records(), indexes.marks(), axis_of(1'000'000, 400), 4, 8);
  EXPECT_EQ(model.bars.size(), 100u);
  EXPECT_EQ(model.most, 0u);
  EXPECT_TRUE(model.drops.empty());
}

TEST(Timeline, puts_packets_and_drops_where_they_happened) {
  trace::Trace trace(trace::Level::facts);
  trace::PacketCreated created;
  for (std::uint32_t i = 0; i < 10; ++i) {
    created.packet.id = {i};
    created.packet.protocol = Protocol::udp;
    trace.append(Time{i < 9 ? 500'000 : 900'000}, HostId{0}, created);
  }
  trace::PacketDropped dropped;
  dropped.packet = {9};
  trace.append(Time{910'000}, HostId{0}, dropped);
  trace.publish();
  replay::Indexes indexes(trace);
  indexes.refresh();
  const auto model = build_timeline(indexes.records(), indexes.marks(), axis_of(1'000'000, 400), 4, 8);
  EXPECT_EQ(model.most, 9u);
  EXPECT_FLOAT_EQ(model.bars[50], 1);
  EXPECT_NEAR(model.bars[90], 1.0F / 3, 0.01);
  ASSERT_EQ(model.drops.size(), 1u);
  EXPECT_NEAR(model.drops[0].x, 100 + 0.91 * 400, 8);
}

TEST(LengthText, speaks_in_fitting_units) {
  EXPECT_EQ(length_text({2'400'000'000}), "2.4 s");
  EXPECT_EQ(length_text({350'000'000}), "350 ms");
  EXPECT_EQ(length_text({840'000'000'000}), "14 min");
}

TEST(Timeline, of_a_trace_of_one_instant_has_one_tick) {
  trace::Trace trace;
  trace.publish();
  replay::Indexes indexes(trace);
  indexes.refresh();
  const TimelineModel model = build_timeline(indexes.records(), indexes.marks(), axis_of(1, 900), 4, 8);
  ASSERT_EQ(model.ticks.size(), 1u);
  EXPECT_EQ(model.ticks[0].label, "0");
}

}  // namespace
}  // namespace fourtuple::viz
