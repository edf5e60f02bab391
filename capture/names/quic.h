// QUIC's long header, which is the same in every version (RFC 8999 section 5.1). What follows it is encrypted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/wire/bytes.h"

namespace fourtuple::capture {

struct QuicHeader {
  std::uint32_t version = 0;  // 0: a version negotiation
  // Connection ids in hexadecimal: the one the receiver chose, the one the sender chose.
  std::string destination, source;
};

// The header of a UDP datagram's payload, if it is one of a version known here.
std::optional<QuicHeader> read_quic(Bytes datagram);

// "QUIC v1", "QUIC draft-29", "gQUIC Q046", "QUIC"; "" for a version that is not known.
std::string quic_words(std::uint32_t version);

}  // namespace fourtuple::capture
