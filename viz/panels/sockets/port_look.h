// How uses of ports look on the map: a colour and a shape each, so that neither alone decides. Main thread only.
#pragma once

#include <string_view>

#include "viz/kit/canvas.h"
#include "viz/kit/table.h"
#include "viz/panels/sockets/port_counts.h"

namespace fourtuple::viz {

// Bright for what waits, dim for what only holds a number. Transparent for a free port.
Color port_color(const Palette& colors, PortUse use);
// Ring, square, half square, small frame, square with a hole. `r` may be as small as 5 pixels; below, a dot of colour.
void draw_port_mark(const Canvas& canvas, const Rect& r, PortUse use);
// The colour of IANA's range a port belongs to, and the tint of its ground.
Color range_color(const Palette& colors, std::uint16_t port);
Color range_tint(const Palette& colors, std::uint16_t port);
Color change_color(const Palette& colors, RowChange change);
// A frame around a cell that changed.
void draw_change_ring(const Canvas& canvas, const Rect& cell, RowChange change);
// Every use and change with its mark and name, in as many lines as the room of that many pixels needs.
constexpr float legend_line = 22;  // design pixels
int port_legend_lines(const Canvas& canvas, float room, Protocol protocol);
void draw_port_legend(const Canvas& canvas, const Rect& r, Protocol protocol);

}  // namespace fourtuple::viz
