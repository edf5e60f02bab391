// What the application hands to the window: a trace to show, or files to choose from. Plain data.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/trace/trace.h"
#include "viz/fork/request.h"
#include "viz/panel/context.h"
#include "viz/panels/map/map_positions.h"
#include "viz/panels/timeline/bookmarks.h"
#include "viz/viewer/packet_names.h"

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
  FrameBytes frame_bytes;   // may be empty
  PacketNames names;        // may be empty
  replay::BpfCompiler bpf;  // libpcap's part of filters, given by the application; may be empty
  replay::ValueText value_text = replay::hex_value;
  std::shared_ptr<const replay::HostTools> tools = std::make_shared<replay::HostTools>();  // never null
  std::vector<std::string> notes;  // what an import skipped, warnings
  ForkRun fork;                    // empty: it cannot be run again, and
  std::string no_fork;             // why not, for a person
  std::vector<std::string> files;  // those it was made from, to be watched
  // Takes in what was produced since the last call; called before each frame. Empty: the trace is complete.
  std::function<Growth()> grow;
  std::function<void()> stop_growing;  // there when `grow` is: what is there already stays
  MapPositions positions;              // of hosts that a person put elsewhere
  std::vector<Bookmark> bookmarks;     // that a person set, by time
};

// A network in a few strokes.
struct GallerySketch {
  enum class Role : std::uint8_t { client, router, server };
  struct Host {
    float x = 0, y = 0;  // 0 to 1
    Role role = Role::client;
    bool guarded = false;  // it has rules
  };
  struct Link {
    std::size_t from = 0, to = 0;  // hosts
  };
  std::vector<Host> hosts;
  std::vector<Link> links;
};

// One card of the gallery.
struct GalleryEntry {
  std::string title;
  std::string path;
  std::string topic;  // "ports", "tcp": the folder it stands in
  bool capture = false;
  std::string words{};  // what else it can be found by: its summary, the lessons it covers
  GallerySketch sketch{};
};

}  // namespace fourtuple::viz
