#include "sim/replay/listing.h"

#include <gtest/gtest.h>

#include "sim/replay/net_state.h"
#include "tests/sim/replay/ruleset_builder.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::RulesetBuilder;
using fourtuple::test::TraceBuilder;
using trace::ListingPiece;
using Kind = trace::ListingPiece::Kind;

std::string all_words(HostId, const std::vector<std::uint8_t>&, const std::vector<std::uint8_t>&,
                      std::span<const std::uint32_t> words) {
  std::string text;
  for (const std::uint32_t word : words) text += (text.empty() ? "" : " . ") + std::to_string(word);
  return text;
}

class ListingTest : public ::testing::Test {
 protected:
  ListingTest() {
    style_.value = all_words;
    set_.id = 4;
    set_.types = {11};
    set_.widths = {16};
  }
  void piece(Kind kind, const std::string& text, std::uint32_t id = 0) {
    rules_.info().listing.push_back({kind, text, id});
  }
  void element(std::uint32_t key, const std::string& tail = "") {
    trace::ListedElement listed;
    listed.set = 4;
    listed.words[0] = key;
    listed.text = std::to_string(key) + tail;
    rules_.info().elements.push_back(listed);
  }
  void added(std::int64_t us, std::uint32_t id, std::uint32_t key, std::int64_t timeout_s = 0, std::uint64_t data = 0,
             std::uint32_t object = 0xffffffffu) {
    trace::SetElementAdded event;
    event.element = id;
    event.set = 4;
    event.word_count = 1;
    event.words[0] = key;
    event.timeout_ns = static_cast<std::uint64_t>(timeout_s) * 1'000'000'000;
    event.data = data;
    event.object = object;
    builder_.add(us, 1, event);
  }
  // The listing at this instant, with everything recorded in the State.
  std::string listed(std::int64_t us = 0) {
    rules_.info().sets = {set_};
    rules_.load(builder_, us, 1);
    const NetState net = fold(builder_.trace(), builder_.trace().published());
    const trace::RulesetInfo* ruleset = ruleset_of(builder_.trace().tables().rulesets, net.state, {1});
    return ruleset == nullptr ? "none" : listing_text(*ruleset, net.state, Time{us * 1000}, style_);
  }

  TraceBuilder builder_;
  RulesetBuilder rules_;
  ListingStyle style_;
  trace::SetInfo set_;
};

TEST_F(ListingTest, fills_in_counters_and_quotas) {
  piece(Kind::text, "counter ");
  piece(Kind::counter, "", 1);
  piece(Kind::text, " quota over 66 bytes");
  piece(Kind::quota_used, "", 2);
  piece(Kind::text, " quota 1 mbytes");
  piece(Kind::quota_used, "", 3);
  EXPECT_EQ(listed(), "counter packets 0 bytes 0 quota over 66 bytes quota 1 mbytes");
  builder_.add(0, 1, trace::NetfilterObjectChanged{1, 3, 120});
  builder_.add(0, 1, trace::NetfilterObjectChanged{2, 66, 112});
  builder_.add(0, 1, trace::NetfilterObjectChanged{3, 3 * 1024, 3 * 1024});
  EXPECT_EQ(listed(), "counter packets 3 bytes 120 quota over 66 bytes used 66 bytes quota 1 mbytes used 3 kbytes");
}

TEST_F(ListingTest, merges_elements_that_packets_added_in_their_order) {
  piece(Kind::text, "\tset s {\n");
  piece(Kind::elements, "", 4);
  piece(Kind::text, "\t}\n");
  EXPECT_EQ(listed(), "\tset s {\n\t}\n");
  element(20);
  element(30, " comment \"thirty\"");
  added(0, 0, 25);
  added(0, 1, 5);
  added(0, 2, 40);
  EXPECT_EQ(listed(),
            "\tset s {\n"
            "\t\telements = { 5, 20, 25, 30 comment \"thirty\", 40 }\n"
            "\t}\n");
}

TEST_F(ListingTest, shows_what_is_left_of_a_timeout_and_hides_what_expired) {
  piece(Kind::elements, "", 4);
  set_.timeout_ns = 60'000'000'000;
  added(0, 0, 1, 3600);
  added(0, 1, 3, 60);
  added(0, 2, 4, 2);
  EXPECT_EQ(listed(1'500'000),
            "\t\telements = { 1 timeout 3600000ms expires 3598500ms, 3 expires 58500ms, "
            "4 timeout 2000ms expires 500ms }\n");
  EXPECT_EQ(listed(2'000'000), "\t\telements = { 1 timeout 3600000ms expires 3598000ms, 3 expires 58000ms }\n");
}

TEST_F(ListingTest, shows_the_statements_and_the_data_of_elements) {
  piece(Kind::elements, "", 4);
  set_.is_map = true;
  set_.data_types = {7};
  set_.data_widths = {32};
  set_.attached = {{Kind::text, " counter ", 0}, {Kind::counter, "", 1}};
  element(1, " : 7");
  added(0, 0, 2, 0, 9, 20);
  builder_.add(0, 1, trace::NetfilterObjectChanged{21, 2, 56});
  EXPECT_EQ(listed(), "\t\telements = { 1 : 7, 2 counter packets 2 bytes 56 : 9 }\n");
}

TEST_F(ListingTest, an_element_of_an_interval_set_holds_its_lowest_and_highest_key) {
  piece(Kind::elements, "", 4);
  trace::SetElementAdded event;
  event.set = 4;
  event.word_count = 2;
  event.words[0] = 10;
  event.words[1] = 19;
  builder_.add(0, 1, event);
  EXPECT_EQ(listed(), "\t\telements = { 10-19 }\n");
  style_.line = [](const trace::SetInfo& set, const std::vector<std::string>& texts) {
    return set.name + std::to_string(texts.size()) + texts[0];
  };
  style_.interval = [](const trace::SetInfo&, KeyWords low, KeyWords high) {
    return "/" + std::to_string(low[0] + high[0]);
  };
  EXPECT_EQ(listed(), "1/29");
}

TEST_F(ListingTest, keeps_to_the_order_it_is_told) {
  piece(Kind::elements, "", 4);
  style_.before = [](const trace::SetInfo&, auto a, auto b) { return a[0] > b[0]; };
  element(30);
  element(10);
  added(0, 0, 20);
  EXPECT_EQ(listed(), "\t\telements = { 30, 20, 10 }\n");
}

TEST_F(ListingTest, a_host_without_rules_has_no_ruleset) {
  const NetState net = fold(builder_.trace(), 0);
  EXPECT_EQ(ruleset_of(builder_.trace().tables().rulesets, net.state, {1}), nullptr);
  EXPECT_EQ(ruleset_of(builder_.trace().tables().rulesets, net.state, HostId::none()), nullptr);
}

}  // namespace
}  // namespace fourtuple::replay
