// The answer to a segment that belongs to no connection: RFC 9293 section 3.10.7.1.
// Kernel data: tests/data/kernel/tcp_reset.json, crafted_to_closed_port.
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {

bool reset_reply(const Packet& offending, Packet& reply) {
  if (offending.has(TcpFlag::rst)) return false;
  reply = Packet{};
  reply.protocol = Protocol::tcp;
  if (offending.has(TcpFlag::ack)) {
    reply.flags = TcpFlag::rst;
    reply.seq = offending.ack;
    return true;
  }
  reply.flags = TcpFlag::rst | TcpFlag::ack;
  const std::uint32_t phantom = (offending.has(TcpFlag::syn) ? 1u : 0u) + (offending.has(TcpFlag::fin) ? 1u : 0u);
  reply.ack = offending.seq + offending.payload_length + phantom;
  return true;
}

}  // namespace fourtuple::tcp
