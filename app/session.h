// Any file the program opens, as a trace: a scenario is run in a World, a capture is imported, a saved trace is loaded.
//
// ScenarioRun joins a World to the trace it writes and lets it run in slices. One thread; readers of the trace may be
// on another one (see sim/trace/trace.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "capture/importer.h"
#include "sim/base/outcome.h"
#include "sim/trace/trace.h"
#include "sim/world/scenario/parse.h"
#include "sim/world/what_if/change.h"
#include "sim/world/world.h"

namespace fourtuple::app {

enum class FileKind : std::uint8_t { scenario, capture, saved_trace };

// What a file is, by its first bytes, else by its name. An error says what it looks like instead.
Outcome<FileKind> detect_file(const std::string& path);
FileKind kind_of_bytes(std::string_view beginning);

class ScenarioRun {
 public:
  // `scenario` comes from the parser without errors. `until` cuts the run short; none: the scenario's own end.
  ScenarioRun(const world::Scenario& scenario, std::uint64_t seed, trace::Level level,
              std::optional<Time> until = std::nullopt);

  // Carries out everything up to `limit` and publishes it; false when the run is over.
  bool advance(Time limit);
  // Carries out everything before `at`, then the changes; the run goes on from there, otherwise than it would have.
  // REQUIRES: advance() did not go so far.
  Outcome<void> change(Time at, std::span<const world::Change> changes);
  bool over() const { return over_; }
  // The latest instant the run may reach.
  Time end() const { return end_; }
  // Whether it ended at a `until` of the caller's with more to come.
  bool cut_short() const { return cut_short_; }
  // How far it has come; when over, when the run ended.
  Time now() const { return now_; }

  const world::World& world() const { return *world_; }
  const trace::Trace& trace() const { return *trace_; }

 private:
  std::unique_ptr<trace::Trace> trace_;  // at a fixed address for readers, wherever the run is moved
  std::unique_ptr<world::World> world_;
  Time end_;
  Time now_{0};
  bool over_ = false;
  bool cut_short_ = false;
};

// Runs to the end in slices of some 50 ms of real time, telling `progress` after each.
using Progress = std::function<void(const ScenarioRun&)>;
void run_to_end(ScenarioRun& run, const Progress& progress = {});

struct LoadOptions {
  std::optional<std::uint64_t> seed;  // a scenario's own unless given
  std::vector<std::string> set;       // "networks.wan.loss=5 %"; only for scenarios
  trace::Level level = trace::Level::facts;
  std::optional<Time> until;
  Progress progress;
  capture::SocketOwners lists;      // of the machines in a capture
  std::vector<std::string> beside;  // captures read as one with the file, which is one, too
  capture::ClockChoice clocks;      // theirs
};

struct LoadedFile {
  FileKind kind = FileKind::scenario;
  std::string path;
  world::Scenario scenario;                            // of kind scenario
  std::unique_ptr<ScenarioRun> run;                    // of kind scenario, over
  std::unique_ptr<capture::ImportedCapture> imported;  // of kind capture
  std::unique_ptr<trace::Trace> saved;                 // of kind saved_trace
  std::vector<Error> warnings;

  const trace::Trace& trace() const;
};

using Errors = std::vector<Error>;
tl::expected<LoadedFile, Errors> load_file(const std::string& path, const LoadOptions& options);

// Reads and parses a scenario with the given `--set` texts.
tl::expected<world::Scenario, Errors> read_scenario(const std::string& path, const std::vector<std::string>& set,
                                                    std::vector<Error>* warnings = nullptr);

// One line each on stderr.
void print_errors(const std::vector<Error>& errors);
void print_warnings(const std::vector<Error>& warnings);

// "1.5 s" as an instant of a run; the error names the option it was given to.
Outcome<Time> parse_instant(const std::string& text, const std::string& option);
// "facts", "stages", "expressions".
Outcome<trace::Level> parse_level(const std::string& text);

}  // namespace fourtuple::app
