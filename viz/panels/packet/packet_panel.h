// One packet: field tree and bytes with one selection in both, and what it looked like at each hop. Main thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "viz/kit/interact.h"
#include "viz/panels/packet/packet_model.h"

namespace fourtuple::viz {

class PacketPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context);

 private:
  void refresh(const PanelContext& context);
  void draw_head(const Ui& ui, const Rect& r, const PanelContext& context);
  void draw_tree(const Ui& ui, const Rect& r);
  void draw_bytes(const Ui& ui, const Rect& r);
  void draw_hops(const Ui& ui, const Rect& r, const PanelContext& context);
  std::size_t shown_field() const { return hovered_ ? *hovered_ : chosen_; }

  PacketModel model_;
  PacketId packet_;
  std::uint64_t end_ = 0;
  std::size_t hop_ = 0, built_hop_ = ~std::size_t{0};
  std::string chosen_name_ = "Destination port";
  std::size_t chosen_ = 0;
  std::optional<std::size_t> hovered_, hover_next_;
  std::optional<Vec2> tree_end_;  // right end of the shown field's row, for the joining line
};

}  // namespace fourtuple::viz
