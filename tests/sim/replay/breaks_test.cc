#include "sim/replay/breaks.h"

#include <gtest/gtest.h>

#include "tests/sim/support/random_history.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::add_random_history;
using fourtuple::test::TraceBuilder;

TEST(Breakpoints, name_the_first_and_the_last_record_that_matters) {
  TraceBuilder builder;
  const auto refuse = [&](std::int64_t us) {
    const PacketId packet = builder.send(us, 0, 1, builder.tcp(0, 1, 4000, 3000, TcpFlag::syn));
    return builder.add(
        us + 1000, 1,
        trace::PacketDropped{packet, trace::DropReason::no_socket, trace::Stage::transport_lookup, {}, {}});
  };
  const std::uint64_t first = refuse(0), last = refuse(5000);
  Indexes indexes(builder.trace());
  indexes.refresh();
  Breakpoints breakpoints;
  EXPECT_FALSE(first_break(indexes, breakpoints, 0, indexes.end()));
  breakpoints.on_drop = true;
  const auto forward = first_break(indexes, breakpoints, 0, indexes.end());
  ASSERT_TRUE(forward);
  EXPECT_EQ(forward->record, first);
  EXPECT_EQ(forward->cause, BreakCause::drop);
  EXPECT_FALSE(first_break(indexes, breakpoints, 0, first));
  const auto backward = last_break(indexes, breakpoints, 0, indexes.end());
  ASSERT_TRUE(backward);
  EXPECT_EQ(backward->record, last);
  EXPECT_EQ(last_break(indexes, breakpoints, 0, last)->record, first);
  EXPECT_FALSE(last_break(indexes, breakpoints, indexes.records().next(first), last));
}

struct Chosen {
  const char* name;
  Breakpoints breakpoints;
};

std::vector<Chosen> choices() {
  std::vector<Chosen> all(7);
  all[0] = {"drops", {}};
  all[0].breakpoints.on_drop = true;
  all[1] = {"resets", {}};
  all[1].breakpoints.on_reset = true;
  all[2] = {"state changes", {}};
  all[2].breakpoints.on_state_change = true;
  all[3] = {"a flow", {}};
  all[3].breakpoints.flow = 1;
  all[4] = {"a packet", {}};
  all[4].breakpoints.packet = {40};
  all[5] = {"a predicate", {}};
  all[5].breakpoints.matches = [](std::uint64_t position, const trace::Slot&) { return position % 97 == 0; };
  all[6] = {"drops and state changes", {}};
  all[6].breakpoints.on_drop = all[6].breakpoints.on_state_change = true;
  return all;
}

// Records at which playing from one end to the other pauses.
std::vector<std::uint64_t> pauses(const Indexes& indexes, const Breakpoints& breakpoints, bool reverse,
                                  std::int64_t frame_us) {
  Cursor cursor(indexes.trace());
  cursor.seek(reverse ? cursor.end_time() + microseconds(1) : Time{0});
  Playback playback;
  playback.set_mode(SpeedMode::true_time);
  playback.set_reverse(reverse);
  std::vector<std::uint64_t> records;
  // What happens at the very start is there before playing begins.
  if (!reverse)
    for (std::uint64_t at = 0; const auto found = first_break(indexes, breakpoints, at, cursor.position());) {
      records.push_back(found->record);
      at = indexes.records().next(found->record);
    }
  for (;;) {
    playback.play();
    const Time before = cursor.time();
    std::optional<Break> found;
    while (playback.playing() && !found) found = play(cursor, playback, indexes, breakpoints, frame_us);
    if (found) {
      EXPECT_EQ(cursor.last_record(), found->record);
      EXPECT_EQ(cursor.time(), found->time);
      EXPECT_FALSE(playback.playing());
      records.push_back(found->record);
    } else if (cursor.time() == before || !playback.playing()) {
      return records;
    }
  }
}

TEST(Breakpoints, stop_playback_at_the_same_records_in_either_direction) {
  TraceBuilder builder(trace::Level::expressions, 4);
  add_random_history(builder, 5, 3000);
  Indexes indexes(builder.trace());
  indexes.refresh();
  for (const Chosen& chosen : choices()) {
    SCOPED_TRACE(chosen.name);
    std::vector<std::uint64_t> all;
    for (std::uint64_t at = 0; const auto found = first_break(indexes, chosen.breakpoints, at, indexes.end());) {
      all.push_back(found->record);
      at = indexes.records().next(found->record);
    }
    EXPECT_FALSE(all.empty());
    for (const std::int64_t frame_us : {97, 1333, 16'667}) {
      EXPECT_EQ(pauses(indexes, chosen.breakpoints, false, frame_us), all) << frame_us;
      auto backward = pauses(indexes, chosen.breakpoints, true, frame_us);
      std::reverse(backward.begin(), backward.end());
      // Backward also ends at the start, where the first records have happened.
      EXPECT_EQ(backward, all) << frame_us;
    }
  }
}

TEST(Breakpoints, are_met_when_a_loop_begins_anew) {
  TraceBuilder builder;
  builder.send(1000, 0, 1, builder.udp(0, 1, 1, 2));
  const std::uint64_t second = builder.trace().published();
  builder.send(2000, 0, 1, builder.tcp(0, 1, 1, 2, TcpFlag::rst));
  builder.send(9000, 0, 1, builder.udp(0, 1, 1, 2));
  Indexes indexes(builder.trace());
  indexes.refresh();
  Breakpoints breakpoints;
  breakpoints.on_reset = true;
  Cursor cursor(builder.trace());
  cursor.seek(Time{4'000'000});
  Playback playback;
  playback.set_mode(SpeedMode::true_time);
  playback.set_loop(Time{500'000}, Time{5'000'000});
  playback.play();
  std::optional<Break> found;
  for (int i = 0; i < 100 && !found; ++i) found = play(cursor, playback, indexes, breakpoints, 500);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record, second);
  EXPECT_EQ(found->cause, BreakCause::reset);
}

}  // namespace
}  // namespace fourtuple::replay
