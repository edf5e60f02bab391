// The network map: hosts, links and the packets on them at the time cursor. Hosts can be dragged, the view panned and
// zoomed; positions stay until another trace is shown. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/kit/labels.h"
#include "viz/panel/context.h"
#include "viz/panels/common/process_ports.h"
#include "viz/panels/map/map_cards.h"
#include "viz/panels/map/map_labels.h"
#include "viz/panels/map/map_lens.h"
#include "viz/panels/map/map_positions.h"

namespace fourtuple::viz {

// What the frame tells the map about its surroundings.
struct MapSurroundings {
  Rect content;               // where hosts are laid out; the rest of the area only shows background
  std::vector<Rect> covered;  // parts that belong to something drawn above
  bool interactive = true;    // false: a preview, or below a dialog
  bool zoom_buttons = true;
  PacketId follow = {};  // the view goes with it; none: it stays
  Rect light = {};       // hosts and packets that touch it stay bright, all else is dimmed; empty: all is bright
  std::vector<Rect> words = {};  // what is written above it and must stay readable
};

class MapPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context) { draw(ui, area, context, {area, {}, true, true}); }
  void draw(Ui& ui, Rect area, const PanelContext& context, const MapSurroundings& surroundings);

  // The whole network in view.
  void fit();
  // Positions of hosts for the trace that is shown next; hosts it does not have are ignored.
  void restore(MapPositions positions) { restored_ = std::move(positions); }
  // All positions that are not the layout's, once after a person changed any.
  std::optional<MapPositions> take_changed_positions();
  void reset_positions();
  // By parts of the content's size.
  void move_host(HostId host, Vec2 by);
  // In reading order, column by column; with none, the first or the last.
  HostId neighbour(HostId host, bool forward) const;
  // Packets on their way as the last frame showed them, in order of creation.
  PacketId neighbour(PacketId packet, bool forward) const;
  void zoom_by(float factor) { zoom_ = clamped(zoom_ * factor, 0.25F, 8.0F); }

  // What the last frame showed, for tests and for the legend.
  const MapTraffic& traffic() const { return traffic_; }
  // Another number whenever traffic() was made anew: its instant, its filter or where things stand changed.
  std::uint64_t traffic_version() const { return traffic_version_; }
  const MapGeometry& geometry() const { return geometry_; }
  // Too much is under way for labels.
  bool dense() const { return !traffic_.sprites.empty() || !traffic_.crowds.empty(); }
  const std::vector<MapLabel>& labels() const { return labels_; }
  const std::optional<MapLens>& lens() const { return lens_; }
  // The card of a link that a person clicked: which network, none when it is closed.
  NetworkId open_link() const { return open_link_ ? NetworkId{open_link_->network} : NetworkId::none(); }
  // False when there was none.
  bool close_link();

 private:
  // A host that the view is closing in on, to open it; the map is then as it was before.
  struct Entrance {
    std::uint32_t host = 0;
    float part = 0;  // of the way, 0 to 1
    float zoom = 1;
    Vec2 pan;
  };
  // A link or hub that was clicked, and where.
  struct OpenLink {
    std::uint32_t network = 0;
    Vec2 at;
  };
  // What the positions, the words beside links, and what moves were made from: the same again is not made again.
  struct PlaceKey {
    Rect content;
    float unit = 0, zoom = 0;
    Vec2 pan;
    std::uint64_t layout = 0;
    bool operator==(const PlaceKey&) const = default;
  };
  struct LabelKey {
    std::uint64_t geometry = 0, fonts = 0;
    Rect area;
    std::vector<Rect> above;
    bool operator==(const LabelKey&) const = default;
  };
  struct TrafficKey {
    LabelKey labels;
    std::uint64_t position = 0, end = 0, filter_version = 0;
    Time now, hop_time;
    PacketId packet;
    const replay::FilterResult* filter = nullptr;
    int speed = 0;
    replay::SpeedMode mode = replay::SpeedMode::equal_hops;
    std::optional<Vec2> pointer;
    bool operator==(const TrafficKey&) const = default;
  };
  enum class Drag : std::uint8_t { none, pan, host };

  void refresh(const Canvas& canvas, const PanelContext& context, const Rect& area, const std::vector<Rect>& above);
  void refresh_cards(const PanelContext& context, bool moved);
  std::optional<std::uint32_t> link_at(Vec2 point) const;
  void draw_link_card(const Ui& ui, const Rect& area, const PanelContext& context);
  void lay_out(const Canvas& canvas, const PanelContext& context, const Rect& content);
  void apply_restored();
  void place(const Rect& content, float unit);
  void react(const Ui& ui, const Rect& area, const PanelContext& context, const MapSurroundings& around);
  void press(const PanelContext& context, Vec2 mouse);
  void release(const PanelContext& context, Vec2 mouse);
  void zoom_at(Vec2 mouse, const Rect& content, float factor);
  void go_in(const Ui& ui, const PanelContext& context, const Rect& content);
  void keep_in_view(const Ui& ui, PacketId packet, const Rect& content);
  void draw_ground(const Canvas& canvas, const Rect& area) const;
  void draw_links(const Canvas& canvas) const;
  void draw_hubs(const Canvas& canvas) const;
  void draw_leaders(const Canvas& canvas) const;
  void draw_hosts(const Canvas& canvas, const PanelContext& context, const Rect& light) const;
  void draw_trails(const Canvas& canvas) const;
  void draw_drop_count(const Canvas& canvas, const MapDrop& drop, std::vector<Rect> taken) const;
  void draw_drops(const Canvas& canvas, const PanelContext& context, const Rect& bounds) const;
  Vec2 capsule_room(const Canvas& canvas, const CapsuleLook& look);
  void draw_capsules(const Canvas& canvas, const Rect& light);
  void draw_sprites(const Canvas& canvas);
  void draw_capsule_of(const Canvas& canvas, const MapCapsule& capsule);
  void draw_zoom(const Ui& ui, const Rect& area);
  void draw_chosen_name(const Canvas& canvas, const PanelContext& context, const Rect& area) const;
  void draw_hint(const Ui& ui, const PanelContext& context) const;
  void tell_packet(const Ui& ui, const PanelContext& context) const;
  void tell_host(const Ui& ui, const PanelContext& context, std::uint32_t host) const;

  // What the layout was made from.
  const trace::Trace* trace_ = nullptr;
  std::size_t hosts_ = 0;
  std::uint64_t seen_ = 0;  // where the trace ended a frame ago
  std::uint64_t records_ = 0;
  Rect content_;
  float unit_ = 0;
  std::uint64_t fonts_ = 0;

  MapScene scene_;
  MapSizes sizes_;
  MapPlaces places_;
  std::vector<std::optional<Vec2>> moved_;  // hosts a person put elsewhere, as parts of the content's size
  MapPositions restored_;
  bool positions_changed_ = false;
  float zoom_ = 1;
  Vec2 pan_;

  std::uint64_t layout_ = 0, geometry_version_ = 0, traffic_version_ = 0;
  PlaceKey place_key_;
  std::vector<std::optional<Vec2>> placed_moved_;
  LabelKey label_key_;
  TrafficKey traffic_key_;
  MapGeometry geometry_;
  std::vector<MapLabel> labels_;
  std::vector<Rect> words_;  // what capsules must leave readable
  std::optional<MapLens> lens_;
  MapTraffic traffic_;
  std::vector<MapCardModel> cards_;
  std::vector<ProcessPorts> ports_;
  std::uint64_t ports_position_ = ~std::uint64_t{0}, ports_end_ = 0;
  MapDetail cards_detail_ = MapDetail::full;
  std::optional<OpenLink> open_link_;
  std::optional<std::uint32_t> hover_link_;  // the network below the pointer
  Rect link_card_;                           // as drawn last
  HitList packets_hit_;
  std::vector<std::optional<Vec2>> rooms_;  // of capsules, by kind and length of text
  float room_unit_ = 0;
  std::optional<Entrance> entrance_;
  Drag drag_ = Drag::none;
  std::uint32_t dragged_ = 0;
  Vec2 pressed_at_, last_mouse_;
  std::optional<Vec2> pointer_;  // the mouse, while it is on the map and on nothing above it
  std::optional<PacketId> hover_packet_;
  std::optional<std::uint32_t> hover_host_;
};

}  // namespace fourtuple::viz
