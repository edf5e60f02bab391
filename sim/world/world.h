// The World: all hosts, networks, processes and the timeline of one scenario, and the loop that runs them. It is a
// value: a copy is a checkpoint and runs exactly as the original does (tested). It holds indices, never pointers.
//
// The loop, at each instant: one event is taken from the calendar; what it makes the kernels ask for (packets to send,
// timers, processes to wake) is carried out until all is quiet; then the next event. Same scenario and seed: same
// trace.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/calendar.h"
#include "sim/net/links.h"
#include "sim/stack/system.h"
#include "sim/trace/trace.h"
#include "sim/world/application.h"
#include "sim/world/load.h"
#include "sim/world/scenario/scenario.h"
#include "sim/world/script.h"

namespace fourtuple::world {

// A packet seen at an interface, as it was there.
struct Sighting {
  Time at;
  InterfaceId interface;
  bool leaving = false;
  Packet packet;
};

class World {
 public:
  // Builds the scenario's hosts and networks and fills the tables of `trace`. The scenario must come from the parser
  // without errors; the World keeps a copy.
  World(const Scenario& scenario, std::uint64_t seed, trace::Trace& trace);

  // Carries out everything that happens at or before `limit` and appends it to `trace`. False when nothing is left to
  // happen at all. Scenarios with triggers need a trace of level facts or more.
  bool run_until(Time limit, trace::Trace& trace);

  // Adds a sender of load whose first tick is at `first`. REQUIRES: not in the past.
  void add_load(const LoadSender& sender, Time first);
  // For connections opened from now on; addresses and MSS still come from the route.
  void set_tcp_config(const tcp::Config& config) { system_.tcp_config = config; }

  Time now() const { return now_; }
  // When the run should end: the scenario's `until`, else ten minutes.
  Time end() const;
  const stack::System& system() const { return system_; }
  const Script& script() const { return script_; }
  // Packets received at the far end of a link so far.
  std::uint64_t packet_hops() const { return packet_hops_; }
  std::uint64_t pending_events() const { return calendar_.size(); }
  // Bytes of memory of connections, sockets and tables, for measurements.
  std::uint64_t connection_bytes() const;

 private:
  friend struct WorldBuilder;
  friend struct ScriptRunner;
  friend struct RuleLoader;
  friend struct WorldDriver;
  friend class WhatIf;

  // What the scenario's faults do to one packet on one network.
  struct FaultEffect {
    bool drop = false;
    Duration delay{0};
  };

  void handle(const Event& event, trace::Trace& trace);
  void arrive(InterfaceId from, trace::Trace& trace);
  void carry_out(trace::Trace& trace);
  void send_outgoing(trace::Trace& trace);
  void put_on_wire(const stack::Outgoing& outgoing, trace::Trace& trace);
  void lose_in_flight(InterfaceId from, const Packet& packet, trace::Trace& trace);
  void swallow(const stack::Interface& at, const Packet& packet, trace::Trace& trace);

  FaultEffect fault_for(NetworkId network, const Packet& packet, const trace::Trace& trace);
  HostId owner_of(AddressId address) const;

  stack::System system_;
  net::Links links_;
  Calendar calendar_;
  Applications applications_;
  Script script_;
  std::vector<LoadSender> senders_;
  std::vector<Packet> waiting_for_neighbour_;
  std::vector<HostId> waiting_hosts_;
  std::vector<Sighting> sightings_;
  bool watching_ = false;  // collects sightings; set by WorldDriver
  Time now_{0};
  std::uint64_t packet_hops_ = 0;
};

}  // namespace fourtuple::world
