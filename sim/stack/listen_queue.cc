#include "sim/stack/listen_queue.h"

#include <algorithm>

#include "sim/stack/options.h"

namespace fourtuple::stack {
namespace {

const SocketExtra* queue_of(const Context& c, SocketId listener) {
  if (!listener.valid() || !c.system.cores.alive(listener.value)) return nullptr;
  const SocketCore& core = c.core(listener);
  return core.kind == CoreKind::listener && core.extra != nil ? &c.system.extras[core.extra] : nullptr;
}

// Without cookies the last quarter of net.ipv4.tcp_max_syn_backlog is for peers known to be alive; here nobody is.
bool beyond_host_limit(const Sysctls& sysctls, std::uint32_t requests) {
  if (sysctls.syncookies != 0) return false;
  const std::int64_t left = std::int64_t{sysctls.max_syn_backlog} - requests;
  return left < sysctls.max_syn_backlog >> 2;
}

}  // namespace

bool accept_queue_full(const Context& c, SocketId listener) {
  const state::Socket& socket = c.socket(listener);
  return socket.receive_queue > socket.send_queue;
}

SynFate judge_syn(const Context& c, SocketId listener) {
  const state::Socket& socket = c.socket(listener);
  const Sysctls& sysctls = c.system.hosts[socket.host.value].sysctls;
  const SocketExtra* queue = queue_of(c, listener);
  const std::uint32_t requests = queue == nullptr ? 0 : queue->requests;
  const bool cookie = sysctls.syncookies == 2 || requests > socket.send_queue;
  if (cookie && sysctls.syncookies == 0) return SynFate::syn_queue_full;
  if (accept_queue_full(c, listener)) return SynFate::accept_queue_full;
  if (cookie) return SynFate::cookie;
  return beyond_host_limit(sysctls, requests) ? SynFate::syn_queue_full : SynFate::request;
}

bool overflows_accept_queue(const Context& c, SocketId request, const Packet& packet) {
  const state::Socket& socket = c.socket(request);
  if (socket.tcp_state != TcpState::syn_received || queue_of(c, socket.listener) == nullptr) return false;
  const tcp::Connection& connection = c.system.connections[c.core(request).connection];
  const bool completes = packet.has(TcpFlag::ack) && !packet.has(TcpFlag::syn | TcpFlag::rst) &&
                         packet.ack == connection.snd_nxt && packet.seq.at_or_after(connection.rcv_nxt);
  return completes && accept_queue_full(c, socket.listener);
}

void request_made(Context& c, SocketId request) {
  SocketExtra& queue = mut_extra(c, c.socket(request).listener);
  ++queue.requests;
  ++queue.young;
}

void request_repeated(Context& c, SocketId request) {
  SocketCore& core = c.mut_core(request);
  if (core.has(CoreFlag::old_request) || queue_of(c, c.socket(request).listener) == nullptr) return;
  core.flags |= CoreFlag::old_request;
  --mut_extra(c, c.socket(request).listener).young;
}

void request_over(Context& c, SocketId request) {
  if (queue_of(c, c.socket(request).listener) == nullptr) return;
  SocketExtra& queue = mut_extra(c, c.socket(request).listener);
  FT_CHECK(queue.requests != 0);
  --queue.requests;
  if (!c.core(request).has(CoreFlag::old_request)) --queue.young;
}

std::uint8_t request_retries(const Context& c, SocketId request, const tcp::Patience& patience) {
  const SocketId listener = c.socket(request).listener;
  const SocketExtra* queue = queue_of(c, listener);
  const SocketExtra* own = extra_of(c, request);
  std::uint8_t retries = own != nullptr && own->syn_count != 0 ? own->syn_count : patience.synack_retries;
  // Half of the room is kept for young requests: old ones go early when they are about to clog the queue.
  if (queue == nullptr || queue->requests * 2 <= std::max(8u, c.socket(listener).send_queue)) return retries;
  for (std::uint32_t young = queue->young * 2; retries > 2 && queue->requests >= young; young *= 2) {
    --retries;
    if (young == 0) return 2;
  }
  return retries;
}

}  // namespace fourtuple::stack
