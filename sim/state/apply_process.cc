// apply() of what processes are and hold: descriptors, and what descriptors lead to on one kernel alone.
#include "sim/state/apply_checks.h"

namespace fourtuple::state {
namespace {

constexpr std::uint32_t no_index = 0xffffffffu;

void unlink(State& state, std::uint32_t index) {
  const Descriptor descriptor = state.descriptors[index];
  if (descriptor.previous == no_index) {
    state.processes.mut(descriptor.process.value).first_descriptor = descriptor.next;
  } else {
    state.descriptors.mut(descriptor.previous).next = descriptor.next;
  }
  if (descriptor.next != no_index) state.descriptors.mut(descriptor.next).previous = descriptor.previous;
}

// One descriptor more (1) or fewer (-1) leads to what `descriptor` leads to.
void count_holder(State& state, const Descriptor& descriptor, int change) {
  if (descriptor.kind == DescriptorKind::socket && state.sockets.alive(descriptor.socket.value)) {
    std::uint16_t& holders = state.sockets.mut(descriptor.socket.value).holders;
    holders = static_cast<std::uint16_t>(holders + change);
  }
  const LocalId local = descriptor.local();
  if (!local.valid() || !state.locals.alive(local.value)) return;
  Local& object = state.locals.mut(local.value);
  std::uint32_t& holders = descriptor.kind == DescriptorKind::pipe_write ? object.writers : object.holders;
  holders += static_cast<std::uint32_t>(change);
}

}  // namespace

bool apply(State& state, HostId host, const trace::ProcessStarted& event) {
  if (host.value >= state.hosts.size() || !may_claim(state.processes, event.process.value, max_processes)) return false;
  state.processes.claim(event.process.value);
  Process& process = state.processes.mut(event.process.value);
  process.host = host;
  process.name = event.name;
  process.user = event.user;
  process.pid = event.pid;
  process.guessed = event.guessed;
  process.uid = event.uid;
  return true;
}

bool apply(State& state, HostId, const trace::ProcessForked& event) {
  if (!alive(state, event.process)) return false;
  state.processes.mut(event.process.value).parent = event.parent;
  return true;
}

bool apply(State& state, HostId, const trace::ProcessLimit& event) {
  if (!alive(state, event.process)) return false;
  state.processes.mut(event.process.value).nofile = event.nofile;
  return true;
}

bool apply(State& state, HostId, const trace::ProcessActivity& event) {
  if (!alive(state, event.process) || event.activity > static_cast<std::uint8_t>(Activity::exited)) return false;
  Process& process = state.processes.mut(event.process.value);
  process.activity = static_cast<Activity>(event.activity);
  const bool blocked = process.activity == Activity::blocked;
  process.waiting_in = blocked ? event.call : trace::Call{};
  process.waiting_fd = blocked ? event.fd : -1;
  return true;
}

bool apply(State& state, HostId, const trace::ProcessEnded& event) {
  if (!alive(state, event.process)) return false;
  std::uint32_t index = state.processes[event.process.value].first_descriptor;
  while (index != no_index) {
    const Descriptor descriptor = state.descriptors[index];
    count_holder(state, descriptor, -1);
    state.descriptor_index.erase({event.process, descriptor.fd});
    state.descriptors.release(index);
    index = descriptor.next;
  }
  // Its children are init's from now on.
  for (std::uint32_t i = 0; i < state.processes.end(); ++i)
    if (state.processes.alive(i) && state.processes[i].parent == event.process)
      state.processes.mut(i).parent = ProcessId::none();
  state.processes.unclaim(event.process.value);
  return true;
}

bool apply(State& state, HostId, const trace::DescriptorOpened& event) {
  if (!alive(state, event.process) || event.fd < 0 || event.fd > max_fd) return false;
  if (event.descriptor_kind > static_cast<std::uint8_t>(DescriptorKind::epoll)) return false;
  if (state.descriptor_index.contains({event.process, event.fd})) return false;
  const std::uint32_t index = state.descriptors.allocate();
  Process& process = state.processes.mut(event.process.value);
  Descriptor& descriptor = state.descriptors.mut(index);
  descriptor.process = event.process;
  descriptor.socket = event.socket;
  descriptor.fd = event.fd;
  descriptor.kind = static_cast<DescriptorKind>(event.descriptor_kind);
  descriptor.object = descriptor.leads_to_local() ? event.local.value : event.path.value;
  descriptor.next = process.first_descriptor;
  if (process.first_descriptor != no_index) state.descriptors.mut(process.first_descriptor).previous = index;
  process.first_descriptor = index;
  ++process.descriptor_count;
  if (process.lowest_free_hint == event.fd) ++process.lowest_free_hint;
  state.descriptor_index.set({event.process, event.fd}, index);
  count_holder(state, descriptor, 1);
  return true;
}

bool apply(State& state, HostId, const trace::DescriptorFlags& event) {
  const std::uint32_t index = state.descriptor_index.find({event.process, event.fd});
  if (index == DescriptorIndex::absent) return false;
  state.descriptors.mut(index).close_on_exec = event.close_on_exec;
  return true;
}

bool apply(State& state, HostId, const trace::DescriptorClosed& event) {
  const std::uint32_t index = state.descriptor_index.find({event.process, event.fd});
  if (index == DescriptorIndex::absent || !alive(state, event.process)) return false;
  count_holder(state, state.descriptors[index], -1);
  unlink(state, index);
  state.descriptor_index.erase({event.process, event.fd});
  state.descriptors.release(index);
  Process& process = state.processes.mut(event.process.value);
  --process.descriptor_count;
  if (event.fd < process.lowest_free_hint) process.lowest_free_hint = event.fd;
  return true;
}

bool apply(State& state, HostId host, const trace::LocalCreated& event) {
  if (host.value >= state.hosts.size() || !may_claim(state.locals, event.local.value, max_locals)) return false;
  if (event.local_kind > static_cast<std::uint8_t>(LocalKind::epoll)) return false;
  state.locals.claim(event.local.value);
  Local& local = state.locals.mut(event.local.value);
  local.host = host;
  local.kind = static_cast<LocalKind>(event.local_kind);
  local.inode = event.inode;
  return true;
}

bool apply(State& state, HostId, const trace::LocalChanged& event) {
  if (!state.locals.alive(event.local.value)) return false;
  if (event.local_state > static_cast<std::uint8_t>(LocalState::connected)) return false;
  Local& local = state.locals.mut(event.local.value);
  local.state = static_cast<LocalState>(event.local_state);
  local.path = event.path;
  local.peer = event.peer;
  local.backlog = event.backlog;
  return true;
}

bool apply(State& state, HostId, const trace::LocalOwner& event) {
  if (!state.locals.alive(event.local.value)) return false;
  Local& local = state.locals.mut(event.local.value);
  local.owner = event.owner;
  local.fd = event.fd;
  return true;
}

bool apply(State& state, HostId, const trace::LocalQueues& event) {
  if (!state.locals.alive(event.local.value)) return false;
  state.locals.mut(event.local.value).receive_queue = event.receive;
  return true;
}

bool apply(State& state, HostId, const trace::LocalClosed& event) {
  if (!state.locals.alive(event.local.value)) return false;
  state.locals.unclaim(event.local.value);
  return true;
}

}  // namespace fourtuple::state
