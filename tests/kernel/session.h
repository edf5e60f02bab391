// One case on its way through the simulator: the World, the labels, and the steps.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/netfilter/rules/model.h"
#include "sim/trace/trace.h"
#include "sim/world/driver.h"
#include "tests/kernel/labels.h"
#include "tests/kernel/names.h"
#include "tests/kernel/packets.h"

namespace fourtuple::kernel_case {

// A socket of the case. Each has a process of its own, so that descriptors are never used twice.
struct NamedSocket {
  ProcessId process;
  std::int32_t fd = -1;
  SocketId socket;
  Protocol protocol = Protocol::tcp;
  bool closed = false;
};

struct Session {
  Json test_case;
  Names names;
  Labels labels;
  trace::Trace trace;
  std::unique_ptr<world::World> world;
  std::map<std::string, Json> last;  // by host: the last packet it received
  std::map<std::string, NamedSocket> sockets;
  std::map<std::string, StreamId> streams;        // what raw packets of a TCP flow carry, by "addresses and ports"
  ContentId filler;                               // endless 'x'
  std::map<std::uint64_t, std::string> contents;  // texts written by sockets, by ContentId
  std::vector<netfilter::Model> models;           // by host: its rules now
  std::uint64_t reported = 0;                     // trace position up to which walks have been told

  Session(const Json& spec, const Names& nodes);
  world::WorldDriver driver() { return {*world, trace}; }
  const stack::System& system() const { return world->system(); }

  // --- steps.cc ---
  // Everything the answer says.
  Json run();
  Json step(std::size_t number, const Json& spec);
  Json send(const Json& spec);
  Json reply(const Json& spec);
  // Lets time pass until the network is idle.
  void settle(std::int64_t quiet_ms);

  // --- socket_steps.cc ---
  Json socket_step(const Json& spec);

  // --- observe.cc ---
  // "packets" and "trace" of a step: what has happened since the last call.
  void report(Json& out);

  // --- tracking.cc ---
  // Connection tracking entries of all routers.
  Json conntrack();

  // --- ruleset.cc ---
  void set_sysctls();
  // The rulesets at the start. False and `error` when one is refused.
  bool load_rulesets(std::string& error);
  Json change_rules(const Json& spec);
  Json rulesets();
};

}  // namespace fourtuple::kernel_case
