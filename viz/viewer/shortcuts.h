// What a person can ask of the window: every command with its words and its usual keys. The `?` sheet, the palette of
// actions and the keymap are made from this one table. Plain data.
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
  play_back,
  speed_mode,
  skip_idle,
  bookmark,
  name_bookmark,
  next_bookmark,
  previous_bookmark,
  loop,
  loop_start,
  loop_end,
  loop_clear,
  stop_at_drops,
  stop_at_resets,
  stop_at_resends,
  stop_at_states,
  stop_at_selection,
  stop_at_matches,
  what_if,
  find,
  filter,
  filter_flow,
  filter_host,
  filter_none,
  next_match,
  previous_match,
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
  show_why,
  show_notes,
  next_cause,
  previous_cause,
  predict,
  fit,
  zoom_in,
  zoom_out,
  next_host,
  previous_host,
  next_under_way,
  previous_under_way,
  move_host_left,
  move_host_right,
  move_host_up,
  move_host_down,
  reset_positions,
  theme,
  presenter,
  scale_up,
  scale_down,
  scale_reset,
  language,
  reduced_motion,
  open,
  pin_packet,
  save_picture,
  save_panel,
  save_ladder,
  save_gif,
  save_capture,
  show_gallery,
  palette,
  help,
  leave,
};

struct Shortcut {
  Chord chord;  // Key::none: the palette alone reaches it
  Command command = Command::help;
  std::string_view group;  // of the `?` sheet; empty: an alternative not listed there
  std::string_view words;
};

std::span<const Shortcut> shortcuts();
// As settings name it: "next-drop"; empty for a command without a name.
std::string_view command_name(Command command);
std::optional<Command> command_named(std::string_view name);
// Whether a key that is held repeats the command.
bool repeats(Command command);

}  // namespace fourtuple::viz
