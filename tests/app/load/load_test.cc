// The law of loads: what a capture's programs did, done again in the scenario made of it and captured there, is what
// they did. Packets, losses and times may differ.
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>

#include "app/expect/expect.h"
#include "app/session.h"
#include "capture/export.h"
#include "capture/load/scenario_text.h"
#include "sim/world/scenario/parse.h"
#include "tests/support/temporary_folder.h"

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;
using capture::Exchange;
using capture::ImportedCapture;
using capture::Load;
using capture::Step;

ImportedCapture import(const std::string& path) {
  auto capture = capture::import_capture(path);
  EXPECT_TRUE(capture.has_value()) << (capture ? "" : capture.error().to_string());
  return std::move(*capture);
}

// How one end left: "finish", "half_finish finish", "reset", "".
std::string leave_of(const std::vector<Step>& steps) {
  std::string text;
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::finish) text += " finish";
    if (step.kind == Step::Kind::half_finish) text += " half-finish";
    if (step.kind == Step::Kind::reset) text += " reset";
  }
  return text;
}

// What one end sent. Of what is under way to an end that resets, the reset leaves as much as chance will have it.
std::string bytes_of(const Exchange& exchange, std::size_t end) {
  const bool cut_off = leave_of(exchange.steps[1 - end]) == " reset" && leave_of(exchange.steps[end]).empty();
  return cut_off ? "cut off" : std::to_string(exchange.bytes[end]);
}

// A conversation as one line: both ends, bytes each way, how it was answered and how each end left.
std::string line_of(const ImportedCapture& capture, const Exchange& exchange) {
  const capture::Flow& flow = capture.flows.flows()[exchange.flow];
  const auto& addresses = capture.trace.tables().addresses;
  const bool swapped = exchange.client != 0;
  const auto end = [&](AddressId id, std::uint16_t port) { return capture::end_text(addresses[id], port); };
  std::string line = flow.protocol == Protocol::tcp ? "TCP " : "UDP ";
  line += end(swapped ? flow.b : flow.a, swapped ? flow.b_port : flow.a_port) + " > ";
  line += end(swapped ? flow.a : flow.b, swapped ? flow.a_port : flow.b_port);
  line += " " + bytes_of(exchange, 0) + "/" + bytes_of(exchange, 1);
  line += exchange.answer == Exchange::Answer::given  ? ""
          : exchange.answer == Exchange::Answer::none ? " silent"
                                                      : " refused";
  line += " client" + leave_of(exchange.steps[0]) + ", server" + leave_of(exchange.steps[1]);
  return line;
}

std::vector<std::string> lines_of(const ImportedCapture& capture, const Load& load) {
  std::vector<std::string> lines;
  for (const Exchange& exchange : load.exchanges) lines.push_back(line_of(capture, exchange));
  return lines;
}

// What the hosts of a run saw: each conversation once, where its client is. `text` is a scenario.
std::vector<std::string> done_again(const std::string& text) {
  auto parsed = world::parse_scenario(text, "load.yaml");
  for (const Error& error : parsed.errors) ADD_FAILURE() << error.to_string();
  if (!parsed.ok()) return {};
  ScenarioRun run(parsed.scenario, parsed.scenario.seed, trace::Level::facts);
  run_to_end(run);
  const TemporaryFolder folder;
  const auto files = capture::export_run(run.trace(), folder.string());
  EXPECT_TRUE(files.has_value());
  std::vector<std::string> lines;
  for (const capture::ExportedFile& file : *files) {
    const std::string name = fs::path(file.path).filename();
    if (name.starts_with("middle-")) continue;
    const ImportedCapture capture = import(file.path);
    const auto& topology = run.trace().tables().topology;
    const auto& interface = topology.interfaces[file.interface.value];
    for (const Exchange& exchange : capture::load_of(capture, {5000, 100'000}).exchanges) {
      const capture::Flow& flow = capture.flows.flows()[exchange.flow];
      const IpAddress client = capture.trace.tables().addresses[exchange.client == 0 ? flow.a : flow.b];
      const bool here = interface.loopback || std::any_of(interface.addresses.begin(), interface.addresses.end(),
                                                          [&](const Prefix& own) { return own.address == client; });
      if (here) lines.push_back(line_of(capture, exchange));
    }
  }
  return lines;
}

void expect_law(const ImportedCapture& capture) {
  const Load load = capture::load_of(capture);
  std::vector<std::string> before = lines_of(capture, load), after;
  if (!before.empty()) after = done_again(scenario_text(capture, load));
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  EXPECT_EQ(after, before) << words_of(load, "");
}

// A server at 203.0.113.9 answers a datagram of a client behind a NAT: `answer` is its entry of the timeline.
world::ParseResult behind_nat(const std::string& answer) {
  return world::parse_scenario(R"(fourtuple: 1
networks: { home: { delay: 1 ms }, world: { delay: 1 ms } }
hosts:
  client:
    interfaces: { eth0: { network: home, address: 192.168.1.10/24 } }
    routes: { default: 192.168.1.1 }
    processes: { app: {} }
  router:
    kind: router
    interfaces: { lan: { network: home, address: 192.168.1.1/24 }, wan: { network: world, address: 203.0.113.1/24 } }
    nat: { kind: symmetric, outside: wan }
  server:
    interfaces: { eth0: { network: world, address: 203.0.113.9/24 } }
    processes: { named: { user: root } }
timeline:
  - { at: 0 s, process: server/named, bind: "udp 0.0.0.0:53", as: dns }
  - { at: 1 ms, process: client/app, sendto: { to: "server:53", bytes: 30 }, from: 4000, as: ask }
)" + answer + R"(
expect:
  - { process: client/app, received: { bytes: 90 } }
)",
                               "nat.yaml");
}

TEST(SendtoWithoutDestination, goes_back_through_a_nat_to_who_sent_the_packet_awaited) {
  const auto parsed = behind_nat(
      "  - { after: { packet: { from: \"client:4000\", nth: 1, fate: delivered }, delay: 1 ms }, on: dns, sendto: { "
      "bytes: 90 } }");
  ASSERT_TRUE(parsed.ok()) << parsed.errors[0].to_string();
  ScenarioRun run(parsed.scenario, 1, trace::Level::stages);
  run_to_end(run);
  Evidence evidence(parsed.scenario, run.world().script(), run.trace(), run.now(), run.cut_short());
  for (const Verdict& verdict : judge(evidence)) EXPECT_EQ(verdict.result, Verdict::Result::met);
}

TEST(SendtoWithoutDestination, is_refused_when_no_packet_was_awaited) {
  const auto parsed = behind_nat("  - { at: 5 ms, on: dns, sendto: { bytes: 90 } }");
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.errors[0].to_string().find("'sendto' does not say where to"), std::string::npos);
}

std::vector<std::string> captures() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(FT_SOURCE_DIR) / "tests/captures"))
    // segments.pcap is made up of segments no TCP would send.
    if (entry.is_regular_file() && entry.path().extension().string().starts_with(".pcap") &&
        entry.path().stem() != "segments")
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string plain(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

class LoadOfCapture : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Captures, LoadOfCapture, testing::ValuesIn(captures()),
                         [](const auto& parameter) { return plain(parameter.param); });

TEST_P(LoadOfCapture, done_again_has_the_same_conversations) {
  expect_law(import(FT_SOURCE_DIR "/tests/captures/" + GetParam()));
}

class LoadOfRun : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Scenarios, LoadOfRun,
                         testing::Values("first_run", "udp_one_link", "two_laptops", "tcp/half_close",
                                         "tcp/linger_zero", "tcp/fast_retransmit", "nat/same_source_port"),
                         [](const auto& parameter) { return plain(parameter.param); });

TEST_P(LoadOfRun, done_again_has_the_same_conversations_at_every_interface) {
  auto parsed = world::load_scenario(FT_SOURCE_DIR "/scenarios/" + GetParam() + ".yaml");
  ASSERT_TRUE(parsed.ok());
  ScenarioRun run(parsed.scenario, parsed.scenario.seed, trace::Level::facts);
  run_to_end(run);
  const TemporaryFolder folder;
  const auto files = capture::export_run(run.trace(), folder.string());
  ASSERT_TRUE(files.has_value());
  for (const capture::ExportedFile& file : *files) {
    SCOPED_TRACE(fs::path(file.path).filename());
    expect_law(import(file.path));
  }
}

}  // namespace
}  // namespace fourtuple::app
