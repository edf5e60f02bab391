// The two queues of a listening socket, as Linux keeps them: connection requests whose handshake is under way (the SYN
// queue; here they are sockets in SYN-RECEIVED) and connections that wait for accept().
//
//   SYN ──▶ SYN queue ──ACK──▶ accept queue ──accept()──▶ process
//
// listen(n) lets each of them hold n + 1. Kernel data: tests/data/kernel/sockets/connection_life.json.
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

// What becomes of a SYN (tcp_conn_request).
enum class SynFate : std::uint8_t { request, cookie, syn_queue_full, accept_queue_full };
SynFate judge_syn(const Context& c, SocketId listener);
// Whether `packet` is the ACK that would complete the handshake of the request, while nobody has room for it.
bool overflows_accept_queue(const Context& c, SocketId request, const Packet& packet);
bool accept_queue_full(const Context& c, SocketId listener);

// --- the life of a request ---
void request_made(Context& c, SocketId request);
// Its SYN and ACK was repeated.
void request_repeated(Context& c, SocketId request);
// It left SYN-RECEIVED.
void request_over(Context& c, SocketId request);
// How often its SYN and ACK may be repeated: less the fuller the queue is with old ones (reqsk_timer_handler).
std::uint8_t request_retries(const Context& c, SocketId request, const tcp::Patience& patience);

}  // namespace fourtuple::stack
