// A packetdrill script read and run in the simulator, with the trace of its run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/drill/language/parse.h"
#include "sim/drill/run/run.h"
#include "sim/trace/trace.h"

namespace fourtuple::app {

struct ScriptRun {
  drill::Script script;
  drill::Report report;
  std::unique_ptr<trace::Trace> trace;
};

struct ScriptSettings {
  drill::Definitions definitions;
  std::vector<drill::ScriptOption> options;  // go before those of the script; their place is line 0
};

// A file that cannot be read, a fault of the language or of an option; a difference is part of the report.
Outcome<ScriptRun> run_script_file(const std::string& path, const ScriptSettings& settings, trace::Level level);

// Whether a file is such a script: by its name, or by its first event.
bool is_script(const std::string& path);

}  // namespace fourtuple::app
