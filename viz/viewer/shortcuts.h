// The keys of the window: one table that acts and that the `?` sheet prints. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "viz/surface/keys.h"

namespace fourtuple::viz {

enum class Command : std::uint8_t {
  toggle_play,
  step_forward,
  step_back,
  hop_forward,
  hop_back,
  flow_forward,
  flow_back,
  faster,
  slower,
  home,
  end,
  rule_forward,
  rule_back,
  expression_forward,
  expression_back,
  next_same,
  previous_same,
  next_drop,
  what_if,
  find,
  into_host,
  out,
  follow,
  show_map,
  show_host,
  show_ladder,
  show_rules,
  show_conntrack,
  show_sockets,
  show_ports,
  show_tcp,
  show_packet,
  fit,
  zoom_in,
  zoom_out,
  theme,
  presenter,
  open,
  help,
  leave,
};

struct Shortcut {
  Chord chord;
  Command command = Command::help;
  std::string_view group;  // of the `?` sheet; empty: an alternative not listed there
  std::string_view words;
};

std::span<const Shortcut> shortcuts();
// What this key does; nothing for other keys and for releases.
std::optional<Command> command_for(const InputEvent& event);

}  // namespace fourtuple::viz
