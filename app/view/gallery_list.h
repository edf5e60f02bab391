// The scenarios and captures that the gallery offers.
#pragma once

#include <string>
#include <vector>

#include "viz/viewer/document.h"

namespace fourtuple::app {

// The folder of scenarios: beside the source, beside the binary, or where they were installed; "" when there is none.
std::string scenario_folder();
// Scenarios and captures below it, two_laptops.yaml and first_run.yaml first, at most 400; titles in Japanese where
// there are such.
std::vector<viz::GalleryEntry> list_scenarios(const std::string& folder, bool japanese = false);

}  // namespace fourtuple::app
