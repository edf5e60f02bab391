// Expectations about one named socket.
#include <fmt/format.h>

#include "app/expect/expect.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

using state::Errno;
using world::Expectation;

// A socket as it was at the instant asked about; one that has gone, as it last was.
struct Seen {
  const SocketLife* life = nullptr;
  state::Socket socket;
  std::uint64_t boundary = 0;
  bool exists = false;
};

std::string end_text(const Evidence& evidence, AddressId address, std::uint16_t port) {
  return trace::endpoint_text(evidence.tables(), address, port);
}

std::string judge_state(const Seen& seen, TcpState wanted) {
  const TcpState actual = seen.exists ? seen.socket.tcp_state : TcpState::closed;
  if (actual == wanted) return "";
  if (!seen.exists) return "the socket was gone";
  return fmt::format("it was in {}", name_of(actual));
}

std::string judge_open(const Seen& seen, bool wanted) {
  const bool open = seen.exists && seen.socket.owner.valid();
  if (open == wanted) return "";
  if (open) return fmt::format("it was open, descriptor {}", seen.socket.fd);
  return seen.exists ? "no process held it" : "the socket was gone";
}

// What the other end calls this one: the source of the last packet from here that arrived.
bool peer_view(const Evidence& evidence, const Seen& seen, AddressId& address, std::uint16_t& port) {
  const auto& packets = evidence.indexes().packets();
  for (std::uint32_t id = packets.size(); id-- > 0;) {
    const auto packet = packets.packet({id});
    if (!packet || packet->protocol != seen.life->protocol) continue;
    const std::uint64_t created = packets.created({id});
    if (created >= seen.boundary || created < seen.life->born) continue;
    if (!(sender_tuple(*packet) == seen.socket.tuple) || packets.fate({id}) != replay::Fate::delivered) continue;
    if (packets.end({id}) >= seen.boundary) continue;
    const auto arrived = packets.packet_at({id}, packets.end({id}));
    address = arrived->source;
    port = arrived->source_port;
    return true;
  }
  return false;
}

std::string judge_ends(const Evidence& evidence, const Expectation& expectation, const Seen& seen) {
  const FourTuple& tuple = seen.socket.tuple;
  if (expectation.local && !evidence.matches(*expectation.local, tuple.local, tuple.local_port))
    return fmt::format("its own end was {}", end_text(evidence, tuple.local, tuple.local_port));
  if (expectation.remote && !evidence.matches(*expectation.remote, tuple.remote, tuple.remote_port)) {
    if (!seen.socket.has(state::SocketFlag::connected)) return "it had no peer";
    return fmt::format("its peer was {}", end_text(evidence, tuple.remote, tuple.remote_port));
  }
  if (!expectation.peer_sees) return "";
  AddressId address;
  std::uint16_t port = 0;
  if (!peer_view(evidence, seen, address, port)) return "nothing it sent had reached its peer";
  if (evidence.matches(*expectation.peer_sees, address, port)) return "";
  return fmt::format("its peer saw {}", end_text(evidence, address, port));
}

// The last error a call on the socket failed with, or the kernel noted on it.
Errno last_error(const Evidence& evidence, const Seen& seen) {
  const trace::Trace& trace = evidence.trace();
  Errno last = Errno::ok;
  for (std::uint64_t at = seen.life->born; at < seen.boundary && at < trace.published(); at = trace.next(at)) {
    const trace::Slot* slots = trace.at(at);
    Errno error = Errno::ok;
    if (slots->kind == trace::Kind::socket_error && slots->subject == seen.life->socket.value)
      error = static_cast<Errno>(trace::unpack_socket_error(slots).error);
    if (slots->kind == trace::Kind::syscall) {
      const trace::Syscall call = trace::unpack_syscall(slots);
      if (call.socket == seen.life->socket) error = static_cast<Errno>(call.error);
    }
    const bool only_waits = error == Errno::einprogress || error == Errno::eagain;
    if (error != Errno::ok && !only_waits) last = error;
    if (at == seen.life->ended) break;
  }
  return last;
}

std::string judge_error(const Evidence& evidence, const Seen& seen, Errno wanted) {
  const Errno last = last_error(evidence, seen);
  if (last == wanted) return "";
  if (last == Errno::ok) return "there was no error";
  return fmt::format("the error was {} ({})", state::name_of(last), state::description_of(last));
}

}  // namespace

std::string judge_socket(Evidence& evidence, const Expectation& expectation) {
  const Time at = instant_of(evidence, expectation);
  Seen seen;
  seen.life = evidence.life(expectation.socket, at);
  if (seen.life == nullptr) return expectation.open == false ? "" : "the socket did not exist yet";
  seen.boundary = evidence.boundary(at);
  seen.exists = Evidence::alive(*seen.life, seen.boundary);
  const state::State& state = seen.exists ? evidence.state_at(at) : evidence.state_before(seen.life->ended);
  if (!state.sockets.alive(seen.life->socket.value)) return "the socket did not exist";
  seen.socket = state.sockets[seen.life->socket.value];

  std::string found;
  if (expectation.state) found = judge_state(seen, *expectation.state);
  if (found.empty() && expectation.open) found = judge_open(seen, *expectation.open);
  if (found.empty()) found = judge_ends(evidence, expectation, seen);
  if (found.empty() && expectation.fd && seen.socket.fd != *expectation.fd)
    found = seen.socket.fd < 0 ? "it had no descriptor" : fmt::format("its descriptor was {}", seen.socket.fd);
  if (found.empty() && expectation.socket_error) found = judge_error(evidence, seen, *expectation.socket_error);
  if (found.empty() && (expectation.text || expectation.bytes)) found = judge_received(evidence, expectation);
  return found;
}

}  // namespace fourtuple::app
