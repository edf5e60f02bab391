// The lens around the pointer on a map with too many packets for labels: the nearest ones by name, and how many there
// are. The model is pure; drawing on the main thread.
#pragma once

#include <string>
#include <vector>

#include "viz/kit/canvas.h"
#include "viz/panels/map/map_traffic.h"

namespace fourtuple::viz {

constexpr float lens_radius = 92;  // design pixels
constexpr std::size_t lens_labels = 5;

struct MapLens {
  Vec2 at;
  struct Label {
    PacketId packet;
    CapsuleModel look;
    Vec2 on_map;
  };
  std::vector<Label> nearest;  // from the top of the map down
  std::vector<MapSprite> inside;
  std::size_t count = 0;  // packets below the lens
  std::string place;      // the network most of them are on
};

// Nothing without a pointer, or when no sprite is near it.
std::optional<MapLens> build_lens(const PanelContext& context, const MapGeometry& geometry, const MapTraffic& traffic,
                                  std::optional<Vec2> pointer);
void draw_lens(const Canvas& canvas, const MapLens& lens, PacketId selected);

}  // namespace fourtuple::viz
