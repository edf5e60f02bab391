// Changes to a World that has come to some instant: from there on it runs otherwise. Everything recorded before stays
// as it is, record for record; the changes themselves are recorded as commands of the timeline, with their words, and
// happen before anything else of their instant.
#pragma once

#include <span>

#include "sim/stack/context.h"
#include "sim/world/what_if/change.h"
#include "sim/world/world.h"

namespace fourtuple::world {

class WhatIf {
 public:
  WhatIf(World& world, trace::Trace& trace) : world_(world), trace_(trace) {}

  // REQUIRES: everything before `at` has happened, nothing at `at`. All changes are made, or, at the first that the
  // kernel would refuse (a rule that is not there, a process that does not run), none; the error's `where` names it.
  Outcome<void> make(Time at, std::span<const Change> changes);

 private:
  Outcome<std::shared_ptr<const RulesetSpec>> ruleset_for(const Change& change, const netfilter::Model& model) const;
  Outcome<void> prepare(std::span<const Change> changes);
  void carry_out(const Change& change, const std::shared_ptr<const RulesetSpec>& ruleset);
  void change_link(const Change& change);
  Outcome<void> check_packet(const Change& change) const;

  World& world_;
  trace::Trace& trace_;
  std::vector<std::shared_ptr<const RulesetSpec>> rulesets_;  // parallel to the changes; null: none
};

}  // namespace fourtuple::world
