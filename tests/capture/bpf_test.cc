#include "capture/bpf.h"

#include <gtest/gtest.h>
#include <vector>

namespace fourtuple::capture {
namespace {

// 10.0.0.1:1000 > 10.0.0.2:80, SYN.
std::vector<std::uint8_t> segment(LinkType link) {
  std::vector<std::uint8_t> bytes;
  if (link == LinkType::ethernet) bytes = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
  for (const int byte : {0x45, 0,    0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10,   0, 0,    1,    10, 0, 0, 2,
                         0x03, 0xe8, 0, 80, 0, 0, 0, 0, 0,  0, 0, 0, 0x50, 2, 0xff, 0xff, 0,  0, 0, 0})
    bytes.push_back(static_cast<std::uint8_t>(byte));
  return bytes;
}

bool takes(const std::string& text, LinkType link) {
  const auto filter = BpfFilter::compile(text, link);
  EXPECT_TRUE(filter) << filter.error().message;
  const std::vector<std::uint8_t> bytes = segment(link);
  return filter && filter->matches(bytes, static_cast<std::uint32_t>(bytes.size()));
}

TEST(BpfFilter, sees_the_same_packet_behind_different_links) {
  for (const LinkType link : {LinkType::ethernet, LinkType::raw, LinkType::raw_12, LinkType::ipv4}) {
    EXPECT_TRUE(takes("tcp port 80 and src host 10.0.0.1", link)) << name_of(link);
    EXPECT_TRUE(takes("tcp[tcpflags] == tcp-syn", link)) << name_of(link);
    EXPECT_FALSE(takes("udp or dst port 1000", link)) << name_of(link);
  }
}

TEST(BpfFilter, counts_what_was_cut_off_as_missing_and_the_whole_length_as_there) {
  const auto longer = BpfFilter::compile("greater 1000", LinkType::ethernet);
  const auto flags = BpfFilter::compile("tcp[13] = 2", LinkType::ethernet);
  std::vector<std::uint8_t> bytes = segment(LinkType::ethernet);
  EXPECT_TRUE(longer->matches(bytes, 1500));
  EXPECT_FALSE(longer->matches(bytes, 54));
  bytes.resize(34);
  EXPECT_FALSE(flags->matches(bytes, 54));
}

TEST(BpfFilter, gives_libpcaps_sentence_for_what_it_cannot_read) {
  EXPECT_NE(BpfFilter::compile("port", LinkType::ethernet).error().message.find("syntax error"), std::string::npos);
  EXPECT_FALSE(BpfFilter::compile("port 99999", LinkType::ethernet));
  EXPECT_FALSE(BpfFilter::compile("ether host 02:00:00:00:00:01", LinkType::raw));
}

}  // namespace
}  // namespace fourtuple::capture
