#include "app/replay/clocks.h"

#include <fmt/format.h>

#include "sim/world/scenario/quantity.h"

namespace fourtuple::app {

Outcome<capture::ClockChoice> read_clocks(const std::vector<std::string>& texts, std::size_t files) {
  const SourcePosition option{"--clock-offset", 0, 0};
  capture::ClockChoice choice;
  if (texts.empty()) return choice;
  if (files < 2) return fail(option, "one capture has one clock", "several captures");
  choice.propose = false;
  if (texts.size() == 1 && texts.front() == "none") return choice;
  if (texts.size() > files - 1)
    return fail(option, fmt::format("{} offsets for {} captures", texts.size(), files),
                "one for each capture after the first");
  for (const std::string& text : texts) {
    const bool behind = text.starts_with('-');
    const auto offset = world::parse_duration(behind ? text.substr(1) : text);
    if (!offset) return fail(option, "'" + text + "' is not a time", "'none', or a time such as '-1.75 s'");
    choice.offsets_ns.push_back(behind ? -offset->ns : offset->ns);
  }
  return choice;
}

}  // namespace fourtuple::app
