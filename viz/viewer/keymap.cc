#include "viz/viewer/keymap.h"

#include <algorithm>
#include <fmt/format.h>

namespace fourtuple::viz {

Keymap::Keymap() {
  reset();
}

void Keymap::reset() {
  bindings_.clear();
  changed_.clear();
  for (const Shortcut& shortcut : shortcuts()) {
    if (shortcut.chord.key != Key::none) bindings_.push_back({shortcut.chord, shortcut.command});
  }
}

std::optional<Command> Keymap::command_for(const InputEvent& event) const {
  for (const Binding& binding : bindings_) {
    if (is_press(event, binding.chord, repeats(binding.command))) return binding.command;
  }
  return std::nullopt;
}

Chord Keymap::chord_of(Command command) const {
  for (const Binding& binding : bindings_) {
    if (binding.command == command) return binding.chord;
  }
  return {};
}

bool Keymap::can_bind(const Chord& chord) {
  return chord.key != Key::none && chord.key != Key::escape && chord.key != Key::tab;
}

void Keymap::mark_changed(Command command) {
  if (std::find(changed_.begin(), changed_.end(), command) == changed_.end()) changed_.push_back(command);
}

void Keymap::take(Command command, const Chord& chord) {
  std::erase_if(bindings_, [&](const Binding& binding) { return binding.chord == chord; });
  bindings_.push_back({chord, command});
  mark_changed(command);
}

std::optional<Command> Keymap::bind(Command command, const Chord& chord) {
  std::optional<Command> before;
  for (const Binding& binding : bindings_) {
    if (binding.chord == chord && binding.command != command) before = binding.command;
  }
  std::erase_if(bindings_, [&](const Binding& binding) { return binding.command == command; });
  take(command, chord);
  if (before) mark_changed(*before);
  return before;
}

KeyChanges Keymap::changes() const {
  KeyChanges changes;
  for (const Command command : changed_) {
    std::vector<std::string>& keys = changes[std::string(command_name(command))];
    for (const Binding& binding : bindings_) {
      if (binding.command == command) keys.push_back(to_string(binding.chord));
    }
  }
  return changes;
}

std::vector<std::string> Keymap::apply(const KeyChanges& changes) {
  std::vector<std::string> faults;
  for (const auto& [name, keys] : changes) {
    const std::optional<Command> command = command_named(name);
    if (!command) {
      faults.push_back("there is no command '" + name + "'");
      continue;
    }
    std::erase_if(bindings_, [&](const Binding& binding) { return binding.command == *command; });
    mark_changed(*command);
    for (const std::string& key : keys) {
      const std::optional<Chord> chord = parse_chord(key);
      if (!chord || !can_bind(*chord)) {
        faults.push_back(fmt::format("'{}' is no key that {} can have", key, name));
      } else {
        take(*command, *chord);
      }
    }
  }
  // A command that lost all its keys to faults keeps its usual ones.
  if (!faults.empty()) {
    for (const Shortcut& shortcut : shortcuts()) {
      const bool known = std::find(changed_.begin(), changed_.end(), shortcut.command) != changed_.end();
      const bool free = std::none_of(bindings_.begin(), bindings_.end(),
                                     [&](const Binding& binding) { return binding.chord == shortcut.chord; });
      if (known && free && shortcut.chord.key != Key::none && chord_of(shortcut.command).key == Key::none)
        bindings_.push_back({shortcut.chord, shortcut.command});
    }
  }
  return faults;
}

}  // namespace fourtuple::viz
