// Places in time that a person marked: named bookmarks and the two ends of a loop. Plain data of a document, to be kept
// beside its file; no drawing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/replay/lanes.h"

namespace fourtuple::viz {

struct Bookmark {
  Time at;
  std::string name;  // what happened there, in words, or what a person calls it; may be empty
  bool operator==(const Bookmark&) const = default;
};

struct Bookmarks {
  std::vector<Bookmark> marks;               // by time, no two at one instant
  std::optional<Time> loop_begin, loop_end;  // either may be missing, and they may stand in any order

  // Sets one with that name, or clears the one at exactly that time. True: now there is one.
  bool toggle(Time at, std::string name);
  // Gives the one at exactly that time, set now if need be, another name.
  void rename(Time at, std::string name);
  // The one at exactly that time, or the nearest after or before it; null when there is none.
  const Bookmark* at(Time time) const;
  const Bookmark* after(Time time) const;
  const Bookmark* before(Time time) const;

  // From the earlier end to the later; nothing unless both are set, at different times.
  std::optional<replay::Gap> loop() const;
  void clear_loop();
};

}  // namespace fourtuple::viz
