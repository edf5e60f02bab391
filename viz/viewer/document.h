// What the application hands to the window: a trace to show, or files to choose from. Plain data.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/trace/trace.h"
#include "viz/fork/request.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

struct Document {
  std::shared_ptr<const void> owner;  // keeps the trace alive
  const trace::Trace* trace = nullptr;
  std::string path;
  FrameBytes frame_bytes;  // may be empty
  replay::ValueText value_text = replay::hex_value;
  std::shared_ptr<const replay::HostTools> tools = std::make_shared<replay::HostTools>();  // never null
  std::vector<std::string> notes;  // what an import skipped, warnings
  ForkRun fork;                    // empty: it cannot be run again, and
  std::string no_fork;             // why not, for a person
  std::vector<std::string> files;  // those it was made from, to be watched
};

// One card of the gallery.
struct GalleryEntry {
  std::string title;
  std::string path;
  std::string topic;  // "ports", "tcp": the folder it stands in
  bool capture = false;
};

}  // namespace fourtuple::viz
