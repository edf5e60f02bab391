// What the window writes when it is asked to: pictures of what it shows, and the packets. Names tell the scenario, the
// panel and the time; a file that exists is never replaced, the new one gets a number. Main thread only.
#pragma once

#include <string>

#include "app/view/stage.h"

namespace fourtuple::app {

// Draws what it needs on the stage and leaves it as it was. `folder`: "" for the present one, or, where nothing can be
// written there, the user's own. Returns the path.
Outcome<std::string> save(Stage& stage, viz::SaveKind kind, const std::string& folder);

// "first_run-map-0.300s.png" in `folder`, or with -2, -3 … where there is such a file already.
std::string free_path(const std::string& folder, const std::string& stem, const std::string& ending);

}  // namespace fourtuple::app
