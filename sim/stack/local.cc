#include "sim/stack/local.h"

#include <algorithm>

#include "sim/stack/descriptors.h"
#include "sim/stack/local_queue.h"

namespace fourtuple::stack {
namespace {

using state::DescriptorKind;
using state::Errno;
using state::LocalKind;
using state::LocalState;
using trace::Call;

bool alive(const Context& c, LocalId id) {
  return c.system.visible.locals.alive(id.value);
}
LocalCore& core_of(Context& c, LocalId id) {
  return c.system.local_cores.mut(id.value);
}

LocalId make_local(Context& c, HostId host, LocalKind kind) {
  const LocalId id{c.system.local_cores.allocate()};
  change(c, host, trace::LocalCreated{id, static_cast<std::uint8_t>(kind), c.host(host).next_inode++});
  return id;
}

void give_local(Context& c, const Asking& ask, std::int32_t fd, DescriptorKind kind, LocalId local) {
  change(c, ask.host(),
         trace::DescriptorOpened{ask.process, fd, static_cast<std::uint8_t>(kind), SocketId::none(), StringId::none(),
                                 local});
}

void change_state(Context& c, LocalId id, LocalState state, StringId path, LocalId peer) {
  change(c, seen(c, id).host,
         trace::LocalChanged{id, static_cast<std::uint8_t>(state), path, peer, seen(c, id).backlog});
}

bool is_abstract(const Context& c, StringId path) {
  return c.trace.tables().strings[path].starts_with('@');
}

UnixName* find_name(Context& c, HostId host, StringId path) {
  for (UnixName& name : c.host(host).unix_names)
    if (name.path == path) return &name;
  return nullptr;
}

// The AF_UNIX socket behind a descriptor; EBADF, ENOTSOCK.
Errno find_unix(Asking& ask) {
  const Errno error = ask.find();
  if (error == Errno::ebadf) return error;
  if (!ask.find_local() || seen(ask.c, ask.local).kind != LocalKind::unix_stream) return Errno::enotsock;
  return Errno::ok;
}

// Who listens at a path, or why nobody does.
Errno find_listener(Context& c, HostId host, StringId path, LocalId& listener) {
  const UnixName* name = find_name(c, host, path);
  if (name == nullptr) return is_abstract(c, path) ? Errno::econnrefused : Errno::enoent;
  listener = name->socket;
  if (!listener.valid() || seen(c, listener).state != LocalState::listening) return Errno::econnrefused;
  if ((core_of(c, listener).flags & LocalFlag::read_shut) != 0) return Errno::econnrefused;
  return seen(c, listener).receive_queue > seen(c, listener).backlog ? Errno::eagain : Errno::ok;
}

void wait_for_accept(Context& c, LocalId listener, LocalId end) {
  LocalCore& queue = core_of(c, listener);
  if (queue.last_waiting.valid())
    core_of(c, queue.last_waiting).next_waiting = end;
  else
    queue.first_waiting = end;
  queue.last_waiting = end;
  set_local_queue(c, listener, seen(c, listener).receive_queue + 1);
}

// The other end learns that this one is gone.
void part_from_peer(Context& c, LocalId id, bool with_reset) {
  const LocalId peer = seen(c, id).peer;
  if (!peer.valid() || !alive(c, peer)) return;
  LocalCore& core = core_of(c, peer);
  core.flags |= LocalFlag::read_shut | LocalFlag::write_shut;
  if (with_reset) core.error = Errno::econnreset;
  change_state(c, peer, LocalState::connected, seen(c, peer).path, LocalId::none());
}

void forget_name(Context& c, LocalId id) {
  auto& names = c.host(seen(c, id).host).unix_names;
  for (UnixName& name : names)
    if (name.socket == id) name.socket = LocalId::none();
  std::erase_if(names, [&](const UnixName& name) { return !name.socket.valid() && is_abstract(c, name.path); });
}

// Whether both are the same open file; the ends of a pipe are two.
bool is_file_of(const Watched& entry, const state::Descriptor& descriptor) {
  return entry.kind == descriptor.kind && entry.socket == descriptor.socket && entry.local == descriptor.local();
}

// Whether there is something to hear from an entry: what can be read, EPOLLERR or EPOLLHUP.
bool wakes(const Context& c, const Watched& entry) {
  if (entry.kind == DescriptorKind::pipe_write) return seen(c, entry.local).holders == 0;
  return is_readable(c, entry.socket) || is_readable(c, entry.local);
}

}  // namespace

Result sys_unix_socket(Context& c, ProcessId process) {
  Asking ask{c, process, Call::socket};
  ask.fd = free_descriptor(c, process);
  if (ask.fd < 0) return ask.answer(Errno::emfile);
  ask.local = make_local(c, ask.host(), LocalKind::unix_stream);
  give_local(c, ask, ask.fd, DescriptorKind::unix_socket, ask.local);
  change(c, ask.host(), trace::LocalOwner{ask.local, process, ask.fd});
  return ask.answer(Errno::ok, ask.fd);
}

Result sys_unix_bind(Context& c, ProcessId process, std::int32_t fd, StringId path) {
  Asking ask{c, process, Call::bind, fd};
  ask.path = path;
  const Errno error = find_unix(ask);
  if (error != Errno::ok) return ask.answer(error);
  // A file is made before the socket is looked at, an abstract name after it.
  const bool bound = seen(c, ask.local).path.valid(), taken = find_name(c, ask.host(), path) != nullptr;
  if (is_abstract(c, path) && bound) return ask.answer(Errno::einval);
  if (taken) return ask.answer(Errno::eaddrinuse);
  if (bound) return ask.answer(Errno::einval);
  c.host(ask.host()).unix_names.push_back({path, ask.local});
  change_state(c, ask.local, seen(c, ask.local).state, path, seen(c, ask.local).peer);
  return ask.answer(Errno::ok);
}

Result local_listen(Asking& ask, std::uint32_t backlog) {
  Context& c = ask.c;
  const state::Local& local = seen(c, ask.local);
  if (local.kind != LocalKind::unix_stream) return ask.answer(Errno::enotsock);
  if (!local.path.valid() || local.state == LocalState::connected) return ask.answer(Errno::einval);
  const std::uint32_t limit = std::min(backlog, c.host(ask.host()).sysctls.somaxconn);
  change(c, ask.host(),
         trace::LocalChanged{ask.local, static_cast<std::uint8_t>(LocalState::listening), local.path, {}, limit});
  return ask.answer(Errno::ok);
}

Result sys_unix_connect(Context& c, ProcessId process, std::int32_t fd, StringId path) {
  Asking ask{c, process, Call::connect, fd};
  ask.path = path;
  Errno error = find_unix(ask);
  if (error != Errno::ok) return ask.answer(error);
  LocalId listener;
  error = find_listener(c, ask.host(), path, listener);
  if (error == Errno::eagain) return {error, 0, {}, ask.local};
  if (error != Errno::ok) return ask.answer(error);
  const state::Local& own = seen(c, ask.local);
  if (own.state != LocalState::unconnected)
    return ask.answer(own.state == LocalState::connected ? Errno::eisconn : Errno::einval);
  const LocalId end = make_local(c, ask.host(), LocalKind::unix_stream);
  change_state(c, end, LocalState::connected, seen(c, listener).path, ask.local);
  change_state(c, ask.local, LocalState::connected, seen(c, ask.local).path, end);
  wait_for_accept(c, listener, end);
  return ask.answer(Errno::ok);
}

Result local_accept(Asking& ask, std::int32_t new_fd) {
  Context& c = ask.c;
  if (seen(c, ask.local).kind != LocalKind::unix_stream) return ask.answer(Errno::enotsock);
  if (seen(c, ask.local).state != LocalState::listening) return ask.answer(Errno::einval);
  LocalCore& queue = core_of(c, ask.local);
  const LocalId taken = queue.first_waiting;
  const bool shut = (queue.flags & LocalFlag::read_shut) != 0;
  if (!taken.valid()) return shut ? ask.answer(Errno::einval) : Result{Errno::eagain, 0, {}, ask.local};
  queue.first_waiting = core_of(c, taken).next_waiting;
  if (!queue.first_waiting.valid()) queue.last_waiting = LocalId::none();
  core_of(c, taken).next_waiting = LocalId::none();
  set_local_queue(c, ask.local, seen(c, ask.local).receive_queue - 1);
  give_local(c, ask, new_fd, DescriptorKind::unix_socket, taken);
  change(c, ask.host(), trace::LocalOwner{taken, ask.process, new_fd});
  ask.local = taken;
  return ask.answer(Errno::ok, new_fd);
}

Result sys_unlink(Context& c, ProcessId process, StringId path) {
  Asking ask{c, process, Call::unlink};
  ask.path = path;
  const std::size_t gone =
      std::erase_if(c.host(ask.host()).unix_names, [&](const UnixName& name) { return name.path == path; });
  return ask.answer(gone == 0 ? Errno::enoent : Errno::ok);
}

PipeEnds sys_pipe(Context& c, ProcessId process) {
  Asking ask{c, process, Call::pipe};
  const std::uint32_t limit = c.system.visible.processes[process.value].nofile;
  ask.fd = free_descriptor(c, process);
  std::int32_t writing = ask.fd + 1;
  while (state::find_descriptor(c.system.visible, process, writing) != nullptr) ++writing;
  if (ask.fd < 0 || static_cast<std::uint32_t>(writing) >= limit) return {ask.answer(Errno::emfile)};
  ask.local = make_local(c, ask.host(), LocalKind::pipe);
  ask.second_fd = writing;
  give_local(c, ask, ask.fd, DescriptorKind::pipe_read, ask.local);
  give_local(c, ask, writing, DescriptorKind::pipe_write, ask.local);
  change(c, ask.host(), trace::LocalOwner{ask.local, process, ask.fd});
  return {ask.answer(Errno::ok, ask.fd), writing};
}

Result sys_epoll_create(Context& c, ProcessId process) {
  Asking ask{c, process, Call::epoll_create};
  ask.fd = free_descriptor(c, process);
  if (ask.fd < 0) return ask.answer(Errno::emfile);
  ask.local = make_local(c, ask.host(), LocalKind::epoll);
  give_local(c, ask, ask.fd, DescriptorKind::epoll, ask.local);
  change(c, ask.host(), trace::LocalOwner{ask.local, process, ask.fd});
  return ask.answer(Errno::ok, ask.fd);
}

Result sys_epoll_add(Context& c, ProcessId process, std::int32_t epoll_fd, std::int32_t fd) {
  Asking ask{c, process, Call::epoll_ctl, epoll_fd};
  ask.second_fd = fd;
  const state::Descriptor* target = state::find_descriptor(c.system.visible, process, fd);
  if (target == nullptr || ask.find() == Errno::ebadf) return ask.answer(Errno::ebadf);
  if (target->kind == DescriptorKind::file) return ask.answer(Errno::eperm);
  if (!ask.find_local() || seen(c, ask.local).kind != LocalKind::epoll) return ask.answer(Errno::einval);
  if (target->leads_to_local() && target->local() == ask.local) return ask.answer(Errno::einval);
  const std::uint32_t index = c.system.watched.allocate();
  LocalCore& core = core_of(c, ask.local);
  c.system.watched.mut(index) = {target->socket, target->local(), fd, target->kind, core.first_watched};
  core.first_watched = index;
  return ask.answer(Errno::ok);
}

Result sys_epoll_wait(Context& c, ProcessId process, std::int32_t epoll_fd, std::vector<std::int32_t>& ready) {
  Asking ask{c, process, Call::epoll_wait, epoll_fd};
  ready.clear();
  if (ask.find() == Errno::ebadf) return ask.answer(Errno::ebadf);
  if (!ask.find_local() || seen(c, ask.local).kind != LocalKind::epoll) return ask.answer(Errno::einval);
  for (std::uint32_t i = core_of(c, ask.local).first_watched; i != nil; i = c.system.watched[i].next) {
    const Watched& entry = c.system.watched[i];
    if (wakes(c, entry)) ready.push_back(entry.fd);
  }
  if (ready.empty()) return {Errno::eagain, 0, {}, ask.local};
  std::reverse(ready.begin(), ready.end());
  return ask.answer(Errno::ok, static_cast<std::int32_t>(ready.size()));
}

bool epoll_watches(const Context& c, LocalId epoll, const state::Descriptor& descriptor) {
  for (std::uint32_t i = c.system.local_cores[epoll.value].first_watched; i != nil; i = c.system.watched[i].next)
    if (c.system.watched[i].fd == descriptor.fd && is_file_of(c.system.watched[i], descriptor)) return true;
  return false;
}

void forget_watched(Context& c, const state::Descriptor& last) {
  if (c.system.watched.live() == 0) return;
  for (std::uint32_t id = 0; id < c.system.local_cores.end(); ++id) {
    if (!c.system.local_cores.alive(id) || c.system.local_cores[id].first_watched == nil) continue;
    std::uint32_t before = nil;
    for (std::uint32_t i = c.system.local_cores[id].first_watched; i != nil;) {
      const Watched entry = c.system.watched[i];
      if (!is_file_of(entry, last)) {
        before = i;
      } else {
        (before == nil ? c.system.local_cores.mut(id).first_watched : c.system.watched.mut(before).next) = entry.next;
        c.system.watched.release(i);
      }
      i = entry.next;
    }
  }
}

bool is_readable(const Context& c, SocketId id) {
  if (!id.valid() || !c.system.cores.alive(id.value)) return false;
  const state::Socket& socket = c.socket(id);
  if (socket.receive_queue != 0 || socket.error != Errno::ok || socket.has(state::SocketFlag::read_shut)) return true;
  if (socket.protocol != Protocol::tcp) return false;
  switch (socket.tcp_state) {
    case TcpState::closed:  // EPOLLHUP, also before connect()
    case TcpState::close_wait:
    case TcpState::closing:
    case TcpState::last_ack:
    case TcpState::time_wait:
      return true;
    default:
      return false;
  }
}

bool is_readable(const Context& c, LocalId id) {
  if (!id.valid() || !alive(c, id)) return false;
  const state::Local& local = seen(c, id);
  if (local.receive_queue != 0) return true;
  if (local.kind == LocalKind::pipe) return local.writers == 0;
  if (local.kind != LocalKind::unix_stream) return false;
  const bool shut = (c.system.local_cores[id.value].flags & LocalFlag::read_shut) != 0;
  return shut || local.state == LocalState::unconnected;  // EPOLLHUP
}

void release_local(Context& c, LocalId id) {
  LocalCore& core = core_of(c, id);
  // Connections nobody accepted end with their listener.
  for (LocalId waiting = core.first_waiting; waiting.valid();) {
    const LocalId next = core_of(c, waiting).next_waiting;
    part_from_peer(c, waiting, true);
    release_local(c, waiting);
    waiting = next;
  }
  if (seen(c, id).kind == LocalKind::unix_stream) {
    part_from_peer(c, id, core.first_piece != nil);
    forget_name(c, id);
  }
  for (std::uint32_t i = core_of(c, id).first_watched; i != nil;) {
    const std::uint32_t next = c.system.watched[i].next;
    c.system.watched.release(i);
    i = next;
  }
  discard_pieces(c, id);
  change(c, seen(c, id).host, trace::LocalClosed{id});
  c.system.local_cores.release(id.value);
}

}  // namespace fourtuple::stack
