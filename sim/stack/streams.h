// What the bytes of a TCP direction are. A stream is a list of written pieces, each a range of a content; nothing is
// copied, so a stream of a terabyte costs one extent.
#pragma once

#include "sim/stack/context.h"
#include "sim/stack/udp.h"

namespace fourtuple::stack {

// Appends a written piece to the outgoing stream of a socket.
void append_to_stream(Context& c, SocketId socket, const Payload& piece);

// The part of the incoming stream that starts at `offset` and lies in one written piece, at most `limit` bytes.
// REQUIRES: calls for one socket come with rising offsets.
Payload stream_piece(Context& c, SocketId socket, std::uint64_t offset, std::uint32_t limit);

}  // namespace fourtuple::stack
