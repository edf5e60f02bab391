// What expectations are judged by: the trace of a finished run, its indexes, and which socket each name of the scenario
// stood for at each time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"
#include "sim/world/scenario/scenario.h"
#include "sim/world/script.h"

namespace fourtuple::app {

constexpr std::uint64_t no_position = ~std::uint64_t{0};

// One life of a named socket in the trace.
struct SocketLife {
  world::SocketRef name = world::nothing;
  SocketId socket;
  HostId host;
  Protocol protocol = Protocol::none;
  Time since;                         // the name stands for it from then on
  std::uint64_t born = no_position;   // its socket_created record
  std::uint64_t ended = no_position;  // its socket_closed record
  Time born_at;
  Time tuple_until = Time::never();  // when another named socket takes the same tuple
  FourTuple tuple;                   // the last one it had
};

// Who a process id stands for while it lives.
struct ProcessName {
  HostId host;
  StringId name;
};

class Evidence {
 public:
  // All must outlive it. `ended`: when the run ended; `cut_short`: earlier than the scenario wants.
  Evidence(const world::Scenario& scenario, const world::Script& script, const trace::Trace& trace, Time ended,
           bool cut_short = false);

  const world::Scenario& scenario() const { return *scenario_; }
  const trace::Trace& trace() const { return *trace_; }
  const trace::Tables& tables() const { return trace_->tables(); }
  const replay::Indexes& indexes() const { return indexes_; }
  Time ended() const { return ended_; }
  bool cut_short() const { return cut_short_; }

  // The state at an instant (all records at or before it).
  const state::State& state_at(Time at);
  // The state just before a record.
  const state::State& state_before(std::uint64_t position);
  // Boundary behind everything at or before an instant.
  std::uint64_t boundary(Time at) const { return indexes_.records().boundary_after(at); }

  const std::vector<SocketLife>& lives() const { return lives_; }
  // The socket a name stood for at an instant, or null.
  const SocketLife* life(world::SocketRef name, Time at) const;
  // Whether it still exists at a boundary.
  static bool alive(const SocketLife& life, std::uint64_t boundary) { return life.ended >= boundary; }
  // Whether a packet made at that time was sent by a named socket, or to it.
  bool belongs(world::SocketRef name, const Packet& packet, Time at) const;

  // Whether that host has that address.
  bool has_address(HostId host, const IpAddress& address) const;
  bool matches(const world::EndpointPattern& pattern, AddressId address, std::uint16_t port) const;
  // Whether a process of a state is the one meant.
  bool is_process(const state::State& state, ProcessId process, world::ProcessRef meant) const;
  bool is_process(const ProcessName& process, world::ProcessRef meant) const;

  // "httpd on server", "server", "the kernel of server".
  std::string process_words(world::ProcessRef process) const;
  std::string_view socket_name(world::SocketRef name) const { return scenario_->sockets[name].name; }

 private:
  void find_lives(const world::Script& script);
  void find_tuples();
  bool fits_life(const SocketLife& life, const FourTuple& tuple) const;

  const world::Scenario* scenario_;
  const trace::Trace* trace_;
  replay::Indexes indexes_;
  replay::Cursor cursor_;
  Time ended_;
  bool cut_short_;
  std::vector<SocketLife> lives_;
};

}  // namespace fourtuple::app
