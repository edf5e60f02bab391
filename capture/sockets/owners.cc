#include "capture/sockets/owners.h"

#include <algorithm>

namespace fourtuple::capture {
namespace {

// The key of a socket without a peer.
ConversationEnd bound_key(Protocol protocol, const IpAddress& local, std::uint16_t port) {
  return {protocol, local, IpAddress::wildcard(local.family), port, 0};
}

}  // namespace

std::uint64_t hash_of(const OwnerProcess& process) {
  std::uint64_t hash = process.pid;
  for (const char c : process.name) hash = mix_bits(hash ^ static_cast<unsigned char>(c));
  return mix_bits(hash);
}

std::uint64_t hash_of(const ConversationEnd& end) {
  const std::uint64_t ports = (std::uint64_t{end.local_port} << 24) | (std::uint64_t{end.remote_port} << 8) |
                              static_cast<std::uint64_t>(end.protocol);
  return mix_bits(hash_of(end.local) * 3 + mix_bits(hash_of(end.remote) + ports));
}

std::uint32_t SocketOwners::intern(const std::string& name, std::uint32_t pid) {
  const OwnerProcess process{name, pid};
  const std::uint32_t known = process_index_.find(process);
  if (known != IndexMap<OwnerProcess>::absent) return known;
  const auto index = static_cast<std::uint32_t>(processes_.size());
  processes_.push_back(process);
  process_index_.set(process, index);
  return index;
}

void SocketOwners::learn(const IpAddress& address, Place place) {
  if (all_own_known_ || address.is_wildcard() || address.is_loopback()) return;
  const std::uint32_t known = place_index_.find(address);
  if (known == IndexMap<IpAddress>::absent) {
    place_index_.set(address, static_cast<std::uint32_t>(places_.size()));
    places_.push_back(place);
  } else if (place == Place::own) {
    places_[known] = place;  // a machine may talk to itself
  }
}

void SocketOwners::set_own_addresses(const std::vector<IpAddress>& addresses) {
  places_.clear();
  place_index_ = {};
  all_own_known_ = false;
  for (const IpAddress& address : addresses) learn(address, Place::own);
  all_own_known_ = true;
}

void SocketOwners::forget_sockets() {
  sockets_.clear();
  exact_ = {};
}

SocketOwners::Place SocketOwners::place_of(const IpAddress& address) const {
  if (address.is_loopback()) return Place::own;
  const std::uint32_t known = place_index_.find(address);
  if (known != IndexMap<IpAddress>::absent) return places_[known];
  return all_own_known_ ? Place::foreign : Place::unknown;
}

void SocketOwners::add(const SocketList& list) {
  for (const ListedSocket& socket : list.sockets) {
    learn(socket.local, Place::own);
    if (!socket.connected()) {
      put(bound_key(socket.protocol, socket.local, socket.local_port), socket);
      // A socket for both families has the port of the other one too.
      if (socket.family == Family::ipv6 && socket.local.is_wildcard() && !socket.v6_only) {
        const ConversationEnd v4 = bound_key(socket.protocol, IpAddress::wildcard(Family::ipv4), socket.local_port);
        if (entry(v4) == nullptr) put(v4, socket);
      }
      continue;
    }
    learn(socket.remote, Place::foreign);
    put({socket.protocol, socket.local, socket.remote, socket.local_port, socket.remote_port}, socket);
  }
}

void SocketOwners::put(const ConversationEnd& key, const ListedSocket& socket) {
  Entry fresh;
  fresh.listens = socket.listens();
  if (!socket.holders.empty()) {
    // Of several holders the first one: the parent, as a rule.
    fresh.owner.process = intern(socket.holders.front().name, socket.holders.front().pid);
    fresh.owner.fd = socket.holders.front().fd;
    fresh.owner.others = static_cast<std::uint16_t>(std::min<std::size_t>(socket.holders.size() - 1, 0xffff));
  }
  const std::uint32_t known = exact_.find(key);
  if (known == IndexMap<ConversationEnd>::absent) {
    exact_.set(key, static_cast<std::uint32_t>(sockets_.size()));
    sockets_.push_back(fresh);
    return;
  }
  Entry& entry = sockets_[known];
  entry.listens = entry.listens || fresh.listens;
  if (!fresh.owner.known()) return;
  if (!entry.owner.known()) {
    entry.owner = fresh.owner;
    return;
  }
  // lsof cuts names that ss does not: the number decides.
  const bool same = processes_[entry.owner.process].pid == processes_[fresh.owner.process].pid;
  const auto holds = [&](std::uint32_t pid) {
    return std::any_of(socket.holders.begin(), socket.holders.end(),
                       [&](const SocketHolder& h) { return h.pid == pid; });
  };
  if (!same && !holds(processes_[entry.owner.process].pid)) entry.owner.contested = true;
}

const SocketOwners::Entry* SocketOwners::entry(const ConversationEnd& key) const {
  const std::uint32_t known = exact_.find(key);
  return known == IndexMap<ConversationEnd>::absent ? nullptr : &sockets_[known];
}

Attribution SocketOwners::find(const ConversationEnd& end) const {
  if (sockets_.empty()) return {};
  const auto answer = [](const Entry* entry, OwnerMatch match) {
    Attribution owner;
    if (entry == nullptr || !entry->owner.known()) return owner;
    owner = entry->owner;
    owner.match = match;
    if (match != OwnerMatch::exact) owner.fd = -1;
    return owner;
  };
  if (const Attribution exact = answer(entry(end), OwnerMatch::exact); exact.known()) return exact;
  // A UDP socket without a peer is the socket of all of them; a TCP listener is not that of its connections.
  const bool itself = end.protocol == Protocol::udp || end.remote_port == 0;
  const OwnerMatch by_port = itself ? OwnerMatch::exact : OwnerMatch::listener;
  const Attribution bound = answer(entry(bound_key(end.protocol, end.local, end.local_port)), by_port);
  if (bound.known()) return bound;
  const Place place = place_of(end.local);
  if (place == Place::foreign) return {};
  // A neighbour of an address that is known to be of the machine is another machine.
  if (place == Place::unknown && place_of(end.remote) == Place::own) return {};
  const ConversationEnd any = bound_key(end.protocol, IpAddress::wildcard(end.local.family), end.local_port);
  return answer(entry(any), place == Place::own ? by_port : OwnerMatch::port);
}

bool SocketOwners::lists_listener(const ConversationEnd& end) const {
  const Entry* bound = entry(bound_key(end.protocol, end.local, end.local_port));
  if (bound == nullptr && place_of(end.local) == Place::own)
    bound = entry(bound_key(end.protocol, IpAddress::wildcard(end.local.family), end.local_port));
  return bound != nullptr && bound->listens;
}

}  // namespace fourtuple::capture
