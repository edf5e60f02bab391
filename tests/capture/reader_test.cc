#include "capture/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/capture/builders.h"
#include "tests/capture/pcapng_builder.h"

namespace fourtuple::capture {
namespace {

using namespace test;
using ::testing::HasSubstr;

std::vector<std::int64_t> times_of(Reader& reader) {
  std::vector<std::int64_t> times;
  Frame frame;
  while (reader.next(frame)) times.push_back(frame.time_ns);
  return times;
}

TEST(Reader, names_the_file_that_is_missing) {
  const auto reader = open_capture("/nonexistent.pcap");
  ASSERT_FALSE(reader.has_value());
  EXPECT_EQ(reader.error().to_string(), "/nonexistent.pcap: error: No such file or directory");
}

TEST(Reader, refuses_what_is_no_capture) {
  const TemporaryFolder folder;
  EXPECT_FALSE(open_capture(folder.string()).has_value());
  EXPECT_FALSE(open_capture(write_file(folder / "text", {'h', 'e', 'l', 'l', 'o'})).has_value());
  EXPECT_FALSE(open_capture(write_file(folder / "empty", {})).has_value());
}

TEST(Reader, tells_the_file_offset_of_every_frame) {
  const TemporaryFolder folder;
  PcapFile file;
  file.add(1, 0, Buffer(20, 0x45));
  file.add(2, 500, Buffer(33, 0x46));
  auto reader = open_capture(write_file(folder / "a.pcap", file.bytes));
  Frame frame;
  ASSERT_TRUE((*reader)->next(frame));
  EXPECT_EQ(frame.file_offset, 40u);
  ASSERT_TRUE((*reader)->next(frame));
  EXPECT_EQ(frame.file_offset, 76u);
  EXPECT_EQ(frame.time_ns, 2'000'500'000);
  EXPECT_FALSE((*reader)->next(frame));
  EXPECT_TRUE((*reader)->end().clean());
}

TEST(Reader, keeps_what_precedes_a_damaged_tail_and_says_where_it_starts) {
  const TemporaryFolder folder;
  PcapFile file;
  file.add(1, 0, Buffer(20, 0x45));
  const std::size_t whole = file.bytes.size();
  file.add(2, 0, Buffer(20, 0x45));
  file.bytes.resize(file.bytes.size() - 1);
  auto reader = open_capture(write_file(folder / "a.pcap", file.bytes));
  EXPECT_EQ(times_of(**reader).size(), 1u);
  EXPECT_FALSE((*reader)->end().clean());
  EXPECT_EQ((*reader)->end().offset, whole);
}

TEST(PcapngReader, reads_both_byte_orders_and_mixed_link_types) {
  const TemporaryFolder folder;
  for (const bool big : {false, true}) {
    PcapngFile file(big);
    file.interface(1, "eth0");
    file.interface(101, "tun0", 9);
    file.block(0x0bad, Buffer(8, 1));  // unknown: skipped
    file.packet(1, 7'000'000'123, Buffer(20, 0x45));
    file.packet(0, 7'000'001, Buffer(15, 0));
    auto reader = open_capture(write_file(folder / "a.pcapng", file.bytes));
    Frame frame;
    ASSERT_TRUE((*reader)->next(frame));
    EXPECT_EQ(frame.time_ns, 7'000'000'123);
    EXPECT_EQ(frame.link, LinkType::raw);
    EXPECT_EQ((*reader)->interfaces()[1].name, "tun0");
    ASSERT_TRUE((*reader)->next(frame));
    EXPECT_EQ(frame.time_ns, 7'000'001'000);
    EXPECT_EQ(frame.link, LinkType::ethernet);
    EXPECT_EQ(frame.bytes.size(), 15u);
    EXPECT_FALSE((*reader)->next(frame));
    EXPECT_TRUE((*reader)->end().clean()) << (*reader)->end().message;
  }
}

TEST(PcapngReader, understands_binary_and_fine_time_resolutions) {
  const TemporaryFolder folder;
  PcapngFile file;
  file.interface(101, "half", 0x80 | 1);
  file.interface(101, "pico", 12);
  file.packet(0, 3, Buffer(20, 0x45));
  file.packet(1, 2'500'000'001'999, Buffer(20, 0x45));
  auto reader = open_capture(write_file(folder / "a.pcapng", file.bytes));
  EXPECT_EQ(times_of(**reader), (std::vector<std::int64_t>{1'500'000'000, 2'500'000'001}));
}

TEST(PcapngReader, numbers_interfaces_of_a_second_section_after_the_first) {
  const TemporaryFolder folder;
  PcapngFile file, second;
  file.interface(1, "one");
  second.interface(101, "two");
  second.packet(0, 1, Buffer(20, 0x45));
  file.bytes.insert(file.bytes.end(), second.bytes.begin(), second.bytes.end());
  auto reader = open_capture(write_file(folder / "a.pcapng", file.bytes));
  Frame frame;
  ASSERT_TRUE((*reader)->next(frame));
  EXPECT_EQ(frame.interface, 1u);
  EXPECT_EQ((*reader)->interfaces()[1].name, "two");
}

TEST(PcapngReader, stops_at_lies_without_believing_them) {
  const TemporaryFolder folder;
  const auto message_of = [&](const PcapngFile& file) {
    auto reader = open_capture(write_file(folder / "a.pcapng", file.bytes));
    times_of(**reader);
    return (*reader)->end().message;
  };
  PcapngFile file;
  file.packet(0, 1, Buffer(20, 0));
  EXPECT_THAT(message_of(file), HasSubstr("does not define"));
  file = PcapngFile();
  file.interface(1, "x");
  file.packet(0, 1, Buffer(20, 0), 0x7fffffff);
  EXPECT_THAT(message_of(file), HasSubstr("does not fit"));
  file = PcapngFile();
  file.interface(1, "x");
  file.bytes.resize(file.bytes.size() - 2);
  EXPECT_THAT(message_of(file), HasSubstr("cut short"));
  file = PcapngFile();
  append32_little(file.bytes, 6);
  append32_little(file.bytes, 0xfffffff0);
  append32_little(file.bytes, 0);
  EXPECT_THAT(message_of(file), HasSubstr("claims"));
}

}  // namespace
}  // namespace fourtuple::capture
