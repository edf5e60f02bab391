// drill_kernel SCRIPT…: asks the kernel this runs on, in a network namespace of its own, what `fourtuple drill` asks
// the simulator. Needs root. Exit code 1: a script differs.
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/drill/language/parse.h"
#include "sim/drill/run/run.h"
#include "tests/kernel/drill/live_kernel.h"

namespace {

using namespace fourtuple;

bool run_one(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  const auto script = drill::parse_script(text.view(), file);
  if (!script) return std::puts(script.error().to_string().c_str()), false;
  const auto setup = drill::read_setup(*script, {});
  if (!setup) return std::puts(setup.error().to_string().c_str()), false;
  drill::LiveKernel kernel(*setup);
  if (!kernel.ready()) return std::puts("no network namespace or TUN interface: is this root?"), false;
  const drill::Report report = drill::run_script(*script, *setup, kernel);
  std::puts(fmt::format("{}: {}", file, report.passed() ? "ok" : report.failure->to_string()).c_str());
  for (const drill::Remark& remark : report.remarks) std::puts(("  " + drill::text_of(remark)).c_str());
  return report.passed();
}

}  // namespace

int main(int argc, char** argv) {
  bool good = true;
  for (int i = 1; i < argc; ++i) {
    // Each in a process of its own: descriptors and namespaces end with it.
    const pid_t child = fork();
    if (child == 0) {
      const bool passed = run_one(argv[i]);
      std::fflush(stdout);
      _exit(passed ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  return good ? 0 : 1;
}
