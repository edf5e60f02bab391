// Rulesets of the scenario on their way into the hosts: at the start, and when the timeline changes them.
#pragma once

#include "sim/stack/context.h"
#include "sim/world/scenario/scenario.h"
#include "sim/world/world.h"

namespace fourtuple::world {

struct RuleLoader {
  World& world;
  stack::Context c;

  // Makes places for all revisions in the trace's table and loads the rulesets the hosts start with.
  void load_initial();
  // Carries out a ruleset's commands on a host. One the kernel would refuse changes nothing, as with `nft -f`.
  void load(HostId host, const RulesetSpec& spec);
  void start_middlebox(HostId host, const MiddleboxSpec& spec);
};

}  // namespace fourtuple::world
