// `fourtuple run`: runs a scenario without a window, checks what it expects, and writes what is asked for.
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/expect/expect.h"
#include "app/filter/bpf.h"
#include "app/filter/select.h"
#include "app/output.h"
#include "app/run/events.h"
#include "app/run/progress.h"
#include "app/run/summary.h"
#include "app/session.h"
#include "capture/export.h"
#include "sim/trace/file.h"
#include "sim/world/scenario/words.h"

namespace fourtuple::app {
namespace {

struct Wanted {
  std::optional<Time> until;
  trace::Level level = trace::Level::facts;
  std::optional<EventFormat> events;
};

Outcome<Wanted> check_options(const RunOptions& options) {
  Wanted wanted;
  if (!options.until.empty()) {
    const auto until = parse_instant(options.until, "--until");
    if (!until) return tl::make_unexpected(until.error());
    wanted.until = *until;
  }
  const auto level = parse_level(options.level);
  if (!level) return tl::make_unexpected(level.error());
  wanted.level = *level;
  constexpr std::string_view formats[] = {"text", "ndjson"};
  if (options.events == formats[0]) wanted.events = EventFormat::text;
  if (options.events == formats[1]) wanted.events = EventFormat::ndjson;
  if (!options.events.empty() && !wanted.events)
    return fail({"--events", 0, 0}, fmt::format("'{}' is not a format", options.events), "text or ndjson",
                world::nearest(options.events, formats));
  return wanted;
}

// What the run records: at least what its expectations and its summary of rules ask for.
trace::Level level_of_run(const world::Scenario& scenario, trace::Level wanted) {
  const bool rules =
      std::any_of(scenario.hosts.begin(), scenario.hosts.end(), [](const auto& host) { return host.nft != nullptr; }) ||
      std::any_of(scenario.timeline.begin(), scenario.timeline.end(),
                  [](const auto& entry) { return entry.ruleset != nullptr; });
  return std::max({wanted, level_needed(scenario), rules ? trace::Level::stages : trace::Level::facts});
}

void write_to(std::FILE* file, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), file);
}

void carry_out(ScenarioRun& run, const Wanted& wanted) {
  ProgressBar bar;
  if (!wanted.events) return run_to_end(run, [&](const ScenarioRun& now) { bar.show(now); });
  EventLog log(run.trace(), *wanted.events, wanted.level);
  std::string lines;
  run_to_end(run, [&](const ScenarioRun& now) {
    log.take(lines);
    write_to(stdout, lines);
    lines.clear();
    bar.show(now);
  });
}

// Events of the packets a filter takes. What becomes of a packet decides, so they are told at the end of the run.
Outcome<void> carry_out_filtered(ScenarioRun& run, const Wanted& wanted, const std::string& filter) {
  if (auto good = check_filter(run.trace(), filter); !good) return good;
  ProgressBar bar;
  run_to_end(run, [&](const ScenarioRun& now) { bar.show(now); });
  const auto selected = SelectedPackets::select(run.trace(), bpf_for_run(run.trace()), filter);
  if (!selected) return tl::unexpected<Error>(selected.error());
  EventLog log(run.trace(), *wanted.events, wanted.level);
  log.keep_to([&](const trace::Slot& record) { return (*selected)->concerns(record); });
  std::string lines;
  log.take(lines);
  write_to(stdout, lines);
  return {};
}

// Writes the captures and the trace; false after an error, which has been printed.
bool write_files(const ScenarioRun& run, const RunOptions& options, RunSummary& summary) {
  if (!options.pcap_dir.empty()) {
    const auto files = capture::export_run(run.trace(), options.pcap_dir);
    if (!files) {
      print_errors({files.error()});
      return false;
    }
    for (const capture::ExportedFile& file : *files) summary.written.push_back(file.path);
  }
  if (!options.trace_file.empty()) {
    const auto saved = trace::save(run.trace(), options.trace_file);
    if (!saved) {
      print_errors({saved.error()});
      return false;
    }
    summary.written.push_back(options.trace_file);
  }
  return true;
}

}  // namespace

int run(const RunOptions& options) {
  const auto wanted = check_options(options);
  if (!wanted) {
    print_errors({wanted.error()});
    return exit_bad_input;
  }
  std::vector<Error> warnings;
  const auto scenario = read_scenario(options.file, options.set, &warnings);
  print_warnings(warnings);
  if (!scenario) {
    print_errors(scenario.error());
    return exit_bad_input;
  }
  const std::uint64_t seed = options.seed.value_or(scenario->seed);
  ScenarioRun run(*scenario, seed, level_of_run(*scenario, wanted->level), wanted->until);
  if (options.filter.empty() || !wanted->events) {
    carry_out(run, *wanted);
  } else if (auto done = carry_out_filtered(run, *wanted, options.filter); !done) {
    return refuse(done.error());
  }

  RunSummary summary = summarize(run.trace());
  Evidence evidence(*scenario, run.world().script(), run.trace(), run.now(), run.cut_short());
  summary.verdicts = judge(evidence);
  if (!write_files(run, options, summary)) return exit_bad_input;

  std::fflush(stdout);
  // Events own stdout, so that they can be piped.
  std::FILE* out = wanted->events ? stderr : stdout;
  if (options.digest) {
    write_to(out, summary.digest + "\n");
  } else {
    write_to(out,
             options.json ? summary_json(summary, *scenario, run, seed) : summary_text(summary, *scenario, run, seed));
  }
  std::fflush(out);
  if (!options.json) write_to(stderr, failures_text(summary, *scenario));
  return summary.count(Verdict::Result::failed) == 0 ? exit_ok : exit_failed;
}

}  // namespace fourtuple::app
