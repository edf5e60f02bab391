// UDP (RFC 768): datagrams keep their edges; a connected socket wins the lookup and hears ICMP errors.
#pragma once

#include "sim/stack/context.h"
#include "sim/stack/hooks.h"

namespace fourtuple::stack {

void udp_input(Context& c, HostId host, const Packet& packet);

// An ICMP error about a datagram this socket sent. Linux reports it to connected sockets only (kernel data: FACTS).
void udp_error(Context& c, SocketId socket, const Packet& error, state::Errno code);

// What a datagram carries: bytes [offset, offset + length) of a content.
struct Payload {
  ContentId content;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
};

// Sends one datagram to `to`; the socket has a local port.
state::Errno udp_send(Context& c, SocketId socket, AddressId to, std::uint16_t port, const Payload& payload);

// Takes the oldest datagram from the queue; false when there is none.
bool udp_receive(Context& c, SocketId socket, Datagram& datagram);

// Frees what is queued.
void udp_discard_queue(Context& c, SocketId socket);

}  // namespace fourtuple::stack
