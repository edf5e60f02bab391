#include "sim/stack/options.h"

#include <algorithm>

#include "sim/stack/tcp_socket.h"
#include "sim/tcp/endpoint.h"

namespace fourtuple::stack {
namespace {

struct ValueRange {
  std::int32_t least, most;
};

// Kernel data: tests/data/kernel/sockets/connection_ranges.csv.
constexpr ValueRange values_of(SocketOption option) {
  switch (option) {
    case SocketOption::keep_idle:
    case SocketOption::keep_interval:
      return {1, 32767};
    case SocketOption::keep_count:
    case SocketOption::syn_count:
      return {1, 127};
    case SocketOption::user_timeout:
      return {0, INT32_MAX};
    case SocketOption::keep_alive:
    case SocketOption::fin_timeout:
    case SocketOption::free_bind:
    case SocketOption::bind_address_no_port:
      break;
  }
  return {INT32_MIN, INT32_MAX};
}

void store(SocketExtra& extra, SocketOption option, std::int32_t value) {
  constexpr std::int32_t longest_fin_timeout = 120;
  switch (option) {
    case SocketOption::keep_alive:
      extra.keep_alive = value != 0;
      break;
    case SocketOption::keep_idle:
      extra.keep_idle_s = static_cast<std::uint16_t>(value);
      break;
    case SocketOption::keep_interval:
      extra.keep_interval_s = static_cast<std::uint16_t>(value);
      break;
    case SocketOption::keep_count:
      extra.keep_count = static_cast<std::uint8_t>(value);
      break;
    case SocketOption::syn_count:
      extra.syn_count = static_cast<std::uint8_t>(value);
      break;
    case SocketOption::user_timeout:
      extra.user_timeout_ms = static_cast<std::uint32_t>(value);
      break;
    case SocketOption::fin_timeout:
      extra.fin_timeout_s = static_cast<std::int16_t>(std::clamp(value, -1, longest_fin_timeout));
      break;
    case SocketOption::free_bind:
    case SocketOption::bind_address_no_port:
      break;  // flags of the core
  }
}

// The flag of a socket's core that is this option; 0: it is none.
std::uint16_t core_flag_of(SocketOption option) {
  if (option == SocketOption::free_bind) return CoreFlag::free_bind;
  return option == SocketOption::bind_address_no_port ? CoreFlag::bind_no_port : std::uint16_t{0};
}

}  // namespace

state::Errno set_option(Context& c, SocketId socket, SocketOption option, std::int32_t value) {
  if (const std::uint16_t flag = core_flag_of(option); flag != 0) {
    std::uint16_t& flags = c.mut_core(socket).flags;
    flags = static_cast<std::uint16_t>(value != 0 ? flags | flag : flags & ~flag);
    return state::Errno::ok;
  }
  const ValueRange range = values_of(option);
  if (value < range.least || value > range.most) return state::Errno::einval;
  SocketExtra& extra = mut_extra(c, socket);
  store(extra, option, value);
  const bool clock = option == SocketOption::keep_alive || (option == SocketOption::keep_idle && extra.keep_alive);
  if (clock && c.core(socket).kind == CoreKind::connection) tcp_keep_alive(c, socket, extra.keep_alive);
  return state::Errno::ok;
}

state::Errno bind_to_device(Context& c, SocketId socket, std::string_view interface) {
  InterfaceId device = InterfaceId::none();
  const trace::Tables& tables = c.trace.tables();
  for (const InterfaceId candidate : c.host(c.socket(socket).host).interfaces)
    if (tables.strings[tables.topology.interfaces[candidate.value].name] == interface) device = candidate;
  if (!device.valid() && !interface.empty()) return state::Errno::enodev;
  mut_extra(c, socket).device = device;
  return state::Errno::ok;
}

bool have_two_devices(const Context& c, SocketId a, SocketId b) {
  const SocketExtra *first = extra_of(c, a), *second = extra_of(c, b);
  if (first == nullptr || second == nullptr) return false;
  return first->device.valid() && second->device.valid() && first->device != second->device;
}

const SocketExtra* extra_of(const Context& c, SocketId socket) {
  const std::uint32_t index = c.core(socket).extra;
  return index == nil ? nullptr : &c.system.extras[index];
}

SocketExtra& mut_extra(Context& c, SocketId socket) {
  SocketCore& core = c.mut_core(socket);
  if (core.extra == nil) core.extra = c.system.extras.allocate();
  return c.system.extras.mut(core.extra);
}

void release_extra(Context& c, SocketId socket) {
  SocketCore& core = c.mut_core(socket);
  if (core.extra == nil) return;
  c.system.extras.release(core.extra);
  core.extra = nil;
}

void inherit_options(Context& c, SocketId listener, SocketId child) {
  const SocketExtra* from = extra_of(c, listener);
  if (from == nullptr || !from->has_options()) return;
  SocketExtra copy = *from;
  copy.requests = copy.young = 0;
  copy.last_cookie = Time::never();
  mut_extra(c, child) = copy;
}

const tcp::Patience& patience_of(const Context& c, SocketId socket, tcp::Patience& own) {
  const tcp::Patience& host = c.system.hosts[c.socket(socket).host.value].sysctls.patience;
  const SocketExtra* extra = extra_of(c, socket);
  if (extra == nullptr) return host;
  own = host;
  if (extra->syn_count != 0) own.syn_retries = extra->syn_count;
  if (extra->keep_count != 0) own.keep_alive_probes = extra->keep_count;
  if (extra->keep_idle_s != 0) own.keep_alive_time = seconds(extra->keep_idle_s);
  if (extra->keep_interval_s != 0) own.keep_alive_interval = seconds(extra->keep_interval_s);
  if (extra->fin_timeout_s != 0) own.fin_timeout = seconds(extra->fin_timeout_s);
  own.user_timeout = milliseconds(extra->user_timeout_ms);
  return own;
}

}  // namespace fourtuple::stack
