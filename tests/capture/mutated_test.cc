// Captures changed at random, 500 of them: pcap, pcapng, compressed, and read together with an intact one. Each ends in
// a view of what precedes the damage and a message that says where it is, within limits of time and memory. The fuzz
// targets look further; this holds in every build.
#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <numeric>
#include <sys/resource.h>

#include "capture/flow_json.h"
#include "capture/importer.h"
#include "sim/base/random.h"
#include "tests/capture/gzip.h"

namespace fourtuple::capture {
namespace {

using namespace test;

constexpr int mutations_of_each = 100;

Buffer read_file(const std::string& name) {
  std::ifstream in(std::string(FT_SOURCE_DIR) + "/tests/captures/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Changes the file somewhere, in one of the ways files get damaged or made up.
Buffer mutated(const Buffer& file, Random& random) {
  Buffer out = file;
  const auto at = static_cast<std::ptrdiff_t>(random.below(file.size() - 8));
  const auto size = static_cast<std::ptrdiff_t>(random.below(64) + 1);
  const auto piece_end = std::min(out.begin() + at + size, out.end());
  switch (random.below(6)) {
    case 0:
      for (std::uint64_t i = random.below(8); i < 8; ++i)
        out[random.below(out.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
      break;
    case 1: {
      constexpr std::uint32_t edges[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000};
      const std::uint32_t value = edges[random.below(std::size(edges))];
      for (int i = 0; i < 4; ++i) out[static_cast<std::size_t>(at + i)] = static_cast<std::uint8_t>(value >> (8 * i));
      break;
    }
    case 2:
      out.resize(static_cast<std::size_t>(at));
      break;
    case 3:
      out.erase(out.begin() + at, piece_end);
      break;
    case 4: {
      const Buffer piece(out.begin() + at, piece_end);
      out.insert(out.begin() + at, piece.begin(), piece.end());
      break;
    }
    default:
      for (auto byte = out.begin() + at; byte != piece_end; ++byte) *byte = static_cast<std::uint8_t>(random.next());
  }
  return out;
}

// Frames of `intact` that stand wholly before the first byte that changed.
std::size_t untouched(const ImportedCapture& intact, const Buffer& before, const Buffer& after) {
  const auto shorter = std::min(before.size(), after.size());
  const auto first = static_cast<std::size_t>(
      std::mismatch(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(shorter), after.begin()).first -
      before.begin());
  std::size_t count = 0;
  while (count + 1 < intact.frames.size() && intact.frames[count + 1].file_offset <= first) ++count;
  return count;
}

class Mutated : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string name = GetParam();
    compressed_ = name.ends_with(".gz");
    const Buffer plain = read_file(compressed_ ? name.substr(0, name.size() - 3) : name);
    file_ = compressed_ ? gzip(plain) : plain;
    intact_path_ = write_file(folder_ / "intact", file_);
    auto imported = import_capture(intact_path_);
    ASSERT_TRUE(imported.has_value());
    intact_ = std::move(*imported);
  }

  // Says what is wrong with the view of one mutated file.
  void check(const Buffer& changed, const ImportedCapture& capture) {
    const CaptureReport& report = capture.report;
    EXPECT_EQ(report.packets, capture.frames.size());
    EXPECT_EQ(std::accumulate(report.by_kind.begin(), report.by_kind.end(), std::uint64_t{0}), report.packets);
    if (!report.end.clean()) {
      EXPECT_THAT(capture.trace.tables().notes, testing::Contains(testing::HasSubstr(report.end.message)));
    }
    std::size_t bytes = 0;
    write_json(capture, [&](std::string_view text) { bytes += text.size(); });
    EXPECT_GT(bytes, 0u);
    if (compressed_) return;  // bytes of the file are not places in what it holds
    const std::size_t kept = untouched(intact_, file_, changed);
    ASSERT_GE(capture.frames.size(), kept);
    for (std::size_t i = 0; i < kept; ++i) {
      const FrameInfo &is = capture.frames[i], &was = intact_.frames[i];
      EXPECT_TRUE(is.time_ns == was.time_ns && is.captured == was.captured && is.original == was.original &&
                  is.marks == was.marks && is.in_flight == was.in_flight)
          << "frame " << i + 1;
    }
    if (report.end.clean()) return;
    EXPECT_LE(report.end.offset, changed.size());
    if (kept != 0) {
      EXPECT_GE(report.end.offset, intact_.frames[kept - 1].file_offset + intact_.frames[kept - 1].captured);
    }
  }

  // The intact file's packets are all there, whatever stands beside it, and the other one's message is its own.
  void check_together(const std::string& path, const Outcome<ImportedCapture>& alone) {
    const auto both = import_captures({intact_path_, path});
    ASSERT_TRUE(both.has_value()) << both.error().to_string();
    ASSERT_EQ(both->files.size(), 2u);
    EXPECT_EQ(both->files[0].packets, intact_.report.packets);
    EXPECT_TRUE(both->files[0].end.clean());
    EXPECT_EQ(both->files[1].packets, alone ? alone->report.packets : 0);
    EXPECT_EQ(both->files[1].end.clean(), alone && alone->report.end.clean());
    EXPECT_EQ(both->report.packets, both->files[0].packets + both->files[1].packets);
  }

  TemporaryFolder folder_;
  std::string intact_path_;
  Buffer file_;
  ImportedCapture intact_;
  bool compressed_ = false;
};

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST_P(Mutated, files_end_in_a_partial_view_and_a_message) {
  Random random(20'26, GetParam());
  const long before = peak_kilobytes();
  int refused = 0, damaged = 0;
  for (int i = 0; i < mutations_of_each; ++i) {
    SCOPED_TRACE(i);
    const Buffer changed = mutated(file_, random);
    const std::string path = write_file(folder_ / "changed", changed);
    const auto start = std::chrono::steady_clock::now();
    const auto capture = import_capture(path);
    if (capture) {
      check(changed, *capture);
      damaged += !capture->report.end.clean();
    } else {
      ++refused;
      EXPECT_EQ(capture.error().where.file, path);
      EXPECT_FALSE(capture.error().message.empty());
      EXPECT_EQ(compressed_ ? 0u : untouched(intact_, file_, changed), 0u) << capture.error().to_string();
    }
    check_together(path, capture);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  }
  constexpr long most_kilobytes = 1'000'000;  // less than the lengths that files claim
  EXPECT_LT(peak_kilobytes() - before, most_kilobytes);
  EXPECT_GT(damaged, mutations_of_each / 10) << "the changes hit something";
  EXPECT_LT(refused, mutations_of_each / 5);
}

INSTANTIATE_TEST_SUITE_P(Captures, Mutated,
                         testing::Values("web.pcap", "cooked_sll2_nano.pcap", "names.pcapng", "nat_both.pcapng",
                                         "names.pcapng.gz"),
                         [](const testing::TestParamInfo<const char*>& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace fourtuple::capture
