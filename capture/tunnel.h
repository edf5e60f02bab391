// IP inside IP: finds the inner packet of IPIP, 6in4, 4in6, GRE and VXLAN, so that its conversation is counted as well.
#pragma once

#include <cstdint>

#include "capture/link.h"
#include "sim/wire/decode.h"

namespace fourtuple::capture {

constexpr int max_tunnel_depth = 8;
constexpr std::uint8_t protocol_gre = 47;
constexpr std::uint16_t transparent_ethernet = 0x6558;  // GRE: a whole frame (RFC 7637)

// When `decoded` (of `bytes`) carries an IP packet, moves `bytes` and `wire_length` to it and returns Network::ip; else
// says what else it carries.
Network enter_tunnel(Bytes& bytes, std::uint32_t& wire_length, const DecodedPacket& decoded);

}  // namespace fourtuple::capture
