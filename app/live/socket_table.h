// What this machine listens on, as `ss -tulnp` prints it, and what one would need to see more.
#pragma once

#include <string>
#include <vector>

#include "app/views/views.h"
#include "capture/live/interfaces.h"
#include "capture/machine/machine.h"

namespace fourtuple::app {

// `all`: connected sockets as well (`ss -tuanp`).
std::string sockets_text(const capture::Machine& machine, bool all);
// The rows of `show ss --json`.
Json sockets_json(const capture::Machine& machine, bool all);

// What the columns cannot tell, and who could not be seen.
std::vector<std::string> notes_of(const capture::Machine& machine);

// How to see packets: what is missing for it, or the command.
std::string capture_advice(bool may_capture, const std::vector<capture::LocalInterface>& interfaces);

}  // namespace fourtuple::app
