#include "sim/stack/sockets.h"

#include "sim/stack/demux.h"
#include "sim/stack/options.h"
#include "sim/stack/ports.h"
#include "sim/stack/udp.h"

namespace fourtuple::stack {

SocketId create_socket(Context& c, HostId host, ProcessId owner, Protocol protocol, Family family, SocketId listener,
                       std::uint8_t flags) {
  const SocketId id{c.system.cores.allocate()};
  const std::uint32_t inode = c.host(host).next_inode++;
  change(c, host, trace::SocketCreated{id, protocol, family, flags, inode, listener, owner});
  return id;
}

void destroy_socket(Context& c, SocketId id) {
  leave_connection(c, id);
  leave_port(c, id);
  const SocketCore& core = c.core(id);
  if (core.kind == CoreKind::datagram) udp_discard_queue(c, id);
  if (core.connection != nil) c.system.connections.release(core.connection);
  release_extra(c, id);
  change(c, c.socket(id).host, trace::SocketClosed{id});
  c.system.cores.release(id.value);
}

bool has_lost_port(const Context& c, SocketId id) {
  const SocketCore& core = c.core(id);
  return (core.has(CoreFlag::auto_port) || core.has(CoreFlag::lent_port)) && !core.has(CoreFlag::in_port_chain);
}

void fix_address(Context& c, SocketId id, AddressId address, std::uint16_t port) {
  const state::Socket& socket = c.socket(id);
  change(c, socket.host,
         trace::SocketBound{id, address, port, static_cast<std::uint8_t>(socket.flags | state::SocketFlag::bound)});
}

void become_bound(Context& c, SocketId id, AddressId address, std::uint16_t port) {
  fix_address(c, id, address, port);
  if (c.socket(id).protocol == Protocol::udp) c.mut_core(id).kind = CoreKind::datagram;
  enter_port(c, id);
}

}  // namespace fourtuple::stack
