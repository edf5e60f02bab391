#include "app/compare/fork.h"

#include <fmt/format.h>

namespace fourtuple::app {

Outcome<void> change_run(ScenarioRun& run, const world::Scenario& scenario, Time at,
                         std::span<const std::string> changes) {
  std::vector<world::Change> parsed;
  for (const std::string& words : changes) {
    auto change = world::parse_change(scenario, words);
    if (!change) return tl::unexpected<Error>(change.error());
    parsed.push_back(std::move(*change));
  }
  return run.change(at, parsed);
}

Outcome<std::unique_ptr<ScenarioRun>> fork_run(const world::Scenario& scenario, std::uint64_t seed, trace::Level level,
                                               Time at, std::span<const std::string> changes) {
  auto run = std::make_unique<ScenarioRun>(scenario, seed, level);
  if (auto changed = change_run(*run, scenario, at, changes); !changed) return tl::unexpected<Error>(changed.error());
  return run;
}

}  // namespace fourtuple::app
