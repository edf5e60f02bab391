// The names that are written into a capture file: those somebody told, none that is only supposed.
#pragma once

#include <vector>

#include "capture/frame.h"
#include "capture/names/seen_names.h"
#include "sim/trace/tables.h"

namespace fourtuple::capture {

// What a capture's packets and its file said of addresses, best first.
std::vector<CaptureName> told_names(const SeenNames& names);

// The names of a scenario's hosts, for packets at `interface`: of an address that several hosts have, the one on the
// interface's network; when that is not one host either, none.
std::vector<CaptureName> host_names(const trace::Tables& tables, InterfaceId interface);

}  // namespace fourtuple::capture
