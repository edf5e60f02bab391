// The panels of the window behind one draw function, with their names and order. Main thread only.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "viz/panels/map/map_panel.h"

namespace fourtuple::viz {

class LadderPanel;
class PacketPanel;
class SocketsPanel;
class WhyPanel;

struct PanelName {
  PanelKind kind = PanelKind::map;
  std::string_view title;  // on its tab
  std::string_view word;   // on the command line
};
constexpr std::array<PanelName, 9> panel_names = {{{PanelKind::map, "Map", "map"},
                                                   {PanelKind::host, "Host", "host"},
                                                   {PanelKind::ladder, "Ladder", "ladder"},
                                                   {PanelKind::rules, "Rules", "rules"},
                                                   {PanelKind::conntrack, "NAT", "conntrack"},
                                                   {PanelKind::sockets, "Sockets", "sockets"},
                                                   {PanelKind::tcp, "TCP", "tcp"},
                                                   {PanelKind::packet, "Packet", "packet"},
                                                   {PanelKind::why, "Why", "why"}}};
std::optional<PanelKind> panel_named(std::string_view word);

class Panels {
 public:
  Panels();
  ~Panels();
  Panels(const Panels&) = delete;
  Panels& operator=(const Panels&) = delete;

  MapPanel& map() { return map_; }
  const MapPanel& map() const { return map_; }
  SocketsPanel& sockets();
  LadderPanel& ladder();
  WhyPanel& why();
  PacketPanel& packet();
  // Every panel but the map, which the viewer draws with its surroundings.
  void draw(PanelKind kind, Ui& ui, const Rect& area, const PanelContext& context);
  // Forgets what panels remember of the trace shown before.
  void reset();

 private:
  struct Others;
  MapPanel map_;
  std::unique_ptr<Others> others_;
};

}  // namespace fourtuple::viz
