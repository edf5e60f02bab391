#include "sim/replay/net_state.h"
#include "sim/tcp/transitions.h"
#include "viz/panel.h"

namespace fourtuple::viz {

float half(float x) { return x / 2; }

}  // namespace fourtuple::viz
