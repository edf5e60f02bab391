// Why a system call failed, and which call is behind something.
#include <fmt/format.h>

#include "sim/replay/causes/chain_builder.h"
#include "sim/state/errno.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

using state::Errno;
using trace::Call;
using trace::Kind;

std::string evidence_of(ChainBuilder& b, std::uint64_t record, const trace::Syscall& call) {
  const std::string process = b.scene.processed(call.process, record);
  const auto error = static_cast<Errno>(call.error);
  return fmt::format("{}{}, errno {} {}", process, call.fd >= 0 ? fmt::format(", fd {}", call.fd) : std::string(),
                     call.error, name_of(error));
}

std::string title_of(ChainBuilder& b, std::uint64_t record, const trace::Syscall& call) {
  const std::string host = b.scene.host(b.scene.at(record)->host_id());
  const std::uint16_t port = call.tuple.remote_port;
  const auto error = static_cast<Errno>(call.error);
  if (call.call == Call::connect && call.tuple.remote.valid()) {
    if (error == Errno::econnrefused) return fmt::format("Why was {} refused on port {}?", host, port);
    if (error == Errno::etimedout) return fmt::format("Why did {} get no answer from port {}?", host, port);
    if (error == Errno::ehostunreach || error == Errno::enetunreach)
      return fmt::format("Why can {} not reach {}?", host, b.scene.owner_of(call.tuple.remote));
  }
  return fmt::format("Why did {}() fail in {}?", name_of(call.call), b.scene.program(call.process, record));
}

// The error that the socket got before the call reported it.
std::uint64_t error_behind(const Scene& scene, SocketId socket, std::uint64_t record, std::uint8_t error) {
  for (std::uint64_t at = scene.events().socket_before(socket, record); at != EventIndex::none;
       at = scene.events().socket_before(socket, at)) {
    if (scene.at(at)->kind == Kind::socket_created) return EventIndex::none;
    if (scene.at(at)->kind != Kind::socket_error) continue;
    const std::uint8_t found = trace::unpack_socket_error(scene.at(at)).error;
    if (found != 0 && (found == error || error == static_cast<std::uint8_t>(Errno::epipe))) return at;
  }
  return EventIndex::none;
}

// The program's own close() or shutdown() of this descriptor or socket.
std::uint64_t own_call_before(const Scene& scene, const trace::Syscall& call, std::uint64_t record, Call wanted) {
  const bool by_process = wanted == Call::close;
  std::uint64_t at = record;
  for (int steps = 0; steps < 4096; ++steps) {
    at = by_process ? scene.events().process_before(call.process, at) : scene.events().socket_before(call.socket, at);
    if (at == EventIndex::none) return at;
    if (scene.at(at)->kind != Kind::syscall) continue;
    const trace::Syscall other = trace::unpack_syscall(scene.at(at));
    if (other.call == wanted && other.error == 0 && (!by_process || other.fd == call.fd)) return at;
  }
  return EventIndex::none;
}

void explain_in_use(ChainBuilder& b, std::uint64_t record, const trace::Syscall& call) {
  const state::Socket* other = b.scene.socket(call.conflict, record);
  if (other == nullptr) {
    return b.add_root(CauseRoot::call, record, "something holds this address and port already",
                      b.scene.call_words(record));
  }
  const std::string who = other->owner.valid() ? b.scene.program(other->owner, record) : std::string("the kernel");
  const std::string words = b.scene.socket_words(call.conflict, record);
  const bool waits = other->tcp_state == TcpState::time_wait;
  const std::uint64_t at = b.scene.events().socket_before(call.conflict, record);
  b.add(at == EventIndex::none ? record : at,
        waits ? std::string("an old connection still holds the port in TIME-WAIT")
              : fmt::format("{} holds port {} already", who, other->tuple.local_port),
        waits ? words + ". Without SO_REUSEADDR the kernel waits 60 s" : words)
      .socket = call.conflict;
  explain_socket(b, call.conflict, record);
}

void explain_no_port(ChainBuilder& b, std::uint64_t record, const trace::Syscall& call) {
  if (call.call == Call::bind) {
    return b.add_root(CauseRoot::setting, record,
                      fmt::format("{} is no address of {}", b.scene.address(call.tuple.local),
                                  b.scene.host(b.scene.at(record)->host_id())),
                      "bind() takes only addresses that one of the host's interfaces has");
  }
  const state::State& state = b.scene.state_after(record);
  const HostId host = b.scene.at(record)->host_id();
  std::uint32_t same = 0, waiting = 0;
  for (std::uint32_t id = 0; id < state.sockets.end(); ++id) {
    if (!state.sockets.alive(id)) continue;
    const state::Socket& other = state.sockets[id];
    const bool there = other.tuple.remote == call.tuple.remote && other.tuple.remote_port == call.tuple.remote_port;
    if (other.host != host || other.protocol != Protocol::tcp || !there) continue;
    ++same;
    if (other.tcp_state == TcpState::time_wait) ++waiting;
  }
  const state::Socket* own = b.scene.socket(call.socket, record);
  const bool chosen = own != nullptr && own->tuple.local_port != 0;
  b.add_root(CauseRoot::setting, record,
             chosen ? fmt::format("another socket has port {} and this destination already", own->tuple.local_port)
                    : std::string("no local port is left for this destination"),
             fmt::format("sockets that lead to {}:{} from here: {}, of them in TIME-WAIT: {}",
                         b.scene.owner_of(call.tuple.remote), call.tuple.remote_port, same, waiting));
}

void explain_bad_descriptor(ChainBuilder& b, std::uint64_t record, const trace::Syscall& call) {
  const std::uint64_t closed = own_call_before(b.scene, call, record, Call::close);
  if (closed == EventIndex::none) {
    return b.add_root(CauseRoot::call, record, fmt::format("the program has no descriptor {}", call.fd),
                      b.scene.call_words(record));
  }
  explain_call(b, closed,
               fmt::format("{} had closed descriptor {} itself", b.scene.program(call.process, record), call.fd));
}

void explain_broken_pipe(ChainBuilder& b, std::uint64_t record, const trace::Syscall& call) {
  const std::uint64_t error = error_behind(b.scene, call.socket, record, call.error);
  const std::uint64_t shut = own_call_before(b.scene, call, record, Call::shutdown);
  if (shut != EventIndex::none && (error == EventIndex::none || shut > error))
    return explain_call(b, shut, "the program itself had ended this direction");
  if (error != EventIndex::none) {
    b.add(error, "the connection was gone already", "nothing can be sent on it any more").socket = call.socket;
    return explain_socket_error(b, error);
  }
  b.add_root(CauseRoot::call, record, "the other end is closed", b.scene.call_words(record));
}

void explain_too_many(ChainBuilder& b, std::uint64_t record, const trace::Syscall& call) {
  const state::State& state = b.scene.state_after(record);
  const bool known = state.processes.alive(call.process.value);
  b.add_root(CauseRoot::setting, record, "the program may open no more descriptors",
             known ? fmt::format("{} open, the limit is {}", state.processes[call.process.value].descriptor_count,
                                 state.processes[call.process.value].nofile)
                   : std::string("RLIMIT_NOFILE"));
}

// Errors that the kernel gave at once, without asking anybody.
void explain_at_once(ChainBuilder& b, std::uint64_t record, const trace::Syscall& call) {
  switch (static_cast<Errno>(call.error)) {
    case Errno::eaddrinuse:
      return explain_in_use(b, record, call);
    case Errno::eaddrnotavail:
      return explain_no_port(b, record, call);
    case Errno::ebadf:
      return explain_bad_descriptor(b, record, call);
    case Errno::epipe:
      return explain_broken_pipe(b, record, call);
    case Errno::emfile:
      return explain_too_many(b, record, call);
    case Errno::eacces:
    case Errno::eperm:
      return b.add_root(
          CauseRoot::setting, record, fmt::format("port {} belongs to root", call.tuple.local_port),
          fmt::format("{}; ports below 1024 need CAP_NET_BIND_SERVICE", b.scene.processed(call.process, record)));
    case Errno::enetunreach:
    case Errno::ehostunreach:
      return b.add_root(CauseRoot::setting, record,
                        fmt::format("{} has no route to {}", b.scene.host(b.scene.at(record)->host_id()),
                                    b.scene.address(call.tuple.remote)),
                        "no entry of its routing table fits, and there is no default route");
    case Errno::enotconn:
      return b.add_root(CauseRoot::call, record, "the socket is not connected", b.scene.call_words(record));
    default:
      return explain_call(b, record, "the program asked for what cannot be");
  }
}

}  // namespace

void explain_failed_call(ChainBuilder& b, std::uint64_t record) {
  const trace::Syscall call = trace::unpack_syscall(b.scene.at(record));
  const auto error = static_cast<Errno>(call.error);
  b.chain.title = title_of(b, record, call);
  b.chain.error = name_of(error);
  b.chain.summary = fmt::format("{} was told: {}", b.scene.program(call.process, record), description_of(error));
  b.add(record, fmt::format("{}() failed: {}", name_of(call.call), description_of(error)), evidence_of(b, record, call),
        CauseTone::failed)
      .socket = call.socket;
  const std::uint64_t told = error_behind(b.scene, call.socket, record, call.error);
  if (told != EventIndex::none && error != Errno::epipe) return explain_socket_error(b, told);
  explain_at_once(b, record, call);
}

void explain_socket_error(ChainBuilder& b, std::uint64_t record) {
  const trace::SocketError event = trace::unpack_socket_error(b.scene.at(record));
  if (event.cause.valid()) {
    rule_out_for(b, event.cause, record);
    return explain_arrival(b, event.cause);
  }
  if (static_cast<Errno>(event.error) == Errno::etimedout) return explain_silence(b, event.socket, record);
  // The program's own call at that instant, or the end of what the kernel waits for.
  for (const std::uint64_t i : b.scene.before(record)) {
    if (b.scene.at(i)->kind == Kind::syscall) return explain_call(b, i, "the program ended it");
    if (b.scene.at(i)->kind == Kind::packet_delivered) return explain_arrival(b, {b.scene.at(i)->subject});
  }
  b.add_root(CauseRoot::setting, record, "the kernel gave the connection up",
             std::string(state::description_of(static_cast<Errno>(event.error))));
}

void explain_call(ChainBuilder& b, std::uint64_t call, std::string headline) {
  std::string evidence = b.scene.event_words(call);
  const std::string line = b.scene.command_words(call);
  if (!line.empty()) evidence += "; " + line;
  b.add_root(CauseRoot::call, call, std::move(headline), std::move(evidence));
}

}  // namespace fourtuple::replay
