#include <algorithm>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/session.h"
#include "sim/trace/digest.h"
#include "sim/trace/file.h"
#include "tests/app/support/files.h"
#include "tests/app/support/sample.h"

namespace fourtuple::app {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

const std::string good_expectations = "  - { at: 150 ms, socket: a, state: ESTABLISHED }\n";
const std::string bad_expectations =
    "  - { at: 150 ms, socket: a, state: ESTABLISHED }\n  - { packets: { flags: RST }, count: 7 }\n";

class RunCommand : public testing::Test {
 protected:
  Printed run_text(const std::string& scenario, const std::function<void(RunOptions&)>& change = {}) {
    RunOptions options;
    options.file = folder_.write("sample.yaml", scenario);
    if (change) change(options);
    return printed_by([&] { return run(options); });
  }
  TemporaryFolder folder_;
};

TEST_F(RunCommand, sums_up_a_run_that_meets_what_is_expected) {
  const Printed printed = run_text(sample_expecting(good_expectations));
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_EQ(printed.err, "");
  EXPECT_EQ(printed.out,
            "A sample\n"
            "  hosts         client, server\n"
            "  simulated     2.000 000 s, seed 3\n"
            "  packets       16 made, 14 delivered, 2 dropped, 16 hops\n"
            "  dropped       2: nothing listens on that port\n"
            "  expectations  1 of 1 met\n");
}

TEST_F(RunCommand, fails_and_names_the_line_of_what_was_not_as_expected) {
  const Printed printed = run_text(sample_expecting(bad_expectations));
  EXPECT_EQ(printed.code, exit_failed);
  EXPECT_THAT(printed.out, HasSubstr("expectations  1 of 2 met"));
  const auto line = 1 + std::count(sample_scenario.begin(), sample_scenario.end(), '\n') + 2;
  EXPECT_EQ(printed.err, folder_.file("sample.yaml") + ":" + std::to_string(line) +
                             ":5: error: not as expected: 7 packets (RST) are sent\n    instead: there was 1\n");
}

TEST_F(RunCommand, refuses_what_is_no_scenario) {
  EXPECT_EQ(run_text("fourtuple: 2\n").code, exit_bad_input);
  const Printed missing = run_text("", [](RunOptions& options) { options.file = "/nowhere/x.yaml"; });
  EXPECT_EQ(missing.code, exit_bad_input);
  EXPECT_THAT(missing.err, HasSubstr("/nowhere/x.yaml: error: cannot be opened"));
  const Printed folder = run_text("", [&](RunOptions& options) { options.file = folder_.file(""); });
  EXPECT_THAT(folder.err, HasSubstr("this is a folder"));
  const Printed capture = run_text("", [&](RunOptions& options) {
    options.file = folder_.write("c.yaml", std::string("\xd4\xc3\xb2\xa1\0\0\0\0", 8));
  });
  EXPECT_EQ(capture.code, exit_bad_input);
  EXPECT_THAT(capture.err, HasSubstr("this is a capture; expected a scenario"));
}

TEST_F(RunCommand, refuses_bad_options) {
  const auto err = [&](const std::function<void(RunOptions&)>& change) {
    const Printed printed = run_text(sample_scenario, change);
    EXPECT_EQ(printed.code, exit_bad_input);
    EXPECT_EQ(printed.out, "");
    return printed.err;
  };
  EXPECT_THAT(err([](RunOptions& o) { o.until = "5"; }), HasSubstr("--until: error: '5' is not a time"));
  EXPECT_THAT(err([](RunOptions& o) { o.level = "stage"; }), HasSubstr("did you mean 'stages'?"));
  EXPECT_THAT(err([](RunOptions& o) { o.events = "ndjsn"; }), HasSubstr("did you mean 'ndjson'?"));
  EXPECT_THAT(err([](RunOptions& o) { o.set = {"wire"}; }), HasSubstr("--set wire: error: this is not a setting"));
  EXPECT_THAT(err([](RunOptions& o) { o.set = {"networks.wires.loss=1 %"}; }), HasSubstr("networks"));
}

TEST_F(RunCommand, tells_events_a_person_can_follow) {
  const Printed printed = run_text(sample_scenario, [](RunOptions& options) { options.events = "text"; });
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_THAT(printed.out, HasSubstr("0.100 000 s      client → server  TCP 50432→80 [SYN]"));
  EXPECT_THAT(printed.out, HasSubstr("refused: nothing listens on 81 (RST)"));
  EXPECT_THAT(printed.out, HasSubstr("= -1 EACCES"));
  EXPECT_THAT(printed.out, HasSubstr("= -1 EADDRINUSE, in the way: TCP *:80"));
  EXPECT_THAT(printed.out, testing::Not(HasSubstr("descriptor 3 is")));
  EXPECT_THAT(printed.err, HasSubstr("expectations  none"));
}

TEST_F(RunCommand, counts_rules_from_1_in_both_forms) {
  constexpr const char* scenario = R"(fourtuple: 1
networks: { lan: { delay: 1 ms } }
hosts:
  anna:
    interfaces: { eth0: { network: lan, address: 10.0.0.1/24 } }
    processes: { app: {} }
  server:
    interfaces: { eth0: { network: lan, address: 10.0.0.2/24 } }
    nft: "table inet t { chain c { type filter hook input priority 0; tcp dport 80 drop; udp dport 53 drop; }; }"
timeline:
  - { at: 1 ms, process: anna/app, sendto: { to: "server:53", text: "?" } }
)";
  for (const char* format : {"text", "ndjson"}) {
    const Printed printed = run_text(scenario, [&](RunOptions& options) {
      options.events = format;
      options.level = "stages";
    });
    EXPECT_EQ(printed.code, exit_ok) << printed.err;
    const bool text = std::string(format) == "text";
    EXPECT_THAT(printed.out, HasSubstr(text ? "rule 2 'udp dport 53 drop'" : "\"rule\":2"));
  }
}

TEST_F(RunCommand, tells_events_as_one_json_object_a_line) {
  const Printed printed = run_text(sample_scenario, [](RunOptions& options) { options.events = "ndjson"; });
  std::istringstream lines(printed.out);
  std::string line;
  std::int64_t last = 0;
  std::size_t sent = 0, count = 0;
  while (std::getline(lines, line)) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_GE(json.at("time_ns").get<std::int64_t>(), last);
    last = json.at("time_ns").get<std::int64_t>();
    sent += json.at("kind") == "packet-sent" ? 1 : 0;
    ++count;
  }
  EXPECT_EQ(sent, 16u);
  EXPECT_GT(count, 100u);
}

TEST_F(RunCommand, reports_as_json) {
  const Printed printed =
      run_text(sample_expecting(bad_expectations), [](RunOptions& options) { options.json = true; });
  EXPECT_EQ(printed.code, exit_failed);
  EXPECT_EQ(printed.err, "");
  const auto json = nlohmann::json::parse(printed.out);
  EXPECT_EQ(json.at("met"), 1);
  EXPECT_EQ(json.at("failed"), 1);
  EXPECT_EQ(json.at("packets").at("made"), 16);
  EXPECT_EQ(json.at("expectations").at(1).at("found"), "there was 1");
  EXPECT_EQ(json.at("hosts"), nlohmann::json::parse(R"(["client", "server"])"));
}

TEST_F(RunCommand, prints_a_digest_that_detail_does_not_change) {
  const auto digest = [&](const std::string& level) {
    return run_text(sample_scenario,
                    [&](RunOptions& options) {
                      options.digest = true;
                      options.level = level;
                    })
        .out;
  };
  EXPECT_THAT(digest("facts"), ContainsRegex("^[0-9a-f]{16}\n$"));
  EXPECT_EQ(digest("facts"), digest("expressions"));
}

TEST_F(RunCommand, writes_the_trace_and_captures) {
  const Printed printed = run_text(sample_scenario, [&](RunOptions& options) {
    options.trace_file = folder_.file("sample.trace");
    options.pcap_dir = folder_.file("captures");
  });
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_THAT(printed.out, HasSubstr("written       " + folder_.file("sample.trace")));
  const auto trace = trace::load(folder_.file("sample.trace"));
  ASSERT_TRUE(trace.has_value());
  const Printed digest = run_text(sample_scenario, [](RunOptions& options) { options.digest = true; });
  EXPECT_EQ(trace::digest_text(trace::digest_of(*trace)) + "\n", digest.out);
  EXPECT_EQ(kind_of_bytes(folder_.read("captures/client-eth0.pcapng")), FileKind::capture);
  const Printed refused =
      run_text(sample_scenario, [](RunOptions& options) { options.trace_file = "/nowhere/x.trace"; });
  EXPECT_EQ(refused.code, exit_bad_input);
  EXPECT_THAT(refused.err, HasSubstr("/nowhere/x.trace"));
}

TEST_F(RunCommand, obeys_settings_seed_and_until) {
  const Printed lost =
      run_text(sample_scenario, [](RunOptions& options) { options.set = {"networks.wire.loss=100 %"}; });
  EXPECT_THAT(lost.out, HasSubstr(" 0 delivered"));
  const Printed other = run_text(sample_scenario, [](RunOptions& options) {
    options.seed = 4;
    options.until = "150 ms";
  });
  EXPECT_THAT(other.out, HasSubstr("simulated     0.150 000 s, seed 4\n  packets       3 made"));
}

}  // namespace
}  // namespace fourtuple::app
