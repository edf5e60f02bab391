// TCP sockets: the join between a tcp::Connection (which knows no addresses, sockets or clock) and the host.
#pragma once

#include "sim/stack/context.h"
#include "sim/stack/hooks.h"
#include "sim/stack/udp.h"
#include "sim/tcp/config.h"
#include "sim/tcp/endpoint.h"
#include "sim/tcp/result.h"

namespace fourtuple::stack {

// --- opening ---
// Sends the SYN; `old` when it takes the place of a connection in TIME-WAIT, which is gone already. REQUIRES: the
// socket has its whole tuple and is findable.
void tcp_open(Context& c, SocketId socket, const tcp::Succession* old = nullptr);
// A SYN reached a listener: makes the connection and answers.
void tcp_open_child(Context& c, SocketId listener, const Packet& syn);
// The ACK of a SYN cookie reached a listener: makes the connection that takes it; `syn` as read_cookie() restored it.
SocketId tcp_open_by_cookie(Context& c, SocketId listener, const Packet& syn, const Packet& ack);
// Forgets a connection request without a word.
void tcp_drop_request(Context& c, SocketId request, PacketId cause);
// How a connection of this host with this four-tuple is opened.
tcp::Config tcp_config_for(Context& c, HostId host, const FourTuple& tuple);
// Another connection takes the four-tuple of one in TIME-WAIT. A process that still holds that socket keeps it, closed.
void tcp_yield_tuple(Context& c, SocketId time_wait);
// A SYN reached TIME-WAIT and may start a new connection in its place (RFC 9293 section 3.6.1, RFC 6191).
void tcp_reopen(Context& c, SocketId time_wait, const Packet& syn);
// Takes the oldest completed connection; none() when the queue is empty.
SocketId tcp_take_completed(Context& c, SocketId listener);

// --- the network's side ---
void tcp_after_segment(Context& c, SocketId socket, const tcp::SegmentResult& result, PacketId cause);
void tcp_deadline(Context& c, SocketId socket);
// Sends a segment that belongs to no socket as the answer to `packet`.
void tcp_send_answer(Context& c, HostId host, const Packet& packet, Packet& answer, const Origin& origin = {});
// An ICMP error quoted a segment of this connection; `mtu` is the next hop's when the error says so.
void tcp_error(Context& c, SocketId socket, const Packet& error, state::Errno code, std::uint32_t mtu);

// --- the process's side ---
// Appends what fits into the send buffer and returns how many bytes that were.
std::uint32_t tcp_write(Context& c, SocketId socket, const Payload& payload);
// Takes up to `limit` bytes that lie together in one written piece; false when nothing is readable.
bool tcp_read(Context& c, SocketId socket, std::uint32_t limit, Payload& part);
void tcp_shutdown_write(Context& c, SocketId socket);
void tcp_shutdown_read(Context& c, SocketId socket);
// SO_KEEPALIVE of a connection, or TCP_KEEPIDLE while it is on.
void tcp_keep_alive(Context& c, SocketId socket, bool on);
// A listener no longer listens: requests are forgotten, connections nobody accepted are reset.
void tcp_stop_listening(Context& c, SocketId listener);
// The process lets go: FIN, or RST when data is unread or linger is 0. A listener resets whom nobody accepted.
void tcp_close(Context& c, SocketId socket);

// Sends what the connection owes, arms its timer, makes its state visible and forgets it when it is over.
void tcp_settle(Context& c, SocketId socket, PacketId cause = PacketId::none());

}  // namespace fourtuple::stack
