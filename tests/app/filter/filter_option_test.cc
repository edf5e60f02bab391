// `--filter` of run, why and replay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "tests/app/support/files.h"
#include "tests/app/support/places.h"

namespace fourtuple::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string web = source_dir + "/tests/captures/web.pcap";

Printed run_events(const std::string& filter, const std::string& file = first_run) {
  RunOptions options;
  options.file = file;
  options.events = "text";
  options.filter = filter;
  return printed_by([&] { return run(options); });
}

Printed replayed(const std::string& filter, bool json = false, bool packets = false) {
  ReplayOptions options;
  options.files = {web};
  options.filter = filter;
  options.json = json;
  options.packets = packets;
  return printed_by([&] { return replay(options); });
}

long lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

TEST(FilterOption, tells_only_the_events_of_packets_that_fit) {
  const Printed all = run_events(""), some = run_events("reset and host:server");
  EXPECT_EQ(some.code, exit_ok);
  EXPECT_GT(lines(some.out), 0);
  EXPECT_LT(lines(some.out), lines(all.out));
  EXPECT_THAT(some.out, AllOf(HasSubstr("[RST"), Not(HasSubstr("[SYN]"))));
}

TEST(FilterOption, refuses_a_wrong_filter_with_its_column_before_anything_is_told) {
  const Printed wrong = run_events("dropped and host:sevrer");
  EXPECT_EQ(wrong.code, exit_bad_input);
  EXPECT_EQ(wrong.out, "");
  EXPECT_THAT(wrong.err, HasSubstr("--filter:1:18: error: there is no host 'sevrer'"));
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'host:server'?"));
  EXPECT_THAT(run_events("process:brwser").err, HasSubstr("did you mean 'process:browser'?"));
  EXPECT_THAT(run_events("dropped or port").err, HasSubstr("--filter:1:12: error: libpcap cannot read 'port'"));
}

TEST(FilterOption, lists_dropped_packets_that_fit) {
  const auto listed = [](const std::string& filter) {
    return printed_by([&] { return why({first_run, std::nullopt, false, {}, {}, filter}); }).out;
  };
  EXPECT_EQ(lines(listed("reason:no-socket")), 2) << "a head and one packet";
  EXPECT_EQ(listed("udp"), "no packet that the filter takes was dropped\n");
}

TEST(FilterOption, counts_the_conversations_of_a_capture_by_the_packets_that_fit) {
  const Printed syns = replayed("tcp[tcpflags] == tcp-syn", true);
  ASSERT_EQ(syns.code, exit_ok) << syns.err;
  const auto json = nlohmann::json::parse(syns.out);
  std::uint64_t packets = 0;
  for (const auto& flow : json["conversations"])
    packets += flow["packets_ab"].get<std::uint64_t>() + flow["packets_ba"].get<std::uint64_t>();
  EXPECT_GT(packets, 0u);
  EXPECT_EQ(packets, json["packets"]);
  EXPECT_LT(json["packets"], json["of"]);
  EXPECT_EQ(lines(replayed("tcp[tcpflags] == tcp-syn", false, true).out), 2 + static_cast<long>(packets))
      << "a line that counts, a head, and one for each packet";
  EXPECT_EQ(replayed("prot 80").code, exit_bad_input);
}

}  // namespace
}  // namespace fourtuple::app
