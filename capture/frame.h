// One captured frame as a reader hands it out, and what is known about the interfaces of a capture.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/wire/address.h"
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
  // What the capturing machine counted on it (pcapng's interface statistics), as far as it says so.
  std::optional<std::uint64_t> received, dropped_by_interface, dropped_by_system;
  std::uint64_t lost_between = 0;  // packets lost before one of the file, as the packets themselves say
  std::uint32_t file = 0;          // of several read as one (capture/merge)
  std::uint32_t number = 0;        // in its file, from 0

  // Packets that passed it and are not in the file because the capturing machine was too slow.
  std::uint64_t dropped() const {
    return std::max(dropped_by_interface.value_or(0) + dropped_by_system.value_or(0), lost_between);
  }
};

// A name the file itself gives an address (pcapng's name resolution blocks).
struct CaptureName {
  IpAddress address;
  std::string name;  // as in the file, any bytes
};

// A process that the file itself names (pcapng's process blocks).
struct CaptureProcess {
  std::string name;
  std::uint32_t pid = 0;
  bool listens = false;  // it has the port; who accepted the connection is not known
};
// How our own files say so: the comment of the process's block.
constexpr std::string_view listens_comment = "listens on the port; who accepted the connection is not known";

// Which way a frame passed its interface, as the file says it.
enum class FrameDirection : std::uint8_t { unknown = 0, inbound = 1, outbound = 2 };

struct Frame {
  static constexpr std::uint32_t no_process = 0xffffffffu;
  Bytes bytes;                 // the captured part; valid until the next read
  std::uint32_t original = 0;  // length on the wire
  std::uint32_t interface = 0;
  LinkType link = LinkType::ethernet;
  std::int64_t time_ns = 0;            // since 1970 UTC, as the file says it; may run backwards
  std::uint64_t file_offset = 0;       // of the first captured byte
  std::uint32_t process = no_process;  // Reader::processes(): whose socket sent or received it on the capturing machine
  FrameDirection direction = FrameDirection::unknown;
  std::uint32_t file = 0;  // of several read as one
};

// Most bytes of one frame that are accepted: libpcap's MAXIMUM_SNAPLEN. Files claim gigabytes.
constexpr std::uint32_t max_frame_length = 262'144;

}  // namespace fourtuple::capture
