#include "viz/panels/timeline/timeline_controls.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "viz/kit/text.h"
#include "viz/panels/common/names.h"
#include "viz/panels/timeline/timeline_model.h"

namespace fourtuple::viz {
namespace {

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
constexpr float speed_value_width = 106, slider_width = 92;
constexpr float marks_width = 28 + 4 + 28 + 16, toggle_width = 28, toggle_gap = 14, grain_gap = 16, speed_button = 20,
                speed_words = 102;

// The row from the left, and what is left of it; `middle` is the line all controls stand on.
struct Row {
  const Ui& ui;
  Rect rest;
  float middle;

  Rect square(float side, float gap) {
    const Canvas& canvas = ui.canvas;
    const Rect spot = rest.take_left(canvas.px(side));
    rest.take_left(canvas.px(gap));
    return rect_around({spot.center().x, middle}, canvas.px(side), canvas.px(side));
  }
};

void draw_transport(Row& row, const ControlsInput& input, TimelineAction& action) {
  using Kind = TimelineAction::Kind;
  const PanelContext& context = input.context;
  const bool at_start = context.cursor.position() <= context.cursor.index().first() && context.now().ns <= 0;
  const bool at_end = context.now() >= context.cursor.end_time();
  const bool playing = input.playback.playing();
  if (icon_button(row.ui, "to start", row.square(32, 8), Icon::to_start, false, !at_start)) action.kind = Kind::home;
  if (icon_button(row.ui, "step back", row.square(32, 8), Icon::step_back, false, !at_start)) action.kind = Kind::back;
  if (icon_button(row.ui, "play", row.square(36, 8), playing ? Icon::pause : Icon::play, true))
    action.kind = Kind::toggle_play;
  if (icon_button(row.ui, "step", row.square(32, 8), Icon::step_forward, false, !at_end)) action.kind = Kind::forward;
  if (icon_button(row.ui, "to end", row.square(32, 8), Icon::to_end, false, !at_end)) action.kind = Kind::end;
  if (icon_button(row.ui, "what if", row.square(32, 18), Icon::fork)) action.kind = Kind::what_if;
}

// `least`: what the controls behind it need; the length of the run goes before them.
void draw_clock(Row& row, const PanelContext& context, float least) {
  const Canvas& canvas = row.ui.canvas;
  const std::string clock = clock_text({context.now().ns / 1000 * 1000}) + " s";
  const std::string length = length_text({context.cursor.end_time().ns});
  const float baseline = baseline_for_middle(canvas, TextSize::title, row.middle);
  // As wide as at the end of the run, so that what stands behind it stays in place.
  const float most = text_width(canvas, style::clock, clock_text({context.cursor.end_time().ns / 1000 * 1000}) + " s");
  row.rest.take_left(
      std::max(draw_text(canvas, {row.rest.x, baseline}, style::clock, canvas.colors().text, clock), most));
  struct Form {
    std::string words;
    float before, behind;
  };
  // Closer together, and without the word, where only that fits.
  const std::array<Form, 3> forms = {{{"of " + length, 10, 18}, {"of " + length, 7, 8}, {"/ " + length, 7, 8}}};
  for (const Form& form : forms) {
    const float more = text_width(canvas, style::number, form.words) + canvas.px(form.before);
    if (row.rest.w - more - canvas.px(form.behind) < least) continue;
    draw_text(canvas, {row.rest.x + canvas.px(form.before), baseline}, style::number, canvas.colors().muted,
              form.words);
    row.rest.take_left(more + canvas.px(form.behind));
    return;
  }
  row.rest.take_left(canvas.px(18));
}

// The flag that marks this moment and the button of the loop.
void draw_marks(Row& row, const ControlsInput& input, TimelineAction& action) {
  const Canvas& canvas = row.ui.canvas;
  const Bookmarks& bookmarks = input.marks.bookmarks;
  const bool here = bookmarks.at(input.context.now()) != nullptr;
  const Rect flag = row.square(28, 4), loop = row.square(28, 16);
  const Touch flagged = touch(row.ui, "bookmark", flag);
  const Touch looped = touch(row.ui, "loop", loop);
  const auto body = [&](const Rect& r, const Touch& touched, bool on) {
    canvas.fill(r, with_alpha(on ? canvas.colors().accent : canvas.colors().raised, on ? 0.2F : 1.0F), canvas.px(7));
    if (touched.glow > 0) canvas.stroke(r, with_alpha(canvas.colors().link, touched.glow), 1, canvas.px(7));
    if (touched.focused) draw_focus(canvas, r, canvas.px(7));
  };
  body(flag, flagged, here);
  draw_icon(canvas, Icon::bookmark, flag.center(), here ? canvas.colors().rewrite : canvas.colors().text, 18);
  const bool ends = bookmarks.loop_begin || bookmarks.loop_end;
  body(loop, looped, ends);
  draw_text_in(canvas, loop, style::label_strong, ends ? canvas.colors().accent : canvas.colors().text, "AB",
               Align::center);
  if (flagged.hovered) show_tooltip(row.ui, here ? "Take the bookmark away" : "Bookmark this moment", "B");
  if (looped.hovered) {
    const bool both = bookmarks.loop().has_value();
    show_tooltip(row.ui,
                 both                   ? "End the loop"
                 : bookmarks.loop_begin ? "Loop from A to this moment"
                                        : "Loop from this moment: A",
                 "I and O set its ends, Shift+O ends it");
  }
  if (flagged.clicked) action.kind = TimelineAction::Kind::bookmark;
  if (looped.clicked) action.kind = TimelineAction::Kind::loop;
}

// At the right end; without its words where room is short.
Rect take_skip(Row& row, bool words) {
  const Canvas& canvas = row.ui.canvas;
  const float width = words ? text_width(canvas, style::label, "skip idle") + canvas.px(8) : 0;
  const Rect place = row.rest.take_right(width + canvas.px(toggle_width));
  row.rest.take_right(canvas.px(toggle_gap));
  return place;
}

void draw_skip(const Row& row, const Rect& place, replay::Playback& playback) {
  const Canvas& canvas = row.ui.canvas;
  const bool words = place.w > canvas.px(toggle_width + 1);
  if (words) draw_text_in(canvas, place, style::label, canvas.colors().muted, "skip idle");
  const Rect body{place.right() - canvas.px(28), row.middle - canvas.px(8), canvas.px(28), canvas.px(16)};
  if (toggle(row.ui, "skip idle", body.left_middle(), playback.skip_idle()))
    playback.set_skip_idle(!playback.skip_idle());
  if (!words && body.contains(Vec2{ImGui::GetIO().MousePos.x, ImGui::GetIO().MousePos.y}))
    show_tooltip(row.ui, "skip idle: stretches with nothing under way pass quickly");
}

constexpr std::array<std::string_view, 2> modes = {"equal hops", "true time"};

float modes_width(const Canvas& canvas) {
  return segmented_width(canvas, modes) + canvas.px(12) + canvas.px(speed_value_width);
}

// Where there is no room for the slider, two buttons behind the words: slower and faster.
void draw_speed_buttons(const Row& row, float from, replay::Playback& playback) {
  const Canvas& canvas = row.ui.canvas;
  Rect rest = row.rest;
  rest.take_left(from);
  const float size = canvas.px(speed_button);
  if (rest.w < 2 * size + canvas.px(4)) return;
  const auto add = [&](std::string_view id, Icon icon, int by) {
    const Rect place = rest.take_left(size);
    rest.take_left(canvas.px(4));
    const Rect body = rect_around({place.center().x, row.middle}, size, size);
    if (icon_button(row.ui, id, body, icon)) playback.set_speed(playback.speed() + by);
  };
  add("slower", Icon::minus, -1);
  add("faster", Icon::plus, 1);
}

void draw_speed(Row& row, replay::Playback& playback) {
  const Canvas& canvas = row.ui.canvas;
  const float word = text_width(canvas, style::label, "speed") + canvas.px(12);
  // The word goes before the slider.
  if (row.rest.w >= word + modes_width(canvas) + canvas.px(slider_width))
    draw_text_in(canvas, row.rest.take_left(word), style::label, canvas.colors().muted, "speed");
  const std::size_t now = playback.mode() == replay::SpeedMode::equal_hops ? 0 : 1;
  if (row.rest.w >= modes_width(canvas)) {
    const Vec2 place{row.rest.x, row.middle};
    if (const auto chosen = segmented(row.ui, "speed mode", place, modes, now))
      playback.set_mode(*chosen == 0 ? replay::SpeedMode::equal_hops : replay::SpeedMode::true_time);
    row.rest.take_left(segmented_width(canvas, modes) + canvas.px(12));
  }
  const float value_width = canvas.px(speed_value_width);
  if (row.rest.w < value_width * 0.8F) return;
  const bool slides = row.rest.w > value_width + canvas.px(60);
  if (slides) {
    const Rect bar = row.rest.take_left(std::min(canvas.px(slider_width), row.rest.w - value_width - canvas.px(12)));
    constexpr float last = replay::Playback::speed_steps - 1;
    const float value = static_cast<float>(playback.speed()) / last;
    if (const auto moved = slider(row.ui, "speed", bar, value))
      playback.set_speed(static_cast<int>(std::lround(*moved * last)));
    row.rest.take_left(canvas.px(12));
  }
  const std::string text = (playback.reverse() ? "back, " : "") + speed_text(playback);
  const float used = draw_text_in(canvas, row.rest, style::number, canvas.colors().text, text);
  // The buttons stay where they are when the words change, as far as there is room.
  const float buttons = canvas.px(2 * speed_button + 4 + 7);
  const float still = std::min(canvas.px(speed_words), row.rest.w - buttons);
  if (!slides) draw_speed_buttons(row, std::max(used, still) + canvas.px(7), playback);
}

std::string one_grain(replay::Grain chosen) {
  for (const GrainChoice& choice : grains) {
    if (choice.grain == chosen) return fmt::format("by {}", choice.word);
  }
  return fmt::format("by {}", grains[1].word);
}

// What the button of one grain takes, whichever it is, with the gap behind it.
float one_grain_width(const Canvas& canvas) {
  float most = 0;
  for (const GrainChoice& choice : grains) {
    const std::string words = one_grain(choice.grain);
    most = std::max(most, button_width(canvas, {.label = words}));
  }
  return most + canvas.px(grain_gap);
}

// The grains in what room there is: all of them, the chosen one, or none.
void draw_grains(Row& row, const ControlsInput& input, float room, TimelineAction& action) {
  const Canvas& canvas = row.ui.canvas;
  const trace::Trace& trace = input.context.trace;
  const bool rules = !trace.tables().rulesets.empty() && trace.wants(trace::Kind::rule_verdict);
  std::vector<std::string_view> words(rules ? grains.size() : grains_without_rules);
  std::size_t chosen = 1;
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = grains[i].word;
    if (grains[i].grain == input.grain) chosen = i;
  }
  const auto choose = [&](std::size_t picked) {
    action.kind = TimelineAction::Kind::grain;
    action.grain = grains[picked].grain;
  };
  const float one_width = one_grain_width(canvas);
  if (room < one_width) return;
  const float all = segmented_width(canvas, words);
  const float label = text_width(canvas, style::label, "step by") + canvas.px(10);
  if (room > all + label + canvas.px(24)) {
    draw_text_in(canvas, row.rest.take_left(label), style::label, canvas.colors().muted, "step by");
    room -= label;
  }
  if (room >= all + canvas.px(16)) {
    if (const auto picked = segmented(row.ui, "grain", {row.rest.x, row.middle}, words, chosen)) choose(*picked);
    row.rest.take_left(all + canvas.px(16));
    return;
  }
  // One button that goes through them.
  const std::string chosen_words = one_grain(input.grain);
  const Button one{.label = chosen_words};
  const Rect place = row.rest.take_left(one_width - canvas.px(grain_gap));
  const Rect body = rect_around({place.center().x, row.middle}, place.w, canvas.px(28));
  if (button(row.ui, "grain", body, one)) choose((chosen + 1) % words.size());
  if (body.contains(Vec2{ImGui::GetIO().MousePos.x, ImGui::GetIO().MousePos.y}))
    show_tooltip(row.ui, "What the arrow keys step by", fmt::format("{}", fmt::join(words, ", ")));
  row.rest.take_left(canvas.px(grain_gap));
}

}  // namespace

std::string speed_text(const replay::Playback& playback) {
  if (playback.mode() == replay::SpeedMode::equal_hops)
    return fmt::format("{:.3g} s per hop", static_cast<double>(playback.hop_time().ns) / 1e9);
  const Ratio factor = replay::Playback::factor(playback.speed());
  if (factor.denominator == 1) return fmt::format("×{}", factor.numerator);
  return fmt::format("×{:g}", static_cast<double>(factor.numerator) / static_cast<double>(factor.denominator));
}

void draw_timeline_controls(const Ui& ui, Rect area, const ControlsInput& input, TimelineAction& action) {
  const Canvas& canvas = ui.canvas;
  area = area.inset(canvas.px(18), 0);
  Row row{ui, area, area.y + area.h / 2};
  draw_transport(row, input, action);
  const float needed = modes_width(canvas) + canvas.px(toggle_width + toggle_gap);
  const float grain = one_grain_width(canvas);
  draw_clock(row, input.context, needed + grain + canvas.px(marks_width + 2 * speed_button - 6));
  if (row.rest.w > needed + grain + canvas.px(marks_width)) draw_marks(row, input, action);
  Rect skip;
  if (row.rest.w > needed * 0.7F) skip = take_skip(row, row.rest.w > needed + grain + canvas.px(110));
  draw_grains(row, input, row.rest.w - modes_width(canvas), action);
  draw_speed(row, input.playback);
  if (skip.w > 0) draw_skip(row, skip, input.playback);
}

}  // namespace fourtuple::viz
