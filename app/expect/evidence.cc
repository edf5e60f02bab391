#include "app/expect/evidence.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/describe.h"

namespace fourtuple::app {

using world::nothing;

Evidence::Evidence(const world::Scenario& scenario, const world::Script& script, const trace::Trace& trace, Time ended,
                   bool cut_short)
    : scenario_(&scenario), trace_(&trace), indexes_(trace), cursor_(trace), ended_(ended), cut_short_(cut_short) {
  indexes_.refresh();
  cursor_.refresh();
  find_lives(script);
  find_tuples();
}

const state::State& Evidence::state_at(Time at) {
  cursor_.seek(at);
  return cursor_.state();
}

const state::State& Evidence::state_before(std::uint64_t position) {
  cursor_.seek_position(position);
  return cursor_.state();
}

// Socket ids are used again after a socket has ended, so each name is tied to the creation it means: the last one at or
// before the name's instant.
void Evidence::find_lives(const world::Script& script) {
  std::vector<std::vector<std::uint32_t>> by_socket;
  for (const world::NamedSocket& named : script.names) {
    if (!named.socket.valid()) continue;
    if (by_socket.size() <= named.socket.value) by_socket.resize(named.socket.value + 1);
    by_socket[named.socket.value].push_back(static_cast<std::uint32_t>(lives_.size()));
    SocketLife life;
    life.name = named.name;
    life.socket = named.socket;
    life.host = named.host;
    life.protocol = named.protocol;
    life.since = named.since;
    lives_.push_back(life);
  }
  if (lives_.empty()) return;
  for (std::uint64_t at = trace_->first(); at < trace_->published(); at = trace_->next(at)) {
    const trace::Slot* slots = trace_->at(at);
    if (slots->subject >= by_socket.size()) continue;
    if (slots->kind == trace::Kind::socket_created) {
      for (const std::uint32_t index : by_socket[slots->subject]) {
        SocketLife& life = lives_[index];
        if (slots->at > life.since) continue;
        life.born = at;
        life.born_at = slots->at;
        life.ended = no_position;
      }
    } else if (slots->kind == trace::Kind::socket_closed) {
      for (const std::uint32_t index : by_socket[slots->subject]) {
        SocketLife& life = lives_[index];
        if (life.born != no_position && life.ended == no_position) life.ended = at;
      }
    } else if (slots->kind == trace::Kind::socket_bound || slots->kind == trace::Kind::socket_connected) {
      for (const std::uint32_t index : by_socket[slots->subject]) {
        SocketLife& life = lives_[index];
        if (life.born == no_position || life.ended != no_position) continue;
        if (slots->kind == trace::Kind::socket_connected) {
          life.tuple = trace::unpack_socket_connected(slots).tuple;
          continue;
        }
        const trace::SocketBound bound = trace::unpack_socket_bound(slots);
        life.tuple.local = bound.address;
        life.tuple.local_port = bound.port;
      }
    }
  }
}

void Evidence::find_tuples() {
  std::vector<std::uint32_t> order(lives_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto key = [&](std::uint32_t i) {
    const SocketLife& life = lives_[i];
    return std::tuple(life.host, life.protocol, life.tuple.local_port, life.tuple.remote_port, life.tuple.local,
                      life.tuple.remote);
  };
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tuple(key(a), lives_[a].born_at, a) < std::tuple(key(b), lives_[b].born_at, b);
  });
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    SocketLife& life = lives_[order[i]];
    const SocketLife& next = lives_[order[i + 1]];
    if (key(order[i]) == key(order[i + 1]) && next.born != life.born) life.tuple_until = next.born_at;
  }
}

const SocketLife* Evidence::life(world::SocketRef name, Time at) const {
  const SocketLife* found = nullptr;
  for (const SocketLife& life : lives_)
    if (life.name == name && life.since <= at && life.born != no_position) found = &life;
  return found;
}

bool Evidence::fits_life(const SocketLife& life, const FourTuple& actual) const {
  const FourTuple& named = life.tuple;
  if (named.local_port != actual.local_port || named.local_port == 0 || !named.local.valid()) return false;
  const IpAddress& own = tables().addresses[actual.local];
  if (tables().addresses[named.local].is_wildcard() ? !has_address(life.host, own) : named.local != actual.local)
    return false;
  return named.remote_port == 0 || (named.remote_port == actual.remote_port && named.remote == actual.remote);
}

bool Evidence::belongs(world::SocketRef name, const Packet& packet, Time at) const {
  return std::any_of(lives_.begin(), lives_.end(), [&](const SocketLife& life) {
    if (life.name != name || life.protocol != packet.protocol || at < life.born_at || at >= life.tuple_until)
      return false;
    return fits_life(life, sender_tuple(packet)) || fits_life(life, receiver_tuple(packet));
  });
}

bool Evidence::has_address(HostId host, const IpAddress& address) const {
  const trace::Topology& topology = tables().topology;
  if (host.value >= topology.hosts.size()) return false;
  for (const InterfaceId interface : topology.hosts[host.value].interfaces) {
    const trace::InterfaceInfo& info = topology.interfaces[interface.value];
    if (info.loopback && address.is_loopback()) return true;
    for (const Prefix& prefix : info.addresses)
      if (prefix.address == address) return true;
  }
  return false;
}

bool Evidence::matches(const world::EndpointPattern& pattern, AddressId address, std::uint16_t port) const {
  if (!address.valid() || address.value >= tables().addresses.size()) return false;
  const IpAddress& ip = tables().addresses[address];
  if (pattern.host != nothing && !has_address(HostId{pattern.host}, ip)) return false;
  if (pattern.address && !pattern.address->contains(ip)) return false;
  return pattern.port.contains(port) && pattern.not_port != port;
}

bool Evidence::is_process(const ProcessName& process, world::ProcessRef meant) const {
  if (process.host.value != meant.host) return false;
  if (meant.process == nothing) return true;
  return tables().strings[process.name] == scenario_->hosts[meant.host].processes[meant.process].name;
}

bool Evidence::is_process(const state::State& state, ProcessId id, world::ProcessRef meant) const {
  if (!id.valid() || !state.processes.alive(id.value)) return false;
  const state::Process& process = state.processes[id.value];
  return is_process(ProcessName{process.host, process.name}, meant);
}

std::string Evidence::process_words(world::ProcessRef ref) const {
  const world::HostSpec& host = scenario_->hosts[ref.host];
  return ref.process == nothing ? host.name : fmt::format("{} on {}", host.processes[ref.process].name, host.name);
}

}  // namespace fourtuple::app
