#include "viz/viewer/shortcuts.h"

#include <algorithm>
#include <iterator>

namespace fourtuple::viz {
namespace {

constexpr Modifiers plain{}, shift{false, true, false}, ctrl{true, false, false}, alt{false, false, true},
    ctrl_shift{true, true, false};

constexpr Shortcut table[] = {
    {{Key::space, plain}, Command::toggle_play, "Time", "play or pause"},
    {{Key::right, plain}, Command::step_forward, "Time", "step forward"},
    {{Key::left, plain}, Command::step_back, "Time", "step back"},
    {{Key::right, shift}, Command::hop_forward, "Time", "next hop"},
    {{Key::left, shift}, Command::hop_back, "Time", "previous hop"},
    {{Key::right, ctrl}, Command::flow_forward, "Time", "next packet of this flow"},
    {{Key::left, ctrl}, Command::flow_back, "Time", "previous packet of this flow"},
    {{Key::right, alt}, Command::rule_forward, "Rules", "next rule"},
    {{Key::left, alt}, Command::rule_back, "Rules", "previous rule"},
    {{Key::period, plain}, Command::expression_forward, "Rules", "next expression or hook"},
    {{Key::comma, plain}, Command::expression_back, "Rules", "previous expression or hook"},
    {{Key::home, plain}, Command::home, "Time", "to the start"},
    {{Key::end, plain}, Command::end, "Time", "to the end"},
    {{Key::left_bracket, plain}, Command::slower, "Time", "slower"},
    {{Key::right_bracket, plain}, Command::faster, "Time", "faster"},
    {{Key::space, shift}, Command::play_back, "Time", "play backward"},
    {{Key::v, plain}, Command::speed_mode, "Time", "equal hops or true time"},
    {{Key::w, plain}, Command::skip_idle, "Time", "skip idle time"},
    {{Key::b, plain}, Command::bookmark, "Marks", "bookmark this moment"},
    {{Key::b, shift}, Command::name_bookmark, "Marks", "name the bookmark of this moment"},
    {{Key::page_down, plain}, Command::next_bookmark, "Marks", "next bookmark"},
    {{Key::page_up, plain}, Command::previous_bookmark, "Marks", "previous bookmark"},
    {{Key::i, plain}, Command::loop_start, "Marks", "loop from here"},
    {{Key::o, plain}, Command::loop_end, "Marks", "loop up to here"},
    {{Key::o, shift}, Command::loop_clear, "Marks", "end the loop"},
    {{Key::x, shift}, Command::stop_at_drops, "Marks", "pause at drops"},
    {{Key::c, shift}, Command::stop_at_resets, "Marks", "pause at resets"},
    {{Key::a, shift}, Command::stop_at_resends, "Marks", "pause at data sent again"},
    {{Key::s, shift}, Command::stop_at_states, "Marks", "pause at changes of TCP state"},
    {{Key::f, shift}, Command::stop_at_selection, "Marks", "pause at the chosen packet or its connection"},
    {{Key::m, shift}, Command::stop_at_matches, "Marks", "pause at packets that fit the filter"},
    {{Key::x, plain}, Command::next_drop, "Find", "next drop"},
    {{Key::n, plain}, Command::next_same, "Find", "next of the same kind"},
    {{Key::p, plain}, Command::previous_same, "Find", "previous of the same kind"},
    {{Key::e, plain}, Command::what_if, "Find", "what if: change something here"},
    {{Key::f, plain}, Command::follow, "Find", "follow the packet"},
    {{Key::slash, plain}, Command::find, "Filter", "filter; in Sockets: find a port"},
    {{Key::slash, ctrl}, Command::filter, {}, {}},
    {{Key::n, shift}, Command::next_match, "Filter", "next packet that fits"},
    {{Key::p, shift}, Command::previous_match, "Filter", "previous packet that fits"},
    {{Key::f, ctrl}, Command::filter_flow, "Filter", "this conversation only"},
    {{Key::h, ctrl}, Command::filter_host, "Filter", "this host only"},
    {{Key::f, ctrl_shift}, Command::filter_none, "Filter", "no filter, all packets"},
    {{Key::enter, plain}, Command::into_host, "Find", "into the host"},
    {{Key::backspace, plain}, Command::out, "Find", "back to the map"},
    {{Key::m, plain}, Command::show_map, "Panels", "map"},
    {{Key::h, plain}, Command::show_host, "Panels", "host"},
    {{Key::l, plain}, Command::show_ladder, "Panels", "ladder"},
    {{Key::r, plain}, Command::show_rules, "Panels", "rules"},
    {{Key::c, plain}, Command::show_conntrack, "Panels", "NAT and connection tracking"},
    {{Key::t, plain}, Command::show_sockets, "Panels", "sockets"},
    {{Key::t, shift}, Command::show_ports, "Panels", "port map"},
    {{Key::g, plain}, Command::show_tcp, "Panels", "TCP graphs"},
    {{Key::k, plain}, Command::show_packet, "Panels", "packet"},
    {{Key::y, plain}, Command::show_why, "Find", "why this happened"},
    {{Key::down, plain}, Command::next_cause, "Find", "in Why: the next cause"},
    {{Key::up, plain}, Command::previous_cause, "Find", "in Why: back towards what happened"},
    {{Key::n, ctrl}, Command::show_notes, "Settings and window", "notes about this file"},
    {{Key::q, plain}, Command::predict, "Time", "predict what happens, then see"},
    {{Key::digit_1, plain}, Command::show_map, {}, {}},
    {{Key::digit_2, plain}, Command::show_host, {}, {}},
    {{Key::digit_3, plain}, Command::show_ladder, {}, {}},
    {{Key::digit_4, plain}, Command::show_rules, {}, {}},
    {{Key::digit_5, plain}, Command::show_conntrack, {}, {}},
    {{Key::digit_6, plain}, Command::show_sockets, {}, {}},
    {{Key::digit_7, plain}, Command::show_tcp, {}, {}},
    {{Key::digit_8, plain}, Command::show_packet, {}, {}},
    {{Key::digit_9, plain}, Command::show_why, {}, {}},
    {{Key::digit_0, plain}, Command::fit, "Settings and window", "whole map, or all ports, in view"},
    {{Key::equal, plain}, Command::zoom_in, "Settings and window", "zoom in"},
    {{Key::minus, plain}, Command::zoom_out, "Settings and window", "zoom out"},
    {{Key::equal, shift}, Command::zoom_in, {}, {}},
    {{Key::k, shift}, Command::pin_packet, "Panels", "pin the packet, to compare others"},
    {{Key::s, ctrl}, Command::save_picture, "Save", "save a picture of the window (PNG)"},
    {{Key::p, ctrl_shift}, Command::save_panel, "Save", "save this panel for slides (SVG)"},
    {{Key::l, ctrl_shift}, Command::save_ladder, "Save", "save the whole ladder (SVG)"},
    {{Key::g, ctrl_shift}, Command::save_gif, "Save", "save the loop, or the last 5 s, as a GIF"},
    {{Key::e, ctrl_shift}, Command::save_capture, "Save", "save packets with drop reasons (pcapng)"},
    {{Key::d, plain}, Command::theme, "Settings and window", "dark, light, high contrast"},
    {{Key::f5, plain}, Command::presenter, "Settings and window", "presenter mode"},
    {{Key::equal, ctrl}, Command::scale_up, "Settings and window", "larger text"},
    {{Key::minus, ctrl}, Command::scale_down, "Settings and window", "smaller text"},
    {{Key::digit_0, ctrl}, Command::scale_reset, "Settings and window", "text of usual size"},
    {{Key::equal, {true, true, false}}, Command::scale_up, {}, {}},
    {{Key::l, ctrl}, Command::language, "Settings and window", "English or Japanese"},
    {{Key::none, plain}, Command::reduced_motion, "Settings and window", "less motion"},
    {{Key::j, plain}, Command::next_host, "Find", "next host of the map"},
    {{Key::j, shift}, Command::previous_host, "Find", "previous host of the map"},
    {{Key::u, plain}, Command::next_under_way, "Find", "next packet under way"},
    {{Key::u, shift}, Command::previous_under_way, "Find", "previous packet under way"},
    {{Key::left, ctrl_shift}, Command::move_host_left, "Settings and window", "move the chosen host left"},
    {{Key::right, ctrl_shift}, Command::move_host_right, "Settings and window", "move the chosen host right"},
    {{Key::up, ctrl_shift}, Command::move_host_up, "Settings and window", "move the chosen host up"},
    {{Key::down, ctrl_shift}, Command::move_host_down, "Settings and window", "move the chosen host down"},
    {{Key::digit_0, ctrl_shift}, Command::reset_positions, "Settings and window", "all hosts back to their places"},
    {{Key::o, ctrl}, Command::open, "Settings and window", "open a file"},
    {{Key::g, ctrl}, Command::show_gallery, "Settings and window", "all scenarios"},
    {{Key::p, ctrl}, Command::palette, "Settings and window", "every action by name"},
    {{Key::question, plain}, Command::help, "Settings and window", "these keys"},
    {{Key::question, shift}, Command::help, {}, {}},
    {{Key::slash, shift}, Command::help, {}, {}},
    {{Key::escape, plain}, Command::leave, "Settings and window", "leave, close, clear"},
};

struct Named {
  Command command;
  std::string_view name;
};

// Names stay as they are: people's settings hold them.
constexpr Named names[] = {
    {Command::toggle_play, "play"},
    {Command::step_forward, "step-forward"},
    {Command::step_back, "step-back"},
    {Command::hop_forward, "next-hop"},
    {Command::hop_back, "previous-hop"},
    {Command::flow_forward, "next-of-flow"},
    {Command::flow_back, "previous-of-flow"},
    {Command::faster, "faster"},
    {Command::slower, "slower"},
    {Command::home, "start"},
    {Command::end, "end"},
    {Command::rule_forward, "next-rule"},
    {Command::rule_back, "previous-rule"},
    {Command::expression_forward, "next-expression"},
    {Command::expression_back, "previous-expression"},
    {Command::next_same, "next-same-kind"},
    {Command::previous_same, "previous-same-kind"},
    {Command::next_drop, "next-drop"},
    {Command::find, "find"},
    {Command::into_host, "into-host"},
    {Command::out, "out"},
    {Command::follow, "follow"},
    {Command::show_map, "map"},
    {Command::show_host, "host"},
    {Command::show_ladder, "ladder"},
    {Command::show_rules, "rules"},
    {Command::show_conntrack, "nat"},
    {Command::show_sockets, "sockets"},
    {Command::show_ports, "port-map"},
    {Command::show_tcp, "tcp"},
    {Command::show_packet, "packet"},
    {Command::show_why, "why"},
    {Command::show_notes, "notes"},
    {Command::next_cause, "next-cause"},
    {Command::previous_cause, "previous-cause"},
    {Command::predict, "predict"},
    {Command::play_back, "play-back"},
    {Command::speed_mode, "speed-mode"},
    {Command::skip_idle, "skip-idle"},
    {Command::bookmark, "bookmark"},
    {Command::name_bookmark, "name-bookmark"},
    {Command::next_bookmark, "next-bookmark"},
    {Command::previous_bookmark, "previous-bookmark"},
    {Command::loop, "loop"},
    {Command::loop_start, "loop-start"},
    {Command::loop_end, "loop-end"},
    {Command::loop_clear, "loop-clear"},
    {Command::stop_at_drops, "pause-at-drops"},
    {Command::stop_at_resets, "pause-at-resets"},
    {Command::stop_at_resends, "pause-at-resends"},
    {Command::stop_at_states, "pause-at-states"},
    {Command::stop_at_selection, "pause-at-selection"},
    {Command::stop_at_matches, "pause-at-matches"},
    {Command::filter, "filter"},
    {Command::filter_flow, "filter-flow"},
    {Command::filter_host, "filter-host"},
    {Command::filter_none, "filter-none"},
    {Command::next_match, "next-match"},
    {Command::previous_match, "previous-match"},
    {Command::next_host, "next-host"},
    {Command::previous_host, "previous-host"},
    {Command::next_under_way, "next-under-way"},
    {Command::previous_under_way, "previous-under-way"},
    {Command::move_host_left, "move-host-left"},
    {Command::move_host_right, "move-host-right"},
    {Command::move_host_up, "move-host-up"},
    {Command::move_host_down, "move-host-down"},
    {Command::reset_positions, "reset-positions"},
    {Command::what_if, "what-if"},
    {Command::fit, "fit"},
    {Command::zoom_in, "zoom-in"},
    {Command::zoom_out, "zoom-out"},
    {Command::theme, "theme"},
    {Command::presenter, "presenter"},
    {Command::scale_up, "larger"},
    {Command::scale_down, "smaller"},
    {Command::scale_reset, "usual-size"},
    {Command::language, "language"},
    {Command::reduced_motion, "less-motion"},
    {Command::open, "open"},
    {Command::show_gallery, "gallery"},
    {Command::palette, "actions"},
    {Command::pin_packet, "pin-packet"},
    {Command::save_picture, "save-picture"},
    {Command::save_panel, "save-panel"},
    {Command::save_ladder, "save-ladder"},
    {Command::save_gif, "save-gif"},
    {Command::save_capture, "save-packets"},
    {Command::help, "keys"},
    {Command::leave, "leave"},
};

}  // namespace

std::span<const Shortcut> shortcuts() {
  return table;
}

std::string_view command_name(Command command) {
  const auto* const found =
      std::find_if(std::begin(names), std::end(names), [&](const Named& named) { return named.command == command; });
  return found == std::end(names) ? std::string_view() : found->name;
}

std::optional<Command> command_named(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(names), std::end(names), [&](const Named& named) { return named.name == name; });
  if (found == std::end(names)) return std::nullopt;
  return found->command;
}

bool repeats(Command command) {
  switch (command) {
    case Command::step_forward:
    case Command::step_back:
    case Command::hop_forward:
    case Command::hop_back:
    case Command::flow_forward:
    case Command::flow_back:
    case Command::rule_forward:
    case Command::rule_back:
    case Command::expression_forward:
    case Command::expression_back:
    case Command::faster:
    case Command::slower:
    case Command::zoom_in:
    case Command::zoom_out:
    case Command::scale_up:
    case Command::scale_down:
    case Command::next_host:
    case Command::previous_host:
    case Command::next_under_way:
    case Command::previous_under_way:
    case Command::move_host_left:
    case Command::move_host_right:
    case Command::move_host_up:
    case Command::move_host_down:
    case Command::next_cause:
    case Command::previous_cause:
      return true;
    default:
      return false;
  }
}

}  // namespace fourtuple::viz
