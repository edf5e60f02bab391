#include "viz/panels/sockets/port_counts.h"

#include <algorithm>
#include <map>
#include <optional>

namespace fourtuple::viz {
namespace {

// The part of a socket that the map shows.
struct Held {
  Protocol protocol = Protocol::none;
  std::uint16_t port = 0;
  PortRole role = PortRole::bound;
  bool operator==(const Held&) const = default;
};

std::optional<Held> held_by(const Pool<state::Socket>& sockets, std::uint32_t index, HostId host) {
  if (!sockets.alive(index)) return std::nullopt;
  const state::Socket& socket = sockets[index];
  const bool counted = socket.protocol == Protocol::tcp || socket.protocol == Protocol::udp;
  if (socket.host != host || !counted || socket.tuple.local_port == 0) return std::nullopt;
  return Held{socket.protocol, socket.tuple.local_port, role_of(socket)};
}

// Calls `differs(before, now)` for each slot where they are not the same. Pages that the pools share are not read: they
// hold the same sockets, though not always as many of them alive.
template <class Differs>
std::uint64_t compare(const Pool<state::Socket>& before, const Pool<state::Socket>& now, HostId host, Differs differs) {
  constexpr std::uint32_t page = PagedArray<state::Socket>::page_elements;
  std::uint64_t looked_at = 0;
  const std::uint32_t end = std::max(before.end(), now.end());
  for (std::uint32_t first = 0; first < end; first += page) {
    const bool both = first < before.end() && first < now.end();
    const bool shared = both && &before[first] == &now[first];
    const std::uint32_t last = std::min(first + page, end);
    for (std::uint32_t i = first; i < last; ++i) {
      if (shared && before.alive(i) == now.alive(i)) continue;
      ++looked_at;
      const std::optional<Held> old = held_by(before, i, host), held = held_by(now, i, host);
      if (old != held) differs(old, held);
    }
  }
  return looked_at;
}

}  // namespace

PortRole role_of(const state::Socket& socket) {
  if (socket.protocol == Protocol::udp) return socket.tuple.remote_port == 0 ? PortRole::waiting : PortRole::connected;
  switch (socket.tcp_state) {
    case TcpState::listen:
      return PortRole::waiting;
    case TcpState::syn_sent:
    case TcpState::syn_received:
    case TcpState::established:
      return PortRole::connected;
    case TcpState::closed:
      return PortRole::bound;
    default:
      return PortRole::closing;
  }
}

PortUse PortHolders::use() const {
  const auto kinds = std::count_if(by_role.begin(), by_role.end(), [](std::uint32_t count) { return count > 0; });
  if (kinds > 1) return PortUse::several;
  for (std::size_t i = 0; i < port_roles; ++i)
    if (by_role[i] > 0) return static_cast<PortUse>(i + 1);
  return PortUse::free;
}

bool PortCounts::update(const state::State& state, HostId host) {
  if (host != host_) {
    host_ = host;
    last_ = {};
    tcp_.assign(port_count, {});
    udp_.assign(port_count, {});
  }
  bool changed = false;
  const auto count = [&](const std::optional<Held>& held, std::uint32_t by) {
    if (!held) return;
    Table& ports = held->protocol == Protocol::udp ? udp_ : tcp_;
    ports[held->port].by_role[static_cast<std::size_t>(held->role)] += by;
  };
  looked_at_ = compare(last_, state.sockets, host, [&](const std::optional<Held>& old, const std::optional<Held>& now) {
    count(old, ~0U);
    count(now, 1);
    changed = true;
  });
  last_ = state.sockets;
  return changed;
}

std::uint32_t PortCounts::in_use(Protocol protocol, std::uint32_t first, std::uint32_t last) const {
  const Table& ports = table(protocol);
  return static_cast<std::uint32_t>(std::count_if(ports.begin() + first, ports.begin() + last + 1,
                                                  [](const PortHolders& holders) { return holders.total() > 0; }));
}

std::vector<PortChange> PortCounts::changes_since(const state::State& before, Protocol protocol) const {
  std::map<std::uint16_t, PortHolders> less;  // what a port's holders were before, as differences to those of now
  compare(before.sockets, last_, host_, [&](const std::optional<Held>& old, const std::optional<Held>& now) {
    if (old && old->protocol == protocol) ++less[old->port].by_role[static_cast<std::size_t>(old->role)];
    if (now && now->protocol == protocol) --less[now->port].by_role[static_cast<std::size_t>(now->role)];
  });
  std::vector<PortChange> changes;
  for (const auto& [port, difference] : less) {
    if (difference == PortHolders{}) continue;
    const PortHolders& now = at(protocol, port);
    PortHolders old = now;
    for (std::size_t i = 0; i < port_roles; ++i) old.by_role[i] += difference.by_role[i];
    const RowChange change = old.total() == 0   ? RowChange::added
                             : now.total() == 0 ? RowChange::removed
                                                : RowChange::changed;
    changes.push_back({port, change});
  }
  return changes;
}

}  // namespace fourtuple::viz
