#include "capture/plain_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "capture/capture_bytes.h"
#include "tests/capture/builders.h"

namespace fourtuple::capture {
namespace {

using namespace test;

Buffer gzip(const Buffer& bytes) {
  Buffer out(compressBound(bytes.size()) + 64);
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Buffer in = bytes;
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

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

TEST(PlainFile, refuses_compressed_text) {
  const TemporaryFolder folder;
  EXPECT_FALSE(open_capture(write_file(folder / "a.gz", gzip({'h', 'e', 'l', 'l', 'o'}))).has_value());
}

}  // namespace
}  // namespace fourtuple::capture
