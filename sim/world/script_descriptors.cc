// The part of ScriptRunner about descriptors, and about what processes of one host tell each other: dup, pipe, fork,
// exec, AF_UNIX, epoll, and the calls on these that block.
#include <algorithm>
#include <utility>

#include "sim/stack/local.h"
#include "sim/world/script_runner.h"

namespace fourtuple::world {
namespace {

using state::Errno;
using trace::Call;

}  // namespace

void ScriptRunner::do_descriptor_verb(const TimelineEntry& entry, std::uint32_t index) {
  const ProcessId process = process_of(entry);
  const auto text = [&] { return c.trace.mutable_tables().strings.intern(entry.path); };
  switch (entry.verb) {
    case Verb::open: {
      const stack::Result opened = stack::sys_open(c, process, text());
      return made(entry, {process, SocketId::none(), opened.value}, opened.error);
    }
    case Verb::dup: {
      const Target from = target(entry);
      if (!from.valid()) return;
      const stack::Result copy =
          entry.wanted_fd ? dup_to(from, *entry.wanted_fd) : stack::sys_dup(c, from.process, from.fd);
      return made(entry, {process, copy.socket, copy.value, copy.local}, copy.error);
    }
    case Verb::pipe: {
      const stack::PipeEnds ends = stack::sys_pipe(c, process);
      if (ends.result.error != Errno::ok) return;
      made(entry, {process, SocketId::none(), ends.result.value, ends.result.local}, Errno::ok);
      if (entry.close_on_exec) stack::sys_close_on_exec(c, process, ends.write_fd, true);
      return remember(entry.also_as, {process, SocketId::none(), ends.write_fd, ends.result.local});
    }
    case Verb::fork:
      return do_fork(entry);
    case Verb::exec:
      return do_exec(process, text());
    case Verb::unlink:
      stack::sys_unlink(c, process, text());
      return;
    default:
      return do_epoll(entry, index);
  }
}

// A descriptor was made, or not: its flag and its name.
void ScriptRunner::made(const TimelineEntry& entry, const Target& target, Errno error) {
  if (error != Errno::ok) return;
  if (entry.close_on_exec) stack::sys_close_on_exec(c, target.process, target.fd, true);
  if (entry.as != nothing) remember(entry.as, target);
}

// What a descriptor led to, to tell what must go when a call has closed it.
ScriptRunner::Used ScriptRunner::used(ProcessId process, std::int32_t fd) const {
  const state::Descriptor* descriptor = state::find_descriptor(c.system.visible, process, fd);
  if (descriptor == nullptr) return {};
  const bool socket = descriptor->socket.valid();
  return {*descriptor, socket ? c.core(descriptor->socket).app : stack::nil};
}

stack::Result ScriptRunner::dup_to(const Target& from, std::int32_t wanted) {
  const Used before = used(from.process, wanted);
  const stack::Result copy = stack::sys_dup2(c, from.process, from.fd, wanted);
  if (copy.error == Errno::ok && from.fd != wanted) was_closed(before);
  return copy;
}

// execve() ends every other thread, so whatever the process slept in, and closes what is close-on-exec.
void ScriptRunner::do_exec(ProcessId process, StringId path) {
  std::vector<Used> closed;
  for (const std::int32_t fd : stack::open_descriptors(c, process))
    if (state::find_descriptor(c.system.visible, process, fd)->close_on_exec) closed.push_back(used(process, fd));
  stack::sys_exec(c, process, path);
  std::erase_if(world.script_.blocked, [&](const Blocked& call) { return call.process == process; });
  std::erase_if(world.script_.lingering, [&](const Lingering& call) { return call.process == process; });
  world.applications_.end_calls(c, process);
  for (const Used& one : closed) was_closed(one);
}

void ScriptRunner::was_closed(const Used& closed) {
  const ProcessId process = closed.descriptor.process;
  const std::int32_t fd = closed.descriptor.fd;
  if (!process.valid()) return;
  if (closed.app != stack::nil) world.applications_.lost_descriptor(c, closed.app, process, fd);
  const auto is_on_it = [&](const auto& one) { return one.process == process && one.fd == fd; };
  std::erase_if(world.script_.blocked, is_on_it);
  std::erase_if(world.script_.local_readers, is_on_it);
  world.applications_.sleepers.end_all(c, process, fd);
}

void ScriptRunner::do_fork(const TimelineEntry& entry) {
  ProcessId& slot = world.script_.processes[entry.child.host][entry.child.process];
  if (slot.valid()) return;
  const std::uint32_t number = process_number(scenario(), entry.child);
  const ProcessSpec& spec = scenario().hosts[entry.child.host].processes[entry.child.process];
  const std::uint32_t pid = spec.pid != 0 ? spec.pid : default_pid(number);
  slot = stack::fork_process(c, process_of(entry), c.trace.mutable_tables().strings.intern(spec.name), pid);
  if (spec.program == Program::none) return;
  // A worker: it serves the listeners it inherited and nobody else serves.
  for (const std::int32_t fd : stack::open_descriptors(c, slot)) {
    const SocketId socket = state::find_descriptor(c.system.visible, slot, fd)->socket;
    if (!socket.valid() || c.core(socket).app != stack::nil || c.core(socket).kind != stack::CoreKind::listener)
      continue;
    serve_from(Target{slot, socket, fd}, number, Role::listener);
    world.applications_.ready(c, socket);
  }
  world.applications_.sleepers.begin(c, slot, Call::epoll_wait, -1);
}

// --- AF_UNIX ---
bool ScriptRunner::do_unix(const TimelineEntry& entry, std::uint32_t index) {
  if (!entry.is_unix) return false;
  Target socket = entry.on == nothing ? new_unix_socket(entry) : target(entry);
  if (!socket.valid()) return true;
  if (entry.on == nothing) made(entry, socket, Errno::ok);
  if (entry.verb == Verb::connect) {
    unix_connect(socket, index);
    return true;
  }
  const StringId path = c.trace.mutable_tables().strings.intern(entry.path);
  const bool listens = entry.verb == Verb::listen;
  const bool binds = entry.verb == Verb::bind || (listens && entry.on == nothing);
  const Errno bound = binds ? stack::sys_unix_bind(c, socket.process, socket.fd, path).error : Errno::ok;
  if (listens && bound == Errno::ok) stack::sys_listen(c, socket.process, socket.fd, entry.backlog);
  return true;
}

ScriptRunner::Target ScriptRunner::new_unix_socket(const TimelineEntry& entry) {
  const ProcessId process = process_of(entry);
  const stack::Result result = stack::sys_unix_socket(c, process);
  if (result.error != Errno::ok) return {};
  return {process, SocketId::none(), result.value, result.local};
}

void ScriptRunner::unix_connect(const Target& socket, std::uint32_t index) {
  do_or_block({index, socket.process, socket.fd, Call::connect});
}

void ScriptRunner::do_epoll(const TimelineEntry& entry, std::uint32_t index) {
  const ProcessId process = process_of(entry);
  std::int32_t epoll_fd = -1;
  for (const std::int32_t fd : stack::open_descriptors(c, process))
    if (state::find_descriptor(c.system.visible, process, fd)->kind == state::DescriptorKind::epoll) epoll_fd = fd;
  if (epoll_fd < 0) {
    const stack::Result created = stack::sys_epoll_create(c, process);
    if (created.error != Errno::ok) return;
    epoll_fd = created.value;
  }
  const LocalId instance = state::find_descriptor(c.system.visible, process, epoll_fd)->local();
  bool watches_any = false;
  for (const SocketRef name : entry.watched) {
    const NamedSocket* named = world.script_.find(name);
    if (named == nullptr) continue;
    const state::Descriptor* descriptor = state::find_descriptor(c.system.visible, process, named->fd);
    watches_any |= (descriptor != nullptr && stack::epoll_watches(c, instance, *descriptor)) ||
                   stack::sys_epoll_add(c, process, epoll_fd, named->fd).error == Errno::ok;
  }
  if (!watches_any) return;  // a program does not wait for what it could not ask for
  do_or_block({index, process, epoll_fd, Call::epoll_wait});
}

bool ScriptRunner::do_local(const TimelineEntry& entry, std::uint32_t index) {
  const Target socket = target(entry);
  if (!socket.valid() || !socket.local.valid()) return false;
  if (entry.verb != Verb::receive)
    do_or_block({index, socket.process, socket.fd, Call::write, 0, entry.payload.length});
  if (entry.verb != Verb::send) do_or_block({index, socket.process, socket.fd, Call::read, 0, entry.bytes});
  return true;
}

// --- calls that block ---
void ScriptRunner::do_or_block(Blocked call) {
  if (returns(call)) return;
  world.script_.blocked.push_back(call);
  world.applications_.sleepers.begin(c, call.process, call.call, call.fd);
}

void ScriptRunner::retry_blocked() {
  // What one call reads or writes may be what another waits for.
  while (read_locals() || retry_each()) {
  }
}

// Programs that read what comes do; true when one has read something.
bool ScriptRunner::read_locals() {
  bool progress = false;
  std::erase_if(world.script_.local_readers, [&](const LocalReader& reader) {
    for (;;) {
      Blocked call{0, reader.process, reader.fd, Call::read};
      if (!read_returns(call)) return false;
      if (call.done == 0) return true;  // the end, or an error: it reads no more
      progress = true;
    }
  });
  return progress;
}

// True when a call has returned, or has moved some bytes.
bool ScriptRunner::retry_each() {
  bool progress = false;
  std::vector<Blocked> still;
  for (Blocked& call : std::exchange(world.script_.blocked, {})) {
    const std::uint64_t before = call.done;
    const bool over = returns(call);
    progress |= over || call.done != before;
    if (over)
      world.applications_.sleepers.end(c, call.process, call.call, call.fd);
    else
      still.push_back(call);
  }
  world.script_.blocked.insert(world.script_.blocked.begin(), still.begin(), still.end());
  return progress;
}

bool ScriptRunner::returns(Blocked& call) {
  const TimelineEntry& entry = scenario().timeline[call.entry];
  switch (call.call) {
    case Call::accept:
      return accept_returns(entry, call);
    case Call::connect: {
      const StringId path = c.trace.mutable_tables().strings.intern(entry.path);
      const Errno error = stack::sys_unix_connect(c, call.process, call.fd, path).error;
      if (error == Errno::ok && reads_all(entry)) world.script_.local_readers.push_back({call.process, call.fd});
      return error != Errno::eagain;
    }
    case Call::epoll_wait: {
      std::vector<std::int32_t> ready;
      return stack::sys_epoll_wait(c, call.process, call.fd, ready).error != Errno::eagain;
    }
    case Call::write:
      return write_returns(call);
    default:
      return read_returns(call);
  }
}

bool ScriptRunner::write_returns(Blocked& call) {
  constexpr std::uint64_t most = 1u << 30;
  while (call.done < call.wanted) {
    const stack::Payload rest{world.script_.payloads[call.entry], call.done,
                              static_cast<std::uint32_t>(std::min(call.wanted - call.done, most))};
    const stack::Result sent = stack::sys_write(c, call.process, call.fd, rest);
    if (sent.error == Errno::eagain) return false;
    if (sent.error != Errno::ok) return true;
    call.done += static_cast<std::uint64_t>(sent.value);
  }
  return true;
}

bool ScriptRunner::read_returns(Blocked& call) {
  do {
    stack::Payload part;
    const std::uint64_t most =
        call.wanted == 0 ? read_at_once : std::min<std::uint64_t>(call.wanted - call.done, read_at_once);
    const stack::Result got = stack::sys_read(c, call.process, call.fd, static_cast<std::uint32_t>(most), part);
    if (got.error == Errno::eagain) return false;
    if (got.error != Errno::ok || part.length == 0) return true;
    call.done += part.length;
  } while (call.done < call.wanted);
  return true;
}

void ScriptRunner::forget_blocked(ProcessId process) {
  std::erase_if(world.script_.blocked, [&](const Blocked& call) { return call.process == process; });
  std::erase_if(world.script_.local_readers, [&](const LocalReader& reader) { return reader.process == process; });
}

}  // namespace fourtuple::world
