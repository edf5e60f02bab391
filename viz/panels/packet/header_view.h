// One header as the books draw it: four bytes a row, a box for each field. Main thread only (the layout is pure).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/panels/packet/packet_model.h"

namespace fourtuple::viz {

struct HeaderBox {
  std::size_t field = 0;  // the first of those that share the bytes
  std::string name, value;
  std::size_t row = 0, column = 0, width = 4;  // of four bytes
  std::uint32_t offset = 0, length = 0;        // bytes of the packet
};

struct HeaderBoxes {
  std::string_view title;  // "TCP"; empty: there is no header
  std::uint32_t offset = 0;
  std::vector<HeaderBox> boxes;
  std::vector<std::uint32_t> row_offsets;  // from the header's first byte
};

// The header that `field` belongs to; the last one in the packet when it belongs to none.
HeaderBoxes header_around(const PacketModel& model, std::size_t field);

struct HeaderTouch {
  std::optional<std::size_t> clicked, hovered;  // fields
  std::optional<Vec2> shown_end;                // right end of the box of the shown field
};
// Height needed, pixels.
float header_height(const Canvas& canvas, const HeaderBoxes& header);
HeaderTouch draw_header(const Ui& ui, const Rect& r, const HeaderBoxes& header, const PacketModel& model,
                        std::size_t shown);

}  // namespace fourtuple::viz
