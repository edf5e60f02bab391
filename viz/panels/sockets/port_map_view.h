// The map of a host's 65,536 ports: one cell each, what holds it, what changed, and beside it everything about the port
// at the cursor or those that were searched for. Overview is one texture, close cells are drawn. Main thread only.
#pragma once

#include <memory>
#include <optional>

#include "viz/kit/list.h"
#include "viz/panels/sockets/port_grid.h"
#include "viz/panels/sockets/port_map.h"
#include "viz/surface/texture.h"

namespace fourtuple::viz {

class PortMapView {
 public:
  // Takes in the state at the cursor; `before` is what changes are counted from. Call when either moved.
  void refresh(const PanelContext& context, HostId host, const state::State& before);

  Protocol protocol() const { return protocol_; }
  void set_protocol(Protocol protocol);
  // The protocol changed since the last refresh().
  bool wants_refresh() const { return wants_refresh_; }
  // Puts the cursor on a port and brings its cell into view.
  void go_to(std::uint16_t port);
  void zoom_by(int levels) { zoom_ += levels; }
  void fit() { level_ = 0; }

  // "14 TCP ports in use, 2 changed"
  std::string summary() const;
  // `search`: the text of the search field; the view empties it when a match was chosen. `enter`: it was ended so.
  void draw(const Ui& ui, Rect rest, const PanelContext& context, std::string& search, bool enter);

  // For tests.
  const PortCounts& counts() const { return counts_; }
  const std::vector<PortChange>& changes() const { return changes_; }
  const PortGrid& grid() const { return grid_; }
  std::uint16_t cursor() const { return cursor_; }
  const PortRanges& ranges() const { return ranges_; }
  const std::vector<PortMatch>& matches() const { return matches_; }

 private:
  void follow_selection(const PanelContext& context);
  void choose(const PanelContext& context, std::uint16_t port);
  void choose_match(const PortMatch& match, std::string& search);
  const PortDetail& detail(const PanelContext& context, std::uint16_t port);
  void search_for(const PanelContext& context, const std::string& text);

  void place_grid(const Canvas& canvas, const Rect& space);
  void react(const Ui& ui, const PanelContext& context);
  void move_cursor(FocusSteps steps);
  std::optional<std::uint16_t> next_in_use(std::uint16_t from, int direction) const;

  void upload(const Palette& colors);
  Image picture_of_cells(const Palette& colors) const;
  void draw_map(const Ui& ui, const PanelContext& context);
  void draw_grid(const Canvas& canvas, bool close, bool numbers);
  void draw_cells(const Canvas& canvas) const;
  void draw_cell_texts(const Canvas& canvas) const;
  void draw_markers(const Canvas& canvas) const;
  struct PlacedLabel {
    Rect place;
    const PortLabel* label;
  };
  std::vector<PlacedLabel> placed_labels(const Canvas& canvas) const;
  void draw_cursor(const Ui& ui, const PanelContext& context);
  void draw_detail(const Ui& ui, Rect rest, const PanelContext& context);
  void draw_matches(const Ui& ui, Rect rest, const PanelContext& context, std::string& search, bool enter);

  PortCounts counts_;
  HostId host_;
  Protocol protocol_ = Protocol::tcp, counted_protocol_ = Protocol::tcp;
  PortRanges ranges_;
  std::vector<PortChange> changes_;
  std::vector<PortLabel> labels_;
  std::vector<std::uint16_t> in_use_;  // in order

  PortGrid grid_;
  int level_ = 0, zoom_ = 0;  // zoom_: levels asked for since the last frame
  float scroll_ = 0;
  bool bring_ = false;  // the cursor's cell is to come into view
  std::uint16_t cursor_ = 0;
  std::optional<std::uint16_t> hovered_;
  bool focused_ = false, map_wants_focus_ = false, wants_refresh_ = false;
  std::optional<Vec2> drag_from_;
  float drag_scroll_ = 0, dragged_ = 0;

  std::unique_ptr<Texture> texture_;
  int texture_columns_ = 0;
  bool texture_stale_ = true, texture_dark_ = false;

  std::optional<PortDetail> details_[2];  // of the cursor and of the pointer
  SocketId selected_;
  std::string searched_;
  std::vector<PortMatch> matches_;
  bool matches_stale_ = true;
  ListCursor list_;
};

// The names of the ranges with bars along their rows, to the left of the grid.
void draw_range_names(const Canvas& canvas, const Rect& r, const PortGrid& grid, const PortRanges& ranges);

}  // namespace fourtuple::viz
