// SYN cookies: an initial sequence number that says all the answerer of a SYN must know later, so that it need not
// remember anything. It holds the minute, an index into a table of four MSS and a secret function of the four-tuple, as
// in Linux (net/ipv4/syncookies.c). With timestamps the other options go into the low bits of the timestamp.
#pragma once

#include <cstdint>

#include "sim/base/time.h"
#include "sim/wire/address.h"
#include "sim/wire/packet.h"

namespace fourtuple::tcp {

// What cookies are made with and judged by.
struct CookieKey {
  std::uint64_t secret = 0;  // of the host
  Family family = Family::ipv4;
  Time now;
};

// The answer's sequence number. `mss`: what the SYN offers; it is rounded down to one of the table.
SeqNumber make_cookie(const CookieKey& key, const Packet& syn, std::uint16_t mss);
// The MSS that the cookie `ack` acknowledges tells; 0: it is none, or too old.
std::uint16_t read_cookie(const CookieKey& key, const Packet& ack);

// Bits of a timestamp that hold the options of `syn`: six.
std::uint32_t cookie_option_bits(const Packet& syn);
inline constexpr std::uint32_t cookie_option_mask = 0x3f;  // TSMASK
// Gives `syn` the options that these bits tell: window scale and permission of SACK.
void restore_cookie_options(std::uint32_t bits, Packet& syn);

}  // namespace fourtuple::tcp
