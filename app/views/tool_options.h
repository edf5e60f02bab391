// The options of ss, netstat and lsof as their users write them: letters together ("-tanp"), long names ("--tcp"),
// arguments attached or as the next word. One clear error for anything else.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/outcome.h"

namespace fourtuple::app {

enum class Argument : std::uint8_t {
  none,
  required,
  optional,         // attached or the next word, unless that begins with '-'
  attached_or_none  // only attached: "-sTCP:LISTEN"
};

struct ToolOption {
  char letter;
  std::string_view name;  // long name without dashes; "" when there is none
  Argument argument = Argument::none;
};

struct GivenOption {
  char letter = 0;
  std::string argument;
};

struct ToolWords {
  std::vector<GivenOption> options;
  std::vector<std::string> rest;  // words that are no option
  bool has(char letter) const;
};

// Splits the words after the tool's name. Errors name the nearest option.
Outcome<ToolWords> read_tool_words(std::string_view tool, std::span<const ToolOption> known,
                                   std::span<const std::string> words);

// "ss has no option '-k'; expected …".
tl::unexpected<Error> unknown_option(std::string_view tool, const std::string& word, std::span<const ToolOption> known);

}  // namespace fourtuple::app
