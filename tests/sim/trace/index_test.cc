#include "sim/trace/index.h"

#include <gtest/gtest.h>

#include "tests/sim/support/random_history.h"

namespace fourtuple::trace {
namespace {

using fourtuple::test::add_random_history;
using fourtuple::test::TraceBuilder;

TEST(Index, agrees_with_a_walk_from_the_start) {
  TraceBuilder builder(Level::expressions, 4);
  add_random_history(builder, 2, 60000);
  const Trace& trace = builder.trace();
  ASSERT_GT(trace.published(), Trace::segment_slots);
  Index index(trace);
  index.refresh(100);
  EXPECT_LT(index.end(), trace.published());
  index.refresh();
  std::uint64_t number = 0, previous = Index::none;
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at), ++number) {
    if (number % 17 != 0 && number % 256 > 2) {
      previous = at;
      continue;
    }
    ASSERT_EQ(index.number_of(at), number);
    ASSERT_EQ(index.position_of(number), at);
    ASSERT_EQ(index.previous(at), previous);
    const std::uint64_t after = index.boundary_after(trace.at(at)->at);
    ASSERT_GT(after, at);
    ASSERT_TRUE(after == trace.published() || trace.at(after)->at > trace.at(at)->at);
    ASSERT_LE(index.boundary_before(trace.at(at)->at), at);
    previous = at;
  }
  EXPECT_EQ(index.records(), number);
  EXPECT_EQ(index.previous(index.end()), previous);
  EXPECT_EQ(index.position_of(number), index.end());
  EXPECT_EQ(index.boundary_after(Time::never()), trace.published());
  EXPECT_EQ(index.boundary_after(Time{-1}), trace.first());
}

TEST(Index, of_nothing_has_no_records) {
  Trace trace;
  Index index(trace);
  index.refresh();
  EXPECT_EQ(index.records(), 0u);
  EXPECT_EQ(index.previous(5), Index::none);
  EXPECT_EQ(index.boundary_after(Time{3}), 0u);
  EXPECT_EQ(index.number_of(7), 0u);
}

}  // namespace
}  // namespace fourtuple::trace
