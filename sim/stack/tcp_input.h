// Arriving TCP segments: the lookup, then the listener's, the connection's or nobody's business.
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

void tcp_input(Context& c, HostId host, const Packet& packet);

}  // namespace fourtuple::stack
