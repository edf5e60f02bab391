// Scenario text: any bytes end in a Scenario or in errors with a place. A good one expands to a scenario that expands
// to itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/check.h"
#include "sim/world/scenario/expand.h"
#include "sim/world/scenario/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fourtuple;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const world::ParseResult result = world::parse_scenario(text, "fuzz.yaml");
  FT_CHECK(result.errors.size() <= 50);
  for (const Error& error : result.errors) FT_CHECK(error.where.line > 0 && !error.message.empty());
  if (!result.ok()) return 0;
  for (const world::TimelineEntry& entry : result.scenario.timeline)
    FT_CHECK(!words_of(result.scenario, entry).empty());
  const std::string once = world::expanded(result.scenario);
  const world::ParseResult again = world::parse_scenario(once, "expanded.yaml");
  if (again.ok()) FT_CHECK(world::expanded(again.scenario) == once);
  return 0;
}
