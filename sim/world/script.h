// The scenario at run time: which entry of the timeline is due, what names stand for which sockets, which conditions
// are waited for. Plain data; carried out by script_runner.cc.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/time.h"
#include "sim/netfilter/rules/model.h"
#include "sim/wire/four_tuple.h"
#include "sim/world/scenario/scenario.h"
#include "sim/world/selector.h"

namespace fourtuple::world {

// One life of a name (`as`): the socket it stood for, from `since` on.
struct NamedSocket {
  SocketRef name = nothing;
  SocketId socket;
  ProcessId process;
  HostId host;
  Time since;
  std::int32_t fd = -1;
  Protocol protocol = Protocol::tcp;
  LocalId local{};  // in place of a socket
};

// A system call of the timeline that sleeps: accept, epoll_wait, and everything on AF_UNIX sockets and pipes.
struct Blocked {
  std::uint32_t entry = 0;  // of the timeline
  ProcessId process;
  std::int32_t fd = -1;
  trace::Call call{};
  std::uint64_t done = 0;    // bytes written or read so far
  std::uint64_t wanted = 0;  // bytes in all; reading: 0 is what there is
};

// An AF_UNIX socket whose program reads what comes.
struct LocalReader {
  ProcessId process;
  std::int32_t fd = -1;
};

// Who sent the packet that an entry waited for.
struct Asker {
  AddressId address;
  std::uint16_t port = 0;
};

// A close() that blocks for SO_LINGER.
struct Lingering {
  SocketId socket;
  ProcessId process;
  Time until;
  std::int32_t fd = -1;
};

struct Script {
  std::shared_ptr<const Scenario> scenario;       // immutable, shared by copies of the World
  std::vector<std::vector<ProcessId>> processes;  // by host and index in the host's specification; none(): not running
  std::vector<NamedSocket> names;                 // in the order they came to be
  std::vector<std::uint32_t> latest;              // by name: index into names, or nothing

  // Timeline entries: how often each ran, and which wait for a condition.
  std::vector<std::uint32_t> runs;
  std::vector<std::uint32_t> waiting;
  std::vector<std::uint32_t> captions_waiting;
  std::vector<Blocked> blocked;
  std::vector<LocalReader> local_readers;
  std::vector<Lingering> lingering;                    // close() calls that block
  std::uint64_t watched = 0;                           // trace position up to which conditions have been looked for
  PacketWatch packets;                                 // what selectors need to know of packets in flight
  std::vector<ContentId> payloads;                     // by timeline entry
  std::vector<std::uint32_t> trigger_hits;             // by timeline entry: packets its trigger matched so far
  std::vector<Asker> askers;                           // by timeline entry
  std::vector<std::vector<std::uint32_t>> fault_hits;  // by network and fault: packets matched so far

  bool has_faults = false;
  std::vector<PacketId> condemned;  // lost on the wire they are on, or come to next
  // By host: its rules so far, shared by copies of the World; and the next place in the trace's table of rulesets.
  std::vector<std::shared_ptr<const netfilter::Model>> models;
  std::uint32_t next_ruleset = 0;

  bool waits() const {
    return !waiting.empty() || !captions_waiting.empty() || !blocked.empty() || !local_readers.empty() ||
           !lingering.empty();
  }
  bool is_condemned(PacketId packet) const {
    return std::find(condemned.begin(), condemned.end(), packet) != condemned.end();
  }
  // The latest socket of a name, or null.
  const NamedSocket* find(SocketRef name) const;
  // REQUIRES: the socket has a name.
  void remember(const NamedSocket& socket);
};

}  // namespace fourtuple::world
