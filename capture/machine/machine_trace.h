// A machine's sockets as a trace of one host at one instant, so that the views of a simulated host show them.
#pragma once

#include <functional>
#include <string>

#include "capture/machine/machine.h"
#include "sim/trace/trace.h"

namespace fourtuple::capture {

// The name of a user by number; "" when there is none.
using UserName = std::function<std::string(std::uint32_t uid)>;

// One host of this name with every process that holds a socket, its descriptors for them, and the sockets as listed.
// The owner of a socket with several holders is the first of them.
trace::Trace trace_of(const Machine& machine, const std::string& host, const UserName& user_name);

}  // namespace fourtuple::capture
