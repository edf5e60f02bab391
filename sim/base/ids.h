// Strong 32-bit indices that name the things of a simulation. An id is only meaningful inside one World or Trace.
// `none` marks an absent thing. Socket and process ids index pools and are reused after the thing has ended; records
// are chronological, so an id between its creation and its end names one thing. Packet ids are never reused.
#pragma once

#include <compare>
#include <cstdint>

namespace fourtuple {

template <class Tag>
struct Id {
  std::uint32_t value = 0xffffffffu;

  static constexpr Id none() { return {}; }
  constexpr bool valid() const { return value != 0xffffffffu; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

using HostId = Id<struct HostTag>;
using InterfaceId = Id<struct InterfaceTag>;  // global over all hosts, in order of definition
using NetworkId = Id<struct NetworkTag>;      // a link or a shared segment
using ProcessId = Id<struct ProcessTag>;
using SocketId = Id<struct SocketTag>;
using PacketId = Id<struct PacketTag>;
using AddressId = Id<struct AddressTag>;  // interned IPv4 or IPv6 address, see wire/address.h
using StringId = Id<struct StringTag>;    // interned text, see trace/tables.h
using ContentId = Id<struct ContentTag>;  // bytes an application sends, see trace/tables.h
using LocalId = Id<struct LocalTag>;      // a thing of one kernel alone: an AF_UNIX socket, a pipe, an epoll instance
using StreamId = Id<struct StreamTag>;    // one direction of one connection

}  // namespace fourtuple
