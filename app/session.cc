#include "app/session.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "sim/trace/describe.h"
#include "sim/trace/file.h"
#include "sim/world/scenario/quantity.h"
#include "sim/world/scenario/words.h"
#include "sim/world/what_if/what_if.h"

namespace fourtuple::app {
namespace {

// First four bytes of captures, as they lie in the file: pcap in both byte orders and resolutions, and pcapng.
constexpr std::string_view capture_magics[] = {
    {"\xa1\xb2\xc3\xd4", 4}, {"\xd4\xc3\xb2\xa1", 4}, {"\xa1\xb2\x3c\x4d", 4}, {"\x4d\x3c\xb2\xa1", 4},
    {"\xa1\xb2\xcd\x34", 4}, {"\x34\xcd\xb2\xa1", 4}, {"\x0a\x0d\x0d\x0a", 4}, {"\x1f\x8b", 2},  // gzip
};

bool ends_with(const std::string& path, std::string_view ending) {
  return path.size() >= ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

bool is_capture_name(const std::string& path) {
  return ends_with(path, ".pcap") || ends_with(path, ".pcapng") || ends_with(path, ".cap");
}

tl::expected<LoadedFile, Errors> one_error(Error error) {
  return tl::make_unexpected(Errors{std::move(error)});
}

Error with_file(Error error, const std::string& path) {
  if (error.where.file.empty()) error.where.file = path;
  return error;
}

tl::expected<LoadedFile, Errors> load_scenario_file(LoadedFile file, const LoadOptions& options) {
  auto scenario = read_scenario(file.path, options.set, &file.warnings);
  if (!scenario) return tl::make_unexpected(std::move(scenario.error()));
  file.scenario = std::move(*scenario);
  file.run = std::make_unique<ScenarioRun>(file.scenario, options.seed.value_or(file.scenario.seed), options.level,
                                           options.until);
  run_to_end(*file.run, options.progress);
  return file;
}

}  // namespace

FileKind kind_of_bytes(std::string_view beginning) {
  if (trace::looks_like_trace(beginning)) return FileKind::saved_trace;
  for (const std::string_view magic : capture_magics)
    if (beginning.substr(0, 4) == magic) return FileKind::capture;
  return FileKind::scenario;
}

Outcome<FileKind> detect_file(const std::string& path) {
  std::error_code ignored;
  const SourcePosition here{path, 0, 0};
  if (std::filesystem::is_directory(path, ignored)) return fail(here, "this is a folder", "a file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(here, fmt::format("cannot be opened: {}", std::strerror(errno)));
  char bytes[512];
  in.read(bytes, sizeof(bytes));
  const std::string_view beginning(bytes, static_cast<std::size_t>(in.gcount()));
  const FileKind kind = kind_of_bytes(beginning);
  if (kind != FileKind::scenario || ends_with(path, ".yaml") || ends_with(path, ".yml")) return kind;
  const std::string_view wanted = "a scenario (.yaml), a capture (pcap or pcapng) or a saved trace";
  if (beginning.empty()) return fail(here, "the file is empty", std::string(wanted));
  if (beginning.substr(0, 2) == "\x1f\x8b")
    return fail(here, "the file is compressed with gzip; unpack it first", std::string(wanted));
  if (is_capture_name(path)) return fail(here, "the name says capture, the contents do not", std::string(wanted));
  if (beginning.find('\0') != std::string_view::npos)
    return fail(here, "this kind of file is not known", std::string(wanted));
  return kind;
}

ScenarioRun::ScenarioRun(const world::Scenario& scenario, std::uint64_t seed, trace::Level level,
                         std::optional<Time> until)
    : trace_(std::make_unique<trace::Trace>(level)) {
  world_ = std::make_unique<world::World>(scenario, seed, *trace_);
  end_ = world_->end();
  if (until) end_ = scenario.until ? std::min(end_, *until) : *until;
}

bool ScenarioRun::advance(Time limit) {
  if (over_) return false;
  const Time stop = std::min(limit, end_);
  const bool more = world_->run_until(stop, *trace_);
  over_ = !more || stop == end_;
  // A run that fell silent ended with its last event, unless somebody said until when to look.
  const bool silent = !more && !world_->script().scenario->until;
  now_ = silent ? std::min(world_->now(), stop) : over_ ? end_ : stop;
  cut_short_ = over_ && more && end_ < world_->end();
  if (over_) trace_->set_end_time(now_);
  trace_->publish();
  return !over_;
}

Outcome<void> ScenarioRun::change(Time at, std::span<const world::Change> changes) {
  if (at > end_)
    return fail({"--at", 0, 0}, fmt::format("the run is over at {}", trace::time_text(end_)),
                "an instant before its end");
  if (at.ns > 0) advance(at - nanoseconds(1));
  if (auto made = world::WhatIf(*world_, *trace_).make(at, changes); !made) return made;
  over_ = false;
  return {};
}

void run_to_end(ScenarioRun& run, const Progress& progress) {
  using Clock = std::chrono::steady_clock;
  constexpr auto wanted = std::chrono::milliseconds(50);
  Duration slice = milliseconds(10);
  Time limit{0};
  bool more = true;
  while (more) {
    limit = run.end() - limit > slice ? limit + slice : run.end();
    const auto before = Clock::now();
    more = run.advance(limit);
    const auto spent = Clock::now() - before;
    if (spent < wanted / 2) slice = slice * 2;
    if (spent > wanted * 2) slice = std::max(slice / 2, microseconds(1));
    if (progress) progress(run);
  }
}

const trace::Trace& LoadedFile::trace() const {
  if (run) return run->trace();
  return imported ? imported->trace : *saved;
}

tl::expected<world::Scenario, Errors> read_scenario(const std::string& path, const std::vector<std::string>& set,
                                                    std::vector<Error>* warnings) {
  const auto kind = detect_file(path);
  if (!kind) return tl::make_unexpected(Errors{kind.error()});
  if (*kind != FileKind::scenario)
    return tl::make_unexpected(Errors{{{path, 0, 0},
                                       *kind == FileKind::capture ? "this is a capture" : "this is a saved trace",
                                       "a scenario (.yaml); `fourtuple view` and `fourtuple show` open the others",
                                       {}}});
  std::vector<world::Override> overrides;
  for (const std::string& text : set) {
    auto parsed = world::parse_override(text);
    if (!parsed) return tl::make_unexpected(Errors{with_file(std::move(parsed.error()), "--set " + text)});
    overrides.push_back(std::move(*parsed));
  }
  world::ParseResult result = world::load_scenario(path, overrides);
  if (warnings != nullptr) *warnings = std::move(result.warnings);
  if (!result.ok()) return tl::make_unexpected(std::move(result.errors));
  return std::move(result.scenario);
}

tl::expected<LoadedFile, Errors> load_file(const std::string& path, const LoadOptions& options) {
  const auto kind = detect_file(path);
  if (!kind) return one_error(kind.error());
  LoadedFile file;
  file.kind = *kind;
  file.path = path;
  if (*kind == FileKind::scenario) return load_scenario_file(std::move(file), options);
  if (!options.set.empty() || options.seed)
    return one_error({{path, 0, 0}, "seed and settings can only be changed in a scenario", "a scenario (.yaml)", {}});
  if (*kind == FileKind::capture) {
    std::vector<std::string> paths = options.beside;
    paths.insert(paths.begin(), path);
    capture::ImportOptions import;
    import.join_sides = true;
    import.clocks = options.clocks;
    auto imported = capture::import_captures(paths, options.lists, import);
    if (!imported) return one_error(with_file(std::move(imported.error()), path));
    file.imported = std::make_unique<capture::ImportedCapture>(std::move(*imported));
    return file;
  }
  auto saved = trace::load(path);
  if (!saved) return one_error(with_file(std::move(saved.error()), path));
  file.saved = std::make_unique<trace::Trace>(std::move(*saved));
  return file;
}

void print_errors(const std::vector<Error>& errors) {
  for (const Error& error : errors) fmt::print(stderr, "{}\n", error.to_string());
}

void print_warnings(const std::vector<Error>& warnings) {
  for (const Error& warning : warnings) {
    std::string text = warning.to_string();
    const std::size_t at = text.find("error: ");
    if (at != std::string::npos) text.replace(at, 5, "warning");
    fmt::print(stderr, "{}\n", text);
  }
}

Outcome<Time> parse_instant(const std::string& text, const std::string& option) {
  const auto duration = world::parse_duration(text);
  if (!duration || duration->ns < 0)
    return fail({option, 0, 0}, fmt::format("'{}' is not a time", text),
                "a number and a unit, such as 1.5 s or 300 ms");
  return Time{duration->ns};
}

Outcome<trace::Level> parse_level(const std::string& text) {
  constexpr std::string_view names[] = {"facts", "stages", "expressions"};
  for (std::size_t i = 0; i < std::size(names); ++i)
    if (text == names[i]) return static_cast<trace::Level>(i + 1);
  return fail({"--level", 0, 0}, fmt::format("'{}' is not a level of detail", text), "facts, stages or expressions",
              world::nearest(text, names));
}

}  // namespace fourtuple::app
