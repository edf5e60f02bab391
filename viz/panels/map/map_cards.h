// Host cards of the map at an instant: programs with pid and port, and how large a card must be at each detail.
#pragma once

#include <string>
#include <vector>

#include "sim/state/state.h"
#include "viz/kit/host_card.h"
#include "viz/panels/common/process_ports.h"
#include "viz/panels/map/map_scene.h"
#include "viz/panels/map/map_traffic.h"

namespace fourtuple::viz {

struct MapChip {
  ProcessChip chip;
  ProcessId process;
  bool ended = false;
  float glow = 0;  // 1 when a packet was just delivered to it
};

struct MapCardModel {
  std::vector<MapChip> chips;
  std::size_t hidden = 0;  // programs that found no room
  struct SocketRow {
    std::string words, state;  // "tcp 0.0.0.0:443", "LISTEN"
  };
  std::vector<SocketRow> sockets;  // of the first detail only
  std::size_t hidden_sockets = 0;
};

constexpr std::size_t most_chips = 5, most_socket_rows = 5;

// The cards of all hosts at the cursor; `ports`: of its processes. Pure.
std::vector<MapCardModel> build_cards(const PanelContext& context, const MapScene& scene,
                                      const std::vector<MapGlow>& glows, const std::vector<ProcessPorts>& ports);
// Adds what only the richest card shows.
void add_sockets(const PanelContext& context, std::vector<MapCardModel>& cards);

// Sizes of all hosts at all details, in framebuffer pixels.
MapSizes measure_hosts(const Canvas& canvas, const MapScene& scene);

// Where the programs of a card stand in it; none where the card shows none.
std::vector<Rect> chip_places(float unit, const Rect& r, MapDetail detail, const MapHost& host,
                              const MapCardModel& model);

struct MapCardLook {
  bool selected = false, hovered = false;
  bool many = false;  // among so many that each has few strokes
};
// One of a crowd.
void draw_in_crowd(const Canvas& canvas, const Rect& r, MapCardLook look);
void draw_map_host(const Canvas& canvas, const Rect& r, MapDetail detail, const MapHost& host,
                   const MapCardModel& model, MapCardLook look);

}  // namespace fourtuple::viz
