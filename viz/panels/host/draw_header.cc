// Header line and pipeline of the X-ray.
#include <algorithm>

#include "sim/trace/describe.h"
#include "viz/kit/icons.h"
#include "viz/kit/marks.h"
#include "viz/kit/text.h"
#include "viz/panels/host/host_draw.h"

namespace fourtuple::viz {
namespace {

// Between two stages, with room for the arrow.
float gap_of(const Canvas& canvas, const Rect& stages) {
  const bool pills = stages.h < canvas.px(50);
  return canvas.px(pills ? stages.w < canvas.px(760) ? 16 : 22 : 30);
}

Icon icon_of(trace::HostKind kind) {
  switch (kind) {
    case trace::HostKind::computer:
      return Icon::laptop;
    case trace::HostKind::router:
      return Icon::router;
    case trace::HostKind::server:
      return Icon::server;
    case trace::HostKind::observed:
      break;
  }
  return Icon::globe;
}

}  // namespace

void draw_host_header(const Ui& ui, const Rect& r, const HostModel& model, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float middle = r.y + canvas.px(30);
  draw_icon(canvas, icon_of(model.kind), {r.x + canvas.px(10), middle}, colors.muted);
  float x = r.x + canvas.px(30);
  const bool narrow = r.w < canvas.px(760);
  const float limit = r.right() - (narrow ? 0 : canvas.px(196));
  const Canvas own = canvas.as_written();
  const std::string name = fit_text(own, style::title, model.name, r.w * 0.3F);
  x += draw_text(own, {x, baseline_for_middle(canvas, TextSize::title, middle)}, style::title, colors.text, name);
  const float baseline = baseline_for_middle(canvas, TextSize::normal, middle);
  x += canvas.px(12);
  if (!model.address.empty() && r.w >= canvas.px(640)) {
    x += draw_text(canvas, {x, baseline}, style::code, colors.muted, model.address) + canvas.px(16);
  }
  if (model.inferred) {
    const Rect pill = draw_pill(canvas, {x, middle}, "inferred", colors.muted, PillLook::dashed);
    x = pill.right() + canvas.px(16);
  }
  if (model.visit) {
    CapsuleLook look = model.capsule.look();
    look.selected = model.visit->packet == context.selection.packet;
    const Vec2 size = capsule_size(canvas, look);
    const Rect body = draw_capsule(canvas, {x + canvas.px(8) + size.x / 2, middle}, look);
    if (touch(ui, "host-packet", body).clicked) context.select(model.visit->packet);
    x = body.right() + canvas.px(20);
    for (const Words& words : model.sentence) {
      const TextStyle style = words.mono ? style::code : style::body;
      const float room = limit - x;
      if (room < canvas.px(24)) break;
      const std::string text = fit_text(canvas, style, words.text, room);
      x += draw_text(canvas, {x, baseline}, style, words.mono ? colors.text : colors.muted, text);
      if (text.size() != words.text.size()) break;
    }
  }
  if (narrow) return;
  const float key_width = text_width(canvas, style::number, "Backspace") + canvas.px(10);
  draw_keycap(canvas, {r.right() - key_width, middle}, "Backspace");
  draw_text(canvas, {r.right() - key_width - canvas.px(10), baseline_for_middle(canvas, TextSize::small, middle)},
            style::label, colors.muted, "back to the map", Align::right);
}

std::size_t shown_stage(const HostModel& model) {
  std::size_t shown = model.stages.size();
  for (std::size_t i = 0; i < model.stages.size(); ++i) {
    const StageState state = model.stages[i].state;
    if (state == StageState::current || state == StageState::dropped) return i;
    if (model.stages[i].short_name == "lookup") shown = i;
  }
  return shown;
}

std::vector<Rect> stage_boxes(const Canvas& canvas, const Rect& r, const HostModel& model) {
  const auto count = static_cast<float>(model.stages.size());
  const float gap = gap_of(canvas, r);
  const float even = (r.w - gap * (count - 1)) / count;
  // Too narrow for words: only the stage the panel is about keeps its name.
  const bool one_name = even < canvas.px(84);
  const float wide = one_name ? canvas.px(112) : even;
  const float small = one_name ? (r.w - gap * (count - 1) - wide) / std::max(1.0F, count - 1) : even;
  const std::size_t shown = shown_stage(model);
  std::vector<Rect> boxes;
  float x = r.x;
  for (std::size_t i = 0; i < model.stages.size(); ++i) {
    boxes.push_back({x, r.y, i == shown ? wide : small, r.h});
    x = boxes.back().right() + gap;
  }
  return boxes;
}

void draw_host_stages(const Ui& ui, const Rect& r, const HostModel& model) {
  const Canvas& canvas = ui.canvas;
  const bool pills = r.h < canvas.px(50);
  const float gap = gap_of(canvas, r);
  const std::vector<Rect> boxes = stage_boxes(canvas, r, model);
  for (std::size_t i = 0; i < model.stages.size(); ++i) {
    const StageBox& stage = model.stages[i];
    const Rect& box = boxes[i];
    if (i > 0) {
      draw_stage_arrow(canvas, {box.x - gap + canvas.px(3), r.y + r.h / 2}, {box.x - canvas.px(3), r.y + r.h / 2},
                       stage.state);
    }
    if (pills) {
      draw_stage_pill(canvas, box, box.w < canvas.px(60) ? std::string() : stage.short_name, stage.state);
    } else {
      const bool fits = text_width(canvas, style::heading, stage.name) <= box.w - canvas.px(44);
      draw_stage_box(canvas, box, fits ? stage.name : stage.short_name, stage.remark, stage.state);
    }
    TouchOptions options;
    options.focusable = false;
    const Touch over = touch(ui, "stage" + std::to_string(i), box, options);
    const std::string when = stage.at.ns >= 0 ? "at " + trace::time_text(stage.at) : std::string();
    if (over.hovered) show_tooltip(ui, stage.name + ": " + stage.remark, when);
  }
}

}  // namespace fourtuple::viz
