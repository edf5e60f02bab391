// What the map knows of a trace before any instant is chosen: hosts with their roles, which networks they are on, and
// which processes ever lived on them. Pure; built once per trace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/replay/indexes.h"
#include "viz/kit/icons.h"
#include "viz/panels/map/map_layout.h"

namespace fourtuple::viz {

// One life of a process.
struct MapProcess {
  ProcessId id;
  std::string name;
  std::string pid;
  Time from{0}, to = Time::never();
};

struct MapHost {
  HostId id;
  Icon icon = Icon::laptop;
  std::string name;
  std::string address;  // the first one, "" for a router, whose interfaces are rows
  struct Row {
    std::string interface, address;
  };
  std::vector<Row> rows;              // routers only
  std::vector<Row> interfaces;        // all
  std::vector<MapProcess> processes;  // in order of their start
  std::size_t most_processes = 0;     // at one instant, counting a process that has just ended
};

struct MapNetwork {
  std::string name;
  std::string prefix;  // "192.168.1.0/24"
  std::string speed;   // "10 ms, 100 Mbit/s, loses 2 %"; "" for an observed network
  float title = 0;     // width of its name and prefix as a region's title, framebuffer pixels; measured by the panel
};

struct MapScene {
  MapGraph graph;
  std::vector<MapHost> hosts;        // by HostId
  std::vector<MapNetwork> networks;  // by NetworkId
};

MapScene build_scene(const trace::Trace& trace, const replay::FlowTable& flows);

// "1 Gbit/s", "1.5 Mbit/s".
std::string rate_text(std::uint64_t bits_per_s);

}  // namespace fourtuple::viz
