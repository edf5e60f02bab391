// The line of hooks above the rules.
#include <algorithm>

#include "viz/kit/strokes.h"
#include "viz/kit/text.h"
#include "viz/panels/rules/rules_draw.h"

namespace fourtuple::viz {
namespace {

// Where each stop stands: hooks with several stops are boxes around them.
std::vector<float> places(const Rect& r, std::size_t count, float margin) {
  std::vector<float> x;
  const float span = r.w - 2 * margin;
  for (std::size_t i = 0; i < count; ++i)
    x.push_back(std::round(r.x + margin +
                           (count > 1 ? span * static_cast<float>(i) / static_cast<float>(count - 1) : span / 2)));
  return x;
}

void draw_groups(const Canvas& canvas, const Rect& r, const RulesModel& model, const std::vector<float>& x,
                 float step) {
  const Palette& colors = canvas.colors();
  for (std::size_t i = 0; i < model.stops.size();) {
    const std::string& group = model.stops[i].group;
    std::size_t last = i;
    while (last + 1 < model.stops.size() && model.stops[last + 1].group == group) ++last;
    if (!group.empty()) {
      const Rect box{x[i] - step / 2 + canvas.px(4), r.y + canvas.px(8), x[last] - x[i] + step - canvas.px(8),
                     r.h - canvas.px(16)};
      canvas.fill(box, colors.region, canvas.px(8));
      draw_text_in(canvas, {box.x + canvas.px(12), box.y + canvas.px(4), box.w - canvas.px(24), canvas.px(20)},
                   style::label_medium, colors.muted, group);
    }
    i = last + 1;
  }
}

Color ink_of(const Palette& colors, StageState state) {
  switch (state) {
    case StageState::passed:
      return colors.muted;
    case StageState::current:
      return colors.accent;
    case StageState::dropped:
    case StageState::missed:
      return colors.drop;
    case StageState::coming:
    case StageState::inferred:
      break;
  }
  return colors.muted;
}

}  // namespace

void draw_hook_line(const Ui& ui, const Rect& r, const RulesModel& model, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  if (model.stops.empty()) return;
  const std::size_t count = model.stops.size();
  const float margin = std::min(canvas.px(76), r.w / static_cast<float>(2 * count));
  const std::vector<float> x = places(r, count, margin);
  const float step = count > 1 ? x[1] - x[0] : r.w;
  draw_groups(canvas, r, model, x, step);
  const float y = r.y + canvas.px(46);
  for (std::size_t i = 1; i < count; ++i) {
    const StageState to = model.stops[i].state;
    const Vec2 from{x[i - 1] + canvas.px(12), y}, end{x[i] - canvas.px(12), y};
    if (to == StageState::coming) {
      dashed_line(canvas, from, end, colors.link, canvas.px(2.5F));
    } else {
      canvas.line(from, end, to == StageState::passed ? colors.ok : ink_of(colors, to), canvas.px(2.5F));
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const HookStop& stop = model.stops[i];
    draw_hook_stop(canvas, {x[i], y}, stop.state);
    const Rect place{x[i] - step / 2 + canvas.px(6), r.y + canvas.px(8), step - canvas.px(12), r.h - canvas.px(16)};
    const Rect title{place.x, y + canvas.px(14), place.w, canvas.px(18)}, remark = title.moved(0, canvas.px(16));
    const bool coming = stop.state == StageState::coming;
    draw_text_in(canvas, title, style::label_strong, coming ? colors.muted : colors.text, stop.title, Align::center);
    draw_text_in(canvas, remark, style::label, ink_of(colors, stop.state), stop.remark, Align::center);
    const bool known = stop.record != trace::Index::none;
    const Touch over = touch(ui, "stop" + std::to_string(i), place, {.focusable = false});
    if (over.hovered) show_tooltip(ui, stop.title + ": " + stop.remark, stop.detail);
    if (over.clicked && known) context.seek_record(stop.record);
  }
}

}  // namespace fourtuple::viz
