// What NAT and rules did, as told by the map, the ladder, the host and the packet panel.
#include <gtest/gtest.h>

#include "sim/trace/file.h"
#include "tests/viz/panels/nat_story.h"
#include "tests/viz/panels/pictures.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/host/host_model.h"
#include "viz/panels/host/host_panel.h"
#include "viz/panels/ladder/ladder_panel.h"
#include "viz/panels/packet/packet_panel.h"

namespace fourtuple::viz {
namespace {

using test::Easel;
using test::NatBench;

TEST(FilterWords, name_the_rule_that_dropped_a_packet) {
  NatBench bench;
  bench.seek_end(bench.story->ssh);
  EXPECT_EQ(rule_cause(bench.context(), bench.indexes.packets().end(bench.story->ssh)),
            "fw input rule 3: tcp dport 22 counter drop comment \"no ssh from outside\"");
  EXPECT_EQ(rule_cause(bench.context(), bench.indexes.packets().end(bench.story->ssh)),
            drop_words(bench.context(), bench.indexes.packets().end(bench.story->ssh)));
}

TEST(FilterWords, say_only_what_a_rewriting_changed) {
  NatBench bench;
  const replay::PacketIndex& packets = bench.indexes.packets();
  const trace::Tables& tables = bench.story->trace.tables();
  const auto changed = [&](PacketId id) {
    return rewrite_text(tables, *packets.packet(id), *packets.packet_at(id, packets.end(id)));
  };
  EXPECT_EQ(changed(bench.story->in_syn), "to 192.168.1.20:80");
  EXPECT_EQ(changed(bench.story->out_syn), "from 203.0.113.7:50432");
  EXPECT_EQ(changed(bench.story->ssh), "");
}

TEST(LadderModel, shows_on_each_stretch_the_ports_it_had_there) {
  NatBench bench;
  bench.seek_end(bench.story->in_answer);
  bench.selection.flow = bench.indexes.packets().flow(bench.story->in_syn);
  const LadderModel model = build_ladder(bench.context());
  std::vector<std::string> texts, rewrites;
  for (const LadderArrow& arrow : model.arrows) {
    texts.push_back(arrow.capsule.text);
    rewrites.push_back(arrow.rewrite);
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"40112→8080", "40112→80", "80→40112", "8080→40112"}));
  EXPECT_EQ(rewrites, (std::vector<std::string>{"", "to 192.168.1.20:80", "", "from 203.0.113.7:8080"}));
  Easel easel(1112, 560);
  LadderPanel panel;
  test::keep(easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); }), "panel-ladder-nat.png");
}

TEST(LadderModel, tells_the_rule_that_dropped_a_packet) {
  NatBench bench;
  bench.seek_end(bench.story->ssh);
  const LadderModel model = build_ladder(bench.context());
  EXPECT_EQ(model.arrows.back().reason.substr(0, 15), "fw input rule 3");
  Easel easel(1112, 560);
  LadderPanel panel;
  test::keep(easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); }), "panel-ladder-drop.png");
}

TEST(HostModel, tells_at_each_hook_who_decided_and_what_was_rewritten) {
  NatBench bench;
  bench.selection.packet = bench.story->in_syn;
  bench.selection.host = bench.story->router;
  bench.seek_end(bench.story->in_syn);
  const auto visit = find_visit(bench.context(), bench.story->in_syn, bench.story->router);
  const HostModel model = build_host(bench.context(), bench.story->router, visit, bench.cursor.state());
  std::map<std::string, std::string> remarks;
  for (const StageBox& box : model.stages) remarks[box.name] = box.remark;
  EXPECT_EQ(remarks["prerouting"], "to 192.168.1.20:80");
  EXPECT_EQ(remarks["forward"], "accept, rule 3 of inbound");
  EXPECT_EQ(remarks["postrouting"], "policy accept");
  Easel easel(1112, 696);
  HostPanel panel;
  test::keep(easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); }), "panel-host-nat.png");
}

TEST(HostModel, takes_the_key_from_the_headers_as_rewritten) {
  NatBench bench;
  bench.seek_end(bench.story->in_syn);
  const auto visit = find_visit(bench.context(), bench.story->in_syn, bench.story->nas);
  ASSERT_TRUE(visit);
  EXPECT_EQ(visit->header.destination_port, 80);
  const auto dropped = find_visit(bench.context(), bench.story->ssh, bench.story->router);
  ASSERT_TRUE(dropped && dropped->dropped);
  const HostModel model = build_host(bench.context(), bench.story->router, dropped, bench.cursor.state());
  EXPECT_EQ(model.visit->header.destination_port, 22);
}

TEST(PacketModel, shows_addresses_of_each_hop_and_what_changed) {
  NatBench bench;
  bench.seek_end(bench.story->in_syn);
  bench.selection.packet = bench.story->in_syn;
  const PacketModel model = build_packet(bench.context(), bench.story->in_syn, 1);
  ASSERT_EQ(model.hops.size(), 3u);
  EXPECT_EQ(model.hops[0].destination, "203.0.113.7:8080");
  EXPECT_EQ(model.hops[1].destination, "192.168.1.20:80");
  const std::size_t port = field_named(model, "Destination port");
  ASSERT_LT(port, model.fields.size());
  EXPECT_EQ(model.before[port].substr(0, 4), "8080");
  EXPECT_EQ(model.before[field_named(model, "Sequence number")], "");
  Easel easel(1112, 696);
  PacketPanel panel;
  test::keep(easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); }), "panel-packet-nat.png");
}

TEST(NatStory, is_a_sound_trace) {
  NatBench bench;
  const std::string bytes = trace::save_to_string(bench.story->trace);
  EXPECT_TRUE(trace::load_from_memory(bytes, "story").has_value());
  const char* folder = std::getenv("BUILD_DIR");
  const std::string path = (folder != nullptr ? std::string(folder) + "/" : testing::TempDir()) + "nat.trace";
  EXPECT_TRUE(trace::save(bench.story->trace, path).has_value());
}

}  // namespace
}  // namespace fourtuple::viz
