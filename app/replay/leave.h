// What leaves a capture again: an anonymized copy of it, a scenario with its load.
#pragma once

#include <string>
#include <vector>

#include "app/commands.h"
#include "capture/importer.h"

namespace fourtuple::app {

// `replay --anonymize -o OUT`: writes the copy and says what became of what. Returns the exit code; the capture's
// damaged tail is bad input, though what came before it is in the copy. Several captures are refused: one at a time.
int write_anonymized(const std::vector<std::string>& captures, const LeaveOptions& options);

// `replay --to-scenario OUT`: writes the scenario and says what could be taken. REQUIRES: imported with its records.
int write_scenario(const capture::ImportedCapture& capture, const LeaveOptions& options);

}  // namespace fourtuple::app
