#include "viz/surface/keys.h"

#include <array>
#include <cctype>
#include <utility>

namespace fourtuple::viz {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Key::count)> key_names = {
    "none", "A",   "B",         "C",      "D",      "E",    "F",     "G",  "H",    "I",    "J",   "K",      "L",
    "M",    "N",   "O",         "P",      "Q",      "R",    "S",     "T",  "U",    "V",    "W",   "X",      "Y",
    "Z",    "0",   "1",         "2",      "3",      "4",    "5",     "6",  "7",    "8",    "9",   "Space",  "Enter",
    "Tab",  "Esc", "Backspace", "Insert", "Delete", "Left", "Right", "Up", "Down", "Home", "End", "PageUp", "PageDown",
    "F1",   "F2",  "F3",        "F4",     "F5",     "F6",   "F7",    "F8", "F9",   "F10",  "F11", "F12",    "[",
    "]",    "/",   "?",         ",",      ".",      "-",    "=",     ";",  "'",    "\\",   "`"};

constexpr std::array<std::pair<std::string_view, Key>, 8> key_aliases = {{{"Escape", Key::escape},
                                                                          {"Return", Key::enter},
                                                                          {"Del", Key::del},
                                                                          {"PgUp", Key::page_up},
                                                                          {"PgDn", Key::page_down},
                                                                          {"→", Key::right},
                                                                          {"←", Key::left},
                                                                          {"↵", Key::enter}}};

bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i]))) return false;
  }
  return true;
}

Key key_by_name(std::string_view name) {
  for (std::size_t i = 1; i < key_names.size(); ++i) {
    if (same_word(key_names[i], name)) return static_cast<Key>(i);
  }
  for (const auto& [alias, key] : key_aliases) {
    if (same_word(alias, name)) return key;
  }
  return Key::none;
}

}  // namespace

std::string_view name_of(Key key) {
  const auto index = static_cast<std::size_t>(key);
  return index < key_names.size() ? key_names[index] : key_names[0];
}

std::string to_string(const Chord& chord) {
  std::string text;
  if (chord.mods.ctrl) text += "Ctrl+";
  if (chord.mods.alt) text += "Alt+";
  if (chord.mods.shift) text += "Shift+";
  return text.append(name_of(chord.key));
}

std::optional<Chord> parse_chord(std::string_view text) {
  Chord chord;
  for (std::size_t plus = text.find('+'); plus != std::string_view::npos; plus = text.find('+')) {
    const std::string_view word = text.substr(0, plus);
    if (same_word(word, "ctrl")) {
      chord.mods.ctrl = true;
    } else if (same_word(word, "shift")) {
      chord.mods.shift = true;
    } else if (same_word(word, "alt")) {
      chord.mods.alt = true;
    } else {
      return std::nullopt;
    }
    text.remove_prefix(plus + 1);
  }
  chord.key = key_by_name(text);
  if (chord.key == Key::none) return std::nullopt;
  return chord;
}

InputEvent key_event(InputKind kind, const Chord& chord) {
  InputEvent event;
  event.kind = kind;
  event.key = chord.key;
  event.mods = chord.mods;
  return event;
}

InputEvent mouse_event(InputKind kind, float x, float y, MouseButton button) {
  InputEvent event;
  event.kind = kind;
  event.x = x;
  event.y = y;
  event.button = button;
  return event;
}

InputEvent text_event(InputKind kind, std::string text) {
  InputEvent event;
  event.kind = kind;
  event.text = std::move(text);
  return event;
}

bool is_press(const InputEvent& event, const Chord& chord, bool repeats) {
  return event.kind == InputKind::key_down && event.key == chord.key && event.mods == chord.mods &&
         (repeats || !event.repeat);
}

}  // namespace fourtuple::viz
