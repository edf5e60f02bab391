// Rows with columns: layout, header, hover, selection and the marks of what changed. Main thread only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {

struct Column {
  std::string_view title = {};
  float width = 0;  // design pixels; 0 shares what is left equally
  Align align = Align::left;
};

// The rectangles of one row's cells. `gap` design pixels between columns. No ImGui needed.
std::vector<Rect> column_cells(const Rect& row, std::span<const Column> columns, float scale, float gap = 12);

enum class RowChange : std::uint8_t { none, added, changed, removed };

struct RowLook {
  bool selected = false;
  RowChange change = RowChange::none;  // tint with + ~ − at the left
  bool focusable = true;               // false: the list around it takes the keyboard
  bool cursor = false;                 // the list's keyboard cursor stands on it
};

// Header in muted mono 12 with a hairline below.
void draw_table_header(const Canvas& canvas, const Rect& r, std::span<const Column> columns);
// Background, marks and reaction of a row (22 to 28 high); the caller then draws the cells.
Touch table_row(const Ui& ui, std::string_view id, const Rect& r, RowLook look);
// Background only, for lists that do their own hit testing.
void draw_row_back(const Canvas& canvas, const Rect& r, RowLook look, float hover = 0);

}  // namespace fourtuple::viz
