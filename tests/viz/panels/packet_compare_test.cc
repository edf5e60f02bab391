#include <gtest/gtest.h>

#include "tests/viz/panels/nat_story.h"
#include "tests/viz/panels/pictures.h"
#include "tests/viz/panels/story.h"
#include "viz/panels/packet/compare.h"
#include "viz/panels/packet/header_view.h"
#include "viz/panels/packet/packet_panel.h"

namespace fourtuple::viz {
namespace {

using test::Bench;
using test::NatBench;

const ComparedField& field_of(const PacketComparison& comparison, std::string_view name) {
  for (const ComparedField& field : comparison.fields) {
    if (field.name == name) return field;
  }
  ADD_FAILURE() << "no field " << name;
  return comparison.fields.front();
}

TEST(PacketComparison, begins_with_the_four_tuple_and_tells_what_differs) {
  Bench bench;
  const PacketModel one = build_packet(bench.context(), bench.story->alice_syn, 0);
  const PacketModel other = build_packet(bench.context(), bench.story->bob_syn, 0);
  const PacketComparison comparison = compare_packets(one, other);
  ASSERT_GT(comparison.fields.size(), 12u);
  EXPECT_EQ(comparison.fields[0].name, "Source address");
  EXPECT_EQ(comparison.fields[3].name, "Destination port");
  EXPECT_FALSE(field_of(comparison, "Source address").same());
  EXPECT_TRUE(field_of(comparison, "Destination address").same());
  EXPECT_EQ(field_of(comparison, "Destination port").pinned.substr(0, 3), "443");
  EXPECT_EQ(field_of(comparison, "Destination port").shown.substr(0, 4), "3000");
  EXPECT_TRUE(field_of(comparison, "Time to live").same());
  EXPECT_NE(comparison.summary.find("four-tuple differ"), std::string::npos);
}

TEST(PacketComparison, of_a_packet_with_itself_finds_no_difference) {
  Bench bench;
  const PacketModel model = build_packet(bench.context(), bench.story->alice_syn, 0);
  const PacketComparison comparison = compare_packets(model, model);
  for (const ComparedField& field : comparison.fields) EXPECT_TRUE(field.same()) << field.name;
  EXPECT_EQ(next_difference(comparison, 5), 5u);
}

TEST(PacketComparison, of_a_packet_at_two_places_finds_what_the_router_changed) {
  Bench bench;
  const PacketModel before = build_packet(bench.context(), bench.story->alice_syn, 0);
  const PacketModel behind = build_packet(bench.context(), bench.story->alice_syn, 1);
  std::vector<std::string_view> names;
  for (const ComparedField& field : compare_packets(before, behind).fields) {
    if (!field.same()) names.push_back(field.name);
  }
  EXPECT_EQ(names, (std::vector<std::string_view>{"Time to live", "Header checksum"}));
}

TEST(PacketComparison, shows_fields_that_only_one_packet_has) {
  Bench bench;
  const PacketModel tcp = build_packet(bench.context(), bench.story->alice_syn, 0);
  const PacketModel udp = build_packet(bench.context(), bench.story->datagram, 0);
  const PacketComparison comparison = compare_packets(tcp, udp);
  EXPECT_EQ(field_of(comparison, "Sequence number").shown, "");
  EXPECT_FALSE(field_of(comparison, "Sequence number").pinned.empty());
  EXPECT_EQ(field_of(comparison, "Sequence number").field, udp.fields.size());
}

TEST(PacketComparison, goes_from_difference_to_difference_and_around) {
  Bench bench;
  const PacketModel before = build_packet(bench.context(), bench.story->alice_syn, 0);
  const PacketModel behind = build_packet(bench.context(), bench.story->alice_syn, 1);
  const PacketComparison comparison = compare_packets(before, behind);
  const std::size_t ttl = field_named(behind, "Time to live"), checksum = field_named(behind, "Header checksum");
  EXPECT_EQ(next_difference(comparison, ttl), checksum);
  EXPECT_EQ(next_difference(comparison, checksum), ttl);
}

TEST(HopRows, tell_what_nat_rewrote_beside_what_always_changes) {
  NatBench bench;
  const PacketModel model = build_packet(bench.context(), bench.story->out_syn, 0);
  ASSERT_GE(model.hops.size(), 2u);
  std::vector<std::string> names;
  for (const HopRow& row : model.hop_rows) {
    names.push_back(row.name);
    EXPECT_EQ(row.values.size(), model.hops.size());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"source", "destination", "TTL", "IP checksum", "TCP checksum"}));
  EXPECT_NE(model.hop_rows[0].values.front(), model.hop_rows[0].values.back());
  EXPECT_EQ(model.hop_rows[1].values.front(), model.hop_rows[1].values.back());
  EXPECT_NE(model.hop_rows[4].values.front(), model.hop_rows[4].values.back());
}

TEST(HeaderBoxes, stand_where_the_books_draw_them) {
  Bench bench;
  const PacketModel model = build_packet(bench.context(), bench.story->alice_syn, 0);
  const HeaderBoxes header = header_around(model, field_named(model, "Destination port"));
  EXPECT_EQ(header.title, "TCP");
  ASSERT_GE(header.boxes.size(), 8u);
  EXPECT_EQ(header.boxes[1].name, "Destination port");
  EXPECT_EQ(header.boxes[1].row, 0u);
  EXPECT_EQ(header.boxes[1].column, 2u);
  EXPECT_EQ(header.boxes[1].width, 2u);
  EXPECT_EQ(header.boxes[2].name, "Sequence number");
  EXPECT_EQ(header.boxes[2].row, 1u);
  EXPECT_EQ(header.boxes[2].width, 4u);
  EXPECT_EQ(header.boxes.back().name, "options, 20 bytes");
  EXPECT_EQ(header.row_offsets, (std::vector<std::uint32_t>{0, 4, 8, 12, 16, 20}));
  EXPECT_EQ(header_around(model, field_named(model, "Time to live")).title, "IPv4");
}

TEST(PacketPanel, compares_with_a_pinned_packet_beside_or_instead_of_the_bytes) {
  for (const int width : {1440, 1024}) {
    Bench bench;
    bench.seek_end(bench.story->bob_syn);
    bench.selection.packet = bench.story->alice_syn;
    PacketPanel panel;
    test::Easel easel(width, width == 1440 ? 696 : 564, {width == 1440 ? Look::dark : Look::light, 1});
    easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
    panel.toggle_pin(bench.context());
    EXPECT_TRUE(panel.pinned());
    bench.selection.packet = bench.story->bob_syn;
    const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
    test::keep(picture, "panel-packet-compare-" + std::to_string(width) + ".png");
    // Both packets' flows stand side by side.
    EXPECT_GT(test::count_color(picture, flow_color(bench.indexes.packets().flow(bench.story->alice_syn))), 60u);
    EXPECT_GT(test::count_color(picture, flow_color(bench.indexes.packets().flow(bench.story->bob_syn))), 60u);
    panel.toggle_pin(bench.context());
    EXPECT_FALSE(panel.pinned());
  }
}

}  // namespace
}  // namespace fourtuple::viz
