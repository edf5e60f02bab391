#include <gtest/gtest.h>

#include "tests/viz/panels/pictures.h"
#include "tests/viz/panels/story.h"
#include "viz/panels/packet/packet_panel.h"

namespace fourtuple::viz {
namespace {

using test::Bench;
using test::Easel;

TEST(PacketModel, points_from_the_destination_port_to_its_two_bytes) {
  Bench bench;
  const PacketModel model = build_packet(bench.context(), bench.story->alice_syn, 0);
  ASSERT_TRUE(model.found);
  const std::size_t field = field_named(model, "Destination port");
  ASSERT_LT(field, model.fields.size());
  EXPECT_EQ(model.fields[field].value.substr(0, 3), "443");
  EXPECT_EQ(model.fields[field].offset, 22u);
  EXPECT_EQ(model.bytes[22] << 8 | model.bytes[23], 443);
  EXPECT_EQ(model.layers[22], Layer::transport);
  EXPECT_EQ(model.layers[3], Layer::network);
}

TEST(PacketModel, shows_time_to_live_and_checksum_at_each_hop) {
  Bench bench;
  const PacketModel model = build_packet(bench.context(), bench.story->alice_data, 0);
  ASSERT_EQ(model.hops.size(), 3u);
  EXPECT_EQ(model.hops[0].place, "alice eth0");
  EXPECT_EQ(model.hops[0].ttl, 64);
  EXPECT_EQ(model.hops[1].ttl, 63);
  EXPECT_NE(model.hops[0].ip_checksum, model.hops[1].ip_checksum);
  EXPECT_EQ(model.relative, "relative seq 1, ack 1");
}

TEST(PacketModel, shows_the_bytes_of_the_file_for_a_capture) {
  Bench bench({trace::Level::facts, trace::Source::capture, true});
  bench.frame_bytes = [](PacketId, std::string& frame, std::uint32_t& original) {
    frame = std::string("\x45\0\0\x1c", 4) + std::string(24, '\1');
    original = 100;
    return true;
  };
  const PacketModel model = build_packet(bench.context(), bench.story->alice_data, 0);
  EXPECT_TRUE(model.captured);
  EXPECT_TRUE(model.cut);
  EXPECT_EQ(model.length, "28 of 100 bytes captured");
}

TEST(PacketModel, quotes_the_refused_packet_in_an_icmp_error) {
  Bench bench;
  const PacketModel model = build_packet(bench.context(), bench.story->unreachable, 0);
  EXPECT_EQ(model.bytes.size(), 28u + 20 + 8 + 32);
}

TEST(PacketPanel, draws_fields_bytes_and_hops) {
  for (const bool dark : {true, false}) {
    Bench bench;
    bench.seek_end(bench.story->alice_syn);
    bench.selection.packet = bench.story->alice_syn;
    Easel easel(dark ? 1112 : 1024, dark ? 696 : 564, {dark ? Look::dark : Look::light, 1});
    PacketPanel panel;
    const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
    test::keep(picture, dark ? "panel-packet-dark.png" : "panel-packet-light.png");
    EXPECT_GT(test::count_color(picture, flow_color(0)), 500u);
  }
}

}  // namespace
}  // namespace fourtuple::viz
