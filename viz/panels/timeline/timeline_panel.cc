#include "viz/panels/timeline/timeline_panel.h"

#include <array>
#include <fmt/format.h>

#include "viz/kit/marks.h"
#include "viz/kit/text.h"
#include "viz/panels/common/names.h"
#include "viz/panels/timeline/match_bars.h"

namespace fourtuple::viz {
namespace {

constexpr float lane_label_x = 16, lane_left = 112, lane_right = 24;
constexpr float controls_height = 52, bars_top = 54, bars_height = 28, lane_height = 16;

struct GrainChoice {
  replay::Grain grain;
  std::string_view word;
};
constexpr std::array<GrainChoice, 6> grains = {{{replay::Grain::record, "event"},
                                                {replay::Grain::packet, "packet"},
                                                {replay::Grain::hop, "hop"},
                                                {replay::Grain::flow, "flow"},
                                                {replay::Grain::rule, "rule"},
                                                {replay::Grain::expression, "expression"}}};
constexpr std::size_t grains_without_rules = 4;

std::string speed_text(const replay::Playback& playback) {
  if (playback.mode() == replay::SpeedMode::equal_hops) {
    return fmt::format("{:.3g} s per hop", static_cast<double>(playback.hop_time().ns) / 1e9);
  }
  const Ratio factor = replay::Playback::factor(playback.speed());
  if (factor.denominator == 1) return fmt::format("×{}", factor.numerator);
  return fmt::format("×{:g}", static_cast<double>(factor.numerator) / static_cast<double>(factor.denominator));
}

}  // namespace

void TimelinePanel::draw_speed(const Ui& ui, Rect row, replay::Playback& playback) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float middle = row.y + row.h / 2;
  const float skip_width = text_width(canvas, style::label, "skip idle") + canvas.px(36);
  Rect skip = row.take_right(skip_width);
  draw_text_in(canvas, skip, style::label, colors.muted, "skip idle");
  if (toggle(ui, "skip idle", {skip.right() - canvas.px(28), middle}, playback.skip_idle())) {
    playback.set_skip_idle(!playback.skip_idle());
  }
  static constexpr std::array<std::string_view, 2> modes = {"equal hops", "true time"};
  const float modes_width = segmented_width(canvas, modes);
  const float word = text_width(canvas, style::label, "speed") + canvas.px(16);
  if (row.w >= word + modes_width) {
    draw_text_in(canvas, row.take_left(word), style::label, colors.muted, "speed");
  }
  if (row.w < modes_width) return;
  const std::size_t now = playback.mode() == replay::SpeedMode::equal_hops ? 0 : 1;
  if (const auto chosen = segmented(ui, "speed mode", row.left_middle(), modes, now)) {
    playback.set_mode(*chosen == 0 ? replay::SpeedMode::equal_hops : replay::SpeedMode::true_time);
  }
  row.take_left(modes_width + canvas.px(16));
  const float value_width = canvas.px(106);
  if (row.w < value_width) return;
  if (row.w > value_width + canvas.px(60)) {
    const Rect bar = row.take_left(std::min(canvas.px(92), row.w - value_width - canvas.px(16)));
    constexpr float last = replay::Playback::speed_steps - 1;
    const float value = static_cast<float>(playback.speed()) / last;
    if (const auto moved = slider(ui, "speed", bar, value)) {
      playback.set_speed(static_cast<int>(std::lround(*moved * last)));
    }
    row.take_left(canvas.px(16));
  }
  draw_text_in(canvas, row, style::number, colors.text, speed_text(playback));
}

void TimelinePanel::draw_controls(const Ui& ui, Rect row, const PanelContext& context, replay::Playback& playback,
                                  replay::Grain grain, TimelineAction& action) {
  using Kind = TimelineAction::Kind;
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  row = row.inset(canvas.px(18), 0);
  const float middle = row.y + row.h / 2;
  const bool at_start = context.cursor.position() <= context.cursor.index().first() && context.now().ns <= 0;
  const bool at_end = context.now() >= context.cursor.end_time();
  const auto place = [&](float size) {
    const Rect spot = row.take_left(canvas.px(size));
    row.take_left(canvas.px(8));
    return rect_around({spot.center().x, middle}, canvas.px(size), canvas.px(size));
  };
  if (icon_button(ui, "to start", place(32), Icon::to_start, false, !at_start)) action.kind = Kind::home;
  if (icon_button(ui, "step back", place(32), Icon::step_back, false, !at_start)) action.kind = Kind::back;
  if (icon_button(ui, "play", place(36), playback.playing() ? Icon::pause : Icon::play, true)) {
    action.kind = Kind::toggle_play;
  }
  if (icon_button(ui, "step", place(32), Icon::step_forward, false, !at_end)) action.kind = Kind::forward;
  if (icon_button(ui, "to end", place(32), Icon::to_end, false, !at_end)) action.kind = Kind::end;

  row.take_left(canvas.px(10));
  const std::string clock = clock_text({context.now().ns / 1000 * 1000}) + " s";
  const std::string total = "of " + length_text({context.cursor.end_time().ns});
  const float clock_width = text_width(canvas, style::clock, clock),
              total_width = text_width(canvas, style::number, total);
  const float baseline = baseline_for_middle(canvas, TextSize::title, middle);
  draw_text(canvas, {row.x, baseline}, style::clock, colors.text, clock);
  draw_text(canvas, {row.x + clock_width + canvas.px(10), baseline}, style::number, colors.muted, total);
  row.take_left(clock_width + total_width + canvas.px(34));

  const bool rules = !context.trace.tables().rulesets.empty() && context.trace.wants(trace::Kind::rule_verdict);
  std::vector<std::string_view> words(rules ? grains.size() : grains_without_rules);
  std::size_t chosen = 1;
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = grains[i].word;
    if (grains[i].grain == grain) chosen = i;
  }
  const float grain_width = segmented_width(canvas, words);
  const float label = text_width(canvas, style::label, "step by") + canvas.px(10);
  const bool roomy = row.w > grain_width + label + canvas.px(480);
  if (roomy) draw_text_in(canvas, row.take_left(label), style::label, colors.muted, "step by");
  if (row.w > grain_width + canvas.px(110)) {
    if (const auto picked = segmented(ui, "grain", row.left_middle(), words, chosen)) {
      action.kind = Kind::grain;
      action.grain = grains[*picked].grain;
    }
    row.take_left(grain_width + canvas.px(roomy ? 24 : 12));
  }
  draw_speed(ui, row, playback);
}

void TimelinePanel::draw_bars(const Canvas& canvas, const Rect& bars, float cursor_x) const {
  const Palette& colors = canvas.colors();
  if (model_.bars.empty()) return;
  const float step = bars.w / static_cast<float>(model_.bars.size());
  // With a filter the accent is for what it takes.
  const Color played = matches_.empty() ? with_alpha(colors.accent, 0.8F) : colors.link, coming = colors.link;
  for (std::size_t i = 0; i < model_.bars.size(); ++i) {
    const float x = bars.x + static_cast<float>(i) * step;
    const float height = std::max(model_.bars[i] * bars.h, model_.bars[i] > 0 ? canvas.px(3) : canvas.px(1));
    const Color color = x < cursor_x ? played : coming;
    canvas.fill({x, bars.bottom() - height, std::max(step - canvas.px(1), 1.0F), height},
                model_.bars[i] > 0 ? color : with_alpha(color, 0.5F));
  }
}

void TimelinePanel::refresh_matches(const PanelContext& context, bool rebuilt) {
  const bool same = context.filter == filter_ && (filter_ == nullptr || filter_->version() == matches_version_);
  if (same && !rebuilt) return;
  filter_ = context.filter;
  matches_.clear();
  if (filter_ == nullptr) return;
  matches_version_ = filter_->version();
  matches_ = match_bars(context.indexes.records(), filter_->positions(), model_);
}

void TimelinePanel::draw_matches(const Canvas& canvas, const Rect& bars) const {
  if (matches_.empty()) return;
  const float step = bars.w / static_cast<float>(matches_.size());
  for (std::size_t i = 0; i < matches_.size(); ++i) {
    if (matches_[i] <= 0) continue;
    const float height = std::max(matches_[i] * bars.h, canvas.px(3));
    canvas.fill(
        {bars.x + static_cast<float>(i) * step, bars.bottom() - height, std::max(step - canvas.px(1), 1.0F), height},
        canvas.colors().accent);
  }
}

void TimelinePanel::draw_lanes(const Ui& ui, const Rect& area, const PanelContext& context, TimelineAction& action) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Time end = std::max(context.cursor.end_time(), Time{1});
  const TimeAxis axis{{0}, end, area.x + canvas.px(lane_left), area.w - canvas.px(lane_left + lane_right)};
  const bool rebuilt =
      built_end_ != context.indexes.end() || built_x_ != axis.x || built_width_ != axis.width || model_.axis.to != end;
  if (rebuilt) {
    model_ = build_timeline(context.indexes.records(), context.indexes.marks(), axis, canvas.px(4), canvas.px(8));
    built_end_ = context.indexes.end();
    built_x_ = axis.x;
    built_width_ = axis.width;
  }
  refresh_matches(context, rebuilt);
  const float cursor_x = std::round(axis.x_of(std::clamp(context.now(), Time{0}, end)));
  const Rect bars{axis.x, area.y + canvas.px(bars_top), axis.width, canvas.px(bars_height)};
  draw_bars(canvas, bars, cursor_x);
  draw_matches(canvas, bars);
  const auto label = [&](std::string_view word, float middle) {
    draw_text(canvas, {area.x + canvas.px(lane_label_x), baseline_for_middle(canvas, TextSize::small, middle)},
              style::label, colors.muted, word);
  };
  label("packets", bars.bottom() - canvas.px(9));
  struct Lane {
    std::string_view word;
    const std::vector<LaneMark>* marks;
    Icon icon;
    Color color;
  };
  const Lane lanes[] = {{"drops", &model_.drops, Icon::cross, colors.drop},
                        {"resets", &model_.resets, Icon::triangle, colors.rewrite},
                        {"sent again", &model_.again, Icon::ring, colors.again}};
  float middle = bars.bottom() + canvas.px(lane_height / 2 + 2);
  for (const Lane& lane : lanes) {
    label(lane.word, middle);
    canvas.hline(axis.x, axis.x + axis.width, middle, colors.line);
    for (const LaneMark& mark : *lane.marks) draw_icon(canvas, lane.icon, {mark.x, middle}, lane.color, 16);
    middle += canvas.px(lane_height);
  }
  const float axis_y = bars.bottom() + canvas.px(3 * lane_height + 13);
  for (const Tick& tick : model_.ticks) {
    draw_text(canvas, {axis.x_of(tick.at), axis_y}, style::number, colors.muted, tick.label, Align::center);
  }
  const Rect react{axis.x - canvas.px(8), bars.y - canvas.px(4), axis.width + canvas.px(16), area.bottom() - bars.y};
  const Touch touched = touch(ui, "scrub", react, {.focusable = false});
  if (touched.held) {
    action.kind = TimelineAction::Kind::seek;
    action.time = axis.time_at(ImGui::GetIO().MousePos.x);
  } else if (touched.hovered) {
    const float x = ImGui::GetIO().MousePos.x;
    canvas.vline(std::clamp(x, axis.x, axis.x + axis.width), bars.y, axis_y - canvas.px(12), colors.faint);
    show_tooltip(ui, clock_text({axis.time_at(x).ns / 1000 * 1000}) + " s");
  }
  const float top = bars.y - canvas.px(2);
  canvas.fill({cursor_x - canvas.px(1), top, canvas.px(2), axis_y - canvas.px(11) - top}, colors.text);
  canvas.fill({cursor_x - canvas.px(6), top - canvas.px(2), canvas.px(12), canvas.px(8)}, colors.text, canvas.px(3));
  const std::array tip = {Vec2{cursor_x - canvas.px(6), top + canvas.px(4)},
                          Vec2{cursor_x + canvas.px(6), top + canvas.px(4)}, Vec2{cursor_x, top + canvas.px(11)}};
  canvas.polygon(tip, colors.text);
}

TimelineAction TimelinePanel::draw(const Ui& ui, const Rect& area, const PanelContext& context,
                                   replay::Playback& playback, replay::Grain grain) {
  const Canvas& canvas = ui.canvas;
  TimelineAction action;
  canvas.fill(area, canvas.colors().surface);
  canvas.hline(area.x, area.right(), area.y, canvas.colors().line);
  draw_controls(ui, {area.x, area.y, area.w, canvas.px(controls_height)}, context, playback, grain, action);
  draw_lanes(ui, area, context, action);
  return action;
}

}  // namespace fourtuple::viz
