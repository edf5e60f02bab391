#include "capture/read_ahead.h"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>

#include "tests/capture/builders.h"

namespace fourtuple::capture {
namespace {

using namespace test;
namespace fs = std::filesystem;

void expect_same(const DecodedFrame& frame, const Frame& expected) {
  EXPECT_EQ(frame.frame.time_ns, expected.time_ns);
  EXPECT_EQ(frame.frame.file_offset, expected.file_offset);
  EXPECT_EQ(frame.frame.original, expected.original);
  EXPECT_EQ(frame.frame.interface, expected.interface);
  ASSERT_TRUE(std::ranges::equal(frame.frame.bytes, expected.bytes));
  DecodedFrame decoded;
  decode_frame(expected, true, decoded);
  EXPECT_EQ(frame.link.network, decoded.link.network);
  EXPECT_EQ(frame.link.offset, decoded.link.offset);
  if (decoded.link.network != Network::ip) return;
  EXPECT_EQ(frame.packet.stop, decoded.packet.stop);
  EXPECT_EQ(frame.packet.source, decoded.packet.source);
  EXPECT_EQ(frame.packet.packet.seq, decoded.packet.packet.seq);
  EXPECT_EQ(frame.packet.payload_length, decoded.packet.payload_length);
  EXPECT_EQ(frame.checksums.transport, decoded.checksums.transport);
}

// Batches beside the frames the reader gives one by one, with everything the file says about them.
void expect_all_frames(const std::string& path, bool threaded) {
  const auto plain = open_capture(path), ahead = open_capture(path);
  ASSERT_TRUE(plain && ahead);
  std::size_t processes = 0, interfaces = 0;
  {
    ReadAhead batches(**ahead, true, threaded);
    Frame frame;
    for (FrameBatch* batch = batches.next(); batch != nullptr; batch = batches.next()) {
      for (const DecodedFrame& decoded : batch->all()) {
        ASSERT_TRUE((*plain)->next(frame));
        ASSERT_NO_FATAL_FAILURE(expect_same(decoded, frame));
      }
      processes += batch->processes.size();
      interfaces += batch->interfaces.size();
    }
    EXPECT_EQ(batches.next(), nullptr);
    EXPECT_FALSE((*plain)->next(frame));
  }
  EXPECT_EQ((*ahead)->end().message, (*plain)->end().message);
  EXPECT_LE(processes, (*plain)->processes().size());
  EXPECT_LE(interfaces, (*plain)->interfaces().size());
}

TEST(ReadAhead, gives_the_frames_of_every_committed_capture) {
  for (const auto& entry : fs::directory_iterator(fs::path(FT_SOURCE_DIR) / "tests/captures")) {
    if (!entry.is_regular_file() || entry.path().extension().string().rfind(".pcap", 0) != 0) continue;
    SCOPED_TRACE(entry.path().filename());
    expect_all_frames(entry.path(), false);
    expect_all_frames(entry.path(), true);
  }
}

TEST(ReadAhead, gives_more_frames_than_there_is_room_for) {
  PcapFile file;
  const Buffer bytes(1000, 0x45);
  for (std::uint32_t i = 0; i < 10'000; ++i) file.add(1, i, bytes);
  const TemporaryFolder folder;
  const std::string path = write_file(folder / "many.pcap", file.bytes);
  expect_all_frames(path, true);
  const auto reader = open_capture(path);
  ASSERT_TRUE(reader);
  ReadAhead batches(**reader, true, true);
  EXPECT_NE(batches.next(), nullptr) << "and it may be left there";
}

}  // namespace
}  // namespace fourtuple::capture
