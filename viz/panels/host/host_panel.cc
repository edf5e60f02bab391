#include "viz/panels/host/host_panel.h"

#include <array>

#include "viz/kit/path.h"
#include "viz/kit/strokes.h"
#include "viz/kit/text.h"
#include "viz/panels/host/host_draw.h"

namespace fourtuple::viz {
namespace {

struct HostLayout {
  Rect header, stages, locks, processes;
};

HostLayout lay_out(const Canvas& canvas, const Rect& area, bool has_stages, bool pills) {
  HostLayout layout;
  Rect rest{area.x + canvas.px(24), area.y, area.w - canvas.px(48), area.h};
  layout.header = rest.take_top(canvas.px(64));
  if (has_stages) {
    layout.stages = rest.take_top(canvas.px(pills ? 30 : 60));
    rest.take_top(canvas.px(24));
  }
  rest.take_bottom(canvas.px(12));
  const float width = area.w / canvas.theme->scale();
  if (width >= 1000) {
    layout.processes = rest.take_right(canvas.px(width >= 1340 ? 368 : width >= 1180 ? 304 : 248));
    rest.take_right(canvas.px(width >= 1180 ? 48 : 32));
  }
  layout.locks = rest;
  return layout;
}

// The light that falls from the current stage on the panel below: this is what the panel shows.
void draw_lens(const Canvas& canvas, const Rect& stages, const Rect& locks, const HostModel& model) {
  const std::size_t shown = shown_stage(model);
  if (shown >= model.stages.size()) return;
  const Rect box = stage_boxes(canvas, stages, model)[shown];
  const float from = box.x + canvas.px(8), to = box.right() - canvas.px(8);
  const std::array<Vec2, 4> lens = {Vec2{from, stages.bottom() + canvas.px(4)},
                                    Vec2{to, stages.bottom() + canvas.px(4)},
                                    Vec2{locks.right(), locks.y + canvas.px(2)}, Vec2{locks.x, locks.y + canvas.px(2)}};
  canvas.polygon(lens, with_alpha(canvas.colors().accent, 0.12F));
}

void draw_winner_curve(const Canvas& canvas, Vec2 from, Vec2 to) {
  const Palette& colors = canvas.colors();
  const float half = (to.x - from.x) / 2;
  path_stroke(canvas, Path::bezier(from, {from.x + half, from.y}, {to.x - half, to.y}, to), colors.ok, canvas.px(2));
  canvas.disc(from, canvas.px(5), colors.ok);
  canvas.disc(to, canvas.px(5), colors.ok);
}

}  // namespace

void HostPanel::refresh(const PanelContext& context) {
  const Key key{context.cursor.position(), context.indexes.end(), context.selection.packet, context.selection.host,
                context.selection.flow};
  if (key == key_) return;
  key_ = key;
  model_ = build_host_now(context);
}

void HostPanel::draw(Ui& ui, Rect area, const PanelContext& context) {
  refresh(context);
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(area, colors.background);
  const Clip clip(canvas, area);
  if (!model_.host.valid()) {
    draw_note_in(canvas, area, model_.note);
    return;
  }
  const bool pills = area.w / canvas.theme->scale() < 1100;
  const HostLayout layout = lay_out(canvas, area, !model_.stages.empty(), pills);
  draw_host_header(ui, layout.header, model_, context);
  if (!model_.stages.empty()) {
    draw_lens(canvas, layout.stages, layout.locks, model_);
    draw_host_stages(ui, layout.stages, model_);
  }
  const std::optional<Vec2> from = draw_host_locks(ui, layout.locks, model_, context);
  if (layout.processes.empty()) return;
  const std::optional<Vec2> to = draw_host_processes(ui, layout.processes, model_, context);
  if (from && to) draw_winner_curve(canvas, *from, *to);
}

}  // namespace fourtuple::viz
