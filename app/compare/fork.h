// A run of a scenario that is changed at an instant: the same as the unchanged one up to there, record for record.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "app/session.h"

namespace fourtuple::app {

// `changes` in words, see sim/world/what_if/change.h; the first that cannot be made is the error. The run is carried
// out up to them, not further: run_to_end() or advance() go on. REQUIRES: it has not come so far.
Outcome<void> change_run(ScenarioRun& run, const world::Scenario& scenario, Time at,
                         std::span<const std::string> changes);

// A new run of the scenario, changed likewise.
Outcome<std::unique_ptr<ScenarioRun>> fork_run(const world::Scenario& scenario, std::uint64_t seed, trace::Level level,
                                               Time at, std::span<const std::string> changes);

}  // namespace fourtuple::app
