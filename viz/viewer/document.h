// What the application hands to the window: a trace to show, or files to choose from. Plain data.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/trace/trace.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

// How far a trace has come that is still being made.
struct Growth {
  bool growing = false;
  Time reached{0}, end{0};  // simulated so far; where the run ends at the latest
};

struct Document {
  std::shared_ptr<const void> owner;  // keeps the trace alive
  const trace::Trace* trace = nullptr;
  std::string path;
  FrameBytes frame_bytes;  // may be empty
  replay::ValueText value_text = replay::hex_value;
  std::shared_ptr<const replay::HostTools> tools = std::make_shared<replay::HostTools>();  // never null
  std::vector<std::string> notes;  // what an import skipped, warnings
  // Takes in what was produced since the last call; called before each frame. Empty: the trace is complete.
  std::function<Growth()> grow;
  std::function<void()> stop_growing;  // there when `grow` is: what is there already stays
};

// One card of the gallery.
struct GalleryEntry {
  std::string title;
  std::string path;
  std::string topic;  // "ports", "tcp": the folder it stands in
  bool capture = false;
};

}  // namespace fourtuple::viz
