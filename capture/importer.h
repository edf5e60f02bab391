// A capture file as a trace, so that it is watched like a run. Import never invents: hosts, sockets and programs are
// inferred from packets and flagged so, unless lists of sockets or the file itself name the programs; the time a packet
// was under way is unknown and recorded as 0; arrivals at sockets are not recorded, because one vantage point does not
// see them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "capture/flow_owners.h"
#include "capture/names/seen_names.h"
#include "capture/nat/sides.h"
#include "capture/survey.h"
#include "sim/base/outcome.h"
#include "sim/trace/trace.h"

namespace fourtuple::capture {

struct ImportedCapture {
  trace::Trace trace;             // packet ids are frame numbers minus one; frames without IP have no records
  std::vector<FrameInfo> frames;  // by packet id
  FlowTable flows;
  TcpAnalysis analysis;
  SocketOwners owners;                  // the processes known
  std::vector<FlowOwners> flow_owners;  // by flow; may be shorter than the table of flows
  SeenNames names;                      // that the file and its packets give hosts and conversations
  CaptureReport report;
  std::vector<CaptureInterface> interfaces;
  std::vector<CaptureFile> files;          // that it was read from
  std::shared_ptr<const BothSides> sides;  // null: one place alone, or not asked for
  std::string path;                        // of the first file
  std::string format;
};

struct ImportOptions {
  SurveyOptions survey;
  bool records = true;  // false: the index and the conversations only, without a trace to watch
  bool sides = true;    // look for conversations seen on both sides of a router, where there are several interfaces
  // In the trace their packets are one: the frame that shows a packet further on its way has no packet of its own.
  bool join_sides = false;
  ClockChoice clocks;
};

// Reads the whole file. A damaged tail is not an error: it is in report.end. `lists`: what is known of the sockets of
// the machines in it.
Outcome<ImportedCapture> import_capture(const std::string& path, SocketOwners lists = {},
                                        const ImportOptions& options = {});
// Several files as one (capture/merge). One that cannot be read is no error while another one can: see `files`.
Outcome<ImportedCapture> import_captures(const std::vector<std::string>& paths, const SocketOwners& lists = {},
                                         const ImportOptions& options = {});

}  // namespace fourtuple::capture
