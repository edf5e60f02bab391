// One small file for each thing pcapng allows (draft-ietf-opsawg-pcapng); all of it must be read to the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/reader.h"
#include "tests/capture/pcapng_builder.h"

namespace fourtuple::capture {
namespace {

using namespace test;

// A frame in short: its interface, microseconds, captured and original length.
struct Seen {
  std::uint32_t interface;
  std::int64_t us;
  std::size_t captured;
  std::uint32_t original;
  friend bool operator==(const Seen&, const Seen&) = default;
};

struct Feature {
  const char* name;
  void (*write)(PcapngFile& file);
  std::vector<Seen> expected;
};

const Buffer data(20, 0x45);

Buffer text(const std::string& words) {
  return {words.begin(), words.end()};
}

// An Ethernet interface with one option.
void add_interface(PcapngFile& file, std::uint32_t code, const Buffer& value) {
  Buffer options;
  file.option(options, code, value);
  file.put32(options, 0);
  file.interface_with(1, 0, options);
}

void packet_with(PcapngFile& file, std::uint32_t code, const Buffer& value) {
  Buffer options;
  file.option(options, code, value);
  file.put32(options, 0);
  file.packet(0, 1, data, 0, options);
}

void simple_packet(PcapngFile& file, std::uint32_t original, const Buffer& bytes) {
  Buffer body;
  file.put32(body, original);
  body.insert(body.end(), bytes.begin(), bytes.end());
  file.block(3, body);
}

// The packet block of 2004: 16-bit interface, drop count, then as today.
void obsolete_packet(PcapngFile& file, const Buffer& options) {
  Buffer body;
  file.put16(body, 0);
  file.put16(body, 3);
  file.put32(body, 0);
  file.put32(body, 7);
  file.put32(body, static_cast<std::uint32_t>(data.size()));
  file.put32(body, 60);
  body.insert(body.end(), data.begin(), data.end());
  body.insert(body.end(), options.begin(), options.end());
  file.block(2, body);
}

void custom_block(PcapngFile& file, std::uint32_t type) {
  Buffer body;
  file.put32(body, 32473);  // the enterprise number for examples
  body.insert(body.end(), 13, 0xee);
  file.block(type, body);
}

void plain(PcapngFile& file) {
  file.interface(1, "eth0");
  file.packet(0, 1, data);
}

const Feature features[] = {
    {"little_endian", plain, {{0, 1, 20, 20}}},
    {"big_endian",
     [](PcapngFile& file) {
       file.bytes.clear();
       file.section(true);
       plain(file);
     },
     {{0, 1, 20, 20}}},
    {"sections_of_both_orders",
     [](PcapngFile& file) {
       plain(file);
       file.section(true);
       plain(file);
       file.section(false);
       plain(file);
     },
     {{0, 1, 20, 20}, {1, 1, 20, 20}, {2, 1, 20, 20}}},
    {"section_options",
     [](PcapngFile& file) {
       file.bytes.clear();
       Buffer options;
       for (const std::uint32_t code : {1, 2, 3, 4}) file.option(options, code, text("some words"));
       file.put32(options, 0);
       file.section(false, options);
       plain(file);
     },
     {{0, 1, 20, 20}}},
    {"empty_section",
     [](PcapngFile& file) {
       file.section(false);
       plain(file);
     },
     {{0, 1, 20, 20}}},
    {"interface_without_options",
     [](PcapngFile& file) {
       file.interface_with(1, 65535, {});
       file.packet(0, 1, data);
     },
     {{0, 1, 20, 20}}},
    {"interface_description",
     [](PcapngFile& file) {
       add_interface(file, 3, text("the uplink, \xc3\xa9t\xc3\xa9"));
       file.packet(0, 1, data);
     },
     {{0, 1, 20, 20}}},
    {"interface_addresses",
     [](PcapngFile& file) {
       add_interface(file, 4, {10, 0, 0, 1, 255, 0, 0, 0});
       file.packet(0, 1, data);
     },
     {{0, 1, 20, 20}}},
    {"interface_filter",
     [](PcapngFile& file) {
       add_interface(file, 11, text(std::string(1, '\0') + "tcp"));
       file.packet(0, 1, data);
     },
     {{0, 1, 20, 20}}},
    {"link_types_mixed",
     [](PcapngFile& file) {
       file.interface(1, "eth0");
       file.interface(101, "tun0");
       file.interface(147, "user");
       file.packet(1, 1, data);
       file.packet(2, 2, data);
       file.packet(0, 3, data);
     },
     {{1, 1, 20, 20}, {2, 2, 20, 20}, {0, 3, 20, 20}}},
    {"snap_lengths_mixed",
     [](PcapngFile& file) {
       file.interface_with(1, 96, {});
       file.interface_with(1, 0, {});
       file.packet(0, 1, data);
       file.packet(1, 2, Buffer(300, 1));
     },
     {{0, 1, 20, 20}, {1, 2, 300, 300}}},
    {"interface_after_packets",
     [](PcapngFile& file) {
       plain(file);
       file.interface(1, "eth1");
       file.packet(1, 2, data);
     },
     {{0, 1, 20, 20}, {1, 2, 20, 20}}},
    {"nanoseconds",
     [](PcapngFile& file) {
       file.interface(1, "a", 9);
       file.packet(0, 5000, data);
     },
     {{0, 5, 20, 20}}},
    {"binary_resolution",
     [](PcapngFile& file) {
       file.interface(1, "a", 0x80 | 10);
       file.packet(0, 512, data);
     },
     {{0, 500'000, 20, 20}}},
    {"resolutions_mixed",
     [](PcapngFile& file) {
       file.interface(1, "ms", 3);
       file.interface(1, "ns", 9);
       file.packet(0, 7, data);
       file.packet(1, 7'001'000, data);
     },
     {{0, 7000, 20, 20}, {1, 7001, 20, 20}}},
    {"time_offset",
     [](PcapngFile& file) {
       add_interface(file, 14, {5, 0, 0, 0, 0, 0, 0, 0});
       file.packet(0, 1, data);
     },
     {{0, 5'000'001, 20, 20}}},
    {"simple_packet",
     [](PcapngFile& file) {
       file.interface(1, "a");
       simple_packet(file, 20, data);
     },
     {{0, 0, 20, 20}}},
    {"simple_packet_cut",
     [](PcapngFile& file) {
       file.interface_with(1, 16, {});
       simple_packet(file, 99, Buffer(16, 1));
     },
     {{0, 0, 16, 99}}},
    {"obsolete_packet",
     [](PcapngFile& file) {
       file.interface(1, "a");
       obsolete_packet(file, {});
     },
     {{0, 7, 20, 60}}},
    {"obsolete_packet_options",
     [](PcapngFile& file) {
       file.interface(1, "a");
       Buffer options;
       file.option(options, 2, {1, 0, 0, 0});
       file.put32(options, 0);
       obsolete_packet(file, options);
     },
     {{0, 7, 20, 60}}},
    {"packet_comment",
     [](PcapngFile& file) {
       file.interface(1, "a");
       packet_with(file, 1, text("a remark"));
     },
     {{0, 1, 20, 20}}},
    {"packet_hash_and_drops",
     [](PcapngFile& file) {
       file.interface(1, "a");
       packet_with(file, 3, {2, 1, 2, 3, 4});
       packet_with(file, 4, Buffer(8, 9));
     },
     {{0, 1, 20, 20}, {0, 1, 20, 20}}},
    {"packet_lengths_that_need_padding",
     [](PcapngFile& file) {
       file.interface(1, "a");
       for (const std::size_t length : {0, 1, 2, 3}) file.packet(0, 1, Buffer(length, 1));
     },
     {{0, 1, 0, 0}, {0, 1, 1, 1}, {0, 1, 2, 2}, {0, 1, 3, 3}}},
    {"name_resolution",
     [](PcapngFile& file) {
       Buffer body;
       file.option(body, 1, text(std::string("\x0a\0\0\1web.example", 15)));
       file.option(body, 2, Buffer(24, 'x'));
       file.put32(body, 0);
       file.block(4, body);
       plain(file);
       file.block(4, body);
     },
     {{0, 1, 20, 20}}},
    {"interface_statistics",
     [](PcapngFile& file) {
       plain(file);
       Buffer body;
       for (int i = 0; i < 3; ++i) file.put32(body, 0);
       file.option(body, 5, Buffer(8, 1));
       file.put32(body, 0);
       file.block(5, body);
       file.packet(0, 2, data);
     },
     {{0, 1, 20, 20}, {0, 2, 20, 20}}},
    {"custom_blocks",
     [](PcapngFile& file) {
       plain(file);
       custom_block(file, 0x00000bad);
       custom_block(file, 0x40000bad);
       file.packet(0, 2, data);
     },
     {{0, 1, 20, 20}, {0, 2, 20, 20}}},
    {"custom_options",
     [](PcapngFile& file) {
       file.interface(1, "a");
       for (const std::uint32_t code : {2988u, 2989u, 19372u, 19373u}) packet_with(file, code, Buffer(9, 'c'));
     },
     {{0, 1, 20, 20}, {0, 1, 20, 20}, {0, 1, 20, 20}, {0, 1, 20, 20}}},
    {"unknown_and_other_blocks",
     [](PcapngFile& file) {
       for (const std::uint32_t type : {0x9u, 0xau, 0x1234u, 0x7fffffffu, 0x204u}) file.block(type, Buffer(21, 7));
       plain(file);
     },
     {{0, 1, 20, 20}}},
};

class PcapngFeatures : public ::testing::TestWithParam<Feature> {};

TEST_P(PcapngFeatures, is_read_to_the_end) {
  const TemporaryFolder folder;
  PcapngFile file;
  GetParam().write(file);
  auto reader = open_capture(write_file(folder / "a.pcapng", file.bytes));
  ASSERT_TRUE(reader.has_value()) << reader.error().to_string();
  std::vector<Seen> seen;
  Frame frame;
  while ((*reader)->next(frame))
    seen.push_back({frame.interface, frame.time_ns / 1000, frame.bytes.size(), frame.original});
  EXPECT_EQ((*reader)->end().message, "");
  EXPECT_TRUE(seen == GetParam().expected) << ::testing::PrintToString(seen.size()) << " frames";
}

INSTANTIATE_TEST_SUITE_P(Features, PcapngFeatures, ::testing::ValuesIn(features),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(PcapngReader, reads_the_direction_of_packets_and_the_names_of_interfaces) {
  const TemporaryFolder folder;
  PcapngFile file;
  file.interface(1, "eth0");
  packet_with(file, 2, {1, 0, 0, 0});
  packet_with(file, 2, {2, 0, 0, 0});
  auto reader = open_capture(write_file(folder / "a.pcapng", file.bytes));
  Frame frame;
  ASSERT_TRUE((*reader)->next(frame));
  EXPECT_EQ(frame.direction, FrameDirection::inbound);
  ASSERT_TRUE((*reader)->next(frame));
  EXPECT_EQ(frame.direction, FrameDirection::outbound);
  EXPECT_EQ((*reader)->interfaces()[0].name, "eth0");
}

}  // namespace
}  // namespace fourtuple::capture
