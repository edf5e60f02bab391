// SYN cookies: a listener whose SYN queue is full answers all the same and remembers nothing. What it must know later
// is in the sequence number of its SYN and ACK, and, with timestamps, in the low bits of its timestamp.
//
// The cookie itself is in sim/tcp/syn_cookie.h.
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

void send_cookie(Context& c, SocketId listener, const Packet& syn);
// What the ACK of a cookie tells of the SYN; false: `ack` acknowledges no cookie of this listener, or one too old.
bool read_cookie(Context& c, SocketId listener, const Packet& ack, Packet& syn);

}  // namespace fourtuple::stack
