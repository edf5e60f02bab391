// One packet: field tree, header and bytes with one selection in all three, what it looked like at each hop, and the
// comparison with a pinned packet. Main thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "viz/kit/interact.h"
#include "viz/kit/list.h"
#include "viz/panels/packet/compare_view.h"
#include "viz/panels/packet/header_view.h"
#include "viz/panels/packet/packet_model.h"

namespace fourtuple::viz {

class PacketPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context);

  // Keeps the packet shown, as it is at the place shown, for comparison with others; or lets go of the one kept.
  void toggle_pin(const PanelContext& context);
  bool pinned() const { return pinned_.has_value(); }

 private:
  void refresh(const PanelContext& context);
  void draw_head(const Ui& ui, const Rect& area, const PanelContext& context);
  void draw_low(const Ui& ui, Rect rest);
  void draw_tree(const Ui& ui, const Rect& r);
  void draw_tree_row(const Ui& ui, const Rect& row, std::size_t field);
  void draw_right(const Ui& ui, Rect r);
  std::optional<Rect> draw_bytes(const Ui& ui, const Rect& r);
  void point_at_bytes(const Rect& visible, const std::vector<Rect>& cells, std::size_t first);
  void join(const Canvas& canvas, const Rect& right, const Rect& bytes, std::optional<Vec2> header_end) const;
  void draw_hops(const Ui& ui, const Rect& r, const PanelContext& context);
  void draw_hop(const Ui& ui, const Rect& column, std::size_t hop, const PanelContext& context);
  void draw_compare(const Ui& ui, const Rect& r);
  void choose(std::size_t field);
  void show_field(std::size_t field);
  void list_rows();
  std::size_t shown_field() const { return hovered_ ? *hovered_ : chosen_; }

  PacketModel model_;
  PacketId packet_;
  std::uint64_t end_ = 0;
  std::size_t hop_ = 0, built_hop_ = ~std::size_t{0};
  std::string chosen_name_ = "Destination port";
  std::size_t chosen_ = 0;
  std::optional<std::size_t> hovered_, hover_next_;
  std::optional<Vec2> tree_end_;       // right end of the shown field's row, for the joining line
  std::vector<std::size_t> rows_;      // fields in the tree that are not folded away
  std::set<std::string_view> folded_;  // headers
  ListCursor tree_;
  std::optional<PacketModel> pinned_;
  PacketComparison comparison_;
  PacketCompareView compare_;
};

}  // namespace fourtuple::viz
