// A file with rules, in the nft language or as iptables-save writes them, for commands that take one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/netfilter/rules/model.h"
#include "sim/world/scenario/scenario.h"

namespace fourtuple::app {

struct RulesetFile {
  std::shared_ptr<const world::RulesetSpec> spec;
  netfilter::Model model;             // what the kernel would have after loading it
  std::vector<std::string> warnings;  // with their places
};

// A fault names line and column; what the kernel would refuse is one too.
Outcome<RulesetFile> read_ruleset_file(const std::string& path);

}  // namespace fourtuple::app
