#include <gtest/gtest.h>

#include "sim/trace/codec.h"
#include "tests/viz/panels/nat_story.h"
#include "tests/viz/panels/pictures.h"
#include "viz/panels/rules/rules_panel.h"

namespace fourtuple::viz {
namespace {

using test::Easel;
using test::NatBench;
using test::rule_with;

struct Built {
  explicit Built(NatBench& bench) {
    const PanelContext context = bench.context();
    host = choose_filter_host(context);
    code = read_code(bench.ruleset());
    hits.refresh(bench.indexes);
    const PacketId packet = choose_judged_packet(context, host);
    if (packet.valid()) walk = replay::walk_of(bench.indexes, bench.cursor, packet, bench.value_text);
    model = build_rules({context, host, packet, walk, code, hits});
  }
  const RuleMark& rule(const NatBench& bench, std::string_view part) const {
    return model.rules[rule_with(bench.ruleset(), part)];
  }

  HostId host;
  CodeText code;
  RuleHits hits;
  replay::RuleWalk walk;
  RulesModel model;
};

std::vector<std::string> frames(const RulesModel& model) {
  std::vector<std::string> names;
  for (const ChainFrame& frame : model.stack) names.push_back(frame.name + " " + frame.remark);
  return names;
}

TEST(CodeText, finds_rules_and_statements_in_the_text_as_shown) {
  trace::RulesetInfo ruleset;
  ruleset.text = "table ip t {\n\tchain c {\n\t\ttcp dport 22 drop # no\r\n\t}\n}";
  ruleset.rules.push_back({0, 0, "tcp dport 22 drop", "", 0, 1, {26, 43, 3, 3}});
  const CodeText code = read_code(ruleset);
  ASSERT_EQ(code.lines.size(), 5u);
  EXPECT_EQ(code.lines[2].text, "    tcp dport 22 drop # no");
  EXPECT_EQ(code.line_of_rule[0], 2u);
  const CodePlace place = code.place({26, 38, 3, 3});
  EXPECT_EQ(code.lines[2].text.substr(place.begin, place.end - place.begin), "tcp dport 22");
  EXPECT_EQ(code.lines[2].words.back().kind, WordKind::comment);
  EXPECT_EQ(code.place({}).line, CodeText::nowhere);
}

TEST(RulesModel, marks_each_rule_the_packet_met_and_says_why_it_did_not_match) {
  NatBench bench;
  bench.selection.packet = bench.story->in_syn;
  bench.seek_expression(bench.story->in_syn, "ip daddr", 2);
  const Built built(bench);
  EXPECT_EQ(built.rule(bench, "dnat to").note, "dnat");
  EXPECT_EQ(built.rule(bench, "oifname \"wan0\" counter").note, "wan0 ≠ lan0");
  EXPECT_EQ(built.rule(bench, "@blocked").note, "198.51.100.23 not in @blocked");
  EXPECT_EQ(built.rule(bench, "tcp dport 8080 accept").note, "80 ≠ 8080");
  EXPECT_EQ(built.rule(bench, "jump inbound").note, "jump inbound");
  EXPECT_EQ(built.rule(bench, "jump inbound").state, RuleState::matched);
  EXPECT_EQ(built.rule(bench, "ip daddr").state, RuleState::trying);
  EXPECT_EQ(built.rule(bench, "masquerade").state, RuleState::untouched);
  EXPECT_EQ(built.rule(bench, "tcp dport 22").state, RuleState::untouched);
}

TEST(RulesModel, takes_the_current_rule_apart) {
  NatBench bench;
  bench.selection.packet = bench.story->in_syn;
  bench.seek_expression(bench.story->in_syn, "ip daddr", 2);
  const RulesModel model = Built(bench).model;
  ASSERT_EQ(model.expressions.size(), 5u);
  EXPECT_EQ(model.expressions[1].subject, "tcp dport");
  EXPECT_EQ(model.expressions[1].wants, "80");
  EXPECT_EQ(model.expressions[1].has, "80");
  EXPECT_EQ(model.expressions[1].words, "equal");
  EXPECT_TRUE(model.expressions[2].current);
  EXPECT_EQ(model.expressions[4].words, "not reached");
  EXPECT_EQ(frames(model), (std::vector<std::string>{"fw forward left at line 31", "inbound at line 37"}));
  EXPECT_EQ(model.current_title, "Line 37, one expression at a time");
}

TEST(RulesModel, tells_of_the_line_that_is_marked_when_a_policy_decides) {
  NatBench bench;
  bench.selection.packet = bench.story->in_syn;
  const trace::Trace& trace = bench.story->trace;
  std::uint64_t at = trace.first();
  const auto decides = [&] {
    return trace.at(at)->kind == trace::Kind::rule_verdict &&
           trace::unpack_rule_verdict(trace.at(at)).packet == bench.story->in_syn &&
           trace::unpack_rule_verdict(trace.at(at)).rule == trace::RuleVerdictReached::policy;
  };
  while (at < trace.published() && !decides()) at = trace.next(at);
  ASSERT_LT(at, trace.published());
  bench.cursor.seek_record(at);
  const Built built(bench);
  ASSERT_NE(built.model.current, CodeText::nowhere);
  EXPECT_EQ(built.model.current_title,
            "Line " + std::to_string(built.code.lines[built.model.current].number) + ": policy accept");
  ASSERT_EQ(built.model.expressions.size(), 1u);
  EXPECT_EQ(built.model.expressions[0].detail, "no rule decided");
}

TEST(RulesModel, goes_back_as_it_came) {
  NatBench bench;
  bench.selection.packet = bench.story->in_syn;
  bench.seek_verdict(bench.story->in_syn, "ip daddr");
  EXPECT_EQ(Built(bench).rule(bench, "ip daddr").hits, "1");
  bench.seek_expression(bench.story->in_syn, "@blocked", 0);
  const Built back(bench);
  EXPECT_EQ(back.rule(bench, "ip daddr").hits, "0");
  EXPECT_EQ(back.rule(bench, "ip daddr").state, RuleState::untouched);
  EXPECT_EQ(back.rule(bench, "@blocked").state, RuleState::failed);
  EXPECT_EQ(back.model.verdict, "no match, next rule");
}

TEST(RulesModel, counts_with_the_counter_and_without_one_by_verdicts) {
  NatBench bench;
  bench.cursor.seek(bench.story->trace.end_time());
  const Built built(bench);
  EXPECT_EQ(built.rule(bench, "tcp dport 22").hits, "1");
  EXPECT_TRUE(built.rule(bench, "tcp dport 22").counter);
  EXPECT_EQ(built.rule(bench, "dnat to").hits, "1");
  EXPECT_FALSE(built.rule(bench, "dnat to").counter);
}

TEST(RulesModel, lays_the_hooks_on_the_packets_way) {
  NatBench bench;
  bench.selection.packet = bench.story->in_syn;
  bench.seek_expression(bench.story->in_syn, "ip daddr", 2);
  const RulesModel model = Built(bench).model;
  std::string line;
  for (const HookStop& stop : model.stops) line += stop.title + (stop.state == StageState::current ? "* " : "  ");
  EXPECT_EQ(line, "wan0  conntrack  nat prerouting  routing  fw forward* nat postrouting  conntrack  lan0  ");
  EXPECT_EQ(model.stops[2].remark, "line 5: dnat to 192.168.1.20:80");
  EXPECT_EQ(model.stops[4].remark, "line 37, in inbound");
  EXPECT_EQ(model.stops[5].state, StageState::coming);
}

TEST(RulesModel, says_who_dropped_a_packet_and_where_its_way_ended) {
  NatBench bench;
  bench.selection.packet = bench.story->ssh;
  bench.seek_end(bench.story->ssh);
  const RulesModel model = Built(bench).model;
  EXPECT_EQ(model.verdict, "dropped");
  EXPECT_EQ(model.stops.back().title, "program");
  EXPECT_EQ(model.stops.back().state, StageState::coming);
  const auto dropped = std::find_if(model.stops.begin(), model.stops.end(),
                                    [](const HookStop& stop) { return stop.state == StageState::dropped; });
  ASSERT_NE(dropped, model.stops.end());
  EXPECT_EQ(dropped->remark, "line 24: drop");
}

TEST(RulesModel, skips_nat_chains_for_packets_of_known_flows) {
  NatBench bench;
  bench.selection.packet = bench.story->out_answer;
  bench.cursor.seek(bench.story->trace.at(bench.indexes.packets().last_hop(bench.story->out_answer))->at);
  const RulesModel model = Built(bench).model;
  ASSERT_GT(model.stops.size(), 3u);
  EXPECT_EQ(model.stops[1].remark, "known flow");
  EXPECT_EQ(model.stops[2].remark, "skipped: flow known");
}

TEST(RulesModel, explains_traces_without_verdicts_and_packets_that_met_no_rules) {
  NatBench facts(trace::Level::facts);
  facts.selection.packet = facts.story->in_syn;
  facts.seek_end(facts.story->in_syn);
  EXPECT_NE(Built(facts).model.note.find("only facts"), std::string::npos);
  NatBench early;
  early.cursor.seek(Time{2000});
  EXPECT_NE(Built(early).model.note.find("No packet has met"), std::string::npos);
}

TEST(RulesModel, works_without_expressions_from_verdicts_alone) {
  NatBench bench(trace::Level::stages);
  bench.selection.packet = bench.story->in_syn;
  bench.seek_verdict(bench.story->in_syn, "ip daddr");
  const Built built(bench);
  EXPECT_EQ(built.rule(bench, "ip daddr").state, RuleState::matched);
  EXPECT_EQ(built.rule(bench, "@blocked").state, RuleState::failed);
  EXPECT_EQ(built.rule(bench, "@blocked").note, "no match");
}

TEST(RulesPanel, draws_the_rules_with_a_packet_among_them) {
  for (const bool dark : {true, false}) {
    NatBench bench;
    bench.selection.packet = bench.story->in_syn;
    bench.seek_expression(bench.story->in_syn, "ip daddr", 2);
    Easel easel(dark ? 1440 : 1112, 696, {dark ? Look::dark : Look::light, 1});
    RulesPanel panel;
    const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
    test::keep(picture, dark ? "panel-rules-dark.png" : "panel-rules-light.png");
    EXPECT_GT(test::count_color(picture, (dark ? dark_palette() : light_palette()).accent), 200u);
  }
}

TEST(RulesPanel, draws_a_drop_small_and_a_host_without_rules) {
  NatBench bench;
  bench.selection.packet = bench.story->ssh;
  bench.seek_end(bench.story->ssh);
  Easel easel(1024, 564, {Look::dark, 1.5F});
  RulesPanel panel;
  const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
  test::keep(picture, "panel-rules-drop.png");
  EXPECT_GT(test::count_color(picture, dark_palette().drop), 100u);
  test::Bench plain;
  RulesPanel other;
  test::keep(easel.paint([&](Ui& ui, Rect area) { other.draw(ui, area, plain.context()); }), "panel-rules-none.png");
}

}  // namespace
}  // namespace fourtuple::viz
