#include "sim/world/script_runner.h"

#include <algorithm>
#include <utility>

#include "sim/stack/icmp.h"
#include "sim/stack/routing.h"
#include "sim/world/builder.h"
#include "sim/world/events.h"
#include "sim/world/rules.h"

namespace fourtuple::world {
namespace {

using state::Errno;
using state::SocketFlag;

ProcessRef process_ref(const Scenario& scenario, std::uint32_t number) {
  for (std::uint32_t host = 0; host < scenario.hosts.size(); ++host) {
    const auto count = static_cast<std::uint32_t>(scenario.hosts[host].processes.size());
    if (number < count) return {host, number};
    number -= count;
  }
  return {};
}

constexpr std::uint32_t echo_bytes = 56;  // what ping sends unless told otherwise

}  // namespace

std::uint32_t process_number(const Scenario& scenario, const ProcessRef& ref) {
  std::uint32_t number = ref.process;
  for (std::uint32_t host = 0; host < ref.host; ++host)
    number += static_cast<std::uint32_t>(scenario.hosts[host].processes.size());
  return number;
}

std::uint32_t default_pid(std::uint32_t process_number) {
  return 1000 + process_number * 7;
}

void ScriptRunner::run(std::uint32_t index) {
  const TimelineEntry& entry = scenario().timeline[index];
  note(c, {entry.process.host == nothing ? HostId::none() : HostId{entry.process.host}}, trace::CommandRan{index});
  act(entry, index);
  const std::uint32_t ran = ++world.script_.runs[index];
  if (ran < entry.count) world.calendar_.push({c.now + entry.every, kind_number(EventKind::command), index});
  if (ran != 1) return;
  // `after: previous` counts from the first run of the entry before.
  const std::uint32_t next = index + 1;
  auto& waiting = world.script_.waiting;
  if (next < scenario().timeline.size() && scenario().timeline[next].trigger.kind == Trigger::Kind::previous) {
    waiting.erase(std::remove(waiting.begin(), waiting.end(), next), waiting.end());
    fire(next);
  }
}

void ScriptRunner::act(const TimelineEntry& entry, std::uint32_t index) {
  const ProcessId process = process_of(entry);
  const bool needs_process = entry.verb != Verb::start && entry.verb != Verb::set && entry.verb != Verb::link_down &&
                             entry.verb != Verb::link_up && entry.verb != Verb::nft;
  if (needs_process && !process.valid()) return;  // it is not running: nobody is there to do it
  if (do_unix(entry, index)) return;
  switch (entry.verb) {
    case Verb::start:
      return start_process(process_number(scenario(), entry.process));
    case Verb::socket: {
      const Target socket = new_socket(entry);
      return socket.valid() ? adopt(entry, socket, false) : void();
    }
    case Verb::bind: {
      const Target socket = target(entry);
      if (!socket.valid()) return;
      stack::sys_bind(c, socket.process, socket.fd, address_of(entry.endpoint), entry.endpoint.port);
      return adopt(entry, socket, false);
    }
    case Verb::listen:
      return do_listen(entry);
    case Verb::accept:
      return do_accept(entry, index);
    case Verb::connect:
      return do_connect(entry, index);
    case Verb::send:
      return do_local(entry, index) ? void() : do_send(entry, index);
    case Verb::sendto:
      return do_sendto(entry, index);
    case Verb::receive:
      return do_local(entry, index) ? void() : do_receive(entry, entry.bytes);
    case Verb::request:
      if (do_local(entry, index)) return;
      do_send(entry, index);
      return do_receive(entry, entry.bytes);
    case Verb::shutdown: {
      const Target socket = target(entry);
      if (socket.valid()) stack::sys_shutdown(c, socket.process, socket.fd, static_cast<stack::Shut>(entry.how));
      return;
    }
    case Verb::close:
      return do_close(entry);
    case Verb::kill:
    case Verb::exit:
      return do_kill(entry);
    case Verb::ping:
      return do_ping(entry);
    case Verb::link_down:
      return set_link(entry, false);
    case Verb::link_up:
      return set_link(entry, true);
    case Verb::set:
      for (const SysctlSetting& setting : entry.sysctls)
        apply_sysctl(c.system.hosts[entry.host], c.system.netfilter.hosts[entry.host], setting);
      return;
    case Verb::nft:
      return do_nft(entry);
    case Verb::open:
    case Verb::dup:
    case Verb::pipe:
    case Verb::fork:
    case Verb::exec:
    case Verb::epoll:
    case Verb::unlink:
      return do_descriptor_verb(entry, index);
  }
}

void ScriptRunner::do_nft(const TimelineEntry& entry) {
  if (entry.ruleset != nullptr) RuleLoader{world, c}.load({entry.host}, *entry.ruleset);
}

void ScriptRunner::start_process(std::uint32_t number) {
  const ProcessRef ref = process_ref(scenario(), number);
  const ProcessSpec& spec = scenario().hosts[ref.host].processes[ref.process];
  ProcessId& slot = world.script_.processes[ref.host][ref.process];
  if (slot.valid()) return;
  trace::Tables& tables = c.trace.mutable_tables();
  const std::uint32_t pid = spec.pid != 0 ? spec.pid : default_pid(number);
  slot = stack::start_process(c, {ref.host}, tables.strings.intern(spec.name), tables.strings.intern(spec.user),
                              spec.uid, pid);
  if (spec.nofile != stack::default_nofile) stack::set_descriptor_limit(c, slot, spec.nofile);
  for (const std::string& path : spec.files) stack::sys_open(c, slot, tables.strings.intern(path));
  for (const ListenSpec& listen : spec.listen) listen_for(slot, number, listen, spec.program);
  // A server waits for all its sockets at once.
  if (spec.program != Program::none) world.applications_.sleepers.begin(c, slot, trace::Call::epoll_wait, -1);
}

void ScriptRunner::listen_for(ProcessId process, std::uint32_t server, const ListenSpec& spec, Program program) {
  const stack::Result made = stack::sys_socket(c, process, spec.protocol, spec.local.address.family);
  if (made.error != Errno::ok) return;
  const Target socket{process, made.socket, made.value};
  set_options(socket, spec.options);
  const stack::Result bound = stack::sys_bind(c, process, made.value, address_of(spec.local), spec.local.port);
  if (spec.name != nothing) remember(spec.name, socket);
  if (bound.error != Errno::ok) return;
  if (spec.protocol == Protocol::tcp) stack::sys_listen(c, process, made.value, spec.backlog);
  if (program != Program::none)
    serve_from(socket, server, spec.protocol == Protocol::tcp ? Role::listener : Role::serving);
}

void ScriptRunner::serve_from(const Target& socket, std::uint32_t server, Role role) {
  Application app;
  app.process = socket.process;
  app.socket = socket.socket;
  app.fd = socket.fd;
  app.server = server;
  app.role = role;
  world.applications_.attach(c, app);
}

ProcessId ScriptRunner::process_of(const TimelineEntry& entry) const {
  const NamedSocket* named = entry.on == nothing ? nullptr : world.script_.find(entry.on);
  if (entry.process.process == nothing) return named == nullptr ? ProcessId::none() : named->process;
  const ProcessId process = world.script_.processes[entry.process.host][entry.process.process];
  return process;
}

ScriptRunner::Target ScriptRunner::target(const TimelineEntry& entry) {
  if (entry.on == nothing) return new_socket(entry);
  const NamedSocket* named = world.script_.find(entry.on);
  if (named == nullptr) return {};
  // A closed descriptor gives EBADF. A copy of the process that named the socket has it under the same number.
  const ProcessRef owner = scenario().sockets[entry.on].owner;
  const bool by_copy = entry.process.process != nothing && owner.process != entry.process.process;
  return {by_copy ? process_of(entry) : named->process, named->socket, named->fd, named->local};
}

ScriptRunner::Target ScriptRunner::new_socket(const TimelineEntry& entry) {
  const ProcessId process = process_of(entry);
  const stack::Result result = stack::sys_socket(c, process, entry.protocol, entry.family);
  if (result.error != Errno::ok) return {};
  const Target socket{process, result.socket, result.value};
  if (entry.close_on_exec) stack::sys_close_on_exec(c, process, result.value, true);
  set_options(socket, entry.options);
  return socket;
}

void ScriptRunner::set_options(const Target& socket, const SocketOptions& options) {
  const auto set = [&](bool wanted, std::uint8_t flag) {
    if (wanted) stack::sys_set_flags(c, socket.process, socket.fd, flag, true);
  };
  set(options.v6only, SocketFlag::v6_only);
  set(options.reuse_address, SocketFlag::reuse_address);
  set(options.reuse_port, SocketFlag::reuse_port);
  using stack::SocketOption;
  const auto set_number = [&](const auto& wanted, SocketOption option) {
    if (wanted) stack::sys_set_option(c, socket.process, socket.fd, option, static_cast<std::int32_t>(*wanted));
  };
  set_number(options.keep_idle_s, SocketOption::keep_idle);
  set_number(options.keep_interval_s, SocketOption::keep_interval);
  set_number(options.keep_count, SocketOption::keep_count);
  set_number(options.user_timeout_ms, SocketOption::user_timeout);
  set_number(options.syn_count, SocketOption::syn_count);
  if (options.keep_alive) stack::sys_set_option(c, socket.process, socket.fd, SocketOption::keep_alive, 1);
  const auto set_switch = [&](bool wanted, SocketOption option) {
    if (wanted) stack::sys_set_option(c, socket.process, socket.fd, option, 1);
  };
  set_switch(options.free_bind, SocketOption::free_bind);
  set_switch(options.bind_address_no_port, SocketOption::bind_address_no_port);
}

// A program reads what comes, unless the timeline says when it does.
bool ScriptRunner::reads_all(const TimelineEntry& entry) const {
  const SocketRef name = entry.as != nothing ? entry.as : entry.on;
  if (name == nothing) return true;
  return std::none_of(scenario().timeline.begin(), scenario().timeline.end(),
                      [&](const TimelineEntry& other) { return other.verb == Verb::receive && other.on == name; });
}

void ScriptRunner::adopt(const TimelineEntry& entry, const Target& socket, bool connecting) {
  if (leads_still(socket)) {
    if (c.core(socket.socket).app == stack::nil) {
      Application app;
      app.process = socket.process;
      app.socket = socket.socket;
      app.fd = socket.fd;
      app.role = Role::script;
      app.reads_all = reads_all(entry);
      world.applications_.attach(c, app);
    }
    if (connecting) {
      world.applications_.mut_of(c, socket.socket)->connecting = true;
      // A program with many connections does not wait for each.
      if (entry.count == 1) world.applications_.sleepers.begin(c, socket.process, trace::Call::connect, socket.fd);
    }
  }
  if (entry.as != nothing) remember(entry.as, socket);
  if (entry.on != nothing) refresh_name(entry.on);
}

bool ScriptRunner::leads_still(const Target& target) const {
  const state::Descriptor* descriptor = state::find_descriptor(c.system.visible, target.process, target.fd);
  return descriptor != nullptr && descriptor->socket.valid() && descriptor->socket == target.socket;
}

void ScriptRunner::remember(SocketRef name, const Target& socket) {
  const HostId host = c.system.visible.processes[socket.process.value].host;
  const bool alive = c.system.cores.alive(socket.socket.value);
  const Protocol protocol = alive ? c.socket(socket.socket).protocol : Protocol::tcp;
  world.script_.remember({name, socket.socket, socket.process, host, c.now, socket.fd, protocol, socket.local});
  refresh_name(name);
}

void ScriptRunner::refresh_name(SocketRef name) {
  const NamedSocket* named = world.script_.find(name);
  if (named == nullptr || !c.system.cores.alive(named->socket.value)) return;
  const state::Socket& socket = c.socket(named->socket);
  if (socket.tuple.local_port != 0) world.script_.packets.name({name, named->protocol, named->host, socket.tuple});
}

AddressId ScriptRunner::address_of(const Endpoint& endpoint) const {
  return c.system.addresses.find(endpoint.address);
}

stack::Peer ScriptRunner::peer_of(const TimelineEntry& entry) const {
  return {address_of(entry.endpoint), entry.endpoint.port};
}

void ScriptRunner::do_connect(const TimelineEntry& entry, std::uint32_t index) {
  const Target socket = target(entry);
  if (!socket.valid()) return;
  if (entry.from) {
    Endpoint from = *entry.from;
    if (entry.from_length != 0) {
      // As programs with many addresses do: connect() will choose a port that is free toward this one destination.
      from.address = from.address.plus(world.script_.runs[index]);
      stack::sys_set_option(c, socket.process, socket.fd, stack::SocketOption::bind_address_no_port, 1);
    }
    const stack::Result bound = stack::sys_bind(c, socket.process, socket.fd, address_of(from), from.port);
    if (bound.error != Errno::ok) return adopt(entry, socket, false);
  }
  const stack::Result result = stack::sys_connect(c, socket.process, socket.fd, peer_of(entry));
  adopt(entry, socket, result.error == Errno::einprogress);
}

void ScriptRunner::do_listen(const TimelineEntry& entry) {
  const Target socket = target(entry);
  if (!socket.valid()) return;
  if (entry.on == nothing) {
    const stack::Result bound =
        stack::sys_bind(c, socket.process, socket.fd, address_of(entry.endpoint), entry.endpoint.port);
    if (bound.error != Errno::ok) return adopt(entry, socket, false);
  }
  stack::sys_listen(c, socket.process, socket.fd, entry.backlog);
  adopt(entry, socket, false);
}

void ScriptRunner::do_accept(const TimelineEntry& entry, std::uint32_t index) {
  const Target listener = target(entry);
  if (listener.valid()) do_or_block({index, listener.process, listener.fd, trace::Call::accept});
}

bool ScriptRunner::accept_returns(const TimelineEntry& entry, const Blocked& call) {
  const stack::Result taken = stack::sys_accept(c, call.process, call.fd);
  if (taken.error == Errno::eagain) return false;
  if (taken.error != Errno::ok) return true;
  if (entry.close_on_exec) stack::sys_close_on_exec(c, call.process, taken.value, true);
  const Target accepted{call.process, taken.socket, taken.value, taken.local};
  if (!taken.local.valid()) {
    adopt(entry, accepted, false);
    // What came before the accept is there to be read.
    if (leads_still(accepted)) world.applications_.ready(c, accepted.socket);
    return true;
  }
  if (entry.as != nothing) remember(entry.as, accepted);
  if (reads_all(entry)) world.script_.local_readers.push_back({call.process, taken.value});
  return true;
}

void ScriptRunner::do_send(const TimelineEntry& entry, std::uint32_t index) {
  const Target socket = target(entry);
  if (!socket.valid()) return;
  const stack::Payload all{world.script_.payloads[index], 0, static_cast<std::uint32_t>(entry.payload.length)};
  if (leads_still(socket) && drives(socket)) {
    world.applications_.start_writing(c, socket.socket, all.content, entry.payload.length);
  } else {
    stack::sys_send(c, socket.process, socket.fd, all);
  }
}

void ScriptRunner::do_sendto(const TimelineEntry& entry, std::uint32_t index) {
  const Target socket = target(entry);
  if (!socket.valid()) return;
  if (entry.from) stack::sys_bind(c, socket.process, socket.fd, address_of(*entry.from), entry.from->port);
  const stack::Payload all{world.script_.payloads[index], 0, static_cast<std::uint32_t>(entry.payload.length)};
  const Asker& asker = world.script_.askers[index];
  const stack::Peer peer = entry.answers ? stack::Peer{asker.address, asker.port} : peer_of(entry);
  stack::sys_sendto(c, socket.process, socket.fd, all, peer);
  adopt(entry, socket, false);
}

void ScriptRunner::do_receive(const TimelineEntry& entry, std::uint64_t bytes) {
  const Target socket = target(entry);
  if (!socket.valid()) return;
  if (!leads_still(socket)) {
    // The number leads elsewhere, or nowhere: the kernel says what it thinks of that.
    stack::Payload part;
    stack::Peer peer;
    const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes == 0 ? 65536 : bytes, 1u << 20));
    stack::sys_receive(c, socket.process, socket.fd, most, part, peer);
    return;
  }
  if (c.core(socket.socket).app == stack::nil) adopt(entry, socket, false);
  const Application* app = world.applications_.of(c, socket.socket);
  if (app != nullptr && app->role == Role::script) world.applications_.start_reading(c, socket.socket, bytes);
}

void ScriptRunner::do_close(const TimelineEntry& entry) {
  const Target socket = target(entry);
  if (!socket.valid()) return;
  const Used before = used(socket.process, socket.fd);
  const bool same = leads_still(socket);
  if (entry.linger_s && same) stack::sys_linger(c, socket.process, socket.fd, *entry.linger_s);
  stack::sys_close(c, socket.process, socket.fd);
  was_closed(before);
  if (entry.linger_s && same && is_closing(socket.socket)) linger(socket, *entry.linger_s);
}

// Whether it is this descriptor of this process that an application works with; a copy's descriptor is another.
bool ScriptRunner::drives(const Target& socket) const {
  const Application* app = world.applications_.of(c, socket.socket);
  return app != nullptr && app->process == socket.process && app->fd == socket.fd;
}

// Whether the ACK of the FIN is still to come (sk_stream_closing).
bool ScriptRunner::is_closing(SocketId socket) const {
  if (!c.system.cores.alive(socket.value) || c.socket(socket).owner.valid()) return false;
  const TcpState state = c.socket(socket).tcp_state;
  return state == TcpState::fin_wait_1 || state == TcpState::closing || state == TcpState::last_ack;
}

void ScriptRunner::linger(const Target& socket, std::uint32_t wait_s) {
  const Time end = c.now + seconds(wait_s);
  world.script_.lingering.push_back({socket.socket, socket.process, end, socket.fd});
  world.applications_.sleepers.begin(c, socket.process, trace::Call::close, socket.fd);
  world.calendar_.push({end, kind_number(EventKind::linger_over), 0});
}

// Every close() that waited long enough, or for which the ACK has come, returns.
void ScriptRunner::end_lingering() {
  std::erase_if(world.script_.lingering, [&](const Lingering& waiting) {
    if (waiting.until > c.now && is_closing(waiting.socket)) return false;
    if (c.system.visible.processes.alive(waiting.process.value))
      world.applications_.sleepers.end(c, waiting.process, trace::Call::close, waiting.fd);
    return true;
  });
}

void ScriptRunner::kill(const ProcessRef& process) {
  TimelineEntry entry;
  entry.verb = Verb::kill;
  entry.process = process;
  do_kill(entry);
}

void ScriptRunner::do_kill(const TimelineEntry& entry) {
  const ProcessId process = process_of(entry);
  forget_blocked(process);
  world.applications_.end_process(c, process);
  stack::end_process(c, process);
  for (auto& host : world.script_.processes)
    for (ProcessId& running : host)
      if (running == process) running = ProcessId::none();
}

void ScriptRunner::do_ping(const TimelineEntry& entry) {
  const ProcessId process = process_of(entry);
  const state::Process& seen = c.system.visible.processes[process.value];
  const auto sequence =
      static_cast<std::uint16_t>(world.script_.runs[static_cast<std::size_t>(&entry - scenario().timeline.data())] + 1);
  const std::uint32_t length = entry.bytes == 0 ? echo_bytes : static_cast<std::uint32_t>(entry.bytes);
  stack::send_echo_request(c, seen.host, address_of(entry.endpoint), static_cast<std::uint16_t>(seen.pid), sequence,
                           length);
}

void ScriptRunner::set_link(const TimelineEntry& entry, bool up) {
  world.links_.network({entry.network}).up = up;
}

}  // namespace fourtuple::world
