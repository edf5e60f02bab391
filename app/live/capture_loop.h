// `fourtuple live IFACE`: captures until it is told to stop, showing conversations and their processes as they come.
#pragma once

#include "app/commands.h"
#include "capture/live/interfaces.h"
#include "capture/machine/machine.h"
#include "sim/base/outcome.h"

namespace fourtuple::app {

// Until a signal (Interrupts) or an option ends it. REQUIRES: options.interface is one of `interfaces`. Fails when the
// interface or the file cannot be opened, or the filter cannot be understood; and, after showing what came before, when
// the interface goes away or the file cannot be written.
Outcome<void> capture_live(const LiveOptions& options, const std::vector<capture::LocalInterface>& interfaces,
                           capture::MachineWatch& watch);

// A duration as `--seconds` takes it: "10", "1.5", "200 ms", "2 min".
Outcome<std::int64_t> parse_seconds(const std::string& text);

}  // namespace fourtuple::app
