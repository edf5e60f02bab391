// Header line and pipeline of the X-ray.
#include <algorithm>

#include "sim/trace/describe.h"
#include "viz/kit/controls.h"
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

// As much of it as there is room for: a number goes with the word before it, and none is cut but the first.
void draw_sentence(const Canvas& canvas, Vec2 at, float room, const std::vector<Words>& sentence) {
  const auto style_of = [](const Words& words) { return words.mono ? style::code : style::body; };
  for (std::size_t i = 0; i < sentence.size(); ++i) {
    const Words& words = sentence[i];
    float needed = text_width(canvas, style_of(words), words.text);
    if (!words.mono && i + 1 < sentence.size() && sentence[i + 1].mono)
      needed += text_width(canvas, style_of(sentence[i + 1]), sentence[i + 1].text);
    if (needed > room && (i > 0 || room < canvas.px(24))) return;
    const float used = draw_text(canvas, at, style_of(words), words.mono ? canvas.colors().text : canvas.colors().muted,
                                 fit_text(canvas, style_of(words), words.text, room));
    at.x += used;
    room -= used;
  }
}

// The host's name; of several hosts a choice among them. Returns how wide it is.
float draw_host_choice(const Ui& ui, Vec2 left_middle, float room, const HostModel& model,
                       const PanelContext& context) {
  const Canvas own = ui.canvas.as_written();
  const auto& hosts = context.trace.tables().topology.hosts;
  if (hosts.size() < 2 || model.host.value >= hosts.size()) {
    const std::string name = fit_text(own, style::title, model.name, room);
    return draw_text(own, {left_middle.x, baseline_for_middle(own, TextSize::title, left_middle.y)}, style::title,
                     own.colors().text, name);
  }
  std::vector<std::string_view> names;
  names.reserve(hosts.size());
  for (const trace::HostInfo& host : hosts) names.emplace_back(context.trace.tables().strings[host.name]);
  Ui written = ui;
  written.canvas = own;
  const Chosen chosen = choose_in(written, "host-of-x-ray", left_middle, names, model.host.value, room);
  if (chosen.part) context.select(HostId{static_cast<std::uint32_t>(*chosen.part)});
  return chosen.width;
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
  x += draw_host_choice(ui, {x, middle}, std::min(r.w * 0.36F, canvas.px(560)), model, context);
  const float baseline = baseline_for_middle(canvas, TextSize::normal, middle);
  x += canvas.px(12);
  // Beside a packet the key below says it.
  const bool tells_address = r.w >= canvas.px(640) && (!model.visit || r.w > canvas.px(1200));
  if (!model.address.empty() && tells_address) {
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
    draw_sentence(canvas, {x, baseline}, limit - x, model.sentence);
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
