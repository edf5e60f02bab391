// A trace as capture files: one pcapng file for each interface that saw packets, named <host>-<interface>.pcapng, as
// tcpdump on that interface would have written it. Ethernet frames whose MAC addresses are derived from interface
// numbers; "lo" has zero MACs, as on Linux, and shows each packet once.
#pragma once

#include <string>
#include <vector>

#include "capture/frame.h"
#include "sim/base/outcome.h"
#include "sim/trace/trace.h"

namespace fourtuple::capture {

struct ExportedFile {
  std::string path;
  InterfaceId interface;
  std::uint64_t packets = 0;
};

// Instant 0 of a run without a date of its own: 2020-01-01 00:00:00 UTC.
constexpr std::int64_t default_epoch_ns = 1'577'836'800'000'000'000;

// Creates `directory` if needed; existing files of the same names are replaced. Each file says what addresses are
// called: `names`, or the hosts that have them when it is null.
Outcome<std::vector<ExportedFile>> export_run(const trace::Trace& trace, const std::string& directory,
                                              const std::vector<CaptureName>* names = nullptr);

}  // namespace fourtuple::capture
