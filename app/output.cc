#include "app/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>

#include "app/commands.h"

namespace fourtuple::app {
namespace {

// errno of the first failed write: like stdout there is one for the whole program.
int first_problem = 0;

void note_problem() {
  if (first_problem == 0) first_problem = errno;
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) note_problem();
}

bool output_failed() {
  return std::ferror(stdout) != 0;
}

int finish_output(int exit_code) {
  if (std::fflush(stdout) != 0) note_problem();
  if (!output_failed()) return exit_code;
  // A write that was not print()'s left no reason.
  const std::string reason = first_problem == 0 ? "" : fmt::format(": {}", std::strerror(first_problem));
  return refuse({{"standard output", 0, 0}, "cannot be written" + reason, {}, {}});
}

int refuse(const Error& error) {
  fmt::print(stderr, "{}\n", error.to_string());
  return exit_bad_input;
}

}  // namespace fourtuple::app
