#include "viz/panels/timeline/pair_lanes.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "viz/kit/strokes.h"
#include "viz/kit/text.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {

void PairLanes::refresh(const TimelinePair& pair, const TimeAxis& axis, float bar_step) {
  const std::array<const PanelContext*, 2> runs = {&pair.a, &pair.b};
  bool same = axis.x == axis_.x && axis.width == axis_.width && axis.to == axis_.to;
  for (std::size_t i = 0; i < 2; ++i)
    same = same && ends_[i] == runs[i]->indexes.end() && traces_[i] == &runs[i]->trace;
  if (same) return;
  axis_ = axis;
  std::array<TimelineModel, 2> models;
  for (std::size_t i = 0; i < 2; ++i) {
    ends_[i] = runs[i]->indexes.end();
    traces_[i] = &runs[i]->trace;
    models[i] = build_timeline(runs[i]->indexes.records(), runs[i]->indexes.marks(), axis, bar_step, 2 * bar_step);
  }
  const auto most = static_cast<float>(std::max({models[0].most, models[1].most, 1U}));
  for (std::size_t i = 0; i < 2; ++i) {
    bars_[i] = std::move(models[i].bars);
    const float scale = std::sqrt(static_cast<float>(models[i].most) / most);
    for (float& bar : bars_[i]) bar *= scale;
  }
  differs_.assign(std::min(bars_[0].size(), bars_[1].size()), false);
  for (std::size_t i = 0; i < differs_.size(); ++i) differs_[i] = std::abs(bars_[0][i] - bars_[1][i]) > 1e-4F;
}

bool PairLanes::draw(const Ui& ui, const Rect& bars, float bottom, const TimelinePair& pair) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float gap = canvas.px(4), height = (bars.h - gap) / 2;
  for (std::size_t run = 0; run < 2; ++run) {
    const Rect lane{bars.x, bars.y + static_cast<float>(run) * (height + gap), bars.w, height};
    draw_text(canvas, {lane.x - canvas.px(6), baseline_for_middle(canvas, TextSize::small, lane.center().y)},
              style::label_strong, colors.text, run == 0 ? "A" : "B", Align::right);
    canvas.hline(lane.x, lane.right(), std::round(lane.bottom()), colors.line);
    const float step = lane.w / static_cast<float>(std::max<std::size_t>(bars_[run].size(), 1));
    for (std::size_t i = 0; i < bars_[run].size(); ++i) {
      if (bars_[run][i] <= 0) continue;
      const float high = std::max(bars_[run][i] * lane.h, canvas.px(2));
      const bool other = i < differs_.size() && differs_[i];
      canvas.fill(
          {lane.x + static_cast<float>(i) * step, lane.bottom() - high, std::max(step - canvas.px(1), 1.0F), high},
          other ? colors.rewrite : colors.link);
    }
  }
  if (!pair.first) return false;
  const float x = std::round(axis_.x_of(*pair.first));
  const Vec2 at{x, bars.y + height + gap / 2};
  const Touch touched =
      touch(ui, "first-difference", rect_around(at, canvas.px(16), canvas.px(16)), {.focusable = false});
  dashed_line(canvas, {x, bars.y}, {x, bottom}, colors.text, canvas.px(1.5F));
  const float r = canvas.px(touched.hovered ? 7 : 6);
  const std::array diamond = {at + Vec2{0, -r}, at + Vec2{r, 0}, at + Vec2{0, r}, at + Vec2{-r, 0}};
  canvas.polygon(diamond, colors.text);
  if (touched.hovered)
    show_tooltip(ui, "first difference", fmt::format("{} s; click: go there", clock_text(*pair.first)));
  return touched.clicked;
}

}  // namespace fourtuple::viz
