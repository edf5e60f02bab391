// Text of a packetdrill script: any bytes end in a tree or in one fault with a place, and a tree runs to an end.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/base/check.h"
#include "sim/drill/language/parse.h"
#include "sim/drill/run/run.h"
#include "sim/drill/run/simulated_kernel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fourtuple;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto script = drill::parse_script(text, "fuzz.pkt");
  if (!script) {
    FT_CHECK(script.error().where.line > 0 && !script.error().message.empty());
    return 0;
  }
  const auto setup = drill::read_setup(*script, {});
  if (!setup || script->events.size() > 50) return 0;
  for (const drill::Event& event : script->events)
    if (event.time.first > seconds(100)) return 0;  // days of simulated time are no fault, but slow
  trace::Trace trace(trace::Level::off);
  drill::SimulatedKernel kernel(*script, *setup, trace);
  const drill::Report report = drill::run_script(*script, *setup, kernel);
  FT_CHECK(report.done <= report.events);
  return 0;
}
