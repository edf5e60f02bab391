// The packets of a capture, one line each: as a table for people and as NDJSON for programs (docs/capture-json.md).
#pragma once

#include <string>

#include "capture/importer.h"

namespace fourtuple::app {

std::string packets_text(const capture::ImportedCapture& capture);

// Prints one JSON object a line to standard output, as it goes.
void print_packets_ndjson(const capture::ImportedCapture& capture);

}  // namespace fourtuple::app
