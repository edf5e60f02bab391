// What moves on the map at one instant: packets on their links, ribbons of what passed lately, drops, and programs that
// were just handed something. Pure preprocessing to flat lists; framebuffer pixels.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "viz/panel/context.h"
#include "viz/panels/common/names.h"
#include "viz/panels/map/map_route.h"

namespace fourtuple::viz {

// Simulated nanoseconds that pass in one second of real time at the cursor, at the chosen speed.
double pace_ns_per_s(const PanelContext& context);

enum class MapForm : std::uint8_t { labelled, sign, sprite };

struct MapCapsule {
  PacketId packet;
  CapsuleModel look;
  Vec2 on_route;  // where the packet is
  Vec2 at;        // where its capsule stands: on_route, or pushed aside by its neighbours
  Vec2 direction;
  MapForm form = MapForm::labelled;
  bool selected = false;
  bool inferred = false;  // from a capture: the way was not seen
  bool faded = false;     // the filter does not take it: a small dot
  InterfaceId from, to;
};

struct MapDrop {
  PacketId packet;
  Vec2 at;
  std::optional<MapRoute> trail;  // from where it was sent to where it died
  float trail_end = 1;
  int count = 1;  // drops of the same place and cause
  std::string title, ports, reason;
};

struct MapRibbon {
  MapRoute route;  // in the direction of the lower interface
  std::size_t flow = 0;
  std::uint32_t count = 0;
  float width = 0;  // framebuffer pixels
};

struct MapCrowd {  // a link with more packets than can be drawn
  Vec2 at;
  std::uint32_t count = 0;
};

struct MapGlow {
  ProcessId process;
  HostId host;
  float strength = 0;  // 1 when just delivered
};

struct MapTraffic {
  std::vector<MapRibbon> ribbons;
  std::vector<MapCapsule> capsules;
  std::vector<MapDrop> drops;
  std::vector<MapGlow> glows;
  std::vector<MapCrowd> crowds;
};

constexpr std::size_t most_labels = 80, most_signs = 1000;
constexpr std::uint32_t ribbon_from = 2000;  // packets on one link

// `size_of` measures a capsule; `bounds` is where capsules may stand, `taken` what they must not cover.
using CapsuleMeasure = std::function<Vec2(const CapsuleLook&)>;
MapTraffic build_traffic(const PanelContext& context, const MapGeometry& geometry, const Rect& bounds,
                         const std::vector<Rect>& taken, const CapsuleMeasure& size_of);

}  // namespace fourtuple::viz
