#include "sim/base/calendar.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace fourtuple {
namespace {

// Pops everything due and checks it against a stable sort of what was pushed.
void compare_with_sorted(std::uint64_t seed, std::uint64_t spread) {
  Random random(seed, "calendar");
  Calendar calendar;
  std::vector<Event> pending;
  std::uint32_t next = 0;
  Time now{0};
  for (int round = 0; round < 300; ++round) {
    for (std::uint64_t i = random.below(40); i > 0; --i) {
      const Event event{now + nanoseconds(static_cast<std::int64_t>(random.below(spread))), 1, next++};
      calendar.push(event);
      pending.push_back(event);
    }
    std::stable_sort(pending.begin(), pending.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
    ASSERT_EQ(calendar.size(), pending.size());
    ASSERT_EQ(calendar.next_time(), pending.empty() ? Time::never() : pending.front().at);
    const Time limit = now + nanoseconds(static_cast<std::int64_t>(random.below(spread)));
    std::size_t popped = 0;
    Event event;
    for (std::uint64_t most = random.below(60); most > 0 && calendar.pop(limit, event); --most, ++popped) {
      ASSERT_EQ(event.target, pending[popped].target);
      ASSERT_EQ(event.at, pending[popped].at);
      ASSERT_GE(event.at, now);
      now = event.at;
    }
    pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(popped));
  }
}

TEST(Calendar, pops_in_order_of_time_and_then_of_insertion) {
  for (const std::uint64_t spread : {1u, 3u, 50u, 100'000u, 4'000'000'000u})
    for (std::uint64_t seed = 0; seed < 10; ++seed) compare_with_sorted(seed, spread);
}

TEST(Calendar, keeps_events_beyond_the_limit) {
  Calendar calendar;
  calendar.push({Time{10}, 1, 1});
  Event event;
  EXPECT_FALSE(calendar.pop(Time{9}, event));
  EXPECT_EQ(calendar.next_time(), Time{10});
  calendar.push({Time{5}, 1, 2});
  ASSERT_TRUE(calendar.pop(Time{9}, event));
  EXPECT_EQ(event.target, 2u);
  ASSERT_TRUE(calendar.pop(Time{10}, event));
  EXPECT_EQ(event.target, 1u);
  EXPECT_TRUE(calendar.empty());
}

TEST(CalendarDeathTest, refuses_an_event_in_the_past) {
  Calendar calendar;
  calendar.push({Time{10}, 1, 1});
  Event event;
  ASSERT_TRUE(calendar.pop(Time{10}, event));
  EXPECT_DEATH(calendar.push({Time{9}, 1, 2}), "check failed");
}

TEST(Calendar, a_copy_goes_its_own_way) {
  Calendar calendar;
  for (std::uint32_t i = 0; i < 10; ++i) calendar.push({Time{i}, 1, i});
  Event event;
  ASSERT_TRUE(calendar.pop(Time::never(), event));
  Calendar copy = calendar;
  ASSERT_TRUE(copy.pop(Time::never(), event));
  EXPECT_EQ(event.target, 1u);
  ASSERT_TRUE(calendar.pop(Time::never(), event));
  EXPECT_EQ(event.target, 1u);
}

}  // namespace
}  // namespace fourtuple
