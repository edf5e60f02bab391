// The lines of a script as narration of its run: what happened at each instant, and what was left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/drill/script_run.h"
#include "sim/trace/tables.h"

namespace fourtuple::app {

// One passage for each instant with its lines, and one at the end with what was skipped and what differs.
std::vector<trace::Caption> captions_of(std::string_view text, const drill::Report& report);
// First how it went, then every line skipped, then the first difference.
std::vector<std::string> notes_of(const ScriptRun& run);

}  // namespace fourtuple::app
