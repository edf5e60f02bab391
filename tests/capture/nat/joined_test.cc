// A capture of both sides of a router as a trace: each packet once, rewritten at an inferred router.
#include <algorithm>
#include <gtest/gtest.h>

#include "capture/importer.h"
#include "sim/state/apply.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "tests/capture/builders.h"

namespace fourtuple::capture {
namespace {

using trace::Kind;

class Joined : public ::testing::Test {
 protected:
  void import(const std::vector<std::string>& names, const ClockChoice& clocks = {}) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(FT_SOURCE_DIR "/tests/data/nat/" + name);
    ImportOptions options;
    options.join_sides = true;
    options.clocks = clocks;
    auto imported = import_captures(paths, {}, options);
    ASSERT_TRUE(imported.has_value());
    capture.emplace(std::move(*imported));
    end.hosts.resize(capture->trace.tables().topology.hosts.size());
    for (std::uint64_t at = trace().first(); at < trace().published(); at = trace().next(at))
      EXPECT_TRUE(state::apply_record(end, trace().at(at))) << trace::name_of(trace().at(at)->kind);
  }
  const trace::Trace& trace() const { return capture->trace; }
  std::size_t count(Kind kind) const {
    std::size_t n = 0;
    for (std::uint64_t at = trace().first(); at < trace().published(); at = trace().next(at))
      n += trace().at(at)->kind == kind;
    return n;
  }
  // "host: tuple" of every live socket with a peer.
  std::vector<std::string> connections() const {
    std::vector<std::string> found;
    const AddressTable& addresses = trace().tables().addresses;
    for (std::uint32_t i = 0; i < end.sockets.end(); ++i) {
      if (!end.sockets.alive(i) || end.sockets[i].tuple.remote_port == 0) continue;
      const FourTuple& tuple = end.sockets[i].tuple;
      found.push_back(std::string(trace::host_name(trace().tables(), end.sockets[i].host)) + " from " +
                      addresses[tuple.remote].to_string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  std::optional<ImportedCapture> capture;
  state::State end;
};

TEST_F(Joined, a_page_load_is_one_packet_for_two_frames_with_two_hops) {
  import({"page.pcapng"});
  const std::size_t frames = capture->frames.size();
  EXPECT_EQ(count(Kind::packet_created), frames / 2);
  EXPECT_EQ(count(Kind::packet_rewritten), frames / 2);
  EXPECT_EQ(count(Kind::packet_sent), frames);
  EXPECT_EQ(count(Kind::conntrack_created), 3u);
}

TEST_F(Joined, two_files_give_the_same_in_the_order_of_travel) {
  import({"page_inside.pcap", "page_outside.pcap"});
  EXPECT_EQ(count(Kind::packet_created), capture->frames.size() / 2);
  EXPECT_EQ(count(Kind::packet_sent), capture->frames.size());
  EXPECT_EQ(capture->report.times_held, 0u);
}

TEST_F(Joined, clocks_left_wrong_lose_no_packet) {
  import({"page_inside.pcap", "page_outside.pcap"}, {false, {}});
  EXPECT_EQ(count(Kind::packet_created), capture->frames.size() / 2);
  EXPECT_EQ(count(Kind::packet_sent), capture->frames.size());
}

TEST_F(Joined, tracks_both_tuples_on_an_inferred_router) {
  import({"forward.pcapng"});
  const AddressTable& addresses = trace().tables().addresses;
  ASSERT_TRUE(end.conntrack.alive(0));
  const state::ConntrackEntry& entry = end.conntrack[0];
  EXPECT_EQ(addresses[entry.original.destination].to_string(), "203.0.113.5");
  EXPECT_EQ(entry.original.destination_port, 8080);
  EXPECT_EQ(addresses[entry.reply.source].to_string(), "192.168.1.10");
  EXPECT_EQ(entry.reply.source_port, 80);
  EXPECT_TRUE((entry.status & state::ConntrackStatus::destination_nat) != 0);
  const trace::HostInfo& router = trace().tables().topology.hosts[entry.host.value];
  EXPECT_TRUE(router.inferred && router.forwarding);
}

TEST_F(Joined, sockets_are_those_of_the_real_ends) {
  import({"ports.pcapng"});
  for (const std::string& words : connections())
    EXPECT_TRUE(words.starts_with("192.168.1.1") || words == "93.184.216.34 from 203.0.113.5") << words;
}

TEST_F(Joined, a_plain_router_rewrites_nothing) {
  import({"routed.pcapng"});
  EXPECT_EQ(count(Kind::packet_rewritten), 0u);
  EXPECT_EQ(count(Kind::conntrack_created), 0u);
  EXPECT_EQ(count(Kind::packet_sent), capture->frames.size());
  EXPECT_EQ(count(Kind::packet_created), capture->frames.size() / 2);
}

TEST_F(Joined, what_pairs_with_nothing_stays_as_it_was) {
  import({"strangers.pcapng"});
  EXPECT_EQ(count(Kind::packet_created), capture->frames.size());
}

TEST(SeveralFiles, one_that_is_no_capture_gives_its_message_and_the_rest_is_read) {
  const TemporaryFolder folder;
  const std::string text = folder.write("notes.pcap", "these are words, no packets");
  const std::string good = FT_SOURCE_DIR "/tests/data/nat/page_inside.pcap";
  const std::string damaged = FT_SOURCE_DIR "/tests/captures/damaged_tail.pcap";
  const auto capture = import_captures({text, good, damaged});
  ASSERT_TRUE(capture.has_value());
  ASSERT_EQ(capture->files.size(), 3u);
  EXPECT_TRUE(capture->files[0].format.empty());
  EXPECT_FALSE(capture->files[0].end.clean());
  EXPECT_TRUE(capture->files[1].end.clean());
  EXPECT_EQ(capture->files[2].packets, 16u);
  EXPECT_FALSE(capture->files[2].end.clean());
  EXPECT_EQ(capture->report.packets, capture->files[1].packets + 16);
  EXPECT_FALSE(import_captures({text, text}).has_value());
}

TEST(SeveralFiles, interfaces_keep_their_file) {
  const std::string inside = FT_SOURCE_DIR "/tests/data/nat/page.pcapng";
  const std::string other = FT_SOURCE_DIR "/tests/data/nat/routed.pcapng";
  const auto capture = import_captures({inside, other});
  ASSERT_TRUE(capture.has_value());
  ASSERT_EQ(capture->interfaces.size(), 4u);
  EXPECT_EQ(capture->interfaces[0].name, "lan0");
  int of_second = 0;
  for (const CaptureInterface& interface : capture->interfaces) of_second += interface.file == 1;
  EXPECT_EQ(of_second, 2);
}

}  // namespace
}  // namespace fourtuple::capture
