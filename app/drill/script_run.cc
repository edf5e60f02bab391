#include "app/drill/script_run.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "app/drill/captions.h"
#include "sim/drill/run/simulated_kernel.h"

namespace fourtuple::app {
namespace {

constexpr std::size_t most_bytes = 16u << 20;

Outcome<std::string> read_text(const std::string& path) {
  const SourcePosition here{path, 0, 0};
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(here, fmt::format("cannot be opened: {}", std::strerror(errno)));
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return fail(here, "cannot be read");
  if (text.view().size() > most_bytes) return fail(here, "the file is too large", "a packetdrill script");
  return std::move(text).str();
}

}  // namespace

Outcome<ScriptRun> run_script_file(const std::string& path, const ScriptSettings& settings, trace::Level level) {
  const auto text = read_text(path);
  if (!text) return tl::unexpected<Error>(text.error());
  auto script = drill::parse_script(*text, path, settings.definitions);
  if (!script) return tl::unexpected<Error>(std::move(script.error()));
  const auto setup = drill::read_setup(*script, settings.options);
  if (!setup) return tl::unexpected<Error>(setup.error());
  ScriptRun run{std::move(*script), {}, std::make_unique<trace::Trace>(level)};
  drill::SimulatedKernel kernel(run.script, *setup, *run.trace);
  run.report = drill::run_script(run.script, *setup, kernel);
  run.trace->set_end_time(kernel.now());
  run.trace->mutable_tables().captions = captions_of(*text, run.report);
  run.trace->publish();
  return run;
}

bool is_script(const std::string& path) {
  return path.ends_with(".pkt");
}

}  // namespace fourtuple::app
