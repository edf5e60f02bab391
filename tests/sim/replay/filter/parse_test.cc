#include "sim/replay/filter/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/replay/filter/fixture.h"

namespace fourtuple::replay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FilterParse : public ::testing::Test {
 protected:
  Error error(std::string_view text) {
    const auto parsed = bench_.parse(text);
    if (parsed) {
      ADD_FAILURE() << text << " was understood";
      return {};
    }
    EXPECT_EQ(parsed.error().where.line, 1) << text;
    EXPECT_GE(parsed.error().where.column, 1) << text;
    EXPECT_LE(parsed.error().where.column, static_cast<int>(text.size()) + 1) << text;
    return parsed.error();
  }
  std::vector<std::string> asked(std::string_view text) {
    bench_.asked.clear();
    const auto parsed = bench_.parse(text);
    EXPECT_TRUE(parsed) << text << ": " << parsed.error().to_string();
    return bench_.asked;
  }
  fourtuple::test::FilterBench bench_;
};

TEST_F(FilterParse, gives_text_without_words_of_ours_to_libpcap_whole) {
  EXPECT_THAT(asked("tcp port 80 or 443 and not host 10.0.0.1"),
              ElementsAre("tcp port 80 or 443 and not host 10.0.0.1"));
  EXPECT_THAT(asked("  (tcp[13:1] & 3) != 0 and (port 80 or port 443) "),
              ElementsAre("(tcp[13:1] & 3) != 0 and (port 80 or port 443)"));
  EXPECT_THAT(asked("tcp[tcpflags] & (tcp-syn|tcp-fin) != 0"), ElementsAre("tcp[tcpflags] & (tcp-syn|tcp-fin) != 0"));
  EXPECT_THAT(asked("host fe80::1 or ether host 02:00:00:00:00:01"),
              ElementsAre("host fe80::1 or ether host 02:00:00:00:00:01"));
  EXPECT_THAT(asked("net 10.0.0.0/8 and portrange 80-90"), ElementsAre("net 10.0.0.0/8 and portrange 80-90"));
  EXPECT_THAT(asked("port http or https and proto \\tcp"), ElementsAre("port http or https and proto \\tcp"));
}

TEST_F(FilterParse, cuts_libpcaps_text_only_where_words_of_ours_join_it) {
  EXPECT_THAT(asked("port 80 or 443 and dropped"), ElementsAre("port 80 or 443"));
  EXPECT_THAT(asked("dropped and port 80 or port 443"), ElementsAre("port 80", "port 443"));
  EXPECT_THAT(asked("dropped and (port 80 or 443)"), ElementsAre("(port 80 or 443)"));
  EXPECT_THAT(asked("(port 80 or dropped) and (tcp[13] & 3) != 0"), ElementsAre("port 80", "(tcp[13] & 3) != 0"));
  EXPECT_THAT(asked("not port 80 and not dropped"), ElementsAre("not port 80"));
  EXPECT_THAT(asked("host:anna && !(nat || again)"), IsEmpty());
}

TEST_F(FilterParse, joins_from_the_left_and_binds_not_first_as_libpcap_does) {
  const auto holds = [&](std::string_view text, std::uint32_t mask) { return bench_.parse(text)->holds(mask); };
  // 1: dropped, 2: reset, 4: nat
  EXPECT_FALSE(holds("dropped or reset and nat", 1)) << "(dropped or reset) and nat";
  EXPECT_TRUE(holds("dropped or reset and nat", 5));
  EXPECT_TRUE(holds("dropped or (reset and nat)", 1));
  EXPECT_TRUE(holds("not dropped and reset", 2));
  EXPECT_FALSE(holds("not (dropped or reset)", 2));
  EXPECT_TRUE(holds("not not dropped", 1));
}

TEST_F(FilterParse, points_at_what_is_wrong_and_says_what_was_expected) {
  const Error host = error("dropped and host:annna");
  EXPECT_EQ(host.where.column, 18);
  EXPECT_EQ(host.message, "there is no host 'annna'");
  EXPECT_EQ(host.expected, "one of anna, server");
  EXPECT_EQ(host.suggestion, "host:anna");
  const Error state = error("state:SYN-SEND");
  EXPECT_EQ(state.suggestion, "state:SYN-SENT");
  EXPECT_EQ(error("process:browsr").suggestion, "process:browser");
  EXPECT_EQ(error("stat:LISTEN").suggestion, "state:");
  EXPECT_EQ(error("verdict:dropt").suggestion, "verdict:drop");
  EXPECT_EQ(error("reason:no-sockets").suggestion, "reason:no-socket");
  EXPECT_THAT(error("rule:inputt/2").message, HasSubstr("chain 'inputt'"));
  EXPECT_THAT(error("rule:0").message, HasSubstr("not a rule"));
  EXPECT_THAT(error("flow:x").message, HasSubstr("number of a conversation"));
  EXPECT_THAT(error("host:").message, HasSubstr("no value"));
  EXPECT_THAT(error("host:anna,").message, HasSubstr("missing"));
  EXPECT_THAT(error("dropped:yes").message, HasSubstr("no value"));
  EXPECT_THAT(error("process:\"web").message, HasSubstr("not closed"));
}

TEST_F(FilterParse, refuses_names_that_libpcap_would_look_up_in_the_network) {
  const Error host = error("host anna");
  EXPECT_EQ(host.where.column, 6);
  EXPECT_THAT(host.message, HasSubstr("not looked up"));
  EXPECT_EQ(host.suggestion, "host:anna");
  EXPECT_EQ(error("httpd").suggestion, "process:httpd");
  EXPECT_EQ(error("droped").suggestion, "dropped");
  EXPECT_EQ(error("prot 80").suggestion, "port");
  EXPECT_THAT(error("src example.org").message, HasSubstr("libpcap"));
}

TEST_F(FilterParse, tells_where_a_filter_breaks_off) {
  EXPECT_EQ(error("port 80 and").where.column, 12);
  EXPECT_EQ(error("dropped and").where.column, 12);
  EXPECT_EQ(error("and dropped").where.column, 1);
  EXPECT_EQ(error("(dropped or nat").where.column, 1);
  EXPECT_EQ(error("dropped)").where.column, 8);
  EXPECT_EQ(error("dropped nat").where.column, 9);
  EXPECT_EQ(error("port 80 nat").where.column, 9);
  EXPECT_EQ(error("tcp[(dropped)]").where.column, 6);
  EXPECT_THAT(error("dropped and 443").expected, HasSubstr("port 443"));
  EXPECT_EQ(error("nat or port bad").where.column, 8) << "where libpcap's part begins";
  EXPECT_EQ(error("").where.column, 1);
}

TEST_F(FilterParse, bounds_what_a_text_may_ask_for) {
  EXPECT_THAT(error(std::string(3000, ' ')).message, HasSubstr("too long"));
  EXPECT_THAT(error(std::string(100, '(') + "nat" + std::string(100, ')')).message, HasSubstr("parentheses"));
  std::string many = "nat";
  for (int i = 0; i < 40; ++i) many += " or nat";
  EXPECT_THAT(error(many).message, HasSubstr("too many parts"));
  EXPECT_THAT(error("na\x01t").message, HasSubstr("character"));
  EXPECT_THAT(error("port 80 \xc3\xa4").message, HasSubstr("character"));
  std::string deep = std::string(50, '(') + "nat" + std::string(50, ')');
  EXPECT_TRUE(bench_.parse(deep)->holds(1));
}

TEST_F(FilterParse, needs_no_libpcap_for_words_of_ours) {
  const auto names = bench_.names();
  EXPECT_TRUE(parse_filter("dropped or host:anna", names, {}));
  EXPECT_FALSE(parse_filter("port 80", names, {}));
}

}  // namespace
}  // namespace fourtuple::replay
