// The file beside a scenario or capture that remembers where a person put its hosts on the map: NAME.layout, JSON such
// as { "fourtuple-layout": 1, "hosts": { "anna": [0.25, 0.5] } }. Positions are parts of the map's width and height.
#pragma once

#include <string>

#include "sim/base/outcome.h"
#include "viz/panels/map/map_positions.h"

namespace fourtuple::app {

// "home.yaml" -> "home.yaml.layout".
std::string layout_path(const std::string& document);
// No file: no positions. Fails with the place of the fault when there is one that cannot be understood; then nothing of
// it counts. Hosts the document does not have are for the reader to ignore.
Outcome<viz::MapPositions> read_layout(const std::string& document);
// No positions remove the file.
Outcome<void> write_layout(const std::string& document, const viz::MapPositions& positions);

}  // namespace fourtuple::app
