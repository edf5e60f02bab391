// ICMP and ICMPv6: echo, and the errors hosts and routers answer with (RFC 792, RFC 4443, RFC 1122 section 3.2.2).
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

enum class Unreachable : std::uint8_t { network, host, port };

// Errors about `offending`, sent to its source from this host. Not sent about another ICMP error, a fragment that is
// not the first, or to an address that is not one host's; limited per destination as net.ipv4.icmp_ratelimit does.
void send_unreachable(Context& c, HostId host, const Packet& offending, Unreachable what);
void send_time_exceeded(Context& c, HostId host, const Packet& offending);
void send_too_big(Context& c, HostId host, const Packet& offending, std::uint32_t mtu);

// An ICMP packet for this host: answers echo requests, hands errors to the socket whose packet they quote.
void icmp_input(Context& c, HostId host, const Packet& packet);

// Sends an echo request with `length` bytes of test pattern.
void send_echo_request(Context& c, HostId host, AddressId destination, std::uint16_t identifier, std::uint16_t sequence,
                       std::uint32_t length);

}  // namespace fourtuple::stack
