// Every committed capture, anonymized: the same conversations and judgements under other addresses, and nothing that
// identifies anybody.
#include "capture/anonymize/anonymize.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "capture/anonymize/address_map.h"
#include "capture/capture_bytes.h"
#include "capture/importer.h"
#include "tests/capture/builders.h"

namespace fourtuple::capture {
namespace {

using namespace test;
namespace fs = std::filesystem;

constexpr const char* secret = "a secret";

std::vector<std::string> captures() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(FT_SOURCE_DIR) / "tests/captures"))
    if (entry.is_regular_file() && entry.path().extension().string().starts_with(".pcap"))
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

Buffer content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

ImportedCapture import(const std::string& path) {
  auto capture = import_capture(path);
  EXPECT_TRUE(capture.has_value()) << (capture ? "" : capture.error().to_string());
  return std::move(*capture);
}

struct Pair {
  explicit Pair(const std::string& name, bool cut = false)
      : path(fs::exists(name) ? name : FT_SOURCE_DIR "/tests/captures/" + name), out(folder / "out.pcapng") {
    auto result = anonymize(path, out, {key_of(secret), cut});
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().to_string());
    done = *result;
    before = import(path);
    after = import(out);
  }

  TemporaryFolder folder;
  std::string path, out;
  Anonymized done;
  ImportedCapture before, after;
};

// What of a conversation must stay, its ends as `map` gives them.
std::string story(const Flow& flow, const AddressTable& addresses, AddressMap* map) {
  const auto end = [&](AddressId id) { return (map == nullptr ? addresses[id] : map->of(addresses[id])).to_string(); };
  std::string text = end(flow.a) + " " + end(flow.b);
  for (const std::uint64_t value :
       {std::uint64_t{flow.a_port}, std::uint64_t{flow.b_port}, flow.packets[0], flow.packets[1], flow.bytes[0],
        flow.bytes[1], flow.payload[0], flow.payload[1], std::uint64_t{flow.first_frame},
        std::uint64_t{flow.last_frame}, std::uint64_t{flow.icmp_errors}, std::uint64_t{flow.last_icmp_error},
        std::uint64_t{flow.later_fragments[0]}, std::uint64_t{flow.tcp.completeness}, std::uint64_t{flow.tcp.rst[0]},
        std::uint64_t{flow.tcp.fin[1]}, static_cast<std::uint64_t>(flow.tcp.initial_rtt_ns.value_or(-1)),
        std::uint64_t{flow.depth}})
    text += " " + std::to_string(value);
  return text;
}

void expect_same_story(const Pair& pair) {
  AddressMap map(key_of(secret));
  const auto& before = pair.before.flows.flows();
  const auto& after = pair.after.flows.flows();
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_EQ(story(after[i], pair.after.trace.tables().addresses, nullptr),
              story(before[i], pair.before.trace.tables().addresses, &map));
  ASSERT_EQ(pair.after.frames.size(), pair.before.frames.size());
  for (std::size_t i = 0; i < pair.before.frames.size(); ++i) {
    const FrameInfo &was = pair.before.frames[i], &is = pair.after.frames[i];
    EXPECT_EQ(is.marks, was.marks) << "frame " << i + 1;
    EXPECT_EQ(is.kind, was.kind) << "frame " << i + 1;
    EXPECT_EQ(is.flow, was.flow) << "frame " << i + 1;
    EXPECT_EQ(is.original, was.original) << "frame " << i + 1;
    EXPECT_EQ(is.time_ns, was.time_ns) << "frame " << i + 1;
  }
}

// Both ends of no conversation side by side, as they are in headers; a single short address may be there by chance.
void expect_no_address(const Pair& pair) {
  AddressMap map(key_of(secret));
  const Buffer content = content_of(pair.out);
  const AddressTable& addresses = pair.before.trace.tables().addresses;
  for (const Flow& flow : pair.before.flows.flows()) {
    const IpAddress &a = addresses[flow.a], &b = addresses[flow.b];
    if (map.of(a) == a && map.of(b) == b) continue;
    const auto length = a.family == Family::ipv4 ? 4 : 16;
    Buffer both(a.bytes.begin(), a.bytes.begin() + length);
    both.insert(both.end(), b.bytes.begin(), b.bytes.begin() + length);
    EXPECT_EQ(std::search(content.begin(), content.end(), both.begin(), both.end()), content.end()) << a.to_string();
    std::rotate(both.begin(), both.begin() + length, both.end());
    EXPECT_EQ(std::search(content.begin(), content.end(), both.begin(), both.end()), content.end()) << b.to_string();
  }
}

class Anonymize : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Captures, Anonymize, ::testing::ValuesIn(captures()), [](const auto& parameter) {
  std::string name = parameter.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.'; }, '_');
  return name;
});

TEST_P(Anonymize, tells_the_same_story_of_other_addresses_with_checksums_as_they_were) {
  const Pair pair(GetParam());
  expect_same_story(pair);
  expect_no_address(pair);
  const CaptureReport &was = pair.before.report, &is = pair.after.report;
  for (const auto member :
       {&CaptureReport::ip_checksums, &CaptureReport::tcp_checksums, &CaptureReport::udp_checksums}) {
    EXPECT_EQ((is.*member).good, (was.*member).good);
    EXPECT_EQ((is.*member).bad, (was.*member).bad);
  }
  for (std::size_t i = 0; i < pair.before.frames.size(); ++i)
    EXPECT_EQ(pair.after.frames[i].captured, pair.before.frames[i].captured);
}

TEST_P(Anonymize, tells_the_same_story_with_its_payload_cut_off) {
  const Pair pair(GetParam(), true);
  expect_same_story(pair);
  CaptureBytes bytes(pair.after);
  for (const Packet& packet : packets_of(pair.after.trace)) {
    const FrameInfo& frame = pair.after.frames[packet.id.value];
    if (frame.kind != FrameKind::conversation || packet.payload_length == 0) continue;
    EXPECT_LE(frame.captured, packet.payload_offset - frame.file_offset) << "frame " << packet.id.value + 1;
  }
}

TEST(AnonymizedBytes, hold_no_payload_and_no_hardware_address) {
  const Pair pair("web.pcap");
  const Buffer content = content_of(pair.out);
  const std::string text(content.begin(), content.end());
  EXPECT_EQ(text.find("HTTP"), std::string::npos);
  EXPECT_EQ(text.find("Host:"), std::string::npos);
  CaptureBytes before(pair.before), after(pair.after);
  std::set<Buffer> cards;
  for (std::uint32_t i = 0; i < pair.before.frames.size(); ++i) {
    const Buffer frame = before.frame({i});
    for (const int at : {0, 6})
      if ((frame[static_cast<std::size_t>(at)] & 1) == 0) cards.emplace(frame.begin() + at, frame.begin() + at + 6);
  }
  EXPECT_EQ(cards.size(), 2u);
  for (const Buffer& card : cards)
    EXPECT_EQ(std::search(content.begin(), content.end(), card.begin(), card.end()), content.end());
  EXPECT_GT(pair.done.payload_bytes, 1000u);
}

TEST(AnonymizedFile, keeps_interfaces_and_directions_but_no_names) {
  const Pair pair("nat_both.pcapng");
  EXPECT_EQ(pair.after.interfaces.size(), pair.before.interfaces.size());
  for (const CaptureInterface& interface : pair.after.interfaces) EXPECT_EQ(interface.name, "");
  for (std::size_t i = 0; i < pair.before.frames.size(); ++i)
    EXPECT_EQ(pair.after.frames[i].interface, pair.before.frames[i].interface);
  EXPECT_TRUE(pair.done.end.clean());
}

TEST(AnonymizedFile, has_what_came_before_a_damage) {
  const Pair pair("damaged_tail.pcap");
  EXPECT_FALSE(pair.done.end.clean());
  EXPECT_EQ(pair.done.packets, pair.before.report.packets);
  EXPECT_TRUE(pair.after.report.end.clean());
}

TEST(AnonymizedFile, is_never_the_capture_itself) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.pcap";
  fs::copy_file(FT_SOURCE_DIR "/tests/captures/web.pcap", path);
  const auto size = fs::file_size(path);
  const auto refused = anonymize(path, folder.string() + "/./a.pcap", {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().to_string().find("this is the capture itself"), std::string::npos);
  EXPECT_EQ(fs::file_size(path), size);
}

Buffer scrubbed_payload(const Buffer& packet) {
  const TemporaryFolder folder;
  PcapFile file;
  file.add(1, 0, packet);
  const Pair pair(write_file(folder / "one.pcap", file.bytes));
  CaptureBytes bytes(pair.after);
  return bytes.frame({0});
}

TEST(AnonymizedBytes, keep_the_sum_of_a_later_fragment_in_its_first_word) {
  Packet part = udp_packet(7, 8);
  part.fragment_flags = FragmentFlag::is_fragment;
  part.fragment_offset = 2;
  Buffer packet;
  const Buffer data{0x12, 0x34, 0, 0, 0x11, 0x11, 0x80};
  encode_ip(part, *IpAddress::parse("10.0.0.1"), *IpAddress::parse("203.0.113.9"), data, packet);
  const Buffer scrubbed = scrubbed_payload(packet);
  EXPECT_EQ(Buffer(scrubbed.begin() + 20, scrubbed.end()), (Buffer{0xa3, 0x45, 0, 0, 0, 0, 0}));
}

TEST(AnonymizedBytes, of_a_transport_not_known_are_zeros) {
  Packet other = udp_packet(7, 8);
  Buffer packet = ip_bytes(other, "10.0.0.1", "203.0.113.9", {1, 2, 3, 4});
  packet[9] = 89;  // OSPF, full of addresses
  const Buffer scrubbed = scrubbed_payload(packet);
  EXPECT_EQ(Buffer(scrubbed.begin() + 20, scrubbed.end()), Buffer(12, 0));
}

// A hop-by-hop header of 1,336 bytes behind one that is whole, and an authentication header of 1,028 behind IPv4.
TEST(AnonymizedBytes, keep_what_is_wrong_with_extension_headers) {
  constexpr std::uint8_t hop_by_hop = 0, authentication = 51, unknown = 0xdd;
  Buffer v6 = ip_bytes(udp_packet(7, 8), "fd00::1", "fd00::2", Buffer(32, 0x66));
  v6[6] = hop_by_hop;
  const Buffer extensions{hop_by_hop, 0, 1, 4, 0, 0, 0, 0, unknown, 0xa6, 1, 2, 3, 4, 5, 6};
  std::copy(extensions.begin(), extensions.end(), v6.begin() + 40);
  Buffer v4 = ip_bytes(udp_packet(7, 8), "10.0.0.1", "10.0.0.2", Buffer(32, 0x66));
  v4[9] = authentication;
  v4[20] = unknown;
  v4[21] = 0xff;
  // Up to where each says the length that cannot be.
  for (const auto& [packet, said] : {std::pair<Buffer, std::ptrdiff_t>{v6, 50}, {v4, 22}}) {
    SCOPED_TRACE(packet.size());
    const TemporaryFolder folder;
    PcapFile file;
    file.add(1, 0, packet);
    const Pair pair(write_file(folder / "one.pcap", file.bytes));
    EXPECT_EQ(pair.before.frames[0].kind, FrameKind::damaged);
    EXPECT_EQ(pair.after.frames[0].kind, FrameKind::damaged);
    CaptureBytes bytes(pair.after);
    const Buffer scrubbed = bytes.frame({0});
    EXPECT_TRUE(std::equal(scrubbed.begin() + (said - 2), scrubbed.begin() + said, packet.begin() + (said - 2)));
    EXPECT_EQ(Buffer(scrubbed.begin() + said, scrubbed.end()),
              Buffer(packet.size() - static_cast<std::size_t>(said), 0));
  }
}

}  // namespace
}  // namespace fourtuple::capture
