// What commands print, on standard output and as errors. Writing may fail (a full disk): such a failure is kept and
// makes the command fail at its end.
#pragma once

#include <string_view>

#include "sim/base/outcome.h"

namespace fourtuple::app {

// Writes to standard output at once.
void print(std::string_view text);

// Whether something printed so far did not arrive: there is no use in going on.
bool output_failed();

// To be called after the last output with the command's exit code: that code, or after one error that of bad input
// when something could not be written.
int finish_output(int exit_code);

// One line on stderr; the exit code of bad input.
int refuse(const Error& error);

}  // namespace fourtuple::app
