// `fourtuple compare`: a scenario with itself, changed at an instant; or two files. The first difference, and what is
// different at an instant.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/compare/fork.h"
#include "app/compare/report.h"
#include "app/output.h"
#include "sim/replay/run_facts.h"

namespace fourtuple::app {
namespace {

struct Runs {
  LoadedFile a, b;                      // b: of two files
  std::unique_ptr<ScenarioRun> forked;  // in place of b
  Time fork{0};

  const trace::Trace& other() const { return forked ? forked->trace() : b.trace(); }
};

tl::expected<Runs, Errors> fork_of(const CompareOptions& options, const LoadOptions& load) {
  const auto one = [](Error error) { return tl::make_unexpected(Errors{std::move(error)}); };
  if (options.at.empty())
    return one({{"--change", 0, 0}, "the instant of the change is missing", "--at with a time such as 300 ms", {}});
  const auto at = parse_instant(options.at, "--at");
  if (!at) return one(at.error());
  auto a = load_file(options.files.front(), load);
  if (!a) return tl::make_unexpected(std::move(a.error()));
  if (a->kind != FileKind::scenario)
    return one({{options.files.front(), 0, 0},
                "only a scenario can be run again with a change",
                "a scenario (.yaml); `fourtuple replay CAPTURE --nft RULESET` sends a capture through other rules",
                {}});
  auto forked = fork_run(a->scenario, a->trace().tables().seed, load.level, *at, options.changes);
  if (!forked) return one(forked.error());
  run_to_end(**forked);
  return Runs{std::move(*a), {}, std::move(*forked), *at};
}

tl::expected<Runs, Errors> two_files(const CompareOptions& options, const LoadOptions& load) {
  auto a = load_file(options.files[0], load);
  if (!a) return tl::make_unexpected(std::move(a.error()));
  auto b = load_file(options.files[1], load);
  if (!b) return tl::make_unexpected(std::move(b.error()));
  return Runs{std::move(*a), std::move(*b), nullptr, Time{0}};
}

Outcome<void> check_usage(const CompareOptions& options) {
  if (options.files.size() > 2)
    return fail(SourcePosition{}, "more than two files are given", "two, or one with --change");
  if (options.files.size() == 1 && options.changes.empty())
    return fail(SourcePosition{}, "there is nothing to compare the file with", "another file, or --at and --change");
  if (options.files.size() == 2 && !options.changes.empty())
    return fail(SourcePosition{}, "two files are compared as they are", "one file with --change, or two without");
  return {};
}

}  // namespace

int compare(const CompareOptions& options) {
  if (const auto right = check_usage(options); !right) return refuse(right.error());
  LoadOptions load;
  load.level = trace::Level::stages;  // the verdicts of rules
  load.seed = options.seed;
  const auto runs = options.changes.empty() ? two_files(options, load) : fork_of(options, load);
  if (!runs) {
    print_errors(runs.error());
    return exit_bad_input;
  }
  print_warnings(runs->a.warnings);
  const trace::Trace &a = runs->a.trace(), &b = runs->other();
  Time look = std::max(a.end_time(), b.end_time());
  if (!options.look.empty()) {
    const auto at = parse_instant(options.look, "--look");
    if (!at) return refuse(at.error());
    look = *at;
  }
  replay::RunFacts facts(a, replay::state_before(a, runs->fork), b, replay::state_before(b, runs->fork), runs->fork);
  facts.seek(look);
  Comparison comparison{trace::first_difference(a, b, trace::Compared::story), facts.differences(), look, 0};
  if (!comparison.first) comparison.same = trace::count_compared(a, trace::Compared::story);
  if (runs->forked) comparison.fork = runs->fork;
  comparison.changes = options.changes;
  print(options.json ? comparison_json(comparison) : comparison_text(comparison));
  // Two files are compared as by `cmp`; of a change it is expected that it makes a difference.
  return !runs->forked && (comparison.first || !comparison.facts.empty()) ? exit_failed : exit_ok;
}

}  // namespace fourtuple::app
