#include "sim/world/application.h"

#include <algorithm>
#include <utility>

namespace fourtuple::world {
namespace {

using stack::Context;
using Piece = stack::Payload;
using stack::Peer;
using stack::Result;
using state::Errno;

constexpr std::uint32_t write_at_once = 1u << 30;
constexpr std::uint32_t chargen_datagram = 72;  // RFC 864: one line of the pattern

void write_next(Application& app, ContentId content, std::uint64_t offset, std::uint64_t length) {
  app.unsent = {content, offset, static_cast<std::uint32_t>(std::min<std::uint64_t>(length, write_at_once))};
  app.unsent_more = length - app.unsent.length;
}

// The number does not lead to a socket: no use in asking again.
bool is_unusable(Errno error) {
  return error == Errno::ebadf || error == Errno::enotsock;
}

void note_wakeup(Context& c, SocketId socket) {
  if (!c.trace.wants(trace::Level::stages)) return;
  note(c, c.socket(socket).host,
       trace::StageEntered{c.system.arriving, trace::Stage::process_wakeup, InterfaceId::none()});
}

}  // namespace

std::uint32_t Applications::attach(Context& c, const Application& application) {
  const std::uint32_t index = pool_.allocate();
  pool_.mut(index) = application;
  c.mut_core(application.socket).app = index;
  return index;
}

void Applications::detach(Context& c, SocketId socket) {
  const std::uint32_t index = c.core(socket).app;
  if (index == stack::nil) return;
  leave(c, index);
  release(index);
}

const Application* Applications::of(const Context& c, SocketId socket) const {
  const std::uint32_t index = c.core(socket).app;
  return index == stack::nil ? nullptr : &pool_[index];
}

Application* Applications::mut_of(Context& c, SocketId socket) {
  const std::uint32_t index = c.core(socket).app;
  return index == stack::nil ? nullptr : &pool_.mut(index);
}

void Applications::release(std::uint32_t index) {
  if (pool_[index].server != nothing && (*servers)[pool_[index].server].program == Program::gateway)
    forget_client(index);
  if (pool_[index].http != nothing) http_.release(pool_[index].http);
  pool_.release(index);
}

void Applications::ready(Context& c, SocketId socket) {
  const std::uint32_t index = c.core(socket).app;
  if (index == stack::nil) return;
  note_wakeup(c, socket);
  switch (pool_[index].role) {
    case Role::listener:
      return accept_all(c, index);
    case Role::serving:
      return c.socket(socket).protocol == Protocol::udp ? serve_datagrams(c, index) : serve(c, index);
    case Role::script:
      return continue_script(c, index);
    case Role::relay:
      return continue_relay(c, index);
    case Role::downstream:
      return continue_downstream(c, index);
    case Role::bulk:
      if (c.socket(socket).error == Errno::ok) flush(c, index);
      return;
  }
}

void Applications::accept_all(Context& c, std::uint32_t listener) {
  for (;;) {
    const Application parent = pool_[listener];
    const Result taken = stack::sys_accept(c, parent.process, parent.fd);
    if (taken.error != Errno::ok) return;
    Application app;
    app.process = parent.process;
    app.socket = taken.socket;
    app.fd = taken.value;
    app.server = parent.server;
    const Server& server = (*servers)[parent.server];
    if (server.program == Program::http) app.http = http_.allocate();
    if (server.program == Program::chargen) write_next(app, ContentId{0}, 0, std::uint64_t{1} << 50);
    const std::uint32_t index = attach(c, app);
    if (server.program == Program::proxy)
      start_relay(c, index);
    else
      serve(c, index);
  }
}

void Applications::serve(Context& c, std::uint32_t index) {
  for (;;) {
    if (!flush(c, index)) return;
    const Application app = pool_[index];
    if (app.peer_finished && awaits_answer(app, index)) return;
    if (app.peer_finished) return hang_up(c, index);
    Piece part;
    Peer peer;
    const Result got = stack::sys_receive(c, app.process, app.fd, read_at_once, part, peer);
    if (got.error == Errno::eagain) return;
    if (got.error != Errno::ok) return hang_up(c, index);
    if (part.length == 0) {
      pool_.mut(index).peer_finished = true;
    } else {
      const Handle still = pool_.handle(index);
      handle_input(c, index, part);
      if (!pool_.alive(still)) return;  // a gateway that cannot ask hangs up
    }
  }
}

bool Applications::handle_input(Context& c, std::uint32_t index, const Piece& part) {
  Application& app = pool_.mut(index);
  const Server& server = (*servers)[app.server];
  switch (server.program) {
    case Program::echo:
      write_next(app, part.content, part.offset, part.length);
      break;
    case Program::http:
      answer_http(app, part);
      break;
    case Program::request_response:
      answer_when_complete(app, server, part.length);
      break;
    case Program::gateway:
      app.counted += part.length;
      take_requests(c, index);
      return true;
    default:
      break;
  }
  return flush(c, index);
}

void Applications::answer_when_complete(Application& app, const Server& server, std::uint32_t length) {
  app.counted += length;
  const std::uint64_t complete = app.counted / server.request_bytes;
  app.counted %= server.request_bytes;
  // A pattern reply may be repeated as one; texts are answered once per read, which is once per request in practice.
  if (complete != 0)
    write_next(app, server.reply, 0, server.reply.value == 0 ? server.reply_length * complete : server.reply_length);
}

void Applications::answer_http(Application& app, const Piece& part) {
  HttpRequest& request = http_.mut(app.http);
  const Server& server = (*servers)[app.server];
  const std::string& text = (*contents)[part.content.value < contents->size() ? part.content.value : 0].text;
  for (std::uint32_t i = 0; i < part.length; ++i) {
    const char byte = part.offset + i < text.size() ? text[part.offset + i] : 'a';
    if (byte == '\r') continue;
    request.newlines = byte == '\n' ? static_cast<std::uint8_t>(request.newlines + 1) : std::uint8_t{0};
    if (byte == ' ' || byte == '\n') {
      request.word = static_cast<std::uint8_t>(std::min<int>(request.word + 1, 2));
    } else if (request.word == 1 && request.path_length < HttpRequest::longest_path) {
      request.path[request.path_length++] = byte;
    }
    if (request.newlines < 2) continue;
    const Server::Page* answer = &server.not_found;
    for (const Server::Page& page : server.pages)
      if (page.path == request.path) answer = &page;
    request = HttpRequest{};
    write_next(app, answer->answer, 0, answer->length);
  }
}

bool Applications::flush(Context& c, std::uint32_t index) {
  for (;;) {
    Application& app = pool_.mut(index);
    if (app.unsent.length == 0) return true;
    const Result sent = stack::sys_send(c, app.process, app.fd, app.unsent);
    if (sent.error == Errno::eagain) return false;
    if (sent.error != Errno::ok) {
      app.unsent.length = 0;
      app.unsent_more = 0;
      return true;
    }
    const auto taken = static_cast<std::uint32_t>(sent.value);
    app.unsent.offset += taken;
    app.unsent.length -= taken;
    if (app.unsent.length == 0 && app.unsent_more != 0)
      write_next(app, app.unsent.content, app.unsent.offset, app.unsent_more);
  }
}

void Applications::hang_up(Context& c, std::uint32_t index) {
  const Application app = pool_[index];
  detach(c, app.socket);
  stack::sys_close(c, app.process, app.fd);
}

void Applications::serve_datagrams(Context& c, std::uint32_t index) {
  for (;;) {
    const Application app = pool_[index];
    const Server& server = (*servers)[app.server];
    Piece part;
    Peer peer;
    const Result got = stack::sys_receive(c, app.process, app.fd, 65535, part, peer);
    if (got.error == Errno::eagain || is_unusable(got.error)) return;
    if (got.error != Errno::ok) continue;
    switch (server.program) {
      case Program::echo:
        stack::sys_sendto(c, app.process, app.fd, part, peer);
        break;
      case Program::chargen:
        stack::sys_sendto(c, app.process, app.fd, {ContentId{0}, 0, chargen_datagram}, peer);
        break;
      case Program::request_response:
        stack::sys_sendto(c, app.process, app.fd, {server.reply, 0, static_cast<std::uint32_t>(server.reply_length)},
                          peer);
        break;
      default:
        break;
    }
  }
}

// A connect() of the timeline that blocked came back: what the process sees.
void Applications::connect_returned(Context& c, const Application& app, Errno error) {
  const state::Socket& socket = c.socket(app.socket);
  note(c, socket.host,
       trace::Syscall{app.process, trace::Call::connect, static_cast<std::uint8_t>(error), app.fd, app.socket,
                      error == Errno::ok ? 0 : -1, socket.tuple, SocketId::none()});
  sleepers.end(c, app.process, trace::Call::connect, app.fd);
}

void Applications::end_process(Context& c, ProcessId process) {
  sleepers.forget(process);
  forget_gateway(process);
  for (std::uint32_t index = 0; index < pool_.end(); ++index) {
    if (!pool_.alive(index) || pool_[index].process != process) continue;
    leave(c, index);
    release(index);
  }
}

// The socket may be gone, and its id stand for another.
void Applications::leave(Context& c, std::uint32_t index) {
  const SocketId socket = pool_[index].socket;
  if (c.system.cores.alive(socket.value) && c.core(socket).app == index) c.mut_core(socket).app = stack::nil;
}

void Applications::give_up_calls(Application& app) {
  app.connecting = app.reading = app.writing = false;
  app.unsent.length = 0;
  app.unsent_more = 0;
  app.wanted = 0;
}

void Applications::lost_descriptor(Context& c, std::uint32_t index, ProcessId process, std::int32_t fd) {
  if (!pool_.alive(index) || pool_[index].process != process || pool_[index].fd != fd) return;
  Application& app = pool_.mut(index);
  const bool attached = c.system.cores.alive(app.socket.value) && c.core(app.socket).app == index;
  for (const std::int32_t other : attached ? stack::open_descriptors(c, process) : std::vector<std::int32_t>{}) {
    if (state::find_descriptor(c.system.visible, process, other)->socket != app.socket) continue;
    app.fd = other;
    if (app.role == Role::script) give_up_calls(app);
    return;
  }
  leave(c, index);
  if (app.role == Role::downstream) return forget_downstream(c, index);
  const std::uint32_t partner = app.role == Role::relay ? app.partner : nothing;
  release(index);
  if (partner != nothing && pool_.alive(partner)) hang_up(c, partner);
}

void Applications::end_calls(Context& c, ProcessId process) {
  for (std::uint32_t index = 0; index < pool_.end(); ++index)
    if (pool_.alive(index) && pool_[index].process == process && pool_[index].role == Role::script)
      give_up_calls(pool_.mut(index));
  sleepers.end_threads(c, process);
}

state::Errno Applications::start_writing(Context& c, SocketId socket, ContentId content, std::uint64_t length) {
  const std::uint32_t index = c.core(socket).app;
  FT_CHECK(index != stack::nil);
  const Application app = pool_[index];
  const bool busy = app.unsent.length != 0;
  const Piece first{content, 0, static_cast<std::uint32_t>(std::min<std::uint64_t>(length, write_at_once))};
  if (c.socket(socket).protocol == Protocol::udp) return stack::sys_send(c, app.process, app.fd, first).error;
  if (busy) return Errno::eagain;
  const Result sent = stack::sys_send(c, app.process, app.fd, first);
  if (sent.error != Errno::ok && sent.error != Errno::eagain) return sent.error;
  const auto taken = static_cast<std::uint64_t>(sent.error == Errno::ok ? sent.value : 0);
  if (taken == length) return Errno::ok;
  write_next(pool_.mut(index), content, taken, length - taken);
  pool_.mut(index).writing = true;
  sleepers.begin(c, app.process, trace::Call::send, app.fd);
  return Errno::ok;
}

void Applications::start_reading(Context& c, SocketId socket, std::uint64_t wanted) {
  const std::uint32_t index = c.core(socket).app;
  FT_CHECK(index != stack::nil);
  Application& app = pool_.mut(index);
  app.reading = true;
  app.wanted = wanted;
  continue_script(c, index);
  if (pool_.alive(index) && pool_[index].reading)
    sleepers.begin(c, pool_[index].process, trace::Call::receive, pool_[index].fd);
}

void Applications::continue_script(Context& c, std::uint32_t index) {
  Application& app = pool_.mut(index);
  const state::Socket& socket = c.socket(app.socket);
  if (app.connecting && socket.tcp_state != TcpState::syn_sent && socket.tcp_state != TcpState::syn_received) {
    app.connecting = false;
    const Errno error = socket.error;
    if (error != Errno::ok) change(c, socket.host, trace::SocketError{app.socket, 0, PacketId::none()});
    connect_returned(c, app, error);
  }
  if (app.connecting || socket.tcp_state == TcpState::listen || !flush(c, index)) return;
  if (std::exchange(app.writing, false)) sleepers.end(c, app.process, trace::Call::send, app.fd);
  while (app.reading || (app.reads_all && !app.peer_finished)) {
    const std::uint64_t most = app.wanted == 0 ? read_at_once : std::min<std::uint64_t>(app.wanted, read_at_once);
    Piece part;
    Peer peer;
    const Result got = stack::sys_receive(c, app.process, app.fd, static_cast<std::uint32_t>(most), part, peer);
    if (got.error == Errno::eagain) return;
    if (is_unusable(got.error)) return give_up_calls(app);
    app.counted += part.length;
    const bool stream = socket.protocol == Protocol::tcp;
    if ((stream && part.length == 0) || (stream && got.error != Errno::ok)) app.peer_finished = true;
    if (!app.reading) continue;
    const bool enough = app.wanted == 0 || part.length >= app.wanted || part.length == 0;
    app.wanted -= std::min<std::uint64_t>(app.wanted, part.length);
    if (got.error == Errno::ok && !enough) continue;
    app.reading = false;
    sleepers.end(c, app.process, trace::Call::receive, app.fd);
  }
}

}  // namespace fourtuple::world
