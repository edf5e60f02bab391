// The table of entries: expiry, limits, memory, copies, and its index by tuple.
#include <map>

#include "tests/sim/netfilter/conntrack/lab.h"

namespace fourtuple::netfilter {
namespace {

using trace::CtInfo;

TEST(ConntrackTable, an_expired_entry_is_not_found_and_goes) {
  Lab lab;
  const Packet first = lab.udp(client, 4000, server, 53);
  lab.forward(first);
  lab.wait(seconds(30));
  EXPECT_EQ(lab.entry_text(first), "none");
  EXPECT_EQ(lab.forward(lab.udp(server, 53, client, 4000)).info, CtInfo::fresh) << "now a flow of its own";
  EXPECT_EQ(lab.visible.conntrack.live(), 1u);
}

TEST(ConntrackTable, dead_entries_are_swept_by_new_ones) {
  Lab lab;
  for (std::uint16_t port = 1; port <= 1000; ++port) lab.forward(lab.udp(client, port, server, 53));
  lab.wait(seconds(31));
  for (std::uint16_t port = 1; port <= 1000; ++port) lab.forward(lab.udp(client, port, server, 54));
  EXPECT_EQ(lab.visible.conntrack.live(), 1000u);
  EXPECT_LE(lab.filter.conntrack.trackers.size(), 1010u) << "ids are used again";
}

TEST(ConntrackTable, a_full_table_evicts_a_neighbour_that_is_not_assured_or_drops) {
  Lab lab;
  lab.config().max = 100;
  lab.config().buckets = 8;  // every entry is a neighbour
  for (std::uint16_t port = 1; port <= 150; ++port)
    EXPECT_TRUE(lab.forward(lab.udp(client, port, server, 53)).delivered) << port;
  EXPECT_EQ(lab.entries(), 100u);
  lab.config().buckets = 1u << 20;
  int dropped = 0;
  for (std::uint16_t port = 1000; port < 1100; ++port)
    dropped += lab.forward(lab.udp(client, port, server, 53)).delivered ? 0 : 1;
  EXPECT_GT(dropped, 90) << "neighbours are rare in so many buckets";
  EXPECT_EQ(lab.entries(), 100u);
  EXPECT_EQ(lab.filter.conntrack.counts[0], 100u);
}

TEST(ConntrackTable, assured_entries_are_not_evicted) {
  Lab lab;
  lab.config().max = 10;
  lab.config().buckets = 1;
  const auto talk = [&lab](std::uint16_t port) {
    lab.forward(lab.udp(client, port, server, 53));
    lab.forward(lab.udp(server, 53, client, port));
  };
  for (std::uint16_t port = 1; port <= 10; ++port) talk(port);
  lab.wait(seconds(3));
  for (std::uint16_t port = 1; port <= 10; ++port) talk(port);
  EXPECT_FALSE(lab.forward(lab.udp(client, 99, server, 53)).delivered);
  EXPECT_EQ(lab.entries(), 10u);
}

TEST(ConntrackTable, flush_empties_it) {
  Lab lab;
  lab.nat = true;
  for (std::uint16_t port = 1; port <= 100; ++port) lab.forward(lab.udp(client, port, server, 53));
  Context c = lab.context();
  flush(c);
  EXPECT_EQ(lab.visible.conntrack.live(), 0u);
  EXPECT_EQ(lab.filter.conntrack.tuples.size(), 0u);
  EXPECT_EQ(lab.filter.conntrack.counts[0], 0u);
  EXPECT_EQ(lab.forward(lab.udp(client, 1, server, 53)).info, CtInfo::fresh);
}

TEST(ConntrackTable, a_million_entries_take_at_most_200_bytes_each) {
  Lab lab;
  lab.nat = true;
  lab.config().max = 0;
  constexpr std::uint32_t count = 1'000'000;
  Context c = lab.context();
  Packet packet = lab.udp(client, 0, server, 0);
  for (std::uint32_t i = 0; i < count; ++i) {
    packet.source_port = static_cast<std::uint16_t>(1 + i % 60000);
    packet.destination_port = static_cast<std::uint16_t>(1 + i / 60000);
    Packet copy = packet;
    Walk walk{copy, Lab::lan, Lab::wan, {}, 0, 0, false, 0, 0, false};
    ASSERT_TRUE(track(c, walk));
    set_up_null_binding(c, walk, Manip::destination);
    set_up_null_binding(c, walk, Manip::source);
    ASSERT_TRUE(confirm(c, walk));
  }
  const ConntrackTables& tables = lab.filter.conntrack;
  ASSERT_EQ(lab.visible.conntrack.live(), count);
  const std::uint64_t bytes =
      lab.visible.conntrack.bytes() + tables.trackers.bytes() + tables.tuples.bytes() + tables.sources.bytes();
  EXPECT_LE(bytes / count, 200u);
  ::testing::Test::RecordProperty("bytes_per_entry", static_cast<int>(bytes / count));
}

TEST(ConntrackTable, a_copy_goes_its_own_way) {
  Lab lab;
  lab.nat = true;
  for (std::uint16_t port = 1; port <= 50; ++port) lab.forward(lab.udp(client, port, server, 53));
  const Netfilter filter = lab.filter;
  const state::State visible = lab.visible;
  lab.wait(seconds(31));
  for (std::uint16_t port = 1; port <= 50; ++port) lab.forward(lab.udp(client, port, server, 54));
  lab.filter = filter;
  lab.visible = visible;
  lab.wait(seconds(-31));
  EXPECT_EQ(lab.entries(), 50u);
  for (std::uint16_t port = 1; port <= 50; ++port)
    EXPECT_EQ(lab.forward(lab.udp(server, 53, client, port)).info, CtInfo::established_reply);
}

TEST(TupleIndex, finds_what_a_map_finds) {
  TupleIndex index;
  std::map<std::uint32_t, std::uint32_t> truth;  // reference → hash
  Random random(3, "index");
  for (int i = 0; i < 20000; ++i) {
    const auto reference = static_cast<std::uint32_t>(random.below(500));
    const auto found = truth.find(reference);
    if (found == truth.end()) {
      // Few different hashes at both ends of the circle: long runs that wrap around.
      const std::uint32_t hash = static_cast<std::uint32_t>(random.below(40)) * 0x00400000u - 0x05000000u;
      index.insert(hash, reference);
      truth[reference] = hash;
    } else {
      index.erase(found->second, reference);
      truth.erase(found);
    }
    const auto probe = static_cast<std::uint32_t>(random.below(500));
    const auto expected = truth.find(probe);
    const std::uint32_t hash = expected == truth.end() ? 0 : expected->second;
    const std::uint32_t got = index.find(hash, [probe](std::uint32_t candidate) { return candidate == probe; });
    ASSERT_EQ(got, expected == truth.end() ? TupleIndex::absent : probe);
    ASSERT_EQ(index.size(), truth.size());
  }
}

TEST(TupleIndex, near_visits_exactly_the_hashes_of_its_arc) {
  Random random(4, "near");
  for (const std::uint32_t span : {0u, 0x1000u, 0x10000000u, 0x80000000u, 0xffffffffu}) {
    TupleIndex index;
    std::vector<std::uint32_t> hashes;
    for (std::uint32_t i = 0; i < 700; ++i) {
      hashes.push_back(static_cast<std::uint32_t>(random.next()) & (i % 3 == 0 ? 0xffu : ~0u));
      index.insert(hashes.back(), i);
    }
    for (const std::uint32_t first : {0u, 0x70000000u, 0xfffffff0u}) {
      std::uint32_t expected = 0, visited = 0;
      for (const std::uint32_t hash : hashes) expected += hash - first <= span ? 1 : 0;
      index.near(first, span, [&](std::uint32_t) { return ++visited, true; });
      EXPECT_EQ(visited, expected) << first << '+' << span;
    }
  }
}

}  // namespace
}  // namespace fourtuple::netfilter
