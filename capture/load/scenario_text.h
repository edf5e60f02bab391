// A Load as a scenario: every host hangs on a link of its own at one router, the place of the capture, so that rules,
// NAT, delay and loss can be put where they are wanted.
#pragma once

#include <string>

#include "capture/load/load.h"

namespace fourtuple::capture {

// YAML, see docs/scenario-format.md. What the capture could not tell is said in comments.
std::string scenario_text(const ImportedCapture& capture, const Load& load);

// "17 of 20 conversations; 3 left out" and a line for each reason, without line end; the lines begin with `indent`.
std::string words_of(const Load& load, std::string_view indent);

}  // namespace fourtuple::capture
