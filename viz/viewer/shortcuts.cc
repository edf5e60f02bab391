#include "viz/viewer/shortcuts.h"

namespace fourtuple::viz {
namespace {

constexpr Modifiers plain{}, shift{false, true, false}, ctrl{true, false, false}, alt{false, false, true};

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
    {{Key::x, plain}, Command::next_drop, "Find", "next drop"},
    {{Key::n, plain}, Command::next_same, "Find", "next of the same kind"},
    {{Key::p, plain}, Command::previous_same, "Find", "previous of the same kind"},
    {{Key::e, plain}, Command::what_if, "Find", "what if: change something here"},
    {{Key::f, plain}, Command::follow, "Find", "follow the packet"},
    {{Key::slash, plain}, Command::find, "Find", "a port or service"},
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
    {{Key::digit_1, plain}, Command::show_map, {}, {}},
    {{Key::digit_2, plain}, Command::show_host, {}, {}},
    {{Key::digit_3, plain}, Command::show_ladder, {}, {}},
    {{Key::digit_4, plain}, Command::show_rules, {}, {}},
    {{Key::digit_5, plain}, Command::show_conntrack, {}, {}},
    {{Key::digit_6, plain}, Command::show_sockets, {}, {}},
    {{Key::digit_7, plain}, Command::show_tcp, {}, {}},
    {{Key::digit_8, plain}, Command::show_packet, {}, {}},
    {{Key::digit_0, plain}, Command::fit, "Window", "whole map, or all ports, in view"},
    {{Key::equal, plain}, Command::zoom_in, "Window", "zoom in"},
    {{Key::minus, plain}, Command::zoom_out, "Window", "zoom out"},
    {{Key::equal, shift}, Command::zoom_in, {}, {}},
    {{Key::d, plain}, Command::theme, "Window", "dark or light"},
    {{Key::f5, plain}, Command::presenter, "Window", "large type for a projector"},
    {{Key::o, ctrl}, Command::open, "Window", "open a file"},
    {{Key::question, plain}, Command::help, "Window", "these keys"},
    {{Key::question, shift}, Command::help, {}, {}},
    {{Key::slash, shift}, Command::help, {}, {}},
    {{Key::escape, plain}, Command::leave, "Window", "leave, close, clear"},
};

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
      return true;
    default:
      return false;
  }
}

}  // namespace

std::span<const Shortcut> shortcuts() {
  return table;
}

std::optional<Command> command_for(const InputEvent& event) {
  for (const Shortcut& shortcut : table) {
    if (is_press(event, shortcut.chord, repeats(shortcut.command))) return shortcut.command;
  }
  return std::nullopt;
}

}  // namespace fourtuple::viz
