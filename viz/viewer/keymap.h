// Which key does what: the usual keys of the shortcuts table, with those a person changed. A changed command has its
// new keys alone; a key taken for one command is lost to the others. Plain data; main thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "viz/viewer/shortcuts.h"

namespace fourtuple::viz {

// Keys by name of command, as settings hold them: {"next-drop": ["X", "Shift+X"]}.
using KeyChanges = std::map<std::string, std::vector<std::string>>;

class Keymap {
 public:
  Keymap();

  // What this key does; nothing for other keys and for releases.
  std::optional<Command> command_for(const InputEvent& event) const;
  // The first key of a command; Key::none when it has none.
  Chord chord_of(Command command) const;
  // The command lets go of its keys and takes this one. Returns the command that had the key, if another did.
  // REQUIRES: can_bind(chord).
  std::optional<Command> bind(Command command, const Chord& chord);
  // Escape always leaves and Tab always walks; they cannot be given away.
  static bool can_bind(const Chord& chord);
  void reset();
  bool changed() const { return !changed_.empty(); }

  // What differs from the usual keys, and back. Words that are no command or no key are told, one sentence each.
  KeyChanges changes() const;
  std::vector<std::string> apply(const KeyChanges& changes);

 private:
  struct Binding {
    Chord chord;
    Command command;
  };
  void mark_changed(Command command);
  void take(Command command, const Chord& chord);

  std::vector<Binding> bindings_;
  std::vector<Command> changed_;
};

}  // namespace fourtuple::viz
