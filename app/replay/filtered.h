// The conversations and packets of a capture that a filter takes.
#pragma once

#include <string>
#include <vector>

#include "capture/importer.h"

namespace fourtuple::app {

struct FilteredCapture {
  std::vector<bool> frames;  // by packet id: the filter takes it
  std::uint64_t packets = 0, of = 0;
  // Conversations with at least one of them. Packets, bytes, payload and times count only these; how a conversation
  // began and ended is told of all of it.
  std::vector<capture::Flow> flows;
  std::vector<capture::FlowOwners> owners;  // of the flows
  std::vector<std::uint32_t> indexes;       // of the flows in the capture's table
};

Outcome<FilteredCapture> filter_capture(const capture::ImportedCapture& capture, const std::string& filter);

// {"filter": …, "packets": …, "conversations": […]} with a line end.
std::string filtered_json(const FilteredCapture& filtered, const capture::ImportedCapture& capture,
                          const std::string& filter);

}  // namespace fourtuple::app
