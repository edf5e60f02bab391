#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"

namespace fourtuple::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string good = FT_SOURCE_DIR "/scenarios/udp_one_link.yaml";
const std::string bad = FT_SOURCE_DIR "/tests/data/hostile/42-unknown-socket.yaml";

struct Ran {
  int status;
  std::string out, err;
};

Ran run_check(const CheckOptions& options) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = check(options);
  return {status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

TEST(Check, says_what_a_good_scenario_holds) {
  const Ran ran = run_check({{good}, false, false});
  EXPECT_EQ(ran.status, exit_ok);
  EXPECT_THAT(ran.out, HasSubstr("udp_one_link.yaml: ok: 2 hosts"));
  EXPECT_EQ(ran.err, "");
}

TEST(Check, points_at_the_fault_and_exits_with_2) {
  const Ran ran = run_check({{good, bad}, false, false});
  EXPECT_EQ(ran.status, exit_bad_input);
  EXPECT_THAT(ran.err, StartsWith(bad + ":13:21: error: there is no socket 'frist'; did you mean 'first'?"));
}

TEST(Check, reports_as_json) {
  const Ran ran = run_check({{good, bad}, false, true});
  const auto json = nlohmann::json::parse(ran.out);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_TRUE(json[0]["ok"]);
  EXPECT_FALSE(json[1]["ok"]);
  EXPECT_EQ(json[1]["errors"][0]["line"], 13);
  EXPECT_EQ(json[1]["errors"][0]["suggestion"], "first");
  EXPECT_EQ(ran.err, "");
}

TEST(Check, json_survives_bytes_that_are_not_utf8) {
  const Ran ran = run_check({{FT_SOURCE_DIR "/tests/data/hostile/06-not-utf8.yaml"}, false, true});
  EXPECT_EQ(nlohmann::json::parse(ran.out)[0]["errors"].size(), 1u);
}

TEST(Check, expand_prints_a_scenario) {
  const Ran ran = run_check({{good}, true, false});
  EXPECT_EQ(ran.status, exit_ok);
  EXPECT_THAT(ran.out, StartsWith("fourtuple: 1\n"));
  EXPECT_THAT(ran.out, HasSubstr("192.0.2.2:7"));
}

TEST(Schema, is_json_schema_that_refers_only_to_what_it_defines) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(schema(), exit_ok);
  const std::string text = testing::internal::GetCapturedStdout();
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["$schema"], "https://json-schema.org/draft/2020-12/schema");
  for (std::size_t at = text.find("#/$defs/"); at != std::string::npos; at = text.find("#/$defs/", at + 1)) {
    const std::string name = text.substr(at + 8, text.find('"', at) - at - 8);
    EXPECT_TRUE(json["$defs"].contains(name)) << name;
  }
  EXPECT_TRUE(json["$defs"]["timeline-entry"]["properties"].contains("connect"));
}

}  // namespace
}  // namespace fourtuple::app
