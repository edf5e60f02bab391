// The program `proxy`: takes a connection, opens one of its own to where it forwards, and carries bytes both ways
// (what docker-proxy does for published ports on localhost).
#include "sim/world/application.h"

namespace fourtuple::world {
namespace {

using stack::Context;
using stack::Result;
using state::Errno;

}  // namespace

void Applications::start_relay(Context& c, std::uint32_t taken) {
  const Application inside = pool_[taken];
  const Server& server = (*servers)[inside.server];
  const Family family = c.address(server.forward.address).family;
  const Result made = stack::sys_socket(c, inside.process, Protocol::tcp, family);
  if (made.error != Errno::ok) return hang_up(c, taken);
  const Result connected = stack::sys_connect(c, inside.process, made.value, server.forward);
  if (connected.error != Errno::ok && connected.error != Errno::einprogress) {
    stack::sys_close(c, inside.process, made.value);
    return hang_up(c, taken);
  }
  Application onward;
  onward.process = inside.process;
  onward.socket = made.socket;
  onward.fd = made.value;
  onward.server = inside.server;
  onward.role = Role::relay;
  onward.connecting = true;
  onward.partner = taken;
  const std::uint32_t other = attach(c, onward);
  pool_.mut(taken).role = Role::relay;
  pool_.mut(taken).partner = other;
  continue_relay(c, other);
}

void Applications::continue_relay(Context& c, std::uint32_t index) {
  Application& app = pool_.mut(index);
  const std::uint32_t partner = app.partner;
  if (app.connecting && !opening(c, app.socket)) {
    app.connecting = false;
    if (c.socket(app.socket).tcp_state == TcpState::closed) return end_relay(c, index);
  }
  if (!carry(c, index, partner) || !carry(c, partner, index)) end_relay(c, index);
}

bool Applications::carry(Context& c, std::uint32_t from, std::uint32_t to) {
  for (;;) {
    if (pool_[to].connecting || !flush(c, to)) return true;
    const Application source = pool_[from];
    const Application target = pool_[to];
    if (source.peer_finished) return !target.peer_finished;
    if (source.connecting) return true;
    stack::Payload part;
    stack::Peer peer;
    const Result got = stack::sys_receive(c, source.process, source.fd, read_at_once, part, peer);
    if (got.error == Errno::eagain) return true;
    if (got.error != Errno::ok) return false;
    if (part.length != 0) {
      pool_.mut(to).unsent = part;
      continue;
    }
    pool_.mut(from).peer_finished = true;
    if (target.peer_finished) return false;
    stack::sys_shutdown(c, target.process, target.fd, stack::Shut::write);
    return true;
  }
}

void Applications::end_relay(Context& c, std::uint32_t index) {
  const std::uint32_t partner = pool_[index].partner;
  hang_up(c, index);
  if (pool_.alive(partner)) hang_up(c, partner);
}

}  // namespace fourtuple::world
