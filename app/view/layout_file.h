// The file beside a scenario or capture that remembers where a person put its hosts on the map, and the bookmarks:
// NAME.layout, JSON such as
//   { "fourtuple-layout": 1, "hosts": { "anna": [0.25, 0.5] }, "bookmarks": [ { "at_ns": 445000000, "name": "lost" } ]
//   }
// Positions are parts of the map's width and height, times nanoseconds from the start of the run.
#pragma once

#include <string>
#include <vector>

#include "sim/base/outcome.h"
#include "viz/panels/map/map_positions.h"
#include "viz/panels/timeline/bookmarks.h"

namespace fourtuple::app {

struct Layout {
  viz::MapPositions positions;
  std::vector<viz::Bookmark> bookmarks;  // by time, no two at one instant
  bool operator==(const Layout&) const = default;
};

// "home.yaml" -> "home.yaml.layout".
std::string layout_path(const std::string& document);
// No file: nothing. Fails with the place of the fault when there is one that cannot be understood; then nothing of
// it counts. Hosts the document does not have are for the reader to ignore.
Outcome<Layout> read_layout(const std::string& document);
// A layout without anything removes the file.
Outcome<void> write_layout(const std::string& document, const Layout& layout);

}  // namespace fourtuple::app
