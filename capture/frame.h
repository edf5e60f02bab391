// One captured frame as a reader hands it out, and what is known about the interfaces of a capture.
#pragma once

#include <cstdint>
#include <string>

#include "sim/wire/bytes.h"

namespace fourtuple::capture {

// Link-layer header types as registered at tcpdump.org; others occur and are kept as numbers.
enum class LinkType : std::uint16_t {
  null_loopback = 0,
  ethernet = 1,
  ppp = 9,
  raw_12 = 12,
  raw_14 = 14,
  ppp_hdlc = 50,
  raw = 101,
  loop = 108,
  linux_sll = 113,
  ipv4 = 228,
  ipv6 = 229,
  linux_sll2 = 276,
};

// "Ethernet", "Linux cooked", "link type 147".
std::string name_of(LinkType type);

struct CaptureInterface {
  std::string name;  // empty when the file does not say
  LinkType link = LinkType::ethernet;
  std::uint32_t snap_length = 0;  // 0: unlimited
};

struct Frame {
  Bytes bytes;                 // the captured part; valid until the next read
  std::uint32_t original = 0;  // length on the wire
  std::uint32_t interface = 0;
  LinkType link = LinkType::ethernet;
  std::int64_t time_ns = 0;       // since 1970 UTC, as the file says it; may run backwards
  std::uint64_t file_offset = 0;  // of the first captured byte
};

// Most bytes of one frame that are accepted: libpcap's MAXIMUM_SNAPLEN. Files claim gigabytes.
constexpr std::uint32_t max_frame_length = 262'144;

}  // namespace fourtuple::capture
