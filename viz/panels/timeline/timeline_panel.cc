#include "viz/panels/timeline/timeline_panel.h"

#include <array>
#include <fmt/format.h>

#include "viz/kit/marks.h"
#include "viz/kit/text.h"
#include "viz/panels/common/names.h"
#include "viz/panels/timeline/mark_words.h"
#include "viz/panels/timeline/match_bars.h"

namespace fourtuple::viz {
namespace {

constexpr float lane_label_x = 30, lane_left = 112, lane_right = 24;
constexpr float controls_height = 52, bars_top = 54, bars_height = 28, lane_height = 16;
constexpr float handle_side = 14;

}  // namespace

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

// The label of a row with the dot that makes playback pause at what the row shows.
void TimelinePanel::draw_stop(const Ui& ui, float left, float middle, const StopWords& words, bool& on) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Rect row{left + canvas.px(8), middle - canvas.px(lane_height / 2), canvas.px(lane_left - 16),
                 canvas.px(lane_height)};
  const Touch touched = touch(ui, words.label, row, {.focusable = false});
  if (touched.clicked) on = !on;
  const Vec2 dot{left + canvas.px(19), middle};
  if (on) {
    canvas.disc(dot, canvas.px(4.5F), colors.drop);
  } else {
    canvas.circle(dot, canvas.px(4), mix(colors.link, colors.text, touched.glow), canvas.px(1.5F));
  }
  draw_text(canvas, {left + canvas.px(lane_label_x), baseline_for_middle(canvas, TextSize::small, middle)},
            on ? style::label_strong : style::label, on ? colors.text : mix(colors.muted, colors.text, touched.glow),
            words.label);
  if (touched.hovered) show_tooltip(ui, fmt::format("{} {}", on ? "pauses" : "click: pause", words.when));
}

// The handle of the time cursor takes the pointer before a flag at the same place does.
void TimelinePanel::drag_cursor(const Ui& ui, const Rect& bars, float cursor_x, TimelineAction& action) const {
  const float side = ui.canvas.px(handle_side);
  const Rect handle{cursor_x - side / 2, bars.y - ui.canvas.px(5), side, side};
  if (!touch(ui, "time-cursor", handle, {.focusable = false}).held) return;
  action.kind = TimelineAction::Kind::seek;
  action.time = model_.axis.time_at(ImGui::GetIO().MousePos.x);
}

void TimelinePanel::draw_cursor(const Canvas& canvas, const Rect& bars, float cursor_x, float bottom) const {
  const Color color = canvas.colors().text;
  const float top = bars.y - canvas.px(2);
  canvas.fill({cursor_x - canvas.px(1), top, canvas.px(2), bottom - top}, color);
  canvas.fill({cursor_x - canvas.px(6), top - canvas.px(2), canvas.px(12), canvas.px(8)}, color, canvas.px(3));
  const std::array tip = {Vec2{cursor_x - canvas.px(6), top + canvas.px(4)},
                          Vec2{cursor_x + canvas.px(6), top + canvas.px(4)}, Vec2{cursor_x, top + canvas.px(11)}};
  canvas.polygon(tip, color);
}

// A flag that the handle of the cursor would cover hangs below it.
void TimelinePanel::draw_flags(const Ui& ui, const Rect& bars, float cursor_x, const Bookmarks& bookmarks,
                               TimelineAction& action, Tips& tip) const {
  const Canvas& canvas = ui.canvas;
  for (std::size_t i = 0; i < bookmarks.marks.size(); ++i) {
    const Bookmark& mark = bookmarks.marks[i];
    const float x = model_.axis.x_of(mark.at);
    const bool covered = std::abs(x - cursor_x) < canvas.px(handle_side);
    const Vec2 at{x, bars.y + canvas.px(covered ? 18 : 4)};
    const Rect place = rect_around(at, canvas.px(handle_side), canvas.px(handle_side + 2));
    const Touch touched = touch(ui, fmt::format("bookmark {}", i), place, {.focusable = false});
    canvas.vline(at.x, at.y, bars.bottom(), with_alpha(canvas.colors().rewrite, 0.5F + 0.5F * touched.glow));
    draw_icon(canvas, Icon::bookmark, at, canvas.colors().rewrite, 16);
    if (touched.hovered && !tip) {
      const std::string when = clock_text({mark.at.ns / 1000 * 1000}) + " s";
      tip = Tip{mark.name.empty() ? when : mark.name,
                fmt::format("{}; a double click names it", mark.name.empty() ? "bookmark" : when)};
    }
    if (touched.clicked) {
      action.kind = TimelineAction::Kind::seek;
      action.time = mark.at;
    }
    if (touched.double_clicked) action = {TimelineAction::Kind::name_bookmark, mark.at};
  }
}

// A mark tells what it is; a click goes there and chooses its packet.
void TimelinePanel::draw_marks(const Ui& ui, const Lane& lane, float middle, const PanelContext& context,
                               Tips& tip) const {
  const Canvas& canvas = ui.canvas;
  for (std::size_t i = 0; i < lane.marks->size(); ++i) {
    const LaneMark& mark = (*lane.marks)[i];
    const Vec2 at{mark.x, middle};
    const Rect place = rect_around(at, canvas.px(10), canvas.px(lane_height - 2));
    const Touch touched = touch(ui, fmt::format("{} {}", lane.words.label, i), place, {.focusable = false});
    if (touched.glow > 0) canvas.disc(at, canvas.px(8), with_alpha(lane.color, 0.3F * touched.glow));
    draw_icon(canvas, lane.icon, at, lane.color, 16);
    if (!touched.hovered && !touched.clicked) continue;
    if (touched.hovered && !tip) tip = Tip{mark_words(context, lane.mark, mark.record), mark_detail(context, mark)};
    if (!touched.clicked) continue;
    context.select(PacketId{context.trace.at(mark.record)->subject});
    context.seek_record(mark.record);
  }
}

// The span that is played over and over, or the one end that stands so far.
void TimelinePanel::draw_loop(const Canvas& canvas, const Rect& bars, const Bookmarks& bookmarks) const {
  const Color accent = canvas.colors().accent;
  const float bottom = bars.bottom() + canvas.px(3 * lane_height);
  if (const auto loop = bookmarks.loop()) {
    const float from = model_.axis.x_of(loop->begin), to = model_.axis.x_of(loop->end);
    canvas.fill({from, bars.y, to - from, bottom - bars.y}, with_alpha(accent, 0.12F));
  }
  for (const std::optional<Time>& end : {bookmarks.loop_begin, bookmarks.loop_end}) {
    if (end) canvas.vline(model_.axis.x_of(*end), bars.y, bottom, accent);
  }
}

// The two ends as handles named A and B.
void TimelinePanel::drag_loop(const Ui& ui, const Rect& bars, const TimelineMarks& marks, Tips& tip) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  struct Handle {
    std::string_view name;
    std::optional<Time>* at;
  };
  for (const Handle& handle : {Handle{"A", &marks.bookmarks.loop_begin}, Handle{"B", &marks.bookmarks.loop_end}}) {
    std::optional<Time>& time = *handle.at;
    if (!time) continue;
    const float x = model_.axis.x_of(*time), y = bars.bottom() + canvas.px(3 * lane_height - 6);
    const Rect place = rect_around({x, y}, canvas.px(handle_side), canvas.px(handle_side));
    const Touch touched = touch(ui, handle.name, place.inset(canvas.px(-3), canvas.px(-3)), {.focusable = false});
    if (touched.held) time = model_.axis.time_at(ImGui::GetIO().MousePos.x);
    canvas.fill(place, mix(colors.accent, colors.text, 0.5F * touched.glow), canvas.px(4));
    draw_text_in(canvas, place, style::label_strong, colors.background, handle.name, Align::center);
    if (touched.hovered && !tip) tip = Tip{fmt::format("{} of the loop, drag it", handle.name), {}};
  }
}

void TimelinePanel::refresh(const Canvas& canvas, const TimeAxis& axis, const PanelContext& context) {
  const bool rebuilt = built_end_ != context.indexes.end() || built_x_ != axis.x || built_width_ != axis.width ||
                       model_.axis.to != axis.to;
  if (rebuilt) {
    model_ = build_timeline(context.indexes.records(), context.indexes.marks(), axis, canvas.px(4), canvas.px(8));
    built_end_ = context.indexes.end();
    built_x_ = axis.x;
    built_width_ = axis.width;
  }
  refresh_matches(context, rebuilt);
}

void TimelinePanel::draw_ticks(const Canvas& canvas, const Rect& area, float baseline) const {
  for (const Tick& tick : model_.ticks) {
    // Labels stay beside the lane's name and inside the window.
    const float half = text_width(canvas, style::number, tick.label) / 2;
    const float x = clamped(model_.axis.x_of(tick.at), model_.axis.x + half, area.right() - canvas.px(4) - half);
    draw_text(canvas, {x, baseline}, style::number, canvas.colors().muted, tick.label, Align::center);
  }
}

// The strip itself: what lies on it has taken the pointer before.
void TimelinePanel::scrub(const Ui& ui, const Rect& area, const Rect& bars, float bottom, TimelineAction& action,
                          Tips& tip) const {
  const Canvas& canvas = ui.canvas;
  const TimeAxis& axis = model_.axis;
  const Rect react{axis.x - canvas.px(8), bars.y - canvas.px(4), axis.width + canvas.px(16), area.bottom() - bars.y};
  const Touch touched = touch(ui, "scrub", react, {.focusable = false});
  const float x = ImGui::GetIO().MousePos.x;
  if (touched.held) {
    action.kind = TimelineAction::Kind::seek;
    action.time = axis.time_at(x);
  } else if (touched.hovered && !tip) {
    canvas.vline(clamped(x, axis.x, axis.x + axis.width), bars.y, bottom, canvas.colors().faint);
    tip = Tip{clock_text({axis.time_at(x).ns / 1000 * 1000}) + " s", {}};
  }
}

void TimelinePanel::draw_lanes(const Ui& ui, const Rect& area, const PanelContext& context, const TimelineMarks& marks,
                               const TimelinePair* pair, TimelineAction& action) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Time end = std::max(context.cursor.end_time(), Time{1});
  const TimeAxis axis{{0}, end, area.x + canvas.px(lane_left), area.w - canvas.px(lane_left + lane_right)};
  refresh(canvas, axis, context);
  const float cursor_x = std::round(axis.x_of(clamped(context.now(), Time{0}, end)));
  const Rect bars{axis.x, area.y + canvas.px(bars_top), axis.width, canvas.px(bars_height)};
  Tips tip;
  draw_loop(canvas, bars, marks.bookmarks);
  if (pair != nullptr) {
    pair_lanes_.refresh(*pair, axis, canvas.px(4));
    if (pair_lanes_.draw(ui, bars, bars.bottom() + canvas.px(3 * lane_height), *pair)) {
      action.kind = TimelineAction::Kind::seek;
      action.time = *pair->first;
    }
  } else {
    draw_bars(canvas, bars, cursor_x);
    draw_matches(canvas, bars);
  }
  draw_stop(ui, area.x, bars.bottom() - canvas.px(9), {"packets", "at the chosen packet or its connection"},
            marks.breaks.on_selection);
  drag_cursor(ui, bars, cursor_x, action);
  draw_flags(ui, bars, cursor_x, marks.bookmarks, action, tip);
  drag_loop(ui, bars, marks, tip);
  replay::Breakpoints& stops = marks.breaks.points;
  using replay::Mark;
  const Lane lanes[] = {
      {{"drops", "at every drop"}, Mark::drop, &model_.drops, Icon::cross, colors.drop, &stops.on_drop},
      {{"resets", "at every reset"}, Mark::reset, &model_.resets, Icon::triangle, colors.rewrite, &stops.on_reset},
      {{"sent again", "at everything sent again"},
       Mark::retransmission,
       &model_.again,
       Icon::ring,
       colors.again,
       &stops.on_retransmission}};
  float middle = bars.bottom() + canvas.px(lane_height / 2 + 2);
  for (const Lane& lane : lanes) {
    draw_stop(ui, area.x, middle, lane.words, *lane.stops);
    canvas.hline(axis.x, axis.x + axis.width, middle, colors.line);
    draw_marks(ui, lane, middle, context, tip);
    middle += canvas.px(lane_height);
  }
  draw_stop(ui, area.x, middle - canvas.px(1), {"TCP states", "whenever a connection changes state"},
            stops.on_state_change);
  const float axis_y = bars.bottom() + canvas.px(3 * lane_height + 13);
  draw_ticks(canvas, area, axis_y);
  scrub(ui, area, bars, axis_y - canvas.px(12), action, tip);
  draw_cursor(canvas, bars, cursor_x, axis_y - canvas.px(11));
  if (tip) show_tooltip(ui, tip->title, tip->detail);
}

TimelineAction TimelinePanel::draw(const Ui& ui, const Rect& area, const PanelContext& context,
                                   replay::Playback& playback, replay::Grain grain, const TimelineMarks& marks,
                                   const TimelinePair* pair) {
  const Canvas& canvas = ui.canvas;
  TimelineAction action;
  canvas.fill(area, canvas.colors().surface);
  canvas.hline(area.x, area.right(), area.y, canvas.colors().line);
  const ControlsInput input{context, playback, marks, grain};
  draw_timeline_controls(ui, {area.x, area.y, area.w, canvas.px(controls_height)}, input, action);
  draw_lanes(ui, area, context, marks, pair, action);
  // The loop is played as its ends stand now.
  if (const auto loop = marks.bookmarks.loop()) {
    playback.set_loop(loop->begin, loop->end);
  } else {
    playback.clear_loop();
  }
  return action;
}

}  // namespace fourtuple::viz
