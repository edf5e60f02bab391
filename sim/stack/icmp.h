// ICMP and ICMPv6: echo, and the errors hosts and routers answer with (RFC 792, RFC 4443, RFC 1122 section 3.2.2).
#pragma once

#include "sim/stack/context.h"
#include "sim/stack/hooks.h"

namespace fourtuple::stack {

enum class Unreachable : std::uint8_t { network, host, port, protocol };

// Errors about `offending`, sent to its source from this host. Not sent about another ICMP error, a fragment that is
// not the first, or to an address that is not one host's; limited per destination as net.ipv4.icmp_ratelimit does.
// `cause` is the offending packet's walk through this host: the error is related to its flow.
void send_unreachable(Context& c, HostId host, const Packet& offending, Unreachable what, const Walk* cause = nullptr);
void send_time_exceeded(Context& c, HostId host, const Walk& offending);
void send_too_big(Context& c, HostId host, const Walk& offending, std::uint32_t mtu);
// What a rule that rejects answers with: destination unreachable with this code of the packet's family. `routed`: the
// packet was past prerouting.
void send_rejected(Context& c, HostId host, const Walk& offending, std::uint8_t code, bool routed);

// An ICMP packet for this host: answers echo requests, hands errors to the socket whose packet they quote.
void icmp_input(Context& c, HostId host, const Packet& packet);

// Sends an echo request with `length` bytes of test pattern.
void send_echo_request(Context& c, HostId host, AddressId destination, std::uint16_t identifier, std::uint16_t sequence,
                       std::uint32_t length);

}  // namespace fourtuple::stack
