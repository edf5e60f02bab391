#include "sim/stack/demux.h"

#include "sim/stack/ports.h"

namespace fourtuple::stack {
namespace {

using trace::MatchQuality;
using trace::Mismatch;

// Recorded attempts per class of sockets: enough for a lesson, bounded on a server with 100,000 connections.
constexpr int explained_per_class = 8;

bool listens(const state::Socket& socket) {
  return socket.protocol == Protocol::udp || socket.tcp_state == TcpState::listen;
}

bool is_connected_udp(const state::Socket& socket) {
  return socket.protocol == Protocol::udp && socket.has(state::SocketFlag::connected);
}

// How well a bound socket matches the destination of a packet.
MatchQuality listener_quality(const Context& c, const state::Socket& socket, const FourTuple& tuple) {
  if (!listens(socket)) return MatchQuality::none;
  if (is_connected_udp(socket)) return socket.tuple == tuple ? MatchQuality::established : MatchQuality::none;
  if (socket.tuple.local == tuple.local) return MatchQuality::listener_address;
  const IpAddress& own = c.address(socket.tuple.local);
  if (!own.is_wildcard()) return MatchQuality::none;
  const Family family = c.address(tuple.local).family;
  if (own.family == family) return MatchQuality::listener_wildcard;
  const bool dual = own.family == Family::ipv6 && !socket.has(state::SocketFlag::v6_only);
  return dual ? MatchQuality::listener_dual : MatchQuality::none;
}

std::uint32_t hash_for_spread(const FourTuple& tuple) {
  return static_cast<std::uint32_t>(hash_of(tuple) >> 32);
}

// The best bound socket of a port; among equals an IPv4 socket before an IPv6 socket with a v4-mapped address, then the
// newest, for the chain is newest first.
Match newest_of_best(const Context& c, const PortBucket& bucket, const FourTuple& tuple) {
  Match best;
  for (std::uint32_t at = bucket.first_bound; at != nil; at = c.system.cores[at].next_in_port) {
    const state::Socket& socket = c.system.visible.sockets[at];
    const MatchQuality quality = listener_quality(c, socket, tuple);
    if (quality == MatchQuality::none) continue;
    if (best.socket.valid() && quality > best.quality) continue;
    const bool narrower = socket.family == Family::ipv4 && best.socket.valid() &&
                          c.socket(best.socket).family == Family::ipv6 && c.address(tuple.local).family == Family::ipv4;
    if (best.socket.valid() && quality == best.quality && !narrower) continue;
    best = {{at}, quality};
    if (quality == MatchQuality::established) break;
  }
  return best;
}

// Calls `visit` with each socket that shares its port with `one` by SO_REUSEPORT and fits as well, newest first, until
// it returns true.
template <class Visit>
void each_sharing(const Context& c, const PortBucket& bucket, const FourTuple& tuple, const Match& one,
                  const Visit& visit) {
  for (std::uint32_t at = bucket.first_bound; at != nil; at = c.system.cores[at].next_in_port) {
    const state::Socket& socket = c.system.visible.sockets[at];
    const bool shares = socket.has(state::SocketFlag::reuse_port) && c.core({at}).uid == c.core(one.socket).uid;
    if (shares && listener_quality(c, socket, tuple) == one.quality && visit(SocketId{at})) return;
  }
}

// As newest_of_best, but where the best share the port by SO_REUSEPORT the hash of the four-tuple chooses, evenly.
Match best_bound(const Context& c, const PortBucket& bucket, const FourTuple& tuple) {
  Match best = newest_of_best(c, bucket, tuple);
  if (!best.socket.valid() || best.quality == MatchQuality::established) return best;
  if (!c.socket(best.socket).has(state::SocketFlag::reuse_port)) return best;
  std::uint64_t sharing = 0;
  each_sharing(c, bucket, tuple, best, [&](SocketId) {
    ++sharing;
    return false;
  });
  std::uint64_t chosen = (hash_for_spread(tuple) * sharing) >> 32;
  each_sharing(c, bucket, tuple, best, [&](SocketId id) {
    if (chosen-- != 0) return false;
    best.socket = id;
    return true;
  });
  return best;
}

Mismatch first_mismatch(const Context& c, const state::Socket& socket, const FourTuple& tuple) {
  const IpAddress& own = c.address(socket.tuple.local);
  if (socket.tuple.local_port != tuple.local_port) return Mismatch::local_port;
  if (socket.tuple.local != tuple.local && !own.is_wildcard()) return Mismatch::local_address;
  if (own.is_wildcard() && own.family == Family::ipv4 && c.address(tuple.local).family == Family::ipv6)
    return Mismatch::family;
  if (socket.tuple.remote_port == 0) return Mismatch::none;
  if (socket.tuple.remote != tuple.remote) return Mismatch::remote_address;
  return socket.tuple.remote_port != tuple.remote_port ? Mismatch::remote_port : Mismatch::none;
}

void explain_one(Context& c, HostId host, const Packet& packet, SocketId socket, MatchQuality tried,
                 Mismatch mismatch) {
  note(c, host, trace::LookupTried{packet.id, socket, tried, mismatch});
}

// Records the attempts on connections: neighbours on the same port first, the one that matched last.
void explain_connections(Context& c, HostId host, const Packet& packet, const PortBucket* bucket, const Match& found) {
  const FourTuple tuple = receiver_tuple(packet);
  int shown = 0;
  const auto show = [&](std::uint32_t first) {
    for (std::uint32_t at = first; at != nil && shown < explained_per_class; at = c.system.cores[at].next_in_port) {
      const state::Socket& socket = c.system.visible.sockets[at];
      if (SocketId{at} == found.socket || socket.tuple.remote_port == 0) continue;
      explain_one(c, host, packet, {at}, MatchQuality::established, first_mismatch(c, socket, tuple));
      ++shown;
    }
  };
  if (bucket != nullptr) {
    show(bucket->first_connection);
    show(bucket->first_bound);
  }
  if (found.quality == MatchQuality::established)
    explain_one(c, host, packet, found.socket, MatchQuality::established, Mismatch::none);
}

// Records the attempts on bound sockets of the host, one class of quality after the other, until one matched.
void explain_listeners(Context& c, HostId host, const Packet& packet, const Match& found) {
  const FourTuple tuple = receiver_tuple(packet);
  const auto& sockets = c.system.visible.sockets;
  for (const MatchQuality tried : {MatchQuality::listener_address, MatchQuality::listener_wildcard}) {
    int shown = 0;
    for (const SocketId bound : c.host(host).bound) {
      if (shown == explained_per_class) break;
      const std::uint32_t at = bound.value;
      const state::Socket& socket = sockets[at];
      if (socket.protocol != packet.protocol) continue;
      if (!listens(socket) || is_connected_udp(socket) || socket.tuple.local_port == 0) continue;
      const bool wildcard = c.address(socket.tuple.local).is_wildcard();
      if (wildcard != (tried == MatchQuality::listener_wildcard)) continue;
      const bool won = SocketId{at} == found.socket;
      const Mismatch mismatch = won ? Mismatch::none : first_mismatch(c, socket, tuple);
      explain_one(c, host, packet, {at}, won ? found.quality : tried,
                  !won && mismatch == Mismatch::none ? Mismatch::better_match : mismatch);
      ++shown;
    }
    if (found.quality == tried) return;
  }
}

// A host without ports cannot tell its programs apart: a seeded draw among all that take this protocol.
Match any_program(Context& c, HostId host, Protocol protocol) {
  const auto& sockets = c.system.visible.sockets;
  Match found;
  std::uint64_t seen = 0;
  for (std::uint32_t at = 0; at < sockets.end(); ++at) {
    if (!sockets.alive(at) || sockets[at].host != host || sockets[at].protocol != protocol || !listens(sockets[at]))
      continue;
    // Each of n candidates ends up chosen with probability 1/n.
    if (c.host(host).random.below(++seen) == 0) found = {{at}, MatchQuality::chance};
  }
  return found;
}

}  // namespace

Match lookup(Context& c, HostId host, const Packet& packet) {
  const FourTuple tuple = receiver_tuple(packet);
  Match found;
  if (packet.protocol == Protocol::tcp) {
    const std::uint32_t at = c.system.by_tuple.find({tuple, host});
    if (at != nil) found = {{at}, MatchQuality::established};
  }
  if (c.host(host).ports_off && !found.socket.valid()) return any_program(c, host, packet.protocol);
  const bool explain = c.trace.wants(trace::Level::stages);
  if (found.socket.valid() && !explain) return found;
  const PortBucket* bucket = find_bucket(c.system, {host, packet.protocol, tuple.local_port});
  if (!found.socket.valid() && bucket != nullptr) found = best_bound(c, *bucket, tuple);
  if (explain) {
    explain_connections(c, host, packet, bucket, found);
    if (found.quality != MatchQuality::established) explain_listeners(c, host, packet, found);
  }
  return found;
}

SocketId lookup_sender(Context& c, HostId host, Protocol protocol, const FourTuple& tuple) {
  if (protocol == Protocol::tcp) return {c.system.by_tuple.find({tuple, host})};
  const PortBucket* bucket = find_bucket(c.system, {host, protocol, tuple.local_port});
  return bucket == nullptr ? SocketId::none() : best_bound(c, *bucket, tuple).socket;
}

void enter_connection(Context& c, SocketId id) {
  const state::Socket& socket = c.socket(id);
  c.system.by_tuple.set({socket.tuple, socket.host}, id.value);
  c.mut_core(id).flags |= CoreFlag::in_connections;
}

void leave_connection(Context& c, SocketId id) {
  SocketCore& core = c.mut_core(id);
  if (!core.has(CoreFlag::in_connections)) return;
  core.flags &= static_cast<std::uint16_t>(~CoreFlag::in_connections);
  const state::Socket& socket = c.socket(id);
  c.system.by_tuple.erase({socket.tuple, socket.host});
}

}  // namespace fourtuple::stack
