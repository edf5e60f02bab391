// What the laws are checked on: every scenario of the project, and a run of one.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "app/expect/expect.h"
#include "app/session.h"

namespace fourtuple::app {

inline std::filesystem::path scenario_root() {
  return std::filesystem::path(FT_SOURCE_DIR) / "scenarios";
}

// All scenario files, in order of name.
inline std::vector<std::string> scenario_files() {
  std::vector<std::string> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scenario_root(), none))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

// "first_run", "topic/name".
inline std::string scenario_name(const std::string& file) {
  auto relative = std::filesystem::path(file).lexically_relative(scenario_root());
  return relative.replace_extension().generic_string();
}

// The same as the name of a parameterized test.
inline std::string scenario_test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = scenario_name(info.param);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

// The laws look at a smaller crowd: they say nothing more of a larger one, and take minutes under sanitizers.
inline std::vector<std::string> changes_for_tests(const std::string& file) {
  if (scenario_name(file) == "limits/hundred_thousand_clients") return {"hosts.crowd.clients.count=2000"};
  return {};
}

inline world::Scenario scenario_of(const std::string& file, const std::vector<std::string>& changes = {}) {
  auto scenario = read_scenario(file, changes);
  if (scenario) return std::move(*scenario);
  for (const Error& error : scenario.error()) ADD_FAILURE() << error.to_string();
  return {};
}

inline ScenarioRun run_of(const world::Scenario& scenario, trace::Level level) {
  ScenarioRun run(scenario, scenario.seed, level);
  run_to_end(run);
  return run;
}

// Verdicts on a scenario's expectations; those not met, as lines of text.
inline std::vector<std::string> unmet_expectations(const world::Scenario& scenario) {
  const ScenarioRun run = run_of(scenario, level_needed(scenario));
  Evidence evidence(scenario, run.world().script(), run.trace(), run.now(), run.cut_short());
  std::vector<std::string> unmet;
  for (const Verdict& verdict : judge(evidence)) {
    if (verdict.result == Verdict::Result::met) continue;
    unmet.push_back("line " + std::to_string(scenario.expects[verdict.number].where.line) + ": " + verdict.expected +
                    "; instead: " + verdict.found);
  }
  return unmet;
}

inline std::uint64_t count_records(const trace::Trace& trace) {
  std::uint64_t records = 0;
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) ++records;
  return records;
}

}  // namespace fourtuple::app
