// The line at the bottom of the window: what the window has to say, else what happened last; and how far something
// that takes long has come. Nothing of the picture is covered by it. Main thread only.
#pragma once

#include <optional>
#include <string>

#include "viz/kit/interact.h"
#include "viz/viewer/document.h"

namespace fourtuple::viz {

constexpr float status_height = 28;  // design pixels

// "simulated 1.2 s of 10 s"
std::string growth_words(const Growth& growth);

struct Progress {
  std::string words;
  float part = -1;  // 0 to 1; negative: not known
};

struct StatusLine {
  std::string_view message;   // about what the user just did, or a file; goes before `happened`
  std::string_view happened;  // the last event before the cursor
  std::optional<Progress> progress;
  std::string aside = {};   // a state the window is in; at the right
  bool more_notes = false;  // the message is about a file, and its notes say more
};
enum class StatusAnswer : std::uint8_t { none, stop, show_notes };
// What the person pressed.
StatusAnswer draw_status(const Ui& ui, const Rect& area, const StatusLine& line);

}  // namespace fourtuple::viz
