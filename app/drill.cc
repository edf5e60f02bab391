// `fourtuple drill SCRIPT…`: runs packetdrill scripts against the simulated stack. One line for each script, and below
// it what was skipped, line by line, and the first difference.
#include <fmt/format.h>
#include <string>

#include "app/commands.h"
#include "app/drill/script_run.h"
#include "app/output.h"

namespace fourtuple::app {
namespace {

struct Count {
  std::size_t passed = 0, partly = 0, failed = 0, unread = 0;
};

Outcome<ScriptSettings> settings_of(const DrillOptions& options) {
  ScriptSettings settings;
  for (const std::string& definition : options.definitions) {
    const std::size_t equals = definition.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail({"--define", 0, 0}, fmt::format("'{}' gives no name a value", definition), "NAME=VALUE");
    settings.definitions.emplace(definition.substr(0, equals), definition.substr(equals + 1));
  }
  for (const auto& [name, value] : options.settings)
    if (!value.empty()) settings.options.push_back({{}, name, value});
  return settings;
}

std::string result_of(const std::string& file, const drill::Report& report) {
  if (!report.passed())
    return fmt::format("{}: failed at line {}, after {} of {} events\n", file, report.failure->where.line, report.done,
                       report.events);
  if (report.skipped == 0) return fmt::format("{}: ok, {} events\n", file, report.events);
  return fmt::format("{}: ok but for {} skipped, {} events\n", file, report.skipped, report.events);
}

void tell(const std::string& file, const drill::Report& report) {
  print(result_of(file, report));
  for (const drill::Remark& remark : report.remarks) print(fmt::format("  {}:{}\n", file, drill::text_of(remark)));
  if (report.failure) print("  " + report.failure->to_string() + "\n");
}

void tally(const drill::Report& report, Count& out) {
  ++(!report.passed() ? out.failed : report.skipped != 0 ? out.partly : out.passed);
}

}  // namespace

int drill_scripts(const DrillOptions& options) {
  const auto settings = settings_of(options);
  if (!settings) return refuse(settings.error());
  Count counts;
  for (const std::string& file : options.files) {
    const auto run = run_script_file(file, *settings, trace::Level::off);
    if (!run) {
      refuse(run.error());
      ++counts.unread;
      continue;
    }
    tell(file, run->report);
    tally(run->report, counts);
  }
  if (options.files.size() > 1)
    print(fmt::format("{} scripts: {} ok, {} ok but for skipped lines, {} failed, {} not understood\n",
                      options.files.size(), counts.passed, counts.partly, counts.failed, counts.unread));
  if (counts.unread != 0) return exit_bad_input;
  return counts.failed != 0 || (counts.partly != 0 && !options.allow_skipped) ? exit_failed : exit_ok;
}

}  // namespace fourtuple::app
