// The network map: hosts, links and the packets on them at the time cursor. Hosts can be dragged, the view panned and
// zoomed; positions stay until another trace is shown. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/kit/labels.h"
#include "viz/panel/context.h"
#include "viz/panels/map/map_cards.h"

namespace fourtuple::viz {

// What the frame tells the map about its surroundings.
struct MapSurroundings {
  Rect content;               // where hosts are laid out; the rest of the area only shows background
  std::vector<Rect> covered;  // parts that belong to something drawn above
  bool interactive = true;    // false: a preview, or below a dialog
  bool zoom_buttons = true;
};

class MapPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context) { draw(ui, area, context, {area, {}, true, true}); }
  void draw(Ui& ui, Rect area, const PanelContext& context, const MapSurroundings& surroundings);

  // The whole network in view, hosts back where the layout put them.
  void fit();
  void zoom_by(float factor) { zoom_ = std::clamp(zoom_ * factor, 0.25F, 8.0F); }

  // What the last frame showed, for tests and for the legend.
  const MapTraffic& traffic() const { return traffic_; }
  const MapGeometry& geometry() const { return geometry_; }

 private:
  enum class Drag : std::uint8_t { none, pan, host };

  void lay_out(const Canvas& canvas, const PanelContext& context, const Rect& content);
  void place(const Rect& content, float unit);
  void react(const Ui& ui, const Rect& area, const PanelContext& context, const MapSurroundings& around);
  void press(const PanelContext& context, Vec2 mouse);
  void release(const PanelContext& context, Vec2 mouse);
  void zoom_at(Vec2 mouse, const Rect& content, float factor);
  void draw_ground(const Canvas& canvas, const Rect& area) const;
  void draw_links(const Canvas& canvas) const;
  void draw_hubs(const Canvas& canvas) const;
  void draw_labels(const Canvas& canvas) const;
  void draw_leaders(const Canvas& canvas) const;
  std::vector<Rect> label_rects(const Canvas& canvas) const;
  void draw_hosts(const Canvas& canvas, const PanelContext& context) const;
  void draw_trails(const Canvas& canvas) const;
  void draw_drops(const Canvas& canvas, const PanelContext& context, const Rect& bounds) const;
  void draw_capsules(const Canvas& canvas);
  void draw_capsule_of(const Canvas& canvas, const MapCapsule& capsule);
  void draw_zoom(const Ui& ui, const Rect& area);
  void draw_hint(const Ui& ui, const PanelContext& context) const;

  // What the layout was made from.
  const trace::Trace* trace_ = nullptr;
  std::size_t hosts_ = 0;
  std::uint64_t seen_ = 0;  // where the trace ended a frame ago
  std::uint64_t records_ = 0;
  Rect content_;
  float unit_ = 0;

  MapScene scene_;
  MapSizes sizes_;
  MapPlaces places_;
  std::vector<std::optional<Vec2>> moved_;  // hosts a person put elsewhere, as parts of the content's size
  float zoom_ = 1;
  Vec2 pan_;

  MapGeometry geometry_;
  MapTraffic traffic_;
  std::vector<MapCardModel> cards_;
  HitList packets_hit_;
  Drag drag_ = Drag::none;
  std::uint32_t dragged_ = 0;
  Vec2 pressed_at_, last_mouse_;
  std::optional<PacketId> hover_packet_;
  std::optional<std::uint32_t> hover_host_;
};

}  // namespace fourtuple::viz
