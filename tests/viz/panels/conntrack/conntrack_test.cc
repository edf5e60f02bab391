#include <gtest/gtest.h>

#include "tests/viz/panels/nat_story.h"
#include "tests/viz/panels/pictures.h"
#include "viz/panels/conntrack/conntrack_panel.h"
#include "viz/panels/sockets/sockets_model.h"

namespace fourtuple::viz {
namespace {

using test::Easel;
using test::NatBench;

ConntrackModel model_of(NatBench& bench) {
  const PanelContext context = bench.context();
  return build_conntrack(context, choose_filter_host(context),
                         context.cursor.state_at(boundary_of_last_step(context)).state);
}

// At the instant the answer of the nas passed the router.
void seek_answer(NatBench& bench) {
  bench.selection.packet = bench.story->in_answer;
  bench.cursor.seek(bench.story->trace.at(bench.indexes.packets().rewrites(bench.story->in_answer).back())->at);
}

TEST(ConntrackModel, tells_which_parts_of_the_answers_nat_changed) {
  NatBench bench;
  bench.cursor.seek(bench.story->trace.end_time());
  const ConntrackModel model = model_of(bench);
  ASSERT_EQ(model.rows.size(), 2u);
  const ConntrackRow &out = model.rows[0], &in = model.rows[1];
  EXPECT_TRUE(out.source_nat);
  EXPECT_FALSE(out.destination_nat);
  EXPECT_EQ(out.reply[1].text(), "203.0.113.7:50432");
  EXPECT_TRUE(out.reply[1].address_rewritten);
  EXPECT_FALSE(out.reply[1].port_rewritten);
  EXPECT_TRUE(in.destination_nat);
  EXPECT_TRUE(in.reply[0].port_rewritten);
  EXPECT_EQ(in.sentence,
            "Packets from 198.51.100.23:40112 to 203.0.113.7:8080 leave as 198.51.100.23:40112 to 192.168.1.20:80.");
  EXPECT_EQ(model.translated, 2u);
}

TEST(ConntrackModel, runs_the_timers_down_with_the_cursor) {
  NatBench bench;
  seek_answer(bench);
  ASSERT_EQ(model_of(bench).rows.size(), 2u);
  EXPECT_EQ(model_of(bench).rows[1].left_text, "60 s");
  bench.cursor.seek(bench.cursor.time() + milliseconds(100));
  const ConntrackRow later = model_of(bench).rows[1];
  EXPECT_EQ(later.left_text, "59 s");
  EXPECT_LT(later.left, 1.0F);
  EXPECT_GT(later.left, 0.99F);
}

TEST(ConntrackModel, marks_the_packets_own_entry_and_what_changed_in_it) {
  NatBench bench;
  seek_answer(bench);
  const ConntrackModel model = model_of(bench);
  ASSERT_EQ(model.rows.size(), 2u);
  EXPECT_FALSE(model.rows[0].current);
  EXPECT_TRUE(model.rows[1].current);
  EXPECT_EQ(model.rows[1].old_state, "SYN_SENT");
  EXPECT_EQ(model.rows[1].state, "SYN_RECV");
  EXPECT_EQ(model.rows[1].change, RowChange::changed);
  EXPECT_EQ(model.rows[1].packets[1], "1");
  ASSERT_GE(model.header.size(), 3u);
  EXPECT_EQ(model.header[0].before, "192.168.1.20:80");
  EXPECT_EQ(model.header[0].after, "203.0.113.7:8080");
  EXPECT_FALSE(model.header[1].changed());
  EXPECT_EQ(model.header[2].before + " " + model.header[2].after, "64 63");
}

TEST(ConntrackModel, says_that_a_new_flow_is_not_stored_before_it_has_passed) {
  NatBench bench;
  bench.selection.packet = bench.story->in_syn;
  bench.seek_verdict(bench.story->in_syn, "dnat to");
  EXPECT_TRUE(model_of(bench).untracked_yet);
  EXPECT_EQ(model_of(bench).rows.size(), 1u);
  bench.seek_end(bench.story->in_syn);
  EXPECT_FALSE(model_of(bench).untracked_yet);
}

TEST(ConntrackModel, has_a_note_where_nobody_has_rules) {
  test::Bench bench;
  const PanelContext context = bench.context();
  EXPECT_FALSE(choose_filter_host(context).valid());
  EXPECT_FALSE(build_conntrack(context, HostId::none(), context.cursor.state()).note.empty());
}

TEST(ConntrackPanel, draws_entries_with_their_timers) {
  for (const bool dark : {true, false}) {
    NatBench bench;
    seek_answer(bench);
    Easel easel(dark ? 1440 : 1112, 696, {dark ? Look::dark : Look::light, 1});
    ConntrackPanel panel;
    const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
    test::keep(picture, dark ? "panel-conntrack-dark.png" : "panel-conntrack-light.png");
    EXPECT_GT(test::count_color(picture, (dark ? dark_palette() : light_palette()).rewrite), 100u);
  }
}

TEST(ConntrackPanel, draws_in_large_type) {
  NatBench bench;
  seek_answer(bench);
  Easel easel(1024, 564, {Look::dark, 1.5F});
  ConntrackPanel panel;
  const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
  test::keep(picture, "panel-conntrack-large.png");
  EXPECT_GT(test::count_color(picture, dark_palette().accent), 50u);
}

}  // namespace
}  // namespace fourtuple::viz
