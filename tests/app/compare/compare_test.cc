#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "tests/app/support/files.h"

namespace fourtuple::app {
namespace {

using ::testing::HasSubstr;

const std::string lesson = FT_SOURCE_DIR "/scenarios/firewall/drop_reject_reset.yaml";
const std::string removal = "server: remove rule 4 of inet filter input";

Printed compared(const CompareOptions& options) {
  return printed_by([&] { return compare(options); });
}

TEST(CompareCommand, finds_the_first_difference_that_a_removed_rule_makes) {
  const Printed printed = compared({{lesson}, "500ms", {removal}, "1200ms"});
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_EQ(printed.err, "");
  EXPECT_THAT(printed.out, HasSubstr("same   96 events before the first difference\n"
                                     "first  event 97, at 1.020 023 680 s\n"
                                     "  A    1.020 023 680 s  server  TCP 36290→1004 [SYN] seq 1258838889, dropped by "
                                     "a rule\n"
                                     "  B    1.020 023 680 s  server  TCP 36290→1004 [SYN] seq 1258838889, delivered "
                                     "to httpd (pid 733): a listener on any address\n"));
}

TEST(CompareCommand, lists_what_is_different_with_the_instant_since_when) {
  const Printed printed = compared({{lesson}, "500ms", {removal}, "1200ms", {}, true});
  const auto json = nlohmann::json::parse(printed.out);
  EXPECT_EQ(json["fork_ns"], 500'000'000);
  EXPECT_EQ(json["first_difference"]["time_ns"], 1'020'023'680);
  const auto row = [&](const std::string& subject) {
    for (const auto& fact : json["different"])
      if (fact["subject"].get<std::string>().find(subject) != std::string::npos) return fact;
    return nlohmann::json();
  };
  EXPECT_EQ(row("connect(6")["a"], "waits for an answer, 200.0 ms so far");
  EXPECT_EQ(row("connect(6")["b"], "connected after 40.0 ms");
  EXPECT_EQ(row("connect(6")["since_ns"], 1'040'034'080);
  EXPECT_EQ(row("rule 4 of")["a"], "1 packet dropped");
  EXPECT_EQ(row("rule 4 of")["b"], "no such rule");
  EXPECT_EQ(row("rule 4 of")["since_ns"], 500'000'000);
  EXPECT_EQ(row("client, TCP socket")["b"], "ESTABLISHED");
  EXPECT_EQ(row("server, TCP socket 203.0.113.80:1004 →")["a"], "no such socket");
}

TEST(CompareCommand, says_when_nothing_is_different) {
  const Printed printed = compared({{lesson}, "500ms", {"client: set tcp_syncookies 0"}, "1200ms"});
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_THAT(printed.out, HasSubstr("no difference: all 153 events are the same"));
  EXPECT_THAT(printed.out, HasSubstr("Nothing is different at 1.200 000 s."));
}

TEST(CompareCommand, compares_two_files_and_ends_as_cmp_does) {
  EXPECT_EQ(compared({{lesson, lesson}}).code, exit_ok);
  const Printed other = compared({{lesson, FT_SOURCE_DIR "/scenarios/firewall/stateful.yaml"}});
  EXPECT_EQ(other.code, exit_failed);
  EXPECT_THAT(other.out, HasSubstr("first  event"));
}

TEST(CompareCommand, refuses_what_cannot_be_compared) {
  EXPECT_THAT(compared({{lesson}}).err, HasSubstr("nothing to compare"));
  EXPECT_THAT(compared({{lesson}, "", {removal}}).err, HasSubstr("the instant of the change is missing"));
  EXPECT_THAT(compared({{lesson, lesson}, "1 s", {removal}}).err, HasSubstr("two files are compared as they are"));
  EXPECT_THAT(compared({{lesson}, "1 s", {"server: remove rule 9 of inet filter input"}}).err,
              HasSubstr("a rule from 1 to 4"));
  EXPECT_THAT(compared({{lesson}, "10 min", {removal}}).err, HasSubstr("the run is over at 140.000 000 s"));
  const Printed capture = compared({{FT_SOURCE_DIR "/tests/captures/nat_inside.pcap"}, "1 s", {removal}});
  EXPECT_EQ(capture.code, exit_bad_input);
  EXPECT_THAT(capture.err, HasSubstr("only a scenario can be run again"));
}

}  // namespace
}  // namespace fourtuple::app
