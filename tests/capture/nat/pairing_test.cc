// Flows seen on both sides of a router: real captures (tests/data/nat), then combinations nobody would record.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/importer.h"
#include "capture/nat/sides.h"
#include "capture/nat/sides_text.h"
#include "tests/capture/pcapng_builder.h"

namespace fourtuple::capture {
namespace {

using test::ip_bytes;
using test::PcapngFile;
using test::udp_packet;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string data(const std::string& name) {
  return FT_SOURCE_DIR "/tests/data/nat/" + name;
}

BothSides sides_of(const std::vector<std::string>& paths, const ClockChoice& clocks = {}) {
  auto sides = find_both_sides(paths, clocks);
  EXPECT_TRUE(sides.has_value());
  return sides ? std::move(*sides) : BothSides{};
}

std::vector<std::string> words_of(const BothSides& sides) {
  std::vector<std::string> words;
  for (const FlowPair& pair : sides.pairs) words.push_back(pair_words(sides, pair));
  return words;
}

TEST(Pairing, tells_a_masqueraded_page_load_by_numbers_payload_ttl_and_identification) {
  const BothSides sides = sides_of({data("page.pcapng")});
  EXPECT_THAT(
      words_of(sides),
      ElementsAre(AllOf(HasSubstr("192.168.1.10:41000 → 93.184.216.34:53 (lan0) is the same flow as "
                                  "203.0.113.5:41000 → 93.184.216.34:53 (wan0)"),
                        HasSubstr("2 of 2 payloads")),
                  AllOf(HasSubstr("192.168.1.10:40000 → 93.184.216.34:80 (lan0) is the same flow as "
                                  "203.0.113.5:40000 → 93.184.216.34:80 (wan0)"),
                        HasSubstr("ISN both ways"), HasSubstr("TTL one less"), HasSubstr("source NAT, port kept")),
                  HasSubstr("(ping, identifier")));
  for (const FlowPair& pair : sides.pairs) EXPECT_GE(pair.confidence, 95) << pair_words(sides, pair);
}

TEST(Pairing, finds_the_port_that_a_router_changed) {
  const BothSides sides = sides_of({data("ports.pcapng")});
  ASSERT_THAT(sides.pairs, SizeIs(4));
  int changed = 0;
  for (const FlowPair& pair : sides.pairs) {
    const TranslatedEnds ends = translated(sides.seen, pair);
    EXPECT_TRUE(ends.source);
    EXPECT_FALSE(ends.destination || ends.destination_port);
    changed += ends.source_port;
    const bool second = sides.seen.flows[pair.near].a.to_string() == "192.168.1.11";
    EXPECT_EQ(ends.source_port, second);
  }
  EXPECT_EQ(changed, 2);
}

TEST(Pairing, tells_destination_nat_and_hairpin) {
  const BothSides sides = sides_of({data("forward.pcapng")});
  EXPECT_THAT(words_of(sides),
              ElementsAre(AllOf(HasSubstr("203.0.113.1:50000 → 203.0.113.5:8080 (wan0) is the same flow as "
                                          "203.0.113.1:50000 → 192.168.1.10:80 (lan0)"),
                                HasSubstr("; destination NAT, port changed")),
                          AllOf(HasSubstr("192.168.1.11:50001 → 203.0.113.5:8080 (lan0) is the same flow as "
                                          "192.168.1.1:50001 → 192.168.1.10:80 (lan0)"),
                                HasSubstr("source NAT, port kept; destination NAT, port changed"))));
}

TEST(Pairing, recognises_a_flow_behind_a_plain_router) {
  const BothSides sides = sides_of({data("routed.pcapng")});
  ASSERT_THAT(sides.pairs, SizeIs(1));
  EXPECT_FALSE(translated(sides.seen, sides.pairs[0]).any());
  EXPECT_THAT(pair_words(sides, sides.pairs[0]), HasSubstr("routed, not translated"));
}

TEST(Pairing, leaves_a_proxy_and_strangers_alone) {
  EXPECT_THAT(sides_of({data("proxy.pcapng")}).pairs, IsEmpty());
  EXPECT_THAT(sides_of({data("strangers.pcapng")}).pairs, IsEmpty());
}

TEST(Pairing, proposes_the_offset_of_another_files_clock) {
  const BothSides sides = sides_of({data("page_inside.pcap"), data("page_outside.pcap")});
  ASSERT_THAT(sides.pairs, SizeIs(3));
  ASSERT_THAT(sides.proposals, SizeIs(1));
  const ClockOffset& offset = sides.proposals[0];
  EXPECT_NEAR(static_cast<double>(offset.add_ns), -1.75e9, 1e5);
  EXPECT_GE(offset.confidence, 90);
  EXPECT_GT(offset.delay_ns, 0);
  EXPECT_LT(offset.delay_ns, 1'000'000);
  EXPECT_EQ(sides.offsets_ns[1], offset.add_ns);
  EXPECT_THAT(offset_words(sides, 0), HasSubstr("page_outside.pcap is 1.7"));
}

TEST(Pairing, finds_clocks_that_agree_and_leaves_them) {
  const std::string folder = FT_SOURCE_DIR "/tests/captures/";
  const BothSides sides = sides_of({folder + "nat_inside.pcap", folder + "nat_outside.pcap"});
  ASSERT_THAT(sides.proposals, SizeIs(1));
  EXPECT_TRUE(sides.proposals[0].agrees);
  EXPECT_EQ(sides.offsets_ns[1], 0);
}

TEST(Pairing, takes_an_offset_by_hand_or_none) {
  const std::vector<std::string> paths{data("page_inside.pcap"), data("page_outside.pcap")};
  EXPECT_EQ(sides_of(paths, {false, {}}).offsets_ns, (std::vector<std::int64_t>{0, 0}));
  EXPECT_EQ(sides_of(paths, {false, {-5}}).offsets_ns, (std::vector<std::int64_t>{0, -5}));
}

// Many clients that say the same thing, on both sides: nobody can tell which is which, and it takes no time to say so.
class Hostile : public ::testing::Test {
 protected:
  void write(const std::string& name, std::uint32_t flows, std::uint32_t packets, std::uint32_t port_step) {
    PcapngFile file;
    file.interface(101, "lan0");
    file.interface(101, "wan0");
    std::uint64_t ticks = 1'000'000;
    for (std::uint32_t k = 0; k < packets; ++k)
      for (std::uint32_t i = 0; i < flows; ++i)
        for (const std::uint32_t side : {0u, 1u}) {
          Packet packet = udp_packet(static_cast<std::uint16_t>(1024 + i + side * port_step), 9);
          packet.payload_length = 12;
          packet.ttl = static_cast<std::uint8_t>(64 - side);
          const char* source = side == 0 ? "10.0.0.1" : "192.0.2.1";
          file.packet(side, ++ticks, ip_bytes(packet, source, "198.51.100.1", test::Buffer(12, 'x')));
        }
    path = test::write_file(folder / name, file.bytes);
  }
  TemporaryFolder folder;
  std::string path;
};

TEST_F(Hostile, thousands_of_flows_that_are_alike_pair_with_nobody) {
  write("alike.pcapng", 5000, 2, 0);
  EXPECT_THAT(sides_of({path}).pairs, IsEmpty());
}

TEST_F(Hostile, two_flows_that_are_alike_are_not_guessed) {
  write("changed.pcapng", 2, 3, 7000);
  EXPECT_THAT(sides_of({path}).pairs, IsEmpty());
  write("kept.pcapng", 2, 3, 0);
  EXPECT_THAT(sides_of({path}).pairs, SizeIs(2)) << "told by their ports";
}

TEST_F(Hostile, one_file_twice_is_the_same_place_seen_twice) {
  const auto capture = import_captures({data("page.pcapng"), data("page.pcapng")});
  ASSERT_TRUE(capture.has_value());
  EXPECT_EQ(capture->report.packets, 2 * import_capture(data("page.pcapng"))->report.packets);
  ImportOptions joined;
  joined.join_sides = true;
  EXPECT_TRUE(import_captures({data("page.pcapng"), data("page.pcapng")}, {}, joined).has_value());
}

TEST_F(Hostile, an_empty_file_beside_another_one_changes_nothing) {
  const std::string empty = test::write_file(folder / "empty.pcap", test::PcapFile().bytes);
  const auto both = import_captures({empty, data("page_inside.pcap")});
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->report.packets, import_capture(data("page_inside.pcap"))->report.packets);
  EXPECT_TRUE(import_captures({empty, empty}).has_value());
}

}  // namespace
}  // namespace fourtuple::capture
