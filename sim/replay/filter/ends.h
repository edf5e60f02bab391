// Whose a packet is: the sockets at both ends of every conversation, as a scan over the records goes by. Only what
// `state:` and `process:` need. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/index_map.h"
#include "sim/replay/indexes.h"
#include "sim/state/state.h"

namespace fourtuple::replay {

// A socket's place in its host: `tuple` with the remote part unset for one that only has a port.
struct EndKey {
  HostId host;
  Protocol protocol = Protocol::none;
  FourTuple tuple;
  friend bool operator==(const EndKey&, const EndKey&) = default;
};
inline std::uint64_t hash_of(const EndKey& key) {
  return mix_bits(hash_of(key.tuple) + (std::uint64_t{key.host.value} << 8) + static_cast<std::uint64_t>(key.protocol));
}

// One end of a conversation, as last known.
struct PacketEnd {
  SocketId socket;
  std::uint32_t inode = 0;  // tells the socket from a later one with its id
  StringId program;         // stays when the process lets go of the socket
  std::uint32_t pid = 0;
  bool known = false;
};

class PacketEnds {
 public:
  explicit PacketEnds(const Indexes& indexes);

  // Takes in the record at `position`; every record in order.
  void take(std::uint64_t position, const trace::Slot* record);

  // Both ends of the packet's conversation, as of the last record about it; null when nothing is known.
  const std::array<PacketEnd, 2>* of(PacketId packet) const;
  // The TCP state of that socket now; nothing when it is gone or not TCP.
  std::optional<TcpState> tcp_state(const PacketEnd& end) const;

 private:
  void take_created(const trace::Slot* record);
  void take_sent(std::uint64_t position, const trace::Slot* record);
  void take_delivered(const trace::Slot* record);
  void take_address(SocketId socket);
  SocketId find(HostId host, Protocol protocol, const FourTuple& tuple) const;
  bool fits(SocketId socket, HostId host, Protocol protocol, std::uint16_t port) const;
  std::size_t side_of(std::uint32_t flow, const Packet& created) const;
  void set(PacketEnd& end, SocketId socket, ProcessId owner);
  std::array<PacketEnd, 2>& ends_of(std::uint32_t flow);

  const Indexes* indexes_;
  state::State state_;  // processes and sockets only
  IndexMap<EndKey> sockets_;
  std::vector<std::array<PacketEnd, 2>> flows_;
};

}  // namespace fourtuple::replay
