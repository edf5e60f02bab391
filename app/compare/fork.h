// A run of a scenario that is changed at an instant: the same as the unchanged one up to there, record for record.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "app/session.h"

namespace fourtuple::app {

// Carried out up to the changes, not further: run_to_end() or advance() go on. `changes` in words, see
// sim/world/what_if/change.h; the first that cannot be made is the error.
Outcome<std::unique_ptr<ScenarioRun>> fork_run(const world::Scenario& scenario, std::uint64_t seed, trace::Level level,
                                               Time at, std::span<const std::string> changes);

}  // namespace fourtuple::app
