// Expectations about an instant: how many sockets there are, what listens, what runs.
#include <fmt/format.h>

#include "app/expect/expect.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

using world::Expectation;
using world::nothing;

bool is_counted(const Evidence& evidence, const state::State& state, const Expectation& wanted,
                const state::Socket& socket) {
  if (wanted.host != nothing && socket.host.value != wanted.host) return false;
  if (wanted.process.valid() && !evidence.is_process(state, socket.owner, wanted.process)) return false;
  if (wanted.protocol != Protocol::none && socket.protocol != wanted.protocol) return false;
  if (wanted.state && (socket.protocol != Protocol::tcp || socket.tcp_state != *wanted.state)) return false;
  return !wanted.local_port || wanted.local_port->contains(socket.tuple.local_port);
}

bool takes_anyone(const state::Socket& socket) {
  if (socket.protocol == Protocol::tcp) return socket.tcp_state == TcpState::listen;
  return socket.tuple.local_port != 0 && !socket.has(state::SocketFlag::connected);
}

// Whether somebody who names that end reaches the socket: it is bound there, or to any address. A host's name stands
// for its addresses on networks, not for loopback.
bool is_reachable(const Evidence& evidence, const Expectation& wanted, const state::Socket& socket) {
  if (socket.protocol != wanted.protocol || !takes_anyone(socket)) return false;
  if (!wanted.endpoint.port.contains(socket.tuple.local_port)) return false;
  const IpAddress& bound = evidence.tables().addresses[socket.tuple.local];
  if (wanted.endpoint.host != nothing) return socket.host.value == wanted.endpoint.host && !bound.is_loopback();
  if (!wanted.endpoint.address) return true;
  const IpAddress& address = wanted.endpoint.address->address;
  if (address.is_wildcard()) return bound == address;
  if (!evidence.has_address(socket.host, address)) return false;
  const bool dual = bound.family == Family::ipv6 && !socket.has(state::SocketFlag::v6_only);
  return bound == address || (bound.is_wildcard() && (bound.family == address.family || dual));
}

}  // namespace

std::string judge_socket_count(Evidence& evidence, const Expectation& expectation) {
  const state::State& state = evidence.state_at(instant_of(evidence, expectation));
  std::uint64_t count = 0;
  for (std::uint32_t i = 0; i < state.sockets.end(); ++i)
    if (state.sockets.alive(i) && is_counted(evidence, state, expectation, state.sockets[i])) ++count;
  if (expectation.count.contains(count)) return "";
  return count == 1 ? "there was 1" : fmt::format("there were {}", count);
}

std::string judge_listening(Evidence& evidence, const Expectation& expectation) {
  const state::State& state = evidence.state_at(instant_of(evidence, expectation));
  std::string elsewhere;
  for (std::uint32_t i = 0; i < state.sockets.end(); ++i) {
    if (!state.sockets.alive(i)) continue;
    const state::Socket& socket = state.sockets[i];
    const bool same_port = socket.protocol == expectation.protocol && takes_anyone(socket) &&
                           expectation.endpoint.port.contains(socket.tuple.local_port);
    if (!is_reachable(evidence, expectation, socket)) {
      if (same_port)
        elsewhere = fmt::format(
            "{} on {}", trace::endpoint_text(evidence.tables(), socket.tuple.local, socket.tuple.local_port, true),
            trace::host_name(evidence.tables(), socket.host));
      continue;
    }
    if (expectation.is) return "";
    const bool known = socket.owner.valid() && state.processes.alive(socket.owner.value);
    return fmt::format("{} listened there",
                       known ? evidence.tables().strings[state.processes[socket.owner.value].name] : "something");
  }
  if (!expectation.is) return "";
  return elsewhere.empty() ? "nothing listened there" : fmt::format("only {} listened", elsewhere);
}

std::string judge_process(Evidence& evidence, const Expectation& expectation) {
  const state::State& state = evidence.state_at(instant_of(evidence, expectation));
  bool runs = false;
  for (std::uint32_t i = 0; i < state.processes.end(); ++i)
    runs = runs || (state.processes.alive(i) && state.processes[i].activity != state::Activity::exited &&
                    evidence.is_process(state, ProcessId{i}, expectation.process));
  if (runs == expectation.is) return "";
  return runs ? "it was running" : "it was not running";
}

}  // namespace fourtuple::app
