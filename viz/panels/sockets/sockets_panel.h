// Sockets, descriptors and ports of a host at the cursor: what ss, lsof, netstat and /proc/net/tcp print, the
// descriptor tables, and the map of all ports. Main thread only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "viz/panels/sockets/port_map_view.h"
#include "viz/panels/sockets/sockets_model.h"
#include "viz/panels/sockets/tool_listing.h"
#include "viz/panels/sockets/tool_view.h"

namespace fourtuple::viz {

// Commands of the host's tools, then what no tool shows.
constexpr std::array<std::string_view, 10> socket_tabs = {"ss -tanp",    "ss -tulnp",   "ss -xap",       "ss -s",
                                                          "lsof -i -nP", "netstat -an", "/proc/net/tcp", "gauges",
                                                          "fd table",    "port map"};
constexpr std::size_t fd_tab = 8, map_tab = 9;

class SocketsPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context);

  // Puts the caret into the search field, in a table that has one.
  void find();
  // Of the port map; nothing while a table is shown.
  void zoom_by(int levels);
  void fit();
  void show_tab(std::size_t tab);
  // Back from the map to the table that was shown last.
  void show_table() { show_tab(table_tab_); }

  // For tests.
  std::size_t tab() const { return tab_; }
  const ToolListing& listing() const { return listing_; }
  const PortMapView& map() const { return map_; }

 private:
  void refresh(const PanelContext& context);
  bool is_due(const PanelContext& context);
  bool has_search() const;
  void draw_head(const Ui& ui, Rect& rest, const PanelContext& context);
  void draw_hosts(const Ui& ui, Rect& row, const PanelContext& context);
  void draw_tabs(const Ui& ui, Rect& row);
  void draw_since(const Ui& ui, Rect& row);
  void draw_tools(const Ui& ui, Rect row);
  void draw_tool(const Ui& ui, Rect rest, const PanelContext& context);
  std::string summary() const;

  SocketsModel model_;
  ToolListing listing_;
  ToolView tool_;
  PortMapView map_;
  std::string search_, searched_;
  std::uint64_t position_ = ~std::uint64_t{0}, end_ = 0;
  double refreshed_at_ = -1;  // seconds of the window
  HostId host_;               // chosen here; the selection's host wins when it changes
  HostId selected_;
  SocketId socket_;
  std::size_t tab_ = 0, table_tab_ = 0;
  bool since_start_ = false;
  bool stale_ = true;
  bool find_ = false, entered_ = false;
};

}  // namespace fourtuple::viz
