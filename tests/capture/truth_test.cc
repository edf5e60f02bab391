// Every capture in tests/captures against what tshark says of it (tests/captures/truth/*.json).
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "capture/analysis/tcp_json.h"
#include "capture/flow_json.h"
#include "capture/importer.h"

namespace fourtuple::capture {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path folder = fs::path(FT_SOURCE_DIR) / "tests/captures";

std::vector<std::string> captures() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder / "truth")) names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

json truth_of(const std::string& name) {
  std::ifstream in(folder / "truth" / (name + ".json"));
  return json::parse(in);
}

// What differs between two objects on the keys of `ours` that the truth also has.
void expect_agreement(const json& ours, const json& truth, const std::string& where, bool exact_flags = true) {
  for (const auto& [key, value] : ours.items()) {
    // Single segments may be named otherwise, see judges_segments_as_tshark_does.
    if (!truth.contains(key) || (key == "flags" && !exact_flags) || key == "label") continue;
    EXPECT_EQ(value, truth[key]) << where << "." << key;
  }
}

json conversations_of(const json& ours, const std::string& proto) {
  json found = json::array();
  for (const json& conversation : ours["conversations"])
    if (conversation["proto"] == proto) found.push_back(conversation);
  return found;
}

// tshark reads a name once the whole message is there, which may be some segments later.
void expect_label(const json& ours, const json& truth, const std::string& where) {
  ASSERT_EQ(ours.contains("label"), truth.contains("label")) << where;
  if (!truth.contains("label")) return;
  EXPECT_EQ(ours["label"]["text"], truth["label"]["text"]) << where;
  EXPECT_EQ(ours["label"]["source"], truth["label"]["source"]) << where;
  EXPECT_LE(ours["label"]["frame"], truth["label"]["frame"]) << where;
}

class Truth : public testing::TestWithParam<std::string> {};

std::vector<std::string> names_of(TcpMarks marks) {
  std::vector<std::string> names;
  marks.each([&](TcpMark mark) { names.emplace_back(name_of(mark)); });
  std::sort(names.begin(), names.end());
  return names;
}

// What tshark says of a frame under `key`, or `otherwise`.
template <class T>
T told(const json& truth, const char* key, const std::string& frame, T otherwise) {
  const auto found = truth[key].find(frame);
  return found == truth[key].end() ? std::move(otherwise) : found->get<T>();
}

// Whether tshark gives a segment the same names, bytes in flight and round trip.
struct Agreement {
  bool marks = false, in_flight = false, rtt = false;
};

Agreement compare(const json& truth, const FrameInfo& frame, const std::string& number) {
  auto expected = told<std::vector<std::string>>(truth, "segment_flags", number, {});
  std::sort(expected.begin(), expected.end());
  const std::string rtt = frame.rtt_us == FrameInfo::no_rtt ? "" : seconds_text(std::int64_t{frame.rtt_us} * 1000);
  // Files with nanoseconds: ours is in microseconds.
  std::string expected_rtt = told<std::string>(truth, "ack_rtt", number, "");
  if (!expected_rtt.empty()) expected_rtt.replace(expected_rtt.size() - 3, 3, "000");
  return {names_of(frame.marks) == expected, frame.in_flight == told<std::uint32_t>(truth, "in_flight", number, 0),
          rtt == expected_rtt};
}

bool is_segment(const ImportedCapture& capture, const FrameInfo& frame) {
  return frame.kind == FrameKind::conversation && capture.flows.flows()[frame.flow].protocol == Protocol::tcp;
}

// With FOURTUPLE_AGREEMENT set the table of docs/capture-analysis.md is printed.
void print_row(const std::string& file, std::size_t segments, const std::array<std::size_t, 3>& different) {
  if (std::getenv("FOURTUPLE_AGREEMENT") == nullptr || segments == 0) return;
  std::printf("| %s | %zu |", file.c_str(), segments);
  for (const std::size_t count : different) std::printf(" %zu |", segments - count);
  std::printf("\n");
}

TEST_P(Truth, judges_segments_as_tshark_does) {
  const json truth = truth_of(GetParam());
  const auto capture = import_capture(folder / GetParam());
  ASSERT_TRUE(capture.has_value()) << capture.error().to_string();
  std::size_t segments = 0;
  std::array<std::size_t, 3> different{};
  std::string frames;
  for (std::size_t i = 0; i < capture->frames.size(); ++i) {
    if (!is_segment(*capture, capture->frames[i])) continue;
    ++segments;
    const Agreement same = compare(truth, capture->frames[i], std::to_string(i + 1));
    different[0] += !same.marks;
    different[1] += !same.in_flight;
    different[2] += !same.rtt;
    if (!same.marks || !same.in_flight || !same.rtt) frames += " " + std::to_string(i + 1);
  }
  print_row(GetParam(), segments, different);
  // docs/capture-analysis.md explains those of the made-up segments.
  const bool made_up = GetParam() == "segments.pcap";
  const std::array<std::size_t, 3> accepted{made_up ? 2u : 0u, made_up ? 6u : 0u, 0u};
  EXPECT_EQ(different, accepted) << "of " << segments << ", frames" << frames;
}

TEST_P(Truth, agrees_with_tshark) {
  const json truth = truth_of(GetParam());
  const auto capture = import_capture(folder / GetParam());
  ASSERT_TRUE(capture.has_value()) << capture.error().to_string();
  EXPECT_EQ(capture->report.end.clean(), truth["reader"]["tshark_exit"] == 0) << capture->report.end.message;
  std::string text;
  write_json(*capture, [&](std::string_view piece) { text += piece; });
  const json ours = json::parse(text);
  EXPECT_EQ(nlohmann::ordered_json::parse(text).dump(1) + "\n", text) << "pieces fit together";
  expect_agreement(ours["totals"], truth["totals"], "totals");
  if (truth.contains("packets_per_interface")) {
    EXPECT_EQ(ours["packets_per_interface"], truth["packets_per_interface"]);
  }
  for (const char* kind : {"tcp", "udp"}) {
    const json conversations = conversations_of(ours, kind);
    ASSERT_EQ(conversations.size(), truth[kind].size()) << kind;
    for (std::size_t i = 0; i < conversations.size(); ++i) {
      const std::string where = std::string(kind) + "[" + std::to_string(i) + "]";
      expect_agreement(conversations[i], truth[kind][i], where, GetParam() != "segments.pcap");
      if (kind == std::string_view("tcp")) expect_label(conversations[i], truth[kind][i], where);
    }
    // tshark also checks the packets that ICMP errors quote.
    if (truth["totals"]["icmp_errors_with_transport"] != 0) continue;
    EXPECT_EQ(ours["checksums"][kind]["bad"], truth["checksums"][kind]["bad"]) << kind;
  }
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Captures, Truth, testing::ValuesIn(captures()), test_name);

}  // namespace
}  // namespace fourtuple::capture
