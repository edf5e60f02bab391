// The palette of actions (Ctrl+P): everything the window can do, found by typing parts of its words. The list and its
// narrowing are plain data, tested without a window. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/viewer/keymap.h"

namespace fourtuple::viz {

// What a line of the palette does: a command, or the host or file it names.
struct PaletteItem {
  enum class Kind : std::uint8_t { command, host, file };
  Kind kind = Kind::command;
  Command command = Command::help;
  std::string words;   // "next drop"
  std::string detail;  // group of a command, kind of the others
  std::string keys;    // "X"; may be empty
  std::string value;   // name of the host, path of the file
};

// The commands, in the order of the table.
std::vector<PaletteItem> palette_commands(const Keymap& keymap);
// Indexes of the items that contain every typed word; those whose own words begin with what was typed come first.
std::vector<std::size_t> palette_matches(const std::vector<PaletteItem>& items, std::string_view typed);

class CommandPalette {
 public:
  void open(std::vector<PaletteItem> items);
  void close() { open_ = false; }
  bool is_open() const { return open_; }
  // Up, Down, Page Up, Page Down and Enter; true for an event it used. What Enter chose is in chosen().
  bool handle(const InputEvent& event);
  void draw(const Ui& ui, const Rect& screen);
  // The chosen item, once.
  std::optional<PaletteItem> chosen();

 private:
  void narrow();

  bool open_ = false, fresh_ = false, follow_ = false;
  std::string typed_;
  std::vector<PaletteItem> items_;
  std::vector<std::size_t> shown_;
  std::size_t at_ = 0;
  std::optional<PaletteItem> chosen_;
};

}  // namespace fourtuple::viz
