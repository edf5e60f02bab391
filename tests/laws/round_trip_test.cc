// run -> capture files -> import: on every interface, what the import shows is what the trace says passed there.
#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/export.h"
#include "capture/importer.h"
#include "tests/app/support/files.h"
#include "tests/laws/scenarios.h"

namespace fourtuple::app {
namespace {

constexpr std::size_t most_packets = 200'000;

// A packet as one line of everything its bytes show; what a later fragment does not carry is left out.
std::string visible(const AddressTable& addresses, Packet p, std::uint8_t ttl) {
  if (p.fragment_offset != 0) p.source_port = p.destination_port = 0;
  const bool tcp = p.protocol == Protocol::tcp;
  std::string line = addresses[p.source].to_string() + ":" + std::to_string(p.source_port) + " > " +
                     addresses[p.destination].to_string() + ":" + std::to_string(p.destination_port);
  for (const std::uint32_t value :
       {static_cast<std::uint32_t>(p.protocol), std::uint32_t{ttl}, std::uint32_t{p.ip_id}, p.payload_length,
        std::uint32_t{p.fragment_flags}, std::uint32_t{p.fragment_offset}, std::uint32_t{p.traffic_class}})
    line += " " + std::to_string(value);
  if (!tcp) return line;
  for (const std::uint32_t value : {std::uint32_t{p.flags}, p.seq.raw, p.ack.raw, std::uint32_t{p.window},
                                    std::uint32_t{p.options}, p.ts_value, p.ts_echo, std::uint32_t{p.mss}})
    line += " " + std::to_string(value);
  return line;
}

struct Seen {
  Time at;
  std::string line;
  friend auto operator<=>(const Seen&, const Seen&) = default;
};

bool on_the_way(trace::DropReason reason) {
  return reason == trace::DropReason::link_loss || reason == trace::DropReason::link_fault;
}

// What the trace says passed each interface: departures, and arrivals of what was not lost under way.
std::vector<std::vector<Seen>> passed(const trace::Trace& trace) {
  const trace::Topology& topology = trace.tables().topology;
  std::vector<std::vector<Seen>> interfaces(topology.interfaces.size());
  std::vector<Packet> packets;
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    const trace::Slot* record = trace.at(at);
    if (record->kind == trace::Kind::packet_created) {
      packets.resize(record->subject + 1);
      packets[record->subject] = trace::unpack_packet_created(record).packet;
    }
    if (record->kind == trace::Kind::packet_rewritten) {
      const trace::PacketRewritten event = trace::unpack_packet_rewritten(record);
      if (!event.inner) trace::rewrite(packets[event.packet.value], event);
    }
    if (record->kind != trace::Kind::packet_sent) continue;
    const trace::PacketSent sent = trace::unpack_packet_sent(record);
    const std::string line = visible(trace.tables().addresses, packets[sent.packet.value], sent.ttl);
    interfaces[sent.from.value].push_back({record->at, line});
    const std::uint64_t next = trace.next(at);
    const bool lost = next < trace.published() && trace.at(next)->kind == trace::Kind::packet_dropped &&
                      trace.at(next)->subject == record->subject && trace.at(next)->at == record->at &&
                      on_the_way(trace::unpack_packet_dropped(trace.at(next)).reason);
    const bool same = topology.interfaces[sent.from.value].loopback;  // lo shows a packet once
    if (!lost && !same && sent.to.valid()) interfaces[sent.to.value].push_back({record->at + sent.transit, line});
  }
  for (auto& seen : interfaces) std::sort(seen.begin(), seen.end());
  return interfaces;
}

std::vector<Seen> imported(const capture::ImportedCapture& capture) {
  std::vector<Seen> seen;
  const trace::Trace& trace = capture.trace;
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    if (trace.at(at)->kind != trace::Kind::packet_created) continue;
    const Packet packet = trace::unpack_packet_created(trace.at(at)).packet;
    seen.push_back({trace.at(at)->at, visible(trace.tables().addresses, packet, packet.ttl)});
  }
  std::sort(seen.begin(), seen.end());
  return seen;
}

class RoundTripOfScenario : public testing::TestWithParam<std::string> {};

TEST_P(RoundTripOfScenario, shows_on_every_interface_what_passed_there) {
  const ScenarioRun run = run_of(scenario_of(GetParam(), changes_for_tests(GetParam())), trace::Level::facts);
  const std::vector<std::vector<Seen>> expected = passed(run.trace());
  const TemporaryFolder folder;
  const auto files = capture::export_run(run.trace(), folder.file("captures"));
  ASSERT_TRUE(files.has_value()) << files.error().to_string();
  std::size_t compared = 0;
  for (const capture::ExportedFile& file : *files) {
    const std::vector<Seen>& there = expected[file.interface.value];
    if (there.size() > most_packets) continue;
    const auto capture = capture::import_capture(file.path);
    ASSERT_TRUE(capture.has_value()) << capture.error().to_string();
    std::vector<Seen> shown = imported(*capture);
    ASSERT_FALSE(there.empty());
    for (Seen& seen : shown) seen.at = seen.at + (there.front().at - Time{0});  // an import counts from its first frame
    ASSERT_EQ(shown.size(), there.size()) << file.path;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      ASSERT_EQ(shown[i].line, there[i].line) << file.path << ", packet " << i + 1;
      ASSERT_EQ(shown[i].at, there[i].at) << file.path << ", packet " << i + 1;
    }
    compared += shown.size();
  }
  EXPECT_GT(compared, 0u);
}

INSTANTIATE_TEST_SUITE_P(Laws, RoundTripOfScenario, testing::ValuesIn(scenario_files()), scenario_test_name);

}  // namespace
}  // namespace fourtuple::app
