// Words for things in a state: hosts, processes, sockets, addresses, times. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/replay/packet_index.h"
#include "sim/state/state.h"
#include "sim/trace/trace.h"
#include "viz/kit/capsule.h"

namespace fourtuple::viz {

// The process with that id if it lives in `state`, else null. The same for sockets.
const state::Process* find_process(const state::State& state, ProcessId id);
const state::Socket* find_socket(const state::State& state, SocketId id);

// "caddy"; for none "the kernel", or "program unknown" where a capture does not say.
std::string process_name(const trace::Trace& trace, const state::State& state, ProcessId id);
// The host's first address that is not a loopback, without prefix length; "" when it has none.
std::string host_address(const trace::Tables& tables, HostId host);
// "198.51.100.80", "any" for a wildcard when `any`.
std::string address_text(const trace::Tables& tables, AddressId address, bool any = false);
// "any:443", "203.0.113.7:50432".
std::string endpoint_words(const trace::Tables& tables, AddressId address, std::uint16_t port);
HostId host_of(const trace::Tables& tables, InterfaceId interface);
// The host that owns the address, or none.
HostId host_with(const trace::Tables& tables, AddressId address);
bool is_wildcard(const trace::Tables& tables, AddressId address);
bool is_loopback(const trace::Tables& tables, AddressId address);

// "131,072".
std::string grouped(std::uint64_t number);
// "0.312 440": seconds with microseconds, without a unit.
std::string clock_text(Time time);
// "1.241 318": seconds to the microsecond, for lists.
std::string short_time(Time time);
// "1.2 ms", "350 µs", "2.4 s".
std::string span_text(Duration span);

PacketShape shape_of(Protocol protocol);
// 'S', 'F', 'R' or 0, by the TCP flags.
char badge_of(const Packet& packet);
// "50432→443"; for ICMP its type in words.
std::string capsule_text(const Packet& packet);
// "SYN ACK" in the order people say them.
std::string flag_words(const Packet& packet);
// Palette position of a flow; past the named colours (grey) when there is none.
std::size_t flow_slot(std::uint32_t flow);

// A capsule's look with the storage of its text.
struct CapsuleModel {
  std::string text;
  PacketShape shape = PacketShape::tcp;
  std::size_t flow = 0;
  char badge = 0;
  bool ring = false;
  bool rewritten = false;

  CapsuleLook look() const;
};
// `packet`: the headers to show, as created or as rewritten since.
CapsuleModel capsule_of(const replay::PacketIndex& packets, PacketId id, const Packet& packet);

}  // namespace fourtuple::viz
