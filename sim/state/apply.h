// apply(): the one function that changes a State. The World and the fold both call it with the same records.
//
// Every overload leaves the state alone and returns false when the event contradicts it: an unknown host, a socket that
// does not exist, a descriptor number in use. The World never does that; a damaged trace may.
#pragma once

#include "sim/state/state.h"
#include "sim/trace/events.h"

namespace fourtuple::state {

// Ids a trace may use. An id may also run ahead of the largest one in use by no more than `id_slack`, so that one bad
// record cannot ask for gigabytes.
constexpr std::uint32_t max_processes = 1u << 24;
constexpr std::uint32_t max_sockets = 1u << 24;
constexpr std::uint32_t max_locals = 1u << 24;
constexpr std::uint32_t id_slack = 1u << 16;
constexpr std::int32_t max_fd = 1 << 24;
constexpr std::uint32_t max_conntrack_entries = 1u << 23;
constexpr std::uint32_t max_netfilter_objects = 1u << 24;
constexpr std::uint32_t max_set_elements = 1u << 24;

// One overload per kind that changes visible state; `host` is the record's host.
bool apply(State& state, HostId host, const trace::ProcessStarted& event);
bool apply(State& state, HostId host, const trace::ProcessActivity& event);
bool apply(State& state, HostId host, const trace::ProcessEnded& event);
bool apply(State& state, HostId host, const trace::DescriptorOpened& event);
bool apply(State& state, HostId host, const trace::DescriptorClosed& event);
bool apply(State& state, HostId host, const trace::DescriptorFlags& event);
bool apply(State& state, HostId host, const trace::ProcessForked& event);
bool apply(State& state, HostId host, const trace::ProcessLimit& event);
bool apply(State& state, HostId host, const trace::LocalCreated& event);
bool apply(State& state, HostId host, const trace::LocalChanged& event);
bool apply(State& state, HostId host, const trace::LocalOwner& event);
bool apply(State& state, HostId host, const trace::LocalClosed& event);
bool apply(State& state, HostId host, const trace::LocalQueues& event);
bool apply(State& state, HostId host, const trace::SocketCreated& event);
bool apply(State& state, HostId host, const trace::SocketBound& event);
bool apply(State& state, HostId host, const trace::SocketConnected& event);
bool apply(State& state, HostId host, const trace::SocketListening& event);
bool apply(State& state, HostId host, const trace::SocketStateChanged& event);
bool apply(State& state, HostId host, const trace::SocketOwner& event);
bool apply(State& state, HostId host, const trace::SocketError& event);
bool apply(State& state, HostId host, const trace::SocketClosed& event);
bool apply(State& state, HostId host, const trace::SocketQueues& event);
bool apply(State& state, HostId host, const trace::TcpVariablesChanged& event);
// Netfilter (apply_netfilter.cc). Timeouts count from the record's time.
bool apply(State& state, HostId host, Time at, const trace::ConntrackCreated& event);
bool apply(State& state, HostId host, Time at, const trace::ConntrackSeen& event);
bool apply(State& state, HostId host, Time at, const trace::SetElementAdded& event);
bool apply(State& state, HostId host, const trace::ConntrackMarked& event);
bool apply(State& state, HostId host, const trace::ConntrackDestroyed& event);
bool apply(State& state, HostId host, const trace::NetfilterObjectChanged& event);
bool apply(State& state, HostId host, const trace::SetElementRemoved& event);
bool apply(State& state, HostId host, const trace::RulesetLoaded& event);

// The three below run for every hop of every packet, so they are inline and only count. A network may lose a packet
// too: that record has no host.
inline bool apply(State& state, HostId host, const trace::PacketSent&) {
  if (host.value >= state.hosts.size()) return false;
  ++state.hosts[host.value].sent;
  return true;
}
inline bool apply(State& state, HostId host, const trace::PacketDropped&) {
  if (!host.valid()) return true;
  if (host.value >= state.hosts.size()) return false;
  ++state.hosts[host.value].dropped;
  return true;
}
inline bool apply(State& state, HostId host, const trace::PacketDelivered&) {
  if (host.value >= state.hosts.size()) return false;
  ++state.hosts[host.value].delivered;
  return true;
}

// Applies the record whose head is slots[0]; kinds that change no state are ignored (true).
bool apply_record(State& state, const trace::Slot* slots);

}  // namespace fourtuple::state
