// The scenario parser: YAML text to a Scenario, or every fault found in it, each with its place, what was expected and
// the nearest valid word. Safe on any input: files over 16 MB, nesting over 64, aliases, tags and duplicate keys are
// refused. docs/scenario-format.md describes the format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/world/scenario/scenario.h"

namespace fourtuple::world {

// A change to the file before it is read: a dotted path and a YAML value, "networks.wan.loss" and "5 %". List elements
// are named by their number from 0: "timeline.2.at".
struct Override {
  std::string path;
  std::string value;
};

struct ParseResult {
  Scenario scenario;          // meaningful only when ok()
  std::vector<Error> errors;  // at most 50, in order of place
  std::vector<Error> warnings;

  bool ok() const { return errors.empty(); }
};

ParseResult parse_scenario(std::string_view text, std::string file_name, const std::vector<Override>& overrides = {});

// Reads and parses a file; a file that cannot be read is one error.
ParseResult load_scenario(const std::string& path, const std::vector<Override>& overrides = {});

// "networks.wan.loss=5 %" as given to --set.
Outcome<Override> parse_override(std::string_view text);

}  // namespace fourtuple::world
