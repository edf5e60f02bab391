// `fourtuple live IFACE`: captures until it is told to stop, showing conversations and their processes as they come.
#pragma once

#include "app/commands.h"
#include "capture/live/interfaces.h"
#include "capture/machine/machine.h"
#include "sim/base/outcome.h"

namespace fourtuple::app {

// Ctrl-C and SIGTERM end waits and set a flag from now on, instead of ending the program.
void catch_interrupts();
bool interrupted();

// REQUIRES: options.interface is one of `interfaces`. Fails when the interface or the file cannot be opened, or the
// filter cannot be understood.
Outcome<void> capture_live(const LiveOptions& options, const std::vector<capture::LocalInterface>& interfaces,
                           capture::MachineWatch& watch);

// A duration as `--seconds` takes it: "10", "1.5", "200 ms", "2 min".
Outcome<std::int64_t> parse_seconds(const std::string& text);

}  // namespace fourtuple::app
