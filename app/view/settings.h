// What the window remembers of its user, in the folders of the XDG Base Directory Specification: choices and keys in
// $XDG_CONFIG_HOME/fourtuple/settings.json (people edit it), the rest in $XDG_STATE_HOME/fourtuple/window.json.
// A file that is missing is not a fault; one that cannot be understood is left as it is and told.
#pragma once

#include <string>
#include <vector>

#include "sim/base/outcome.h"
#include "viz/viewer/keymap.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::app {

struct Settings {
  viz::ViewerLook look;  // presenter mode is not remembered
  viz::KeyChanges keys;
};

struct WindowMemory {
  int width = 1440, height = 900;
  std::vector<std::string> recent;  // absolute paths, the latest first, at most most_recent
};
constexpr std::size_t most_recent = 12;

// Paths of the two files; empty when neither XDG variables nor HOME say where.
std::string settings_path();
std::string window_memory_path();

// Everything that was understood; `notes` gets a sentence for what was not. True: all of the file was understood, so
// that writing it again loses nothing.
bool read_settings(const std::string& path, Settings& settings, std::vector<std::string>& notes);
bool read_window_memory(const std::string& path, WindowMemory& memory, std::vector<std::string>& notes);

// Whole or not at all (a new file takes the place of the old one). Makes the folders.
Outcome<void> write_settings(const std::string& path, const Settings& settings);
Outcome<void> write_window_memory(const std::string& path, const WindowMemory& memory);

// Puts a path first.
void remember(WindowMemory& memory, const std::string& path);

}  // namespace fourtuple::app
