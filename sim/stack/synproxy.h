// What a host does when its netfilter's synproxy took a segment: the answers to client and server.
#pragma once

#include "sim/netfilter/context.h"
#include "sim/stack/context.h"

namespace fourtuple::stack {

// Sends what `result` asks for; the packet of `walk` ends here. REQUIRES: result.verdict is stolen.
void carry_out_synproxy(Context& c, netfilter::Context& filter, HostId host, const netfilter::Walk& walk,
                        const netfilter::HookResult& result);

}  // namespace fourtuple::stack
