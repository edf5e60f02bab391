#include "viz/viewer/picture.h"

#include "viz/kit/text.h"
#include "viz/panels/common/names.h"
#include "viz/panels/ladder/ladder_panel.h"
#include "viz/viewer/shown.h"

namespace fourtuple::viz {
namespace {

void draw_clock(const Canvas& canvas, const Rect& area, Time now) {
  const Palette& colors = canvas.colors();
  const std::string text = clock_text(Time{now.ns / 1000 * 1000}) + " s";  // microseconds: steady digits
  const Rect tag{area.x + canvas.px(16), area.bottom() - canvas.px(44),
                 text_width(canvas, style::code, text) + canvas.px(24), canvas.px(28)};
  canvas.fill(tag, colors.raised, canvas.px(7));
  draw_text_in(canvas, tag, style::code, colors.text, text, Align::center);
}

}  // namespace

LadderExtent Viewer::show_whole_ladder(Time from, Time to) {
  if (!shown_) return {};
  const LadderModel& model = panels_.ladder().show_whole(context(*shown_), from, to);
  return {model.height + LadderPanel::head_height + LadderPanel::foot_height, model.arrows.size(), model.left_out};
}

void Viewer::draw_picture(Ui& ui, Rect area) {
  const Canvas& canvas = ui.canvas;
  if (picture_->area) area = *picture_->area;
  advance(*shown_, 0);
  canvas.fill(area, canvas.colors().background);
  const PanelContext now = context(*shown_);
  if (panel_ == PanelKind::map) {
    panels_.map().draw(ui, area, now, {area.inset(canvas.px(16)), {}, false, false});
  } else {
    const Clip clip(canvas, area);
    panels_.draw(panel_, ui, area, now);
  }
  if (picture_->clock) draw_clock(canvas, area, shown_->cursor.time());
  shown_->wishes.clear();
}

}  // namespace fourtuple::viz
