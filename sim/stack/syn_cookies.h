// SYN cookies: a listener whose SYN queue is full answers all the same and remembers nothing. What it must know later
// is in the sequence number of its SYN and ACK, and, with timestamps, in the low bits of its timestamp.
//
// As Linux has them (net/ipv4/syncookies.c): the number holds the minute, an index into a table of four MSS and a
// secret function of the four-tuple. SACK and window scale survive only with timestamps.
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

void send_cookie(Context& c, SocketId listener, const Packet& syn);
// What the ACK of a cookie tells of the SYN; false: `ack` acknowledges no cookie of this listener, or one too old.
bool read_cookie(Context& c, SocketId listener, const Packet& ack, Packet& syn);

}  // namespace fourtuple::stack
