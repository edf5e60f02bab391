// The window's "what if": runs the scenario on show again with changes, and gives the changed run as a document.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/trace/trace.h"
#include "sim/world/scenario/scenario.h"
#include "viz/viewer/document.h"

namespace fourtuple::app {

// What the run on show was made from.
struct ForkOrigin {
  std::shared_ptr<const world::Scenario> scenario;
  std::uint64_t seed = 1;
  trace::Level level = trace::Level::expressions;  // that the run on show was recorded with
  std::string path;
  std::uint64_t budget = 0;              // bytes of trace
  std::vector<viz::ForkRequest> before;  // changes that were made to it already
};

viz::ForkRun fork_of(ForkOrigin origin);

// The files a scenario was read from, itself first.
std::vector<std::string> files_of(const world::Scenario& scenario);

}  // namespace fourtuple::app
