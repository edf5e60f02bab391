#include "sim/replay/step.h"

#include <gtest/gtest.h>

#include "sim/replay/cursor.h"
#include "tests/sim/support/random_history.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::add_random_history;
using fourtuple::test::TraceBuilder;

// Every record the grain visits, forwards from the start and backwards from the end.
std::vector<std::uint64_t> walk(const Indexes& indexes, Grain grain, Direction direction, const Selection& selection) {
  std::vector<std::uint64_t> records;
  std::uint64_t boundary = direction == Direction::forward ? indexes.records().first() : indexes.end();
  while (const auto next = step(indexes, grain, direction, boundary, selection)) {
    records.push_back(next->record);
    boundary = indexes.records().next(next->record);
  }
  return records;
}

TEST(Step, forwards_and_backwards_visit_the_same_records) {
  TraceBuilder builder(trace::Level::expressions, 4);
  add_random_history(builder, 5, 3000);
  Indexes indexes(builder.trace());
  indexes.refresh();
  Selection selection;
  selection.flow = 3;
  selection.kind = trace::Kind::socket_error;
  for (const Grain grain : {Grain::record, Grain::stage, Grain::hop, Grain::packet, Grain::flow, Grain::drop,
                            Grain::reset, Grain::state_change, Grain::same_kind}) {
    auto forward = walk(indexes, grain, Direction::forward, selection);
    auto backward = walk(indexes, grain, Direction::backward, selection);
    std::reverse(backward.begin(), backward.end());
    // The last record of the trace has happened at its end, so going back from there skips it.
    if (!forward.empty() && indexes.records().next(forward.back()) == indexes.end()) forward.pop_back();
    EXPECT_FALSE(forward.empty());
    EXPECT_EQ(forward, backward) << "grain " << static_cast<int>(grain);
  }
}

TEST(Step, by_hop_follows_the_selected_packet_only) {
  TraceBuilder builder;
  const PacketId first = builder.send(0, 0, 1, builder.udp(0, 1, 4000, 53));
  builder.send(100, 0, 1, builder.udp(0, 1, 4001, 53));
  const std::uint64_t delivered = builder.add(1000, 1, trace::PacketDelivered{first, {}, {}, 0, {}});
  Indexes indexes(builder.trace());
  indexes.refresh();
  Selection selection;
  selection.packet = first;
  const auto sent = step(indexes, Grain::hop, Direction::forward, 0, selection);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->time, Time{0});
  const auto next = step(indexes, Grain::hop, Direction::forward, indexes.records().next(sent->record), selection);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->record, delivered);
  EXPECT_FALSE(step(indexes, Grain::hop, Direction::forward, indexes.end(), selection));
}

}  // namespace
}  // namespace fourtuple::replay
