// How many sockets of one host hold each port, by what they do with it. Follows a state from instant to instant, in
// both directions: only sockets that differ from the last instant are counted again, so a host with a million sockets
// costs what changed. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/state/state.h"
#include "viz/kit/table.h"

namespace fourtuple::viz {

constexpr std::uint32_t port_count = 65536;

// What one socket does with its local port.
enum class PortRole : std::uint8_t {
  bound,      // TCP: bind() without listen() or connect()
  closing,    // a close has begun: FIN-WAIT, CLOSE-WAIT, LAST-ACK, CLOSING, TIME-WAIT
  connected,  // ESTABLISHED or on its way there; UDP after connect()
  waiting     // TCP: LISTEN; UDP: anyone may send to it
};
constexpr std::size_t port_roles = 4;

// How one port is shown. The order is that of importance where several are mixed in one place.
enum class PortUse : std::uint8_t { free, bound, closing, connected, waiting, several };

// All sockets with the same local port and protocol.
struct PortHolders {
  std::array<std::uint32_t, port_roles> by_role{};

  std::uint32_t of(PortRole role) const { return by_role[static_cast<std::size_t>(role)]; }
  std::uint32_t total() const { return by_role[0] + by_role[1] + by_role[2] + by_role[3]; }
  PortUse use() const;
  bool operator==(const PortHolders&) const = default;
};

struct PortChange {
  std::uint16_t port = 0;
  RowChange change = RowChange::none;  // added: it was free; removed: it is free now
  bool operator==(const PortChange&) const = default;
};

class PortCounts {
 public:
  // Counts the sockets of `host` in `state`. True when a port changed.
  bool update(const state::State& state, HostId host);

  // `protocol`: tcp or udp.
  const PortHolders& at(Protocol protocol, std::uint16_t port) const { return table(protocol)[port]; }
  // Ports with at least one socket in [first, last].
  std::uint32_t in_use(Protocol protocol, std::uint32_t first = 0, std::uint32_t last = port_count - 1) const;
  // Ports whose holders differ from those in `before`, in order. REQUIRES: update() with the present state.
  std::vector<PortChange> changes_since(const state::State& before, Protocol protocol) const;
  // Sockets counted again by the last update(): all of them, or those that differed.
  std::uint64_t looked_at() const { return looked_at_; }

 private:
  using Table = std::vector<PortHolders>;  // by port
  const Table& table(Protocol protocol) const { return protocol == Protocol::udp ? udp_ : tcp_; }

  Table tcp_ = Table(port_count), udp_ = Table(port_count);
  Pool<state::Socket> last_;  // shares its pages with the state
  HostId host_;
  std::uint64_t looked_at_ = 0;
};

// What the socket does with its local port. REQUIRES: it has one.
PortRole role_of(const state::Socket& socket);

}  // namespace fourtuple::viz
