// System calls of a script on the simulator's stack. A call that would block is tried again after every event.
#include <algorithm>
#include <fmt/format.h>

#include "sim/drill/run/simulated_kernel.h"
#include "sim/drill/run/symbols.h"
#include "sim/stack/descriptors.h"
#include "sim/stack/syscalls.h"
#include "sim/tcp/endpoint.h"

namespace fourtuple::drill {
namespace {

using state::Errno;

CallOutcome told(const stack::Result& result) {
  CallOutcome outcome;
  outcome.value = result.error == Errno::ok ? result.value : -1;
  outcome.error = static_cast<std::int32_t>(result.error);
  return outcome;
}

CallOutcome returned(std::int64_t value) {
  CallOutcome outcome;
  outcome.value = value;
  return outcome;
}

CallOutcome failed(std::int32_t error) {
  CallOutcome outcome;
  outcome.value = -1;
  outcome.error = error;
  return outcome;
}

// The options that sys_set_option knows.
struct KnownOption {
  std::int32_t level, name;
  stack::SocketOption option;
};
constexpr KnownOption known_options[] = {
    {Linux::sol_socket, Linux::so_keepalive, stack::SocketOption::keep_alive},
    {Linux::sol_tcp, Linux::tcp_keepidle, stack::SocketOption::keep_idle},
    {Linux::sol_tcp, Linux::tcp_keepintvl, stack::SocketOption::keep_interval},
    {Linux::sol_tcp, Linux::tcp_keepcnt, stack::SocketOption::keep_count},
    {Linux::sol_tcp, Linux::tcp_syncnt, stack::SocketOption::syn_count},
    {Linux::sol_tcp, Linux::tcp_user_timeout, stack::SocketOption::user_timeout},
    {Linux::sol_tcp, Linux::tcp_linger2, stack::SocketOption::fin_timeout},
    {Linux::sol_ip, Linux::ip_freebind, stack::SocketOption::free_bind},
    {Linux::sol_ip, Linux::ip_bind_address_no_port, stack::SocketOption::bind_address_no_port},
};

const KnownOption* known_option(const KernelCall& call) {
  for (const KnownOption& one : known_options)
    if (one.level == call.first && one.name == call.second) return &one;
  return nullptr;
}

// Flags of sockets: SO_REUSEADDR and others; 0: none of them.
std::uint8_t socket_flag(const KernelCall& call) {
  if (call.first == Linux::sol_socket && call.second == Linux::so_reuseaddr) return state::SocketFlag::reuse_address;
  if (call.first == Linux::sol_socket && call.second == Linux::so_reuseport) return state::SocketFlag::reuse_port;
  if (call.first == Linux::sol_ipv6 && call.second == Linux::ipv6_v6only) return state::SocketFlag::v6_only;
  return 0;
}

bool is(const KernelCall& call, std::int32_t level, std::int32_t name) {
  return call.first == level && call.second == name;
}

}  // namespace

SocketId SimulatedKernel::socket_of(std::int32_t fd) const {
  const state::Descriptor* descriptor = state::find_descriptor(world_->system().visible, process_, fd);
  return descriptor == nullptr ? SocketId::none() : descriptor->socket;
}

const tcp::Connection* SimulatedKernel::connection_of(SocketId socket) const {
  if (!socket.valid()) return nullptr;
  const std::uint32_t at = world_->system().cores[socket.value].connection;
  return at == stack::nil ? nullptr : &world_->system().connections[at];
}

bool SimulatedKernel::blocks(const KernelCall& call) const {
  const bool dont_wait =
      (call.kind == CallKind::read || call.kind == CallKind::write) && (call.first & Linux::msg_dontwait) != 0;
  return !dont_wait && std::find(nonblocking_.begin(), nonblocking_.end(), call.fd) == nonblocking_.end();
}

Answer SimulatedKernel::knows(const KernelCall& call) {
  switch (call.kind) {
    case CallKind::socket: {
      const std::int32_t type = call.second & 0xf;
      const bool tcp = type == Linux::sock_stream && (call.third == 0 || call.third == Linux::ipproto_tcp);
      const bool udp = type == Linux::sock_datagram && (call.third == 0 || call.third == Linux::ipproto_udp);
      return tcp || udp ? Answer{} : cannot("only TCP and UDP sockets are simulated");
    }
    case CallKind::read:
    case CallKind::write: {
      const std::int32_t other = call.first & ~(Linux::msg_dontwait | Linux::msg_nosignal);
      return other == 0 ? Answer{} : cannot("its flags are not simulated");
    }
    case CallKind::set_option: {
      if (known_option(call) != nullptr || socket_flag(call) != 0) return {};
      if (is(call, Linux::sol_tcp, Linux::tcp_nodelay)) return {};
      if (is(call, Linux::sol_socket, Linux::so_linger)) {
        const bool resets = call.third != 0 && call.port == 0;
        return call.third == 0 || resets ? Answer{} : cannot("a close() that waits for SO_LINGER is not simulated");
      }
      return cannot("this option is not simulated");
    }
    case CallKind::get_option:
      if (is(call, Linux::sol_socket, Linux::so_error) || is(call, Linux::sol_socket, Linux::so_type)) return {};
      return cannot("asking for this option is not simulated");
    default:
      return {};
  }
}

void SimulatedKernel::begin(const KernelCall& call) {
  outcome_.reset();
  connecting_ = false;
  written_ = 0;
  poll_ends_ = Time::never();
  if (call.kind == CallKind::poll && call.first >= 0) poll_ends_ = now() + milliseconds(call.first);
  pending_ = call;
  retry();
  driver().settle();
  collect();
}

void SimulatedKernel::finish(const CallOutcome& outcome) {
  outcome_ = outcome;
  outcome_->at = now();
  pending_.reset();
  poll_ends_ = Time::never();
}

void SimulatedKernel::retry() {
  if (!pending_) return;
  const KernelCall call = *pending_;
  if (const auto outcome = attempt(call)) {
    finish(*outcome);
    driver().settle();
    collect();
  }
}

std::optional<CallOutcome> SimulatedKernel::attempt(const KernelCall& call) {
  stack::Context c = driver().context();
  const IpAddress any = IpAddress::wildcard(setup_.ip_version == Setup::IpVersion::v4 ? Family::ipv4 : Family::ipv6);
  switch (call.kind) {
    case CallKind::socket:
      return attempt_socket(call);
    case CallKind::bind:
      return told(
          stack::sys_bind(c, process_, call.fd, call.any_address ? c.system.addresses.intern(any) : local_, call.port));
    case CallKind::listen:
      return told(stack::sys_listen(c, process_, call.fd, static_cast<std::uint32_t>(std::max(call.first, 0))));
    case CallKind::accept:
      return attempt_accept(call);
    case CallKind::connect:
      return attempt_connect(call);
    case CallKind::read:
      return attempt_read(call);
    case CallKind::write:
      return attempt_write(call);
    case CallKind::send_to:
      return told(stack::sys_sendto(c, process_, call.fd, {ContentId{0}, 0, call.length}, {remote_, call.port}));
    case CallKind::close:
      std::erase(nonblocking_, call.fd);
      return told(stack::sys_close(c, process_, call.fd));
    case CallKind::shutdown:
      if (call.first < 0 || call.first > 2) return failed(static_cast<std::int32_t>(Errno::einval));
      return told(stack::sys_shutdown(c, process_, call.fd, static_cast<stack::Shut>(call.first)));
    case CallKind::get_flags:
      if (!socket_of(call.fd).valid()) return failed(Linux::ebadf);
      return returned(Linux::o_rdwr | (blocks(call) ? 0 : Linux::o_nonblock));
    case CallKind::set_flags:
      if (!socket_of(call.fd).valid()) return failed(Linux::ebadf);
      std::erase(nonblocking_, call.fd);
      if ((call.first & Linux::o_nonblock) != 0) nonblocking_.push_back(call.fd);
      return returned(0);
    case CallKind::set_option:
      return set_option(call);
    case CallKind::get_option:
      return get_option(call);
    case CallKind::poll:
      return attempt_poll(call);
    case CallKind::unread:
    case CallKind::unsent: {
      const SocketId socket = socket_of(call.fd);
      if (!socket.valid()) return failed(Linux::ebadf);
      CallOutcome outcome;
      outcome.out = call.kind == CallKind::unread ? c.socket(socket).receive_queue : c.socket(socket).send_queue;
      return outcome;
    }
  }
  return failed(static_cast<std::int32_t>(Errno::einval));
}

std::optional<CallOutcome> SimulatedKernel::attempt_socket(const KernelCall& call) {
  const Protocol protocol = (call.second & 0xf) == Linux::sock_stream ? Protocol::tcp : Protocol::udp;
  const Family family = call.first == Linux::af_inet6 ? Family::ipv6 : Family::ipv4;
  stack::Context c = driver().context();
  const CallOutcome outcome = told(stack::sys_socket(c, process_, protocol, family));
  if (outcome.value >= 0 && (call.second & Linux::sock_nonblock) != 0)
    nonblocking_.push_back(static_cast<std::int32_t>(outcome.value));
  return outcome;
}

std::optional<CallOutcome> SimulatedKernel::attempt_accept(const KernelCall& call) {
  stack::Context c = driver().context();
  const CallOutcome outcome = told(stack::sys_accept(c, process_, call.fd));
  if (outcome.error == Linux::eagain && blocks(call)) return std::nullopt;
  if (outcome.value >= 0 && (call.third & Linux::sock_nonblock) != 0)
    nonblocking_.push_back(static_cast<std::int32_t>(outcome.value));
  return outcome;
}

std::optional<CallOutcome> SimulatedKernel::attempt_connect(const KernelCall& call) {
  stack::Context c = driver().context();
  if (!connecting_) {
    const CallOutcome outcome = told(stack::sys_connect(c, process_, call.fd, {remote_, call.port}));
    if (outcome.error != Linux::einprogress || !blocks(call)) return outcome;
    connecting_ = true;
  }
  const SocketId socket = socket_of(call.fd);
  const state::Socket& seen = c.socket(socket);
  if (seen.error != Errno::ok)
    return failed(static_cast<std::int32_t>(stack::sys_get_error(c, process_, call.fd).error));
  if (seen.tcp_state == TcpState::syn_sent || seen.tcp_state == TcpState::syn_received) return std::nullopt;
  return returned(0);
}

// What is there, up to the length; blocks only while there is nothing.
std::optional<CallOutcome> SimulatedKernel::attempt_read(const KernelCall& call) {
  stack::Context c = driver().context();
  std::uint32_t total = 0;
  for (;;) {
    stack::Payload part;
    stack::Peer peer;
    const CallOutcome outcome = told(stack::sys_receive(c, process_, call.fd, call.length - total, part, peer));
    if (outcome.value > 0) {
      total += static_cast<std::uint32_t>(outcome.value);
      const SocketId socket = socket_of(call.fd);
      const bool stream = c.socket(socket).protocol == Protocol::tcp;
      const tcp::Connection* connection = connection_of(socket);
      if (stream && total < call.length && connection != nullptr && tcp::readable(*connection) != 0) continue;
      return returned(total);
    }
    if (outcome.error == Linux::eagain && blocks(call)) return std::nullopt;
    return outcome;
  }
}

// All of it, unless the descriptor does not block.
std::optional<CallOutcome> SimulatedKernel::attempt_write(const KernelCall& call) {
  stack::Context c = driver().context();
  do {
    const stack::Payload rest{ContentId{0}, written_, call.length - written_};
    const CallOutcome outcome = told(stack::sys_send(c, process_, call.fd, rest));
    if (outcome.error == Linux::eagain && blocks(call)) return std::nullopt;
    if (outcome.value < 0) return written_ != 0 ? returned(written_) : outcome;
    written_ += static_cast<std::uint32_t>(outcome.value);
  } while (written_ < call.length);
  return returned(written_);
}

// tcp_poll, as far as the socket's state tells.
std::int32_t SimulatedKernel::ready(const Polled& polled) const {
  const SocketId id = socket_of(polled.fd);
  if (!id.valid()) return 32;  // POLLNVAL
  const stack::System& system = world_->system();
  const state::Socket& socket = system.visible.sockets[id.value];
  std::int32_t events = socket.error != Errno::ok ? Linux::pollerr : 0;
  if (socket.tcp_state == TcpState::listen) {
    if (system.cores[id.value].first_waiting != stack::nil) events |= Linux::pollin;
    return events & (polled.wanted | Linux::pollerr | Linux::pollhup);
  }
  const tcp::Connection* connection = connection_of(id);
  const bool closed = socket.tcp_state == TcpState::closed;
  const bool read_over = closed || socket.has(state::SocketFlag::read_shut) ||
                         (connection != nullptr && tcp::at_end_of_stream(*connection)) ||
                         socket.tcp_state == TcpState::close_wait || socket.tcp_state == TcpState::last_ack ||
                         socket.tcp_state == TcpState::closing || socket.tcp_state == TcpState::time_wait;
  const bool write_over = closed || socket.has(state::SocketFlag::write_shut);
  if (read_over && write_over) events |= Linux::pollhup;
  if (read_over) events |= Linux::pollin | Linux::pollrdhup;
  const bool opening = socket.tcp_state == TcpState::syn_sent || socket.tcp_state == TcpState::syn_received;
  if (connection != nullptr && !opening && tcp::readable(*connection) != 0) events |= Linux::pollin;
  if (!opening && (write_over || (connection != nullptr && tcp::writable(*connection) != 0))) events |= Linux::pollout;
  return events & (polled.wanted | Linux::pollerr | Linux::pollhup);
}

std::optional<CallOutcome> SimulatedKernel::attempt_poll(const KernelCall& call) {
  CallOutcome outcome;
  outcome.polled = call.polled;
  for (Polled& one : outcome.polled) {
    one.got = ready(one);
    if (one.got != 0) ++outcome.value;
  }
  if (outcome.value == 0 && now() < poll_ends_) return std::nullopt;
  return outcome;
}

CallOutcome SimulatedKernel::set_option(const KernelCall& call) {
  stack::Context c = driver().context();
  if (const KnownOption* known = known_option(call))
    return told(stack::sys_set_option(c, process_, call.fd, known->option, call.third));
  if (const std::uint8_t flag = socket_flag(call); flag != 0)
    return told(stack::sys_set_flags(c, process_, call.fd, flag, call.third != 0));
  if (is(call, Linux::sol_socket, Linux::so_linger))
    return told(stack::sys_linger(c, process_, call.fd, call.third == 0 ? 1 : 0));
  const SocketId socket = socket_of(call.fd);
  if (!socket.valid()) return failed(Linux::ebadf);
  // TCP_NODELAY. A socket that has no connection yet hands it on to the one it will have; there is only one here.
  const std::uint32_t connection = c.core(socket).connection;
  if (connection == stack::nil)
    c.system.tcp_config.no_delay = call.third != 0;
  else
    tcp::set_no_delay(c.system.connections.mut(connection), call.third != 0);
  return returned(0);
}

CallOutcome SimulatedKernel::get_option(const KernelCall& call) {
  const SocketId socket = socket_of(call.fd);
  if (!socket.valid()) return failed(Linux::ebadf);
  stack::Context c = driver().context();
  CallOutcome outcome;
  if (call.second == Linux::so_type)
    outcome.out = c.socket(socket).protocol == Protocol::tcp ? Linux::sock_stream : Linux::sock_datagram;
  else
    outcome.out = static_cast<std::int64_t>(stack::sys_get_error(c, process_, call.fd).error);
  return outcome;
}

}  // namespace fourtuple::drill
