// What moves on the map at one instant: packets on their links, ribbons of what passed lately, drops, and programs that
// were just handed something. Pure preprocessing to flat lists; framebuffer pixels.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "viz/panel/context.h"
#include "viz/panels/common/names.h"
#include "viz/panels/map/map_route.h"

namespace fourtuple::viz {

enum class MapForm : std::uint8_t { labelled, sign };

struct MapCapsule {
  PacketId packet;
  CapsuleModel look;
  Vec2 on_route;  // where the packet is
  Vec2 at;        // where its capsule stands: on_route, or pushed aside by its neighbours
  Vec2 direction;
  MapForm form = MapForm::labelled;
  bool selected = false;
  bool inferred = false;  // from a capture: the way was not seen
  bool inside = false;    // a kernel is busy with it: stands at the edge of its host's card
  InterfaceId from, to;
};

// One of too many packets for labels: a single quad.
struct MapSprite {
  PacketId packet;
  Vec2 at;
  std::uint8_t flow = 0;  // palette position, at most named_flow_colors
  PacketShape shape = PacketShape::tcp;
  InterfaceId from;
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
  float width = 0;     // framebuffer pixels
  bool solid = false;  // stands for the packets of its link, not for what passed lately
};

// A link with more packets than can be drawn.
struct MapCrowd {
  Vec2 at;
  std::uint32_t count = 0;
};

// What is on a network now, both ways.
struct MapLinkLoad {
  NetworkId network;
  std::uint32_t count = 0;
  std::array<std::uint32_t, named_flow_colors + 1> flows{};  // by palette position; the last: all others
};

struct MapGlow {
  ProcessId process;
  HostId host;
  float strength = 0;  // 1 when just delivered
};

struct MapTraffic {
  std::vector<MapRibbon> ribbons;
  std::vector<MapCapsule> capsules;
  std::vector<MapSprite> sprites;
  std::vector<MapSprite> dots;  // what the filter does not take
  std::vector<MapDrop> drops;
  std::vector<MapGlow> glows;
  std::vector<MapCrowd> crowds;
  std::vector<MapLinkLoad> links;           // by network, those with packets; only when there are more than labels
  std::size_t flows = 0;                    // of the packets in flight; only then
  std::size_t in_flight = 0, ribboned = 0;  // packets: all, and those that only a ribbon stands for
};

// Up to `most_aside` packets every capsule finds a place beside its way, and ribbons show what passed; up to
// `most_labels` those have a label that find room on their way or four rows beside it, nearest to the pointer first;
// the others are signs that tell themselves below the pointer. More are sprites.
constexpr std::size_t most_aside = 80, most_labels = 1000, most_sprites = 10'000;
constexpr std::uint32_t ribbon_from = 2000;  // packets on one link

// `size_of` measures a capsule; `bounds` is where capsules may stand, `taken` what they must not cover.
using CapsuleMeasure = std::function<Vec2(const CapsuleLook&)>;
struct MapSpace {
  Rect bounds;
  std::vector<Rect> taken;
  CapsuleMeasure size_of;
  std::optional<Vec2> pointer;  // the mouse, while it is on the map
};
MapTraffic build_traffic(const PanelContext& context, const MapGeometry& geometry, const MapSpace& space);

}  // namespace fourtuple::viz
