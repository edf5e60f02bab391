// What the rules panel says while one packet of a real scenario is stepped through its rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/view/documents.h"
#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"
#include "sim/replay/playback.h"
#include "viz/panels/rules/rules_model.h"
#include "viz/panels/rules/set_rows.h"

namespace fourtuple::app {
namespace {

using testing::ElementsAre;

struct Desk {
  explicit Desk(viz::Document opened) : document(std::move(opened)) {
    indexes.refresh();
    cursor.refresh();
    hits.refresh(indexes);
    selection.packet = syn;
    code = viz::read_code(ruleset());
    walk = replay::walk_of(indexes, cursor, syn, document.value_text);
  }
  const trace::RulesetInfo& ruleset() const { return document.trace->tables().rulesets.front(); }
  viz::PanelContext context() {
    return {*document.trace,     indexes,        cursor, playback, selection, document.frame_bytes, true, wishes,
            document.value_text, *document.tools};
  }
  // Right after what the rule with `part` in its text said at last.
  void seek_rule(std::string_view part) {
    std::uint64_t last = 0;
    for (const replay::WalkEntry& entry : walk.entries) {
      const bool in_rule = entry.rule < ruleset().rules.size() && entry.kind != replay::WalkKind::chain &&
                           ruleset().rules[entry.rule].text.find(part) != std::string::npos;
      if (in_rule && entry.host == ruleset().host) last = entry.record;
    }
    ASSERT_NE(last, 0u) << part;
    cursor.seek_record(last);
  }
  viz::RulesModel model() { return viz::build_rules({context(), ruleset().host, syn, walk, code, hits}); }
  std::string note(std::string_view part) {
    seek_rule(part);
    const viz::RulesModel built = model();
    return built.current_rule < built.rules.size() ? built.rules[built.current_rule].note : "";
  }

  static constexpr PacketId syn{0};
  viz::Document document;
  replay::Indexes indexes{*document.trace};
  replay::Cursor cursor{*document.trace};
  replay::Playback playback;
  viz::Selection selection;
  std::vector<viz::Wish> wishes;
  viz::CodeText code;
  viz::RuleHits hits;
  replay::RuleWalk walk;
};

class ThirtyRules : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_document(std::string(FT_SOURCE_DIR) + "/scenarios/firewall/thirty_rules.yaml");
    ASSERT_TRUE(opened);
    desk = std::make_unique<Desk>(std::move(*opened));
  }
  std::unique_ptr<Desk> desk;
};

TEST_F(ThirtyRules, say_what_masks_limits_quotas_and_elements_compared) {
  EXPECT_EQ(desk->note("fin,syn / fin,syn"), "syn ≠ fin,syn");
  EXPECT_EQ(desk->note("!= syn"), "it is syn");
  EXPECT_EQ(desk->note("limit rate over 50/second"), "within the limit");
  EXPECT_EQ(desk->note("update @callers"), "203.0.113.70 within its limit");
  EXPECT_EQ(desk->note("quota over"), "60 bytes used, within the quota");
}

TEST_F(ThirtyRules, keep_on_the_stack_only_chains_that_are_returned_to) {
  desk->seek_rule("quota over");
  std::vector<std::string> frames;
  for (const viz::ChainFrame& frame : desk->model().stack)
    frames.push_back(frame.name + ", " + frame.remark + (frame.origin.empty() ? "" : ", " + frame.origin));
  EXPECT_THAT(frames, ElementsAre("fw forward, left at line 80", "from_wan, left at line 92",
                                  "web, at line 111, goto from line 101"));
}

TEST_F(ThirtyRules, come_to_connection_tracking_after_the_chains_before_it) {
  const auto conntrack = [&] {
    const viz::RulesModel built = desk->model();
    const auto found = std::find_if(built.stops.begin(), built.stops.end(),
                                    [](const viz::HookStop& stop) { return stop.title == "conntrack"; });
    return found == built.stops.end() ? viz::StageState::dropped : found->state;
  };
  desk->seek_rule("ip saddr @blocked");
  EXPECT_EQ(conntrack(), viz::StageState::coming);
  desk->seek_rule("dnat to 10.0.1.20:8443");
  EXPECT_EQ(conntrack(), viz::StageState::passed);
}

TEST_F(ThirtyRules, show_the_entry_to_be_and_what_the_packet_put_into_a_set) {
  desk->seek_rule("ct count over");
  const replay::NetState before = desk->cursor.state_at(desk->cursor.position());
  EXPECT_TRUE(viz::set_rows(desk->context(), desk->ruleset(), before.state).empty());
  desk->seek_rule("update @callers");
  const auto rows = viz::set_rows(desk->context(), desk->ruleset(), before.state);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].set + " " + rows[0].element, "callers 203.0.113.70");
  EXPECT_TRUE(rows[0].fresh);
  const viz::ConntrackModel tracked = viz::build_conntrack(desk->context(), desk->ruleset().host, before.state);
  ASSERT_TRUE(tracked.pending);
  EXPECT_EQ(tracked.pending->original[1].text(), "203.0.113.5:443");
  EXPECT_EQ(tracked.pending->reply[0].text(), "10.0.1.20:8443");
  EXPECT_TRUE(tracked.rows.empty());
}

}  // namespace
}  // namespace fourtuple::app
