// Words beside links and hubs: each where it covers no host, no hub and no other words, or nowhere. Main thread only.
#pragma once

#include <string_view>
#include <vector>

#include "viz/kit/canvas.h"
#include "viz/panels/map/map_route.h"

namespace fourtuple::viz {

struct MapLabel {
  Rect r;                  // framebuffer pixels, with its margin
  std::string_view first;  // a hub's name; empty beside a link
  std::string_view words;  // "10 ms · 100 Mbit/s"
};

// Valid as long as the scene. `bounds`: what is on show.
std::vector<MapLabel> place_map_labels(const Canvas& canvas, const MapScene& scene, const MapGeometry& geometry,
                                       const Rect& bounds);
void draw_map_label(const Canvas& canvas, const MapLabel& label);

// Room that the names of networks need above their hosts, framebuffer pixels.
void measure_titles(const Canvas& canvas, MapScene& scene);
// The name of a region, with how many hosts it holds or its prefix where there is room.
void draw_region_title(const Canvas& canvas, const MapRegion& region, const MapNetwork& network);

// Where those names stand, no wider than they are.
std::vector<Rect> region_words(const MapScene& scene, const MapGeometry& geometry);

// What a packet's capsule must leave readable: names of hosts, whole small boxes, and titles of regions.
std::vector<Rect> words_on_map(const Canvas& canvas, const MapGeometry& geometry);

}  // namespace fourtuple::viz
