#include "capture/sockets/owners.h"

#include <algorithm>

namespace fourtuple::capture {
namespace {

// The key of a socket without a peer.
ConversationEnd bound_key(Protocol protocol, const IpAddress& local, std::uint16_t port) {
  return {protocol, local, IpAddress::wildcard(local.family), port, 0};
}

// A socket without a visible process is an answer too: nobody, but as sure as the match.
Attribution answer(Attribution owner, OwnerMatch match) {
  owner.match = match;
  if (match != OwnerMatch::exact) owner.fd = -1;
  return owner;
}

Attribution if_known(const Attribution& owner) {
  return owner.known() ? owner : Attribution{};
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

// What a list shows of addresses. Those that were set are not doubted.
void SocketOwners::learn(OneMachine& machine, const IpAddress& address, Place place) {
  if (all_own_known_ || address.is_wildcard() || address.is_loopback()) return;
  // A machine may talk to itself: what is its own stays so.
  if (place == Place::foreign && machine.places.contains(address)) return;
  machine.places.set(address, static_cast<std::uint32_t>(place));
  if (place != Place::own) return;
  machine.shows_addresses = true;
  own_.set(address, 0);
}

void SocketOwners::set_own_addresses(const std::vector<IpAddress>& addresses) {
  own_ = {};
  for (const IpAddress& address : addresses) own_.set(address, 0);
  all_own_known_ = true;
}

void SocketOwners::forget_sockets() {
  sockets_.clear();
  exact_ = {};
  machines_.clear();
  if (!all_own_known_) own_ = {};
}

SocketOwners::Place SocketOwners::place_of(const OneMachine& machine, const IpAddress& address) const {
  if (address.is_loopback()) return Place::own;
  if (all_own_known_) return own_.contains(address) ? Place::own : Place::foreign;
  const std::uint32_t known = machine.places.find(address);
  if (known != IndexMap<IpAddress>::absent) return static_cast<Place>(known);
  // What another list shows as its own is another machine's, unless this list shows no address that could tell.
  return machine.shows_addresses && own_.contains(address) ? Place::foreign : Place::unknown;
}

void SocketOwners::add(const SocketList& list) {
  OneMachine& machine = machines_.emplace_back();
  for (const ListedSocket& socket : list.sockets) {
    learn(machine, socket.local, Place::own);
    if (socket.connected()) {
      learn(machine, socket.remote, Place::foreign);
      put(exact_, {socket.protocol, socket.local, socket.remote, socket.local_port, socket.remote_port}, socket);
    } else {
      add_bound(machine, socket);
    }
  }
}

void SocketOwners::add_bound(OneMachine& machine, const ListedSocket& socket) {
  const bool any = socket.local.is_wildcard();
  put(any ? machine.any : exact_, bound_key(socket.protocol, socket.local, socket.local_port), socket);
  // A socket for both families has the port of the other one too.
  if (!any || socket.family != Family::ipv6 || socket.v6_only) return;
  const ConversationEnd v4 = bound_key(socket.protocol, IpAddress::wildcard(Family::ipv4), socket.local_port);
  if (!machine.any.contains(v4)) put(machine.any, v4, socket);
}

void SocketOwners::put(Keys& keys, const ConversationEnd& key, const ListedSocket& socket) {
  Entry fresh;
  fresh.listens = socket.listens();
  if (!socket.holders.empty()) {
    // Of several holders the first one: the parent, as a rule.
    fresh.owner.process = intern(socket.holders.front().name, socket.holders.front().pid);
    fresh.owner.fd = socket.holders.front().fd;
    fresh.owner.others = static_cast<std::uint16_t>(std::min<std::size_t>(socket.holders.size() - 1, 0xffff));
    fresh.owner.inode = socket.inode;
  }
  const std::uint32_t known = keys.find(key);
  if (known != Keys::absent) return join(sockets_[known], fresh, socket);
  keys.set(key, static_cast<std::uint32_t>(sockets_.size()));
  sockets_.push_back(fresh);
}

// The same socket, listed again.
void SocketOwners::join(Entry& entry, const Entry& fresh, const ListedSocket& socket) const {
  entry.listens = entry.listens || fresh.listens;
  if (!fresh.owner.known()) return;
  if (!entry.owner.known()) {
    entry.owner = fresh.owner;
    return;
  }
  // lsof cuts names that ss does not: the number decides.
  const std::uint32_t pid = processes_[entry.owner.process].pid;
  const bool holds = std::any_of(socket.holders.begin(), socket.holders.end(),
                                 [&](const SocketHolder& holder) { return holder.pid == pid; });
  if (!holds) entry.owner.contested = true;
}

const SocketOwners::Entry* SocketOwners::entry(const Keys& keys, const ConversationEnd& key) const {
  const std::uint32_t known = keys.find(key);
  return known == Keys::absent ? nullptr : &sockets_[known];
}

Attribution SocketOwners::find(const ConversationEnd& end) const {
  if (sockets_.empty()) return {};
  const bool udp = end.protocol == Protocol::udp;
  // A TCP connection whose own socket has no visible process is still the listener's port; a UDP socket with this peer
  // takes all its datagrams, so another one that is bound to the port has none of them.
  const Entry* exact = entry(exact_, end);
  if (exact != nullptr && (udp || exact->owner.known())) return if_known(answer(exact->owner, OwnerMatch::exact));
  // A UDP socket without a peer is the socket of all of them; a TCP listener is not that of its connections.
  const OwnerMatch by_port = udp || end.remote_port == 0 ? OwnerMatch::exact : OwnerMatch::listener;
  const Entry* bound = entry(exact_, bound_key(end.protocol, end.local, end.local_port));
  if (bound != nullptr) return if_known(answer(bound->owner, by_port));
  return find_on_any_address(end, by_port);
}

Attribution SocketOwners::find_on_any_address(const ConversationEnd& end, OwnerMatch by_port) const {
  const ConversationEnd key = bound_key(end.protocol, IpAddress::wildcard(end.local.family), end.local_port);
  Attribution best;
  for (const OneMachine& machine : machines_) {
    const Entry* any = entry(machine.any, key);
    const Place place = any == nullptr ? Place::foreign : place_of(machine, end.local);
    if (place == Place::foreign) continue;
    // A neighbour of an address that is known to be of the machine is another machine.
    if (place == Place::unknown && place_of(machine, end.remote) == Place::own) continue;
    const Attribution found = answer(any->owner, place == Place::own ? by_port : OwnerMatch::port);
    const bool differs = best.known() && found.known() && processes_[best.process].pid != processes_[found.process].pid;
    if (found.match > best.match || (found.match == best.match && !best.known())) {
      best = found;
    } else if (found.match == best.match && differs) {
      best.contested = true;
    }
  }
  return if_known(best);
}

bool SocketOwners::lists_listener(const ConversationEnd& end) const {
  const Entry* bound = entry(exact_, bound_key(end.protocol, end.local, end.local_port));
  if (bound != nullptr) return bound->listens;
  const ConversationEnd key = bound_key(end.protocol, IpAddress::wildcard(end.local.family), end.local_port);
  return std::any_of(machines_.begin(), machines_.end(), [&](const OneMachine& machine) {
    const Entry* any = entry(machine.any, key);
    return any != nullptr && any->listens && place_of(machine, end.local) == Place::own;
  });
}

}  // namespace fourtuple::capture
