// What `replay` prints of whole captures: names, tunnels, what stands out.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/replay/expert_text.h"
#include "tests/app/support/files.h"

namespace fourtuple::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string captures = std::string(FT_SOURCE_DIR) + "/tests/captures/";

Printed replayed(const std::string& name, void (*choose)(ReplayOptions&)) {
  ReplayOptions options;
  options.files = {captures + name};
  choose(options);
  return printed_by([&] { return replay(options); });
}

TEST(ReplayText, lists_tunnels_by_their_inner_conversations_or_not_at_all) {
  const auto inner = replayed("tunnels.pcap", [](ReplayOptions& options) { options.json = true; });
  const auto outer = replayed("tunnels.pcap", [](ReplayOptions& options) { options.json = options.outer = true; });
  ASSERT_EQ(outer.code, exit_ok) << outer.err;
  const auto inside = nlohmann::json::parse(inner.out), outside = nlohmann::json::parse(outer.out);
  EXPECT_GT(inside["totals"]["tunnelled"], 0);
  EXPECT_EQ(outside["totals"]["tunnelled"], 0);
  for (const auto& conversation : outside["conversations"]) EXPECT_EQ(conversation["depth"], 1);
  // VXLAN is a UDP conversation of its own, other tunnels have no ports.
  EXPECT_EQ(outside["conversations"].size(), 1U);
  EXPECT_GT(inside["conversations"].size(), 1U);
  const auto text = replayed("tunnels.pcap", [](ReplayOptions& options) { options.outer = true; });
  EXPECT_THAT(text.out,
              AllOf(HasSubstr(":4789"), HasSubstr("of other transport protocols"), Not(HasSubstr("\n  TCP"))));
}

TEST(ReplayText, says_what_a_conversation_is_about_and_where_that_stood) {
  const Printed text = replayed("names.pcapng", [](ReplayOptions& options) { options.flows = true; });
  EXPECT_THAT(text.out, AllOf(HasSubstr("  name\n"), HasSubstr("www.example.test (HTTP Host in frame "),
                              HasSubstr("secure.example.test (TLS SNI in frame "),
                              HasSubstr("from client.example.test (reverse DNS answer in frame ")));
  EXPECT_THAT(replayed("name_records.pcapng", [](ReplayOptions&) {}).out,
              AllOf(HasSubstr("secure.example.test (name record of the file)"), HasSubstr("addresses named: ")));
  EXPECT_THAT(replayed("keep_alive.pcap", [](ReplayOptions&) {}).out, Not(HasSubstr("  name\n")));
}

TEST(ReplayText, names_are_in_the_lists_of_packets_too) {
  const Printed lines = replayed("names.pcapng", [](ReplayOptions& options) { options.ndjson = true; });
  EXPECT_THAT(lines.out, AllOf(HasSubstr("\"destination\":\"10.0.0.4\""),
                               HasSubstr("\"destination_name\":\"secure.example.test\"")));
}

TEST(ReplayText, gaps_are_explained_by_what_the_capturing_machine_dropped) {
  capture::CaptureInterface quiet, busy;
  busy.dropped_by_interface = 7;
  EXPECT_EQ(expert_text({}, {}, {quiet}), "");
  EXPECT_EQ(expert_text({}, {}, {quiet, busy}),
            "what stands out\n  7 packets dropped by the capturing machine: gaps may be from that\n");
}

}  // namespace
}  // namespace fourtuple::app
