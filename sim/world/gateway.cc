// The program `gateway`: a server that is a client itself. For each request it takes it asks a service downstream and
// answers when that has answered. How it uses its own ports is what lesson X4 compares: a connection for each request,
// a pool of kept ones, one shared by many requests at once, more source addresses.
#include <algorithm>
#include <utility>

#include "sim/world/application.h"

namespace fourtuple::world {
namespace {

using stack::Context;
using stack::Result;
using state::Errno;

}  // namespace

Gateway& Applications::gateway_of(ProcessId process, std::uint32_t server) {
  for (Gateway& gateway : gateways_)
    if (gateway.process == process && gateway.server == server) return gateway;
  gateways_.push_back({});
  gateways_.back().process = process;
  gateways_.back().server = server;
  return gateways_.back();
}

// Every complete request of a client waits for a connection downstream.
void Applications::take_requests(Context& c, std::uint32_t client) {
  const Application app = pool_[client];
  const std::uint64_t request = (*servers)[app.server].request_bytes;
  pool_.mut(client).counted = app.counted % request;
  for (std::uint64_t left = app.counted; left >= request; left -= request)
    gateway_of(app.process, app.server).waiting.push_back(client);
  serve_waiting(c, app.process, app.server);
}

// Requests in order of their coming, as far as there are connections for them. What that sets free is seen here again,
// so it is not called from within itself.
void Applications::serve_waiting(Context& c, ProcessId process, std::uint32_t server) {
  if (std::exchange(gateway_of(process, server).serving, true)) return;
  while (ask_next(c, process, server)) {
  }
  gateway_of(process, server).serving = false;
}

// Asks for the request that waits longest; false when none waits or no connection is to be had for it.
bool Applications::ask_next(Context& c, ProcessId process, std::uint32_t server) {
  const Server& spec = (*servers)[server];
  Gateway& gateway = gateway_of(process, server);
  if (gateway.waiting.empty()) return false;
  std::uint32_t line = nothing;
  for (const std::uint32_t kept : gateway.connections)
    if (spec.multiplex || !is_asking(gateway, kept)) line = kept;
  const bool may_open = spec.pool == 0 || gateway.connections.size() < spec.pool;
  if (line == nothing && !may_open) return false;
  const std::uint32_t client = gateway.waiting.front();
  gateway.waiting.erase(gateway.waiting.begin());
  if (line == nothing) line = open_downstream(c, process, server);
  if (line == nothing) {
    hang_up(c, client);  // its request cannot be answered
    return true;
  }
  gateway_of(process, server).asked.push_back({line, client});
  const auto length = static_cast<std::uint32_t>(spec.request_bytes);
  Application& connection = pool_.mut(line);
  if (connection.unsent.length == 0)
    connection.unsent = {ContentId{0}, 0, length};
  else
    connection.unsent_more += length;
  continue_downstream(c, line);
  return true;
}

bool Applications::is_asking(const Gateway& gateway, std::uint32_t line) {
  return std::any_of(gateway.asked.begin(), gateway.asked.end(),
                     [&](const Gateway::Asked& asked) { return asked.line == line; });
}

// A new connection, or nothing: EMFILE, EADDRNOTAVAIL.
std::uint32_t Applications::open_downstream(Context& c, ProcessId process, std::uint32_t server) {
  const Server& spec = (*servers)[server];
  const Result made = stack::sys_socket(c, process, Protocol::tcp, c.address(spec.forward.address).family);
  if (made.error != Errno::ok) return nothing;
  if (!spec.sources.empty()) {
    Gateway& gateway = gateway_of(process, server);
    const AddressId source = spec.sources[gateway.opened++ % spec.sources.size()];
    stack::sys_set_option(c, process, made.value, stack::SocketOption::bind_address_no_port, 1);
    if (stack::sys_bind(c, process, made.value, source, 0).error != Errno::ok) {
      stack::sys_close(c, process, made.value);
      return nothing;
    }
  }
  const Result connected = stack::sys_connect(c, process, made.value, spec.forward);
  if (connected.error != Errno::ok && connected.error != Errno::einprogress) {
    stack::sys_close(c, process, made.value);
    return nothing;
  }
  Application app;
  app.process = process;
  app.socket = made.socket;
  app.fd = made.value;
  app.server = server;
  app.role = Role::downstream;
  app.connecting = true;
  const std::uint32_t line = attach(c, app);
  gateway_of(process, server).connections.push_back(line);
  return line;
}

void Applications::continue_downstream(Context& c, std::uint32_t line) {
  {
    Application& app = pool_.mut(line);
    if (app.connecting && opening(c, app.socket)) return;
    app.connecting = false;
    if (c.socket(app.socket).tcp_state == TcpState::closed) return lose_downstream(c, line);
  }
  const Application app = pool_[line];
  for (;;) {
    flush(c, line);
    stack::Payload part;
    stack::Peer peer;
    const Result got = stack::sys_receive(c, app.process, app.fd, read_at_once, part, peer);
    if (got.error == Errno::eagain) break;
    if (got.error != Errno::ok || part.length == 0) return lose_downstream(c, line);
    pool_.mut(line).counted += part.length;
    if (!hand_on_answers(c, line)) break;
  }
  serve_waiting(c, app.process, app.server);
}

// Every complete answer goes to the client that has waited longest on this connection; false when the connection was
// closed afterwards.
bool Applications::hand_on_answers(Context& c, std::uint32_t line) {
  const Application app = pool_[line];
  const Server& spec = (*servers)[app.server];
  while (pool_[line].counted >= spec.answer_bytes) {
    pool_.mut(line).counted -= spec.answer_bytes;
    Gateway& gateway = gateway_of(app.process, app.server);
    const auto first = std::find_if(gateway.asked.begin(), gateway.asked.end(),
                                    [&](const Gateway::Asked& asked) { return asked.line == line; });
    if (first == gateway.asked.end()) break;
    const std::uint32_t client = first->client;
    gateway.asked.erase(first);
    if (spec.pool == 0) close_downstream(c, line);
    if (client != nothing) answer_client(c, client);
    if (spec.pool == 0) return false;
  }
  return true;
}

void Applications::answer_client(Context& c, std::uint32_t client) {
  Application& app = pool_.mut(client);
  const Server& spec = (*servers)[app.server];
  if (app.unsent.length == 0)
    app.unsent = {spec.reply, 0, static_cast<std::uint32_t>(spec.reply_length)};
  else
    app.unsent_more += spec.reply_length;  // a client that does not read: its answers follow one another
  if (app.peer_finished)
    serve(c, client);  // hangs up after the last answer
  else
    flush(c, client);
}

// Whether answers for a client are still to come.
bool Applications::awaits_answer(const Application& client, std::uint32_t index) const {
  for (const Gateway& gateway : gateways_) {
    if (gateway.process != client.process || gateway.server != client.server) continue;
    const auto is_its = [&](const Gateway::Asked& asked) { return asked.client == index; };
    return std::find(gateway.waiting.begin(), gateway.waiting.end(), index) != gateway.waiting.end() ||
           std::any_of(gateway.asked.begin(), gateway.asked.end(), is_its);
  }
  return false;
}

// A client has gone: nothing is asked for it any more, and what was asked is answered to nobody.
void Applications::forget_client(std::uint32_t client) {
  for (Gateway& gateway : gateways_) {
    std::erase(gateway.waiting, client);
    for (Gateway::Asked& asked : gateway.asked)
      if (asked.client == client) asked.client = nothing;
  }
}

void Applications::close_downstream(Context& c, std::uint32_t line) {
  const Application app = pool_[line];
  std::erase(gateway_of(app.process, app.server).connections, line);
  hang_up(c, line);
}

// A client whose request cannot be answered any more is hung up on.
void Applications::lose_downstream(Context& c, std::uint32_t line) {
  const Application app = pool_[line];
  leave(c, line);
  stack::sys_close(c, app.process, app.fd);
  forget_downstream(c, line);
}

// The connection is closed; it is no longer part of the gateway.
void Applications::forget_downstream(Context& c, std::uint32_t line) {
  const Application app = pool_[line];
  Gateway& gateway = gateway_of(app.process, app.server);
  std::erase(gateway.connections, line);
  std::vector<std::uint32_t> clients;
  for (const Gateway::Asked& one : gateway.asked)
    if (one.line == line) clients.push_back(one.client);
  std::erase_if(gateway.asked, [&](const Gateway::Asked& one) { return one.line == line; });
  release(line);
  for (std::size_t i = 0; i < clients.size(); ++i)
    if (clients[i] != nothing && std::find(clients.begin(), clients.begin() + static_cast<std::ptrdiff_t>(i),
                                           clients[i]) == clients.begin() + static_cast<std::ptrdiff_t>(i))
      hang_up(c, clients[i]);
  serve_waiting(c, app.process, app.server);
}

void Applications::forget_gateway(ProcessId process) {
  std::erase_if(gateways_, [&](const Gateway& gateway) { return gateway.process == process; });
}

}  // namespace fourtuple::world
