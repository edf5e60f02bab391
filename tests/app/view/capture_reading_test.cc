// A capture read beside the window: a first look, progress, all of it, or what was there when it was stopped.
#include "app/view/capture_reading.h"

#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

#include "sim/wire/bytes.h"
#include "tests/support/temporary_folder.h"

namespace fourtuple::app {
namespace {

// UDP datagrams without payload, one a millisecond, as raw IPv4.
class ManyPackets {
 public:
  explicit ManyPackets(std::uint32_t packets) {
    std::ofstream file(path(), std::ios::binary);
    const auto write = [&](const auto& words) {
      file.write(reinterpret_cast<const char*>(words.data()), static_cast<std::streamsize>(sizeof(words)));
    };
    write(std::array<std::uint32_t, 6>{0xa1b2c3d4, 0x00040002, 0, 0, 65535, 101});
    std::array<std::uint8_t, 28> packet{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0x66, 0xcf, 10, 0, 0, 1, 10, 0, 0, 2};
    store16(packet.data() + 20, 5000);
    store16(packet.data() + 22, 53);
    store16(packet.data() + 24, 8);
    for (std::uint32_t i = 0; i < packets; ++i) {
      write(std::array<std::uint32_t, 4>{1 + i / 1000, i % 1000 * 1000, 28, 28});
      write(packet);
    }
  }
  std::string path() const { return folder_.file("many.pcap"); }

 private:
  TemporaryFolder folder_;
};

viz::Document result_of(CaptureReading& reading) {
  for (;;) {
    if (auto done = reading.take()) return std::move(done->value());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST(CaptureReading, shows_the_first_packets_and_then_all) {
  const ManyPackets file(20'000);
  CaptureReading reading(file.path(), std::chrono::milliseconds(0));
  const viz::Document whole = result_of(reading);
  const auto first = reading.first_look();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->trace->end_time(), Time{511'000'000}) << "one batch of packets";
  EXPECT_FALSE(first->notes.empty());
  EXPECT_EQ(whole.trace->end_time(), Time{19'999'000'000});
  EXPECT_TRUE(whole.notes.empty());
  EXPECT_FLOAT_EQ(reading.part(), 1.0F);
  EXPECT_EQ(reading.words(), "reading many.pcap: 880 kB of 880 kB");
}

TEST(CaptureReading, keeps_what_was_read_when_it_is_stopped) {
  const ManyPackets file(20'000);
  CaptureReading reading(file.path(), std::chrono::milliseconds(0));
  reading.stop();
  const viz::Document part = result_of(reading);
  EXPECT_LT(part.trace->end_time(), Time{19'999'000'000});
  ASSERT_EQ(part.notes.size(), 1u);
  EXPECT_EQ(part.notes[0].find("reading was stopped: the last "), 0u) << part.notes[0];
}

TEST(CaptureReading, takes_a_short_file_at_once) {
  const ManyPackets file(600);
  CaptureReading reading(file.path(), std::chrono::milliseconds(60'000));
  EXPECT_EQ(result_of(reading).trace->end_time(), Time{599'000'000});
  EXPECT_FALSE(reading.first_look());
}

}  // namespace
}  // namespace fourtuple::app
