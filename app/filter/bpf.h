// libpcap's language for the filters of a trace: joins capture/bpf.h to sim/replay/filter.
#pragma once

#include <memory>

#include "capture/importer.h"
#include "sim/replay/filter/expression.h"
#include "sim/trace/trace.h"

namespace fourtuple::app {

// Programs see a packet's bytes as an Ethernet frame without MAC addresses, headers as sent and payload where the trace
// has it. The trace must outlive what the compiler makes.
replay::BpfCompiler bpf_for_run(const trace::Trace& trace);

// Programs see the frames as captured, read from the file again. `capture` is kept alive.
replay::BpfCompiler bpf_for_capture(const std::shared_ptr<const capture::ImportedCapture>& capture);

}  // namespace fourtuple::app
