// Draws a tool's listing: columns explained when the pointer or the keyboard is on their title, rows that select their
// socket, marks of what changed. Main thread only.
#pragma once

#include "viz/kit/list.h"
#include "viz/panels/sockets/tool_listing.h"

namespace fourtuple::viz {

class ToolView {
 public:
  // The rows get the keyboard.
  void take_keyboard() { cursor_.take_keyboard(); }
  void draw(const Ui& ui, Rect rest, const ToolListing& listing, const PanelContext& context);

 private:
  struct Layout {
    std::vector<Rect> cells;  // of the header's row
    float hidden = 0;         // pixels that do not fit
  };
  Layout lay_out(const Canvas& canvas, const Rect& header, const ToolListing& listing) const;
  void draw_header(const Ui& ui, const Rect& header, const ToolListing& listing, const Layout& layout);
  void draw_rows(const Ui& ui, const Rect& rest, const ToolListing& listing, const Layout& layout,
                 const PanelContext& context);
  void draw_lines(const Ui& ui, const Rect& rest, const ToolListing& listing);

  ListCursor cursor_;
  SocketId shown_;   // the selection that was brought into view
  float shift_ = 0;  // pixels hidden at the left
};

}  // namespace fourtuple::viz
