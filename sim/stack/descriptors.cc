#include "sim/stack/descriptors.h"

#include <algorithm>
#include <utility>

#include "sim/stack/asking.h"
#include "sim/stack/local.h"
#include "sim/stack/sockets.h"
#include "sim/stack/tcp_socket.h"

namespace fourtuple::stack {
namespace {

using state::Descriptor;
using state::DescriptorKind;
using state::Errno;
using trace::Call;

// More than the count of a socket's holders can say; Linux has no such limit.
constexpr std::uint32_t most_holders = 60'000;

void close_socket(Context& c, SocketId id) {
  if (c.socket(id).protocol == Protocol::tcp) return tcp_close(c, id);
  destroy_socket(c, id);
}

// A descriptor that leads to the same thing as `closed` did; only looked for when there is one. Copies by fork() have
// the same number, so most are found without a look at every descriptor there is.
template <class Leads>
const Descriptor* other_holder(const Context& c, const Descriptor& closed, Leads leads) {
  const Pool<state::Process>& processes = c.system.visible.processes;
  for (std::uint32_t i = 0; i < processes.end(); ++i) {
    if (!processes.alive(i)) continue;
    const Descriptor* same_number = state::find_descriptor(c.system.visible, {i}, closed.fd);
    if (same_number != nullptr && leads(*same_number)) return same_number;
  }
  const Pool<Descriptor>& all = c.system.visible.descriptors;
  for (std::uint32_t i = 0; i < all.end(); ++i)
    if (all.alive(i) && leads(all[i])) return &all[i];
  return nullptr;
}

void let_go_of_socket(Context& c, const Descriptor& closed) {
  const SocketId id = closed.socket;
  const state::Socket& socket = c.socket(id);
  if (socket.holders != 0 && (socket.owner != closed.process || socket.fd != closed.fd)) return;
  const Descriptor* heir =
      socket.holders == 0 ? nullptr : other_holder(c, closed, [&](const Descriptor& d) { return d.socket == id; });
  change(c, socket.host,
         trace::SocketOwner{id, heir == nullptr ? ProcessId::none() : heir->process, heir == nullptr ? -1 : heir->fd});
  if (heir != nullptr) return;
  forget_watched(c, closed);
  close_socket(c, id);
}

void let_go_of_local(Context& c, const Descriptor& closed) {
  const LocalId id = closed.local();
  const state::Local& local = c.system.visible.locals[id.value];
  const bool end_is_gone = closed.kind == DescriptorKind::pipe_write ? local.writers == 0 : local.holders == 0;
  if (end_is_gone) forget_watched(c, closed);
  if (local.holders == 0 && local.writers == 0) return release_local(c, id);
  if (local.owner != closed.process || local.fd != closed.fd) return;
  const Descriptor* heir = other_holder(c, closed, [&](const Descriptor& d) {
    return d.local() == id && (local.holders == 0 || d.kind != DescriptorKind::pipe_write);
  });
  if (heir != nullptr) change(c, local.host, trace::LocalOwner{id, heir->process, heir->fd});
}

// The number is free again: listeners that found none may take their connections now.
void feed_starved(Context& c, ProcessId process) {
  std::vector<Starved>& starved = c.system.starved;
  if (starved.empty()) return;
  for (const Starved& one : std::exchange(starved, {})) {
    if (!c.system.cores.alive(one.listener.value)) continue;
    if (one.process == process)
      make_ready(c, one.listener);
    else
      starved.push_back(one);
  }
}

void close_descriptor(Context& c, ProcessId process, std::int32_t fd) {
  const Descriptor closed = *state::find_descriptor(c.system.visible, process, fd);
  change(c, c.system.visible.processes[process.value].host, trace::DescriptorClosed{process, fd});
  if (closed.kind == DescriptorKind::socket) let_go_of_socket(c, closed);
  if (closed.leads_to_local()) let_go_of_local(c, closed);
  feed_starved(c, process);
}

bool may_be_held_once_more(const Context& c, const Descriptor& descriptor) {
  if (descriptor.kind != DescriptorKind::socket) return true;
  return c.socket(descriptor.socket).holders < most_holders;
}

void copy_descriptor(Context& c, const Descriptor& from, ProcessId process, std::int32_t fd) {
  change(c, c.system.visible.processes[process.value].host,
         trace::DescriptorOpened{process, fd, static_cast<std::uint8_t>(from.kind), from.socket, from.path(),
                                 from.local()});
}

}  // namespace

std::int32_t free_descriptor(const Context& c, ProcessId process) {
  const std::int32_t fd = state::lowest_free_fd(c.system.visible, process);
  return static_cast<std::uint32_t>(fd) < c.system.visible.processes[process.value].nofile ? fd : -1;
}

void give_descriptor(Context& c, ProcessId process, std::int32_t fd, SocketId socket) {
  const HostId host = c.system.visible.processes[process.value].host;
  change(c, host, trace::DescriptorOpened{process, fd, static_cast<std::uint8_t>(DescriptorKind::socket), socket});
  change(c, host, trace::SocketOwner{socket, process, fd});
}

Result sys_close(Context& c, ProcessId process, std::int32_t fd) {
  Asking ask{c, process, Call::close, fd};
  const Errno error = ask.find();
  if (error == Errno::ebadf) return ask.answer(error);
  ask.find_local();
  const Result result = ask.answer(Errno::ok);
  close_descriptor(c, process, fd);
  return result;
}

Result sys_open(Context& c, ProcessId process, StringId path) {
  Asking ask{c, process, Call::open};
  ask.path = path;
  ask.fd = free_descriptor(c, process);
  if (ask.fd < 0) return ask.answer(Errno::emfile);
  change(c, ask.host(),
         trace::DescriptorOpened{process, ask.fd, static_cast<std::uint8_t>(DescriptorKind::file), SocketId::none(),
                                 path});
  return ask.answer(Errno::ok, ask.fd);
}

Result sys_dup(Context& c, ProcessId process, std::int32_t fd) {
  Asking ask{c, process, Call::dup, fd};
  const Errno error = ask.find();
  if (error == Errno::ebadf) return ask.answer(error);
  ask.find_local();
  const Descriptor from = *state::find_descriptor(c.system.visible, process, fd);
  const std::int32_t made = may_be_held_once_more(c, from) ? free_descriptor(c, process) : -1;
  if (made < 0) return ask.answer(Errno::emfile);
  copy_descriptor(c, from, process, made);
  return ask.answer(Errno::ok, made);
}

Result sys_dup2(Context& c, ProcessId process, std::int32_t fd, std::int32_t wanted) {
  Asking ask{c, process, Call::dup2, fd};
  ask.second_fd = wanted;
  const bool within =
      wanted >= 0 && static_cast<std::uint32_t>(wanted) < c.system.visible.processes[process.value].nofile;
  if (ask.find() == Errno::ebadf || !within) return ask.answer(Errno::ebadf);
  ask.find_local();
  if (fd == wanted) return ask.answer(Errno::ok, wanted);
  const Descriptor from = *state::find_descriptor(c.system.visible, process, fd);
  if (!may_be_held_once_more(c, from)) return ask.answer(Errno::emfile);
  if (state::find_descriptor(c.system.visible, process, wanted) != nullptr) close_descriptor(c, process, wanted);
  copy_descriptor(c, from, process, wanted);
  return ask.answer(Errno::ok, wanted);
}

Result sys_close_on_exec(Context& c, ProcessId process, std::int32_t fd, bool on) {
  Asking ask{c, process, Call::fcntl, fd};
  if (ask.find() == Errno::ebadf) return ask.answer(Errno::ebadf);
  change(c, ask.host(), trace::DescriptorFlags{process, fd, on});
  return ask.answer(Errno::ok);
}

Result sys_exec(Context& c, ProcessId process, StringId path) {
  Asking ask{c, process, Call::execve};
  ask.path = path;
  const Result result = ask.answer(Errno::ok);
  for (const std::int32_t fd : open_descriptors(c, process))
    if (state::find_descriptor(c.system.visible, process, fd)->close_on_exec) close_descriptor(c, process, fd);
  return result;
}

ProcessId start_process(Context& c, HostId host, StringId name, StringId user, std::uint32_t uid, std::uint32_t pid) {
  const ProcessId process{c.system.process_cores.allocate()};
  c.system.process_cores.mut(process.value).uid = uid;
  change(c, host, trace::ProcessStarted{process, name, user, pid, false, uid});
  for (std::int32_t fd = 0; fd < 3; ++fd)
    change(c, host, trace::DescriptorOpened{process, fd, static_cast<std::uint8_t>(DescriptorKind::terminal), {}});
  return process;
}

ProcessId fork_process(Context& c, ProcessId parent, StringId name, std::uint32_t pid) {
  const state::Process from = c.system.visible.processes[parent.value];
  const ProcessId child{c.system.process_cores.allocate()};
  c.system.process_cores.mut(child.value).uid = from.uid;
  Asking{c, parent, Call::fork}.answer(Errno::ok, static_cast<std::int32_t>(pid));
  change(c, from.host, trace::ProcessStarted{child, name, from.user, pid, false, from.uid});
  change(c, from.host, trace::ProcessForked{child, parent});
  if (from.nofile != default_nofile) change(c, from.host, trace::ProcessLimit{child, from.nofile});
  for (const std::int32_t fd : open_descriptors(c, parent)) {
    const Descriptor descriptor = *state::find_descriptor(c.system.visible, parent, fd);
    if (!may_be_held_once_more(c, descriptor)) continue;
    copy_descriptor(c, descriptor, child, fd);
    if (descriptor.close_on_exec) change(c, from.host, trace::DescriptorFlags{child, fd, true});
  }
  return child;
}

void set_descriptor_limit(Context& c, ProcessId process, std::uint32_t nofile) {
  change(c, c.system.visible.processes[process.value].host,
         trace::ProcessLimit{process, std::min(nofile, most_nofile)});
}

std::vector<std::int32_t> open_descriptors(const Context& c, ProcessId process) {
  const state::State& seen = c.system.visible;
  std::vector<std::int32_t> open;
  for (std::uint32_t at = seen.processes[process.value].first_descriptor; at != nil; at = seen.descriptors[at].next)
    open.push_back(seen.descriptors[at].fd);
  std::sort(open.begin(), open.end());
  return open;
}

void end_process(Context& c, ProcessId process) {
  const HostId host = c.system.visible.processes[process.value].host;
  // The kernel closes in order of number.
  for (const std::int32_t fd : open_descriptors(c, process)) sys_close(c, process, fd);
  change(c, host, trace::ProcessEnded{process});
  c.system.process_cores.release(process.value);
}

}  // namespace fourtuple::stack
