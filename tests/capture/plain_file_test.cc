#include "capture/plain_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/capture_bytes.h"
#include "tests/capture/builders.h"
#include "tests/capture/gzip.h"

namespace fourtuple::capture {
namespace {

using namespace test;

Buffer capture_of(std::uint32_t packets) {
  PcapFile file;
  for (std::uint32_t i = 0; i < packets; ++i) file.add(i, 0, Buffer(40, static_cast<std::uint8_t>(i)));
  return file.bytes;
}

std::size_t frames_in(Reader& reader) {
  std::size_t count = 0;
  Frame frame;
  while (reader.next(frame)) ++count;
  return count;
}

TEST(PlainFile, reads_a_compressed_capture_and_its_bytes_again) {
  const TemporaryFolder folder;
  const auto capture = import_capture(write_file(folder / "a.pcap.gz", gzip(capture_of(5))));
  ASSERT_TRUE(capture.has_value()) << capture.error().to_string();
  EXPECT_EQ(capture->report.packets, 5u);
  EXPECT_TRUE(capture->report.end.clean());
  CaptureBytes bytes(*capture);
  EXPECT_EQ(bytes.frame({3}), Buffer(40, 3));
}

TEST(PlainFile, reads_members_that_follow_each_other) {
  const TemporaryFolder folder;
  const Buffer whole = capture_of(4);
  Buffer file = gzip(Buffer(whole.begin(), whole.begin() + 50));
  const Buffer rest = gzip(Buffer(whole.begin() + 50, whole.end()));
  file.insert(file.end(), rest.begin(), rest.end());
  auto reader = open_capture(write_file(folder / "a.gz", file));
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ(frames_in(**reader), 4u);
}

TEST(PlainFile, keeps_what_precedes_a_cut_and_says_so) {
  const TemporaryFolder folder;
  Buffer file = gzip(capture_of(20));
  file.resize(file.size() - 9);
  auto reader = open_capture(write_file(folder / "a.gz", file));
  ASSERT_TRUE(reader.has_value());
  EXPECT_GT(frames_in(**reader), 0u);
  EXPECT_EQ((*reader)->end().message, "the compressed file is cut short");
}

TEST(PlainFile, a_small_file_does_not_become_a_huge_one) {
  const TemporaryFolder folder;
  PcapFile bomb;
  bomb.add(1, 0, Buffer(40, 7));
  bomb.bytes.resize(4u << 20);
  const std::string path = write_file(folder / "a.gz", gzip(bomb.bytes));
  EXPECT_EQ(open_plain(path)->message, "");
  const auto limited = open_plain(path, 1u << 20);
  ASSERT_TRUE(limited.has_value());
  EXPECT_EQ(limited->message, "the compressed file unpacks to more than 200 times its size: the rest is left out");
  EXPECT_EQ(std::fseek(limited->file.get(), 0, SEEK_END), 0);
  EXPECT_GT(std::ftell(limited->file.get()), 0);
  EXPECT_LE(std::ftell(limited->file.get()), 1 << 20);
}

TEST(PlainFile, refuses_compressed_text) {
  const TemporaryFolder folder;
  EXPECT_FALSE(open_capture(write_file(folder / "a.gz", gzip({'h', 'e', 'l', 'l', 'o'}))).has_value());
}

}  // namespace
}  // namespace fourtuple::capture
