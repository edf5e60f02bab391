#include "viz/viewer/empty_capture.h"

#include <algorithm>

#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t most_notes = 4;

}  // namespace

bool is_empty_capture(const PanelContext& context) {
  return context.trace.tables().source == trace::Source::capture && context.indexes.records().records() == 0;
}

bool draw_empty_capture(const Ui& ui, const Rect& area, const std::vector<std::string>& notes) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(area, colors.background);
  const std::size_t told = std::min(notes.size(), most_notes);
  const float width = std::min(canvas.px(640), area.w - canvas.px(32));
  const float height = canvas.px(300 + 44 * static_cast<float>(told));
  const Rect card = rect_around(area.center(), width, std::min(height, area.h - canvas.px(16)));
  draw_card(canvas, card, colors.link, 12);
  const Clip clip(canvas, card);
  Rect inner = card.inset(canvas.px(32), canvas.px(28));
  draw_text_in(canvas, inner.take_top(canvas.px(34)), style::title, colors.text,
               notes.empty() ? "A valid capture without packets" : "Nothing in this capture can be shown");
  inner.take_top(canvas.px(8));
  const auto paragraph = [&](std::string_view words, Color color, int lines) {
    inner.take_top(draw_paragraph(canvas, inner, style::body, color, words, lines) + canvas.px(10));
  };
  paragraph(notes.empty()
                ? "The file begins as a capture does and then ends: whoever recorded it saw no packet, or its "
                  "capture filter took none."
                : "No frame of it holds an IP packet that could be read. What is known about the file:",
            colors.muted, 3);
  for (std::size_t i = 0; i < told; ++i) paragraph(notes[i], colors.text, 2);
  draw_text_in(canvas, inner.take_top(canvas.px(26)), style::heading, colors.text, "What to do");
  paragraph("Record once more while something talks, on all interfaces and without a filter, then drop the file here:",
            colors.muted, 2);
  draw_text_in(canvas, inner.take_top(canvas.px(24)), style::code, colors.text, "tcpdump -i any -w talk.pcap");
  inner.take_top(canvas.px(14));
  const Button open{.label = "Open a file", .key = "Ctrl+O", .look = ButtonLook::primary};
  return button(ui, "open-another", inner.take_top(canvas.px(32)).take_left(button_width(canvas, open)), open);
}

}  // namespace fourtuple::viz
