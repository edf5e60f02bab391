// A packet between the kernel under test and the script: what a script can say of one, in numbers of the wire or, once
// they are translated, of the script.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/drill/language/script.h"
#include "sim/wire/packet.h"

namespace fourtuple::drill {

struct Segment {
  Protocol protocol = Protocol::tcp;  // tcp or udp
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint8_t flags = 0;     // TcpFlag bits
  bool accurate_ecn = false;  // the AE bit
  std::uint32_t seq = 0, ack = 0;
  std::uint16_t window = 0, urgent = 0;
  std::uint32_t length = 0;  // bytes of payload
  std::vector<TcpOptionSpec> options;
  std::uint8_t traffic_class = 0, ttl = 64;
  std::uint32_t flow_label = 0;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  // Null without one.
  const TcpOptionSpec* option(TcpOptionSpec::Kind kind) const;
  TcpOptionSpec* option(TcpOptionSpec::Kind kind);
};

// An ICMP error about a segment that the kernel sent, or an echo request.
struct IcmpMessage {
  std::uint8_t type = 0, code = 0;
  std::uint32_t mtu = 0;  // of the next hop, in errors that name one
  Segment about;          // ports and numbers of the quoted segment
};

// Options as they stand on the wire; what no script can name becomes nop.
std::vector<TcpOptionSpec> read_options(const std::uint8_t* bytes, std::size_t size);
std::vector<std::uint8_t> write_options(const std::vector<TcpOptionSpec>& options);

// "P. 1:1001(1000) ack 1 win 257 <nop,nop,TS val 100 ecr 5>", as a script writes it.
std::string text_of(const Segment& segment);
std::string text_of(const std::vector<TcpOptionSpec>& options);
std::string flags_text(std::uint8_t flags, bool accurate_ecn);

}  // namespace fourtuple::drill
