#include "sim/replay/cursor.h"

#include <gtest/gtest.h>

#include "sim/state/digest.h"
#include "tests/sim/support/random_history.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::add_random_history;
using fourtuple::test::TraceBuilder;

std::uint64_t fresh(const trace::Trace& trace, std::uint64_t boundary) {
  return state::state_digest(fold(trace, boundary).state);
}

// Boundaries of all records, and the times between which they lie.
std::vector<std::uint64_t> boundaries(const trace::Trace& trace) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) all.push_back(at);
  all.push_back(trace.published());
  return all;
}

TEST(Cursor, equals_a_fresh_fold_wherever_it_goes) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    TraceBuilder builder(trace::Level::expressions, 4);
    add_random_history(builder, seed, 4000);
    Cursor cursor(builder.trace());
    const auto places = boundaries(builder.trace());
    Random random(seed, "jumps");
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t to = places[random.below(places.size())];
      cursor.seek_position(to);
      ASSERT_EQ(cursor.position(), to);
      ASSERT_EQ(state::state_digest(cursor.state()), fresh(builder.trace(), to)) << "seed " << seed;
    }
  }
}

TEST(Cursor, equals_a_fresh_fold_with_keyframes_thinned_to_a_small_budget) {
  TraceBuilder builder(trace::Level::expressions, 4);
  add_random_history(builder, 7, 150000);
  const auto places = boundaries(builder.trace());
  for (const std::uint64_t budget : {std::uint64_t{0}, std::uint64_t{2} << 20, Cursor::default_keyframe_bytes}) {
    Cursor cursor(builder.trace(), budget);
    while (!cursor.prepared()) cursor.refresh(10000);
    EXPECT_LE(cursor.keyframe_bytes(), budget);
    Random random(budget, "jumps");
    for (int i = 0; i < 12; ++i) {
      const std::uint64_t to = places[random.below(places.size())];
      cursor.seek_position(to);
      ASSERT_EQ(state::state_digest(cursor.state()), fresh(builder.trace(), to));
      const std::uint64_t elsewhere = places[random.below(places.size())];
      ASSERT_EQ(state::state_digest(cursor.state_at(elsewhere).state), fresh(builder.trace(), elsewhere));
      ASSERT_EQ(cursor.position(), to);
    }
  }
}

TEST(Cursor, seek_takes_in_all_records_at_or_before_the_instant) {
  TraceBuilder builder(trace::Level::expressions, 4);
  add_random_history(builder, 3, 3000);
  const trace::Trace& trace = builder.trace();
  Cursor cursor(trace);
  Random random(1, "times");
  for (int i = 0; i < 100; ++i) {
    const Time time{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(trace.end_time().ns + 5000)))};
    cursor.seek(time);
    std::uint64_t boundary = trace.first();
    while (boundary < trace.published() && trace.at(boundary)->at <= time) boundary = trace.next(boundary);
    ASSERT_EQ(cursor.position(), boundary);
    ASSERT_EQ(cursor.time(), time);
    ASSERT_EQ(state::state_digest(cursor.state()), fresh(trace, boundary));
  }
}

TEST(Cursor, stepping_back_record_by_record_undoes_everything) {
  TraceBuilder builder(trace::Level::expressions, 4);
  add_random_history(builder, 11, 1200);
  Cursor cursor(builder.trace());
  cursor.seek(Time::never());
  const auto places = boundaries(builder.trace());
  for (std::size_t i = places.size() - 1; i > 0; --i) {
    ASSERT_EQ(cursor.position(), places[i]);
    ASSERT_EQ(cursor.last_record(), places[i - 1]);
    cursor.seek_position(cursor.last_record());
  }
  EXPECT_EQ(cursor.last_record(), trace::Index::none);
  EXPECT_EQ(cursor.state().sockets.live(), 0u);
  EXPECT_EQ(cursor.state().processes.live(), 0u);
  EXPECT_EQ(cursor.time(), Time{0});
}

TEST(Cursor, follows_a_trace_that_grows_across_segments) {
  TraceBuilder builder(trace::Level::expressions, 4);
  Cursor cursor(builder.trace());
  EXPECT_EQ(cursor.position(), 0u);
  for (std::uint64_t round = 0; round < 12; ++round) {
    add_random_history(builder, 0, 0);
    for (int i = 0; i < 4000; ++i)
      builder.send(static_cast<std::int64_t>(round) * 4000 + i, 0, 1, builder.tcp(0, 1, 4000, 80, 0));
    cursor.refresh();
    cursor.seek(Time::never());
    ASSERT_EQ(cursor.position(), builder.trace().published());
    ASSERT_EQ(cursor.state().hosts[0].sent, (round + 1) * 4000);
  }
}

TEST(Cursor, of_an_empty_trace_stays_at_the_start) {
  trace::Trace trace;
  Cursor cursor(trace);
  cursor.seek(Time{5});
  EXPECT_EQ(cursor.time(), Time{5});
  EXPECT_EQ(cursor.position(), 0u);
  EXPECT_EQ(cursor.last_record(), trace::Index::none);
}

}  // namespace
}  // namespace fourtuple::replay
