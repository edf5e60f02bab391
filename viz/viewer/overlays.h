// What lies above the picture for a while: faults of a file, a short message. Main thread only.
#pragma once

#include <string>
#include <vector>

#include "sim/base/outcome.h"
#include "viz/kit/interact.h"

namespace fourtuple::viz {

// Dims what is below. True: it was closed.
// The faults of `file`, each as place, sentence, what was expected and a suggestion.
bool draw_errors(const Ui& ui, const Rect& screen, const std::string& file, const std::vector<Error>& errors);

}  // namespace fourtuple::viz
