// ICMP messages that belong to no flow of their own: errors are related to the flow of the packet they quote, neighbour
// discovery and multicast listener messages are not tracked.
#pragma once

#include "sim/netfilter/context.h"

namespace fourtuple::netfilter {

// True: walk.tracking is decided. False: the message is tracked as a flow of its own.
bool track_icmp_message(Context& c, Walk& walk);

}  // namespace fourtuple::netfilter
