// What the window is told about hosts beyond the trace: the tables of their tools, names of ports, ephemeral ranges.
#pragma once

#include <memory>
#include <optional>

#include "app/session.h"
#include "sim/replay/host_tools.h"

namespace fourtuple::app {

// The first line of a tool's command that names no table of sockets, or is no command at all, gives an empty table.
replay::ToolTable tool_table(const Services& services, const replay::ToolQuestion& question);

// The ranges hosts of a scenario begin with and those its timeline sets at known instants. `run`: at its start.
std::vector<replay::EphemeralRange> ephemeral_ranges(const world::Scenario& scenario, const ScenarioRun& run);
// The same for a trace that carries the text of its scenario; empty for others.
std::vector<replay::EphemeralRange> ephemeral_ranges(const trace::Tables& tables);

// Reads /etc/services.
std::shared_ptr<const replay::HostTools> make_host_tools(std::vector<replay::EphemeralRange> ephemeral);

}  // namespace fourtuple::app
