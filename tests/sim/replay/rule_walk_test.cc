#include "sim/replay/rule_walk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/replay/rule_words.h"
#include "tests/sim/replay/ruleset_builder.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::Judging;
using fourtuple::test::RulesetBuilder;
using fourtuple::test::TraceBuilder;
using trace::ExpressionResult;
using trace::RuleVerdict;
using trace::Stage;

std::string last_word(HostId, const std::vector<std::uint8_t>&, const std::vector<std::uint8_t>&,
                      std::span<const std::uint32_t> words) {
  return std::to_string(words.back());
}

// chain input (policy drop): 1 established, 2 port 22 to chain ssh, 3 port 80 counted and accepted.
// chain ssh: 4 address, 5 limit.
class RuleWalkTest : public ::testing::Test {
 protected:
  explicit RuleWalkTest(trace::Level level = trace::Level::expressions) : builder_(level) {
    input_ = rules_.base_chain("input", "input", "drop");
    rules_.rule({{"ct state established", "ct state"}, {"accept", ""}});
    rules_.rule({{"tcp dport 22", "tcp dport"}, {"jump ssh", ""}});
    rules_.rule({{"tcp dport 80", "tcp dport"}, {"counter", "", 7}, {"accept", ""}});
    ssh_ = rules_.chain("ssh");
    rules_.rule({{"ip saddr 10.0.0.9", "ip saddr"}, {"accept", ""}});
    rules_.info().objects.push_back({7, trace::NetfilterObjectKind::counter, ""});
    rules_.load(builder_, 0, 1);
  }
  PacketId arriving(std::uint16_t port) {
    return builder_.send(1000, 0, 1, builder_.tcp(0, 1, 50432, port, TcpFlag::syn, 100));
  }
  RuleWalk walk(PacketId packet) {
    Indexes indexes(builder_.trace());
    indexes.refresh();
    const Cursor cursor(builder_.trace());
    return walk_of(indexes, cursor, packet, last_word);
  }
  // Netfilter's entries, one a line, indented by their depth.
  static std::string told(const RuleWalk& walk) {
    std::string text;
    for (const WalkEntry& entry : walk.entries)
      if (entry.kind != WalkKind::step)
        text += std::string(2 * std::size_t{entry.depth}, ' ') + entry.words +
                (entry.kind == WalkKind::rule && !entry.matched ? " [no match]\n" : "\n");
    return text;
  }
  void refused_by_policy(PacketId packet) {
    Judging judging(builder_, 2000, 1, packet);
    judging.stage(Stage::input);
    judging.looked(0, 0, ExpressionResult::failed, {8});
    judging.looked(1, 0, ExpressionResult::failed, {443});
    judging.looked(2, 0, ExpressionResult::failed, {443});
    judging.policy(input_, RuleVerdict::drop);
    judging.drop(Stage::input);
  }

  TraceBuilder builder_;
  RulesetBuilder rules_;
  std::uint32_t input_ = 0, ssh_ = 0;
};

class RuleWalkOfStagesTest : public RuleWalkTest {
 protected:
  RuleWalkOfStagesTest() : RuleWalkTest(trace::Level::stages) {}
};

TEST_F(RuleWalkTest, tells_why_each_rule_did_not_match_and_what_the_policy_did) {
  const PacketId syn = arriving(443);
  refused_by_policy(syn);
  const RuleWalk result = walk(syn);
  EXPECT_EQ(told(result),
            "chain inet filter input (filter hook input, priority filter, policy drop)\n"
            "rule 1: ct state established accept [no match]\n"
            "ct state established: the packet has 8\n"
            "rule 2: tcp dport 22 jump ssh [no match]\n"
            "tcp dport 22: the packet has 443\n"
            "rule 3: tcp dport 80 counter accept [no match]\n"
            "tcp dport 80: the packet has 443\n"
            "policy drop: no rule accepted the packet\n");
  EXPECT_EQ(result.fate, Fate::dropped);
  EXPECT_EQ(result.fate_words,
            "dropped on server by the policy of chain inet filter input: no rule accepted the packet");
  ASSERT_LT(result.cause, result.entries.size());
  EXPECT_EQ(result.entries[result.cause].kind, WalkKind::policy);
}

TEST_F(RuleWalkTest, is_in_order_with_the_steps_of_the_journey_around_it) {
  const PacketId syn = arriving(443);
  refused_by_policy(syn);
  const RuleWalk result = walk(syn);
  ASSERT_EQ(result.journey.size(), 5u);  // created, sent, received, input, dropped
  std::vector<WalkKind> kinds;
  for (const WalkEntry& entry : result.entries) kinds.push_back(entry.kind);
  EXPECT_EQ(std::vector<WalkKind>(kinds.begin(), kinds.begin() + 5),
            (std::vector{WalkKind::step, WalkKind::step, WalkKind::step, WalkKind::step, WalkKind::chain}));
  EXPECT_EQ(kinds.back(), WalkKind::step);
  for (std::size_t i = 1; i < result.entries.size(); ++i) {
    EXPECT_LE(result.entries[i - 1].record, result.entries[i].record);
    EXPECT_LE(result.entries[i - 1].at, result.entries[i].at);
  }
  EXPECT_EQ(result.entries[3].host, HostId{1});
}

TEST_F(RuleWalkTest, follows_jumps_and_comes_back_to_the_rule_after) {
  const PacketId syn = arriving(22);
  Judging judging(builder_, 2000, 1, syn);
  judging.stage(Stage::input);
  judging.looked(0, 0, ExpressionResult::failed, {8});
  judging.looked(1, 0, ExpressionResult::matched, {22});
  judging.looked(1, 1, ExpressionResult::done);
  judging.verdict(input_, 1, RuleVerdict::jump, ssh_);
  judging.looked(3, 0, ExpressionResult::failed, {1});
  judging.end(ssh_);
  judging.looked(2, 0, ExpressionResult::failed, {22});
  judging.policy(input_, RuleVerdict::drop);
  judging.drop(Stage::input);
  EXPECT_EQ(told(walk(syn)),
            "chain inet filter input (filter hook input, priority filter, policy drop)\n"
            "rule 1: ct state established accept [no match]\n"
            "ct state established: the packet has 8\n"
            "rule 2: tcp dport 22 jump ssh\n"
            "tcp dport 22: the packet has 22\n"
            "jump ssh\n"
            "jump to chain ssh\n"
            "  chain inet filter ssh, by jump from rule 2\n"
            "  rule 1: ip saddr 10.0.0.9 accept [no match]\n"
            "  ip saddr 10.0.0.9: the packet has 1\n"
            "  end of the chain: back to the rule after the jump\n"
            "rule 3: tcp dport 80 counter accept [no match]\n"
            "tcp dport 80: the packet has 22\n"
            "policy drop: no rule accepted the packet\n");
}

TEST_F(RuleWalkTest, tells_what_a_counter_holds_after_the_packet) {
  const PacketId syn = arriving(80);
  Judging judging(builder_, 2000, 1, syn);
  judging.stage(Stage::input);
  judging.looked(0, 0, ExpressionResult::failed, {8});
  judging.looked(1, 0, ExpressionResult::absent);
  judging.looked(2, 0, ExpressionResult::matched, {80});
  judging.add(trace::NetfilterObjectChanged{7, 3, 180});
  judging.looked(2, 1, ExpressionResult::done);
  judging.looked(2, 2, ExpressionResult::done);
  judging.verdict(input_, 2, RuleVerdict::accept);
  builder_.add(3000, 1, trace::NetfilterObjectChanged{7, 4, 240});
  const RuleWalk result = walk(syn);
  EXPECT_EQ(told(result),
            "chain inet filter input (filter hook input, priority filter, policy drop)\n"
            "rule 1: ct state established accept [no match]\n"
            "ct state established: the packet has 8\n"
            "rule 2: tcp dport 22 jump ssh [no match]\n"
            "tcp dport 22: the packet has no tcp dport\n"
            "rule 3: tcp dport 80 counter accept\n"
            "tcp dport 80: the packet has 80\n"
            "counter: now packets 3 bytes 180\n"
            "accept\n"
            "accept: the chain lets the packet pass\n");
  EXPECT_EQ(result.fate, Fate::under_way);
  EXPECT_EQ(result.cause, WalkEntry::none);
}

TEST_F(RuleWalkTest, says_what_a_packet_is_that_lacks_a_field) {
  const PacketId datagram = builder_.send(1000, 0, 1, builder_.udp(0, 1, 5353, 53));
  Judging(builder_, 2000, 1, datagram).looked(1, 0, ExpressionResult::absent);
  EXPECT_EQ(walk(datagram).entries.back().words, "tcp dport 22: the packet has no tcp dport (it is UDP)");
}

TEST_F(RuleWalkTest, names_the_rule_that_dropped_the_packet) {
  rules_.info().rules[2].text = "tcp dport 80 drop";
  builder_.trace().mutable_tables().rulesets[0] = rules_.info();
  const PacketId syn = arriving(80);
  Judging judging(builder_, 2000, 1, syn);
  judging.looked(2, 0, ExpressionResult::matched, {80});
  judging.verdict(input_, 2, RuleVerdict::drop);
  judging.drop(Stage::input);
  EXPECT_EQ(walk(syn).fate_words, "dropped on server by rule 3 of chain inet filter input: tcp dport 80 drop");
}

TEST_F(RuleWalkTest, shows_what_nat_rewrote_and_the_entry_behind_it) {
  const PacketId syn = arriving(80);
  Judging judging(builder_, 2000, 1, syn);
  judging.stage(Stage::prerouting);
  trace::PacketRewritten rewritten{syn, builder_.address(0), builder_.address(1), 50432, 8080, 5, false, 0};
  judging.add(rewritten);
  rewritten.source_port = 1024;
  judging.add(rewritten);
  trace::ConntrackCreated created;
  created.entry = 5;
  created.packet = syn;
  created.original_source = created.reply_destination = builder_.address(0);
  created.original_destination = created.reply_source = builder_.address(1);
  created.original_source_port = created.reply_destination_port = 50432;
  created.original_destination_port = 80;
  created.reply_source_port = 8080;
  created.protocol = Protocol::tcp;
  created.tcp = 1;
  created.timeout_s = 120;
  judging.add(created);
  const RuleWalk result = walk(syn);
  EXPECT_EQ(told(result),
            "NAT: destination 10.0.0.2:80 → 10.0.0.2:8080\n"
            "NAT: source 10.0.0.1:50432 → 10.0.0.1:1024\n"
            "conntrack entry 5: TCP 10.0.0.1:50432 → 10.0.0.2:80, answers 10.0.0.2:8080 → 10.0.0.1:50432\n");
  const WalkEntry& first = result.entries[result.entries.size() - 3];
  EXPECT_EQ(first.before.destination_port, 80);
  EXPECT_EQ(first.after.destination_port, 8080);
  EXPECT_EQ(first.flow, 5u);
  EXPECT_EQ(result.entries.back().entry.reply.source_port, 8080);
}

TEST_F(RuleWalkTest, finds_the_entry_of_an_instant) {
  const PacketId syn = arriving(443);
  refused_by_policy(syn);
  const RuleWalk result = walk(syn);
  EXPECT_EQ(result.at(0), result.entries.size());
  for (const WalkEntry& entry : result.entries)
    EXPECT_EQ(result.entries[result.at(entry.record + 1)].record, entry.record);
}

TEST_F(RuleWalkTest, a_chain_that_was_gone_to_ends_with_the_policy_of_its_base_chain) {
  const PacketId syn = arriving(22);
  Judging judging(builder_, 2000, 1, syn);
  judging.looked(1, 0, ExpressionResult::matched, {22});
  judging.verdict(input_, 1, RuleVerdict::goto_, ssh_);
  judging.looked(3, 0, ExpressionResult::failed, {1});
  judging.end(ssh_);
  judging.policy(input_, RuleVerdict::drop);
  EXPECT_EQ(told(walk(syn)),
            "chain inet filter input (filter hook input, priority filter, policy drop)\n"
            "rule 2: tcp dport 22 jump ssh\n"
            "tcp dport 22: the packet has 22\n"
            "goto chain ssh, without coming back\n"
            "chain inet filter ssh, by goto from rule 2\n"
            "rule 1: ip saddr 10.0.0.9 accept [no match]\n"
            "ip saddr 10.0.0.9: the packet has 1\n"
            "end of the chain: the policy decides\n"
            "policy drop: no rule accepted the packet\n");
}

TEST_F(RuleWalkTest, records_that_no_ruleset_explains_are_passed_over) {
  const PacketId syn = arriving(22);
  Judging judging(builder_, 2000, 1, syn);
  judging.looked(99, 0, ExpressionResult::matched, {22});
  judging.looked(1, 9, ExpressionResult::matched, {22});
  judging.verdict(77, 99, RuleVerdict::drop);
  judging.verdict(77, trace::RuleVerdictReached::policy, RuleVerdict::drop);
  judging.verdict(input_, 1, RuleVerdict::jump, 99);
  EXPECT_EQ(told(walk(syn)),
            "chain inet filter input (filter hook input, priority filter, policy drop)\n"
            "rule 2: tcp dport 22 jump ssh\n"
            "jump to chain 99\n");
  EXPECT_TRUE(walk({55}).entries.empty());
}

TEST_F(RuleWalkOfStagesTest, rules_before_the_one_that_matched_are_known_not_to_have_matched) {
  const PacketId syn = arriving(80);
  Judging judging(builder_, 2000, 1, syn);
  judging.stage(Stage::input);
  judging.verdict(input_, 2, RuleVerdict::accept);
  EXPECT_EQ(told(walk(syn)),
            "chain inet filter input (filter hook input, priority filter, policy drop)\n"
            "rule 1: ct state established accept [no match]\n"
            "rule 2: tcp dport 22 jump ssh [no match]\n"
            "rule 3: tcp dport 80 counter accept\n"
            "accept: the chain lets the packet pass\n");
}

TEST(HexValue, writes_each_part_without_leading_zeros) {
  const std::vector<std::uint8_t> none;
  EXPECT_EQ(hex_value({0}, none, {16}, std::vector<std::uint32_t>{0x1bb}), "0x1bb");
  EXPECT_EQ(hex_value({0}, none, {32, 16}, std::vector<std::uint32_t>{0x0a000001, 80}), "0xa000001 . 0x50");
  EXPECT_EQ(hex_value({0}, none, {128}, std::vector<std::uint32_t>{0, 1, 2, 0}), "0x10000000200000000");
  EXPECT_EQ(hex_value({0}, none, {16}, std::vector<std::uint32_t>{0}), "0x0");
}

}  // namespace
}  // namespace fourtuple::replay
