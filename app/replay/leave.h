// What leaves a capture again: an anonymized copy of it.
#pragma once

#include <string>

#include "app/commands.h"

namespace fourtuple::app {

// `replay --anonymize -o OUT`: writes the copy and says what became of what. Returns the exit code; the capture's
// damaged tail is bad input, though what came before it is in the copy.
int write_anonymized(const std::string& capture, const LeaveOptions& options);

}  // namespace fourtuple::app
