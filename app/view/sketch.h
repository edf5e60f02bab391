// A small picture of a scenario's network for its card in the gallery.
#pragma once

#include "sim/world/scenario/scenario.h"
#include "viz/viewer/document.h"

namespace fourtuple::app {

// Programs that ask stand at the left, those that answer at the right, routers between; at most twelve hosts.
viz::GallerySketch sketch_of(const world::Scenario& scenario);

}  // namespace fourtuple::app
