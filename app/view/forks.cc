#include "app/view/forks.h"

#include <algorithm>
#include <filesystem>

#include "app/compare/fork.h"
#include "app/rule_text.h"
#include "app/view/host_tools.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

// Runs to the end, until the trace is full or somebody wants it no more. False when it is full.
bool run_within(ScenarioRun& run, std::uint64_t budget, viz::ForkProgress& progress) {
  Duration slice = milliseconds(1);
  while (!run.over() && !progress.stop) {
    const Time limit = run.end() - run.now() > slice ? run.now() + slice : run.end();
    const std::uint64_t before = run.trace().bytes();
    run.advance(limit);
    progress.reached_ns = run.now().ns;
    if (run.trace().bytes() > budget) return false;
    if (run.trace().bytes() - before < budget / 64) slice = slice * 2;
  }
  return true;
}

using MadeRun = Outcome<std::shared_ptr<viz::Document>>;

MadeRun run_changed(const ForkOrigin& origin, const viz::ForkRequest& request, viz::ForkProgress& progress) {
  ForkOrigin made = origin;
  made.before.push_back(request);
  std::stable_sort(made.before.begin(), made.before.end(),
                   [](const viz::ForkRequest& a, const viz::ForkRequest& b) { return a.at < b.at; });
  const auto run = std::make_shared<ScenarioRun>(*origin.scenario, origin.seed, origin.level);
  for (const viz::ForkRequest& step : made.before) {
    if (auto changed = change_run(*run, *origin.scenario, step.at, step.changes); !changed)
      return tl::unexpected<Error>(changed.error());
  }
  auto document = std::make_shared<viz::Document>();
  if (!run_within(*run, origin.budget, progress))
    document->notes.push_back("a long run: only the first " + trace::time_text(run->now()) + " are shown");
  if (progress.stop) return fail("stopped");
  document->tools = make_host_tools(ephemeral_ranges(*origin.scenario, *run));
  document->path = origin.path;
  document->trace = &run->trace();
  document->value_text = rule_values(document->trace->tables());
  document->files = files_of(*origin.scenario);
  document->owner = run;
  document->fork = fork_of(std::move(made));
  return document;
}

void add_file(std::vector<std::string>& files, const std::string& file) {
  if (!file.empty() && std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
}

}  // namespace

viz::ForkRun fork_of(ForkOrigin origin) {
  const auto shared = std::make_shared<const ForkOrigin>(std::move(origin));
  return [shared](const viz::ForkRequest& request, viz::ForkProgress& progress) {
    return run_changed(*shared, request, progress);
  };
}

std::vector<std::string> files_of(const world::Scenario& scenario) {
  std::vector<std::string> files{scenario.file_name};
  const auto add = [&](const world::RulesetSpec* rules) {
    if (rules == nullptr) return;
    const std::filesystem::path folder = std::filesystem::path(scenario.file_name).parent_path();
    for (const nft::ScriptSource& source : rules->script.sources) {
      const bool found = std::filesystem::exists(source.name);
      add_file(files, found ? source.name : (folder / source.name).string());
    }
  };
  for (const world::HostSpec& host : scenario.hosts) add(host.nft.get());
  for (const world::TimelineEntry& entry : scenario.timeline) add(entry.ruleset.get());
  return files;
}

}  // namespace fourtuple::app
