// The packets of a capture, one line each: as a table for people and as NDJSON for programs (docs/capture-json.md).
#pragma once

#include <string>
#include <vector>

#include "capture/importer.h"

namespace fourtuple::app {

// `taken`: by frame, those to print; null: all.
std::string packets_text(const capture::ImportedCapture& capture, const std::vector<bool>* taken = nullptr);

// Prints one JSON object a line to standard output, as it goes.
void print_packets_ndjson(const capture::ImportedCapture& capture);

}  // namespace fourtuple::app
