// The pane that compares the pinned packet with the one shown. Main thread only.
#pragma once

#include <optional>

#include "viz/kit/list.h"
#include "viz/panels/packet/compare.h"

namespace fourtuple::viz {

struct CompareAnswer {
  std::optional<std::size_t> field;  // of the shown packet: chosen here
  bool unpin = false;
};

class PacketCompareView {
 public:
  // `chosen`: the field that is selected in the shown packet.
  CompareAnswer draw(const Ui& ui, Rect area, const PacketModel& pinned, const PacketModel& shown,
                     const PacketComparison& comparison, std::size_t chosen);

 private:
  std::optional<std::size_t> draw_fields(const Ui& ui, const Rect& r, const PacketComparison& comparison,
                                         std::size_t chosen);
  ListCursor cursor_;
};

}  // namespace fourtuple::viz
