// The states of RFC 9293 section 3.3.2, under the name this folder uses. A Connection is never in LISTEN: listeners
// belong to the caller; the state appears in the transition table only.
#pragma once

#include "sim/wire/tcp_state.h"

namespace fourtuple::tcp {

using State = TcpState;
inline constexpr int state_limit = 12;  // greater than any state's number

}  // namespace fourtuple::tcp
