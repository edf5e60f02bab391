#include "viz/fork/compare_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/table.h"
#include "viz/panels/common/names.h"
#include "viz/viewer/packet_words.h"

namespace fourtuple::viz {
namespace {

constexpr float gutter_width = 112, narrow_gutter = 88, narrow_below = 1200;
constexpr float fact_row = 26, two_line_fact = 42;
constexpr float band_height = 30;
constexpr std::size_t shown_facts = 5;  // the ladders keep the rest of the height

std::string value_of(const replay::DifferentFact& fact, const std::string& value) {
  return value.empty() ? std::string(replay::absent_words(fact.kind)) : value;
}

RowChange change_of(const replay::DifferentFact& fact) {
  return fact.a.empty() ? RowChange::added : fact.b.empty() ? RowChange::removed : RowChange::changed;
}

// What became of the first call that the change decided: "ECONNREFUSED after 16.9 ms".
struct CallOutcome {
  std::string words;
  Color color = 0;
};
CallOutcome outcome_of(const CompareInput& input, const Palette& colors, bool is_b) {
  for (const replay::DifferentFact& fact : input.facts) {
    if (fact.kind != replay::FactKind::call) continue;
    const std::string words = value_of(fact, is_b ? fact.b : fact.a);
    const bool good = words.rfind("connected", 0) == 0, waits = words.rfind("waits", 0) == 0;
    return {words, good ? colors.ok : waits ? colors.rewrite : colors.drop};
  }
  return {};
}

// In two lines where the cell is high enough for them.
void draw_cell(const Canvas& canvas, const Rect& r, TextStyle style, Color color, const std::string& text) {
  if (text_width(canvas, style, text) <= r.w || r.h < canvas.px(two_line_fact - 4))
    return static_cast<void>(draw_text_in(canvas, r, style, color, text));
  const float above = (r.h - 2 * line_height(canvas, style.size)) / 2;
  draw_paragraph(canvas, r.moved(0, above), style, color, text, 2);
}

bool only_rules(const std::vector<replay::DifferentFact>& facts) {
  return std::all_of(facts.begin(), facts.end(),
                     [](const replay::DifferentFact& fact) { return fact.kind == replay::FactKind::rule; });
}

}  // namespace

void RunCompareView::draw_title(const Ui& ui, Rect row, const CompareInput& input, CompareAction& action) const {
  const Canvas& canvas = ui.canvas;
  const Button close{.label = "Close", .key = "Esc"}, edit{.label = "Edit again", .key = "E"},
      keep{.label = "Keep B", .look = ButtonLook::primary};
  const auto place = [&](const Button& one) {
    const Rect spot = row.take_right(button_width(canvas, one));
    row.take_right(canvas.px(8));
    return rect_around(spot.center(), spot.w, canvas.px(32));
  };
  const Rect at_right = place(close), middle = place(edit);
  // In the order of reading, which is that of Tab.
  if (button(ui, "keep b", place(keep), keep)) action.kind = CompareAction::Kind::keep;
  if (button(ui, "edit again", middle, edit)) action.kind = CompareAction::Kind::edit;
  if (button(ui, "close compare", at_right, close)) action.kind = CompareAction::Kind::close;
  const std::string when = "changed at " + clock_text(input.fork);
  // It goes before the question is cut: the timeline shows it, too.
  const float moment = text_width(canvas, style::number, when) + canvas.px(64);
  const bool both = text_width(canvas, style::title, input.story.question) + moment <= row.w;
  const std::string title = fit_text(canvas, style::title, input.story.question, row.w - canvas.px(8));
  const float width = draw_text_in(canvas, row, style::title, canvas.colors().text, title);
  if (both) draw_moment(canvas, {row.x + width + canvas.px(16), row.center().y}, when, input.now == input.fork, false);
}

void RunCompareView::draw_strip(const Canvas& canvas, Rect card, const CompareInput& input) const {
  const Palette& colors = canvas.colors();
  canvas.fill(card, colors.surface, canvas.px(10));
  Rect inner = card.inset(canvas.px(16), canvas.px(8));
  const float line = canvas.px(22);
  Rect left = inner.take_left(std::min(canvas.px(220), inner.w * 0.23F));
  draw_text_in(canvas, left.take_top(line), style::heading, colors.text, "The only change");
  draw_text_in(canvas, left.take_top(line), style::label, colors.muted, input.story.where);
  draw_text_in(canvas, left.take_top(line), style::label, colors.muted, "in run B, " + input.story.b_words);
  Rect right = inner.take_right(std::min(canvas.px(380), inner.w * 0.45F));
  const auto fact = [&](std::string_view name, const std::string& words, TextStyle look, Color color) {
    Rect row = right.take_top(line);
    draw_text_in(canvas, row.take_left(canvas.px(48)), style::label, colors.muted, name);
    if (text_width(canvas, look, words) <= row.w)
      return static_cast<void>(draw_text_in(canvas, row, look, color, words));
    draw_paragraph(canvas, row.moved(0, canvas.px(2)), look, color, words, 2);
    right.take_top(canvas.px(14));
  };
  right.take_left(canvas.px(20));
  canvas.vline(right.x - canvas.px(10), card.y + canvas.px(10), card.bottom() - canvas.px(10), colors.line);
  if (input.first) {
    fact("same", grouped(input.first->number) + " events before the first difference", style::label, colors.ok);
    fact("first", "event " + grouped(input.first->number + 1) + ", at " + clock_text(input.first->time),
         style::label_strong, colors.text);
    fact("after", grouped(input.first->rest_a) + " more events in A, " + grouped(input.first->rest_b) + " in B",
         style::label, colors.text);
  } else {
    fact("same", "all " + grouped(input.same) + " events: no packet fares differently", style::label, colors.ok);
    if (!input.facts.empty())
      fact("differ", only_rules(input.facts) ? "only rules, and what they counted" : "only what the list below says",
           style::label, colors.text);
  }
  canvas.vline(inner.x, card.y + canvas.px(10), card.bottom() - canvas.px(10), colors.line);
  inner = inner.inset(canvas.px(14), 0);
  for (std::size_t i = 0; i < input.story.lines.size() && inner.h >= line - 1; ++i) {
    const ChangeLine& change = input.story.lines[i];
    Rect row = inner.take_top(line);
    const Color color = change.mark == '+'   ? colors.ok
                        : change.mark == '-' ? colors.drop
                        : change.mark == '~' ? colors.rewrite
                                             : colors.muted;
    if (change.mark != ' ') canvas.fill(row, with_alpha(color, 0.14F), canvas.px(5));
    const std::string number = (change.mark == ' ' ? "" : std::string(1, change.mark)) + change.number;
    draw_text_in(canvas, row.take_left(canvas.px(34)), style::number, color, number, Align::right);
    row.take_left(canvas.px(16));
    draw_text_in(canvas, row, change.mark == ' ' ? style::number : style::number_strong,
                 change.mark == ' ' ? colors.muted : colors.text, change.text);
  }
}

void RunCompareView::draw_pane(Ui& ui, Rect pane, const CompareInput& input, bool is_b) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(pane, colors.background);
  canvas.fill(pane.take_top(canvas.px(3)), is_b ? colors.accent : colors.muted, canvas.px(1.5F));
  Rect head = pane.take_top(canvas.px(40)).inset(canvas.px(12), 0);
  const Vec2 disc = head.take_left(canvas.px(26)).center();
  canvas.disc(disc, canvas.px(12), is_b ? colors.accent : colors.raised);
  const Rect around = rect_around(disc, canvas.px(24), canvas.px(24));
  draw_text_in(canvas, around, style::heading, is_b ? colors.accent_ink : colors.text, is_b ? "B" : "A", Align::center);
  head.take_left(canvas.px(8));
  const CallOutcome outcome = outcome_of(input, colors, is_b);
  if (!outcome.words.empty()) {
    const float title = text_width(canvas, style::heading, is_b ? "Changed" : "As it was");
    const std::string words =
        fit_text(canvas, style::label_medium, outcome.words, std::max(head.w - title - canvas.px(48), head.w * 0.4F));
    const Rect pill = draw_pill(canvas, head.right_middle(), words, outcome.color, PillLook::tinted, Align::right);
    head.w = pill.x - head.x - canvas.px(12);
  }
  head.take_left(draw_text_in(canvas, head, style::heading, colors.text, is_b ? "Changed" : "As it was") +
                 canvas.px(12));
  if (is_b && head.w > canvas.px(60)) draw_text_in(canvas, head, style::label, colors.muted, input.story.b_words);
  ImGui::PushID(is_b ? "ladder b" : "ladder a");
  ladders_[is_b ? 1 : 0].draw(ui, pane, is_b ? input.b : input.a);
  ImGui::PopID();
  if (!input.first) return;
  const std::optional<float> y = ladders_[is_b ? 1 : 0].y_on_screen(input.first->time);
  if (!y) return;
  const Rect band{pane.x + canvas.px(8), *y - canvas.px(band_height / 2), pane.w - canvas.px(16),
                  canvas.px(band_height)};
  const Clip clip(canvas, pane);
  canvas.fill(band, with_alpha(colors.outline, 0.07F), canvas.px(5));
  canvas.stroke(band, colors.outline, canvas.px(1.5F), canvas.px(5));
}

// The first difference stands at one height in both, from the next frame on.
void RunCompareView::level_ladders(const Ui& ui, Time first) {
  constexpr float most = 160;
  const std::optional<float> a = ladders_[0].y_on_screen(first), b = ladders_[1].y_on_screen(first);
  if (!a || !b || std::abs(*a - *b) < 1) return;
  const float apart = (*b - *a) / ui.canvas.px(1);
  const float lead_a = ladders_[0].lead() + apart, lead_b = ladders_[1].lead();
  const float less = std::min(lead_a, lead_b);
  if (std::max(lead_a, lead_b) - less > most) return;
  ladders_[0].set_lead(lead_a - less);
  ladders_[1].set_lead(lead_b - less);
  if (ui.animating != nullptr) *ui.animating = true;
}

void RunCompareView::draw_gutter(const Ui& ui, const Rect& gutter, const CompareInput& input,
                                 CompareAction& action) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  if (!input.first) {
    draw_text_in(canvas, gutter, style::label, colors.muted,
                 gutter.w > canvas.px(90) ? "the same packets" : "same packets", Align::center);
    return;
  }
  const std::optional<float> left = ladders_[0].y_on_screen(input.first->time),
                             right = ladders_[1].y_on_screen(input.first->time);
  float middle = gutter.center().y;
  if (left || right) middle = left && right ? (*left + *right) / 2 : left ? *left : *right;
  const float half = canvas.px(34);
  middle = clamped(middle, gutter.y + half, std::max(gutter.bottom() - half, gutter.y + half));
  const Rect box = rect_around({gutter.center().x, middle}, gutter.w - canvas.px(16), 2 * half);
  if (left) canvas.line({gutter.x - canvas.px(8), *left}, {box.x, middle}, colors.outline, canvas.px(1.5F));
  if (right)
    canvas.line({box.right(), middle}, {gutter.right() + canvas.px(8), *right}, colors.outline, canvas.px(1.5F));
  const Touch over = touch(ui, "first difference", box);
  canvas.fill(box, over.hovered ? colors.raised : colors.surface, canvas.px(7));
  canvas.stroke(box, colors.outline, canvas.px(1.5F), canvas.px(7));
  if (over.focused) draw_focus(canvas, box, canvas.px(7));
  Rect lines = box.inset(canvas.px(2), canvas.px(8));
  const float third = lines.h / 3;
  draw_text_in(canvas, lines.take_top(third), style::label_strong, colors.text, "first", Align::center);
  draw_text_in(canvas, lines.take_top(third), style::label_strong, colors.text,
               gutter.w > canvas.px(90) ? "difference" : "differs", Align::center);
  draw_text_in(canvas, lines, style::number, colors.muted, short_time(input.first->time), Align::center);
  if (box.y > gutter.y + canvas.px(60))
    draw_text(canvas, {gutter.center().x, gutter.y + canvas.px(40)}, style::label, colors.muted, "= same",
              Align::center);
  if (over.clicked) action = {CompareAction::Kind::seek, input.first->time};
  if (over.hovered) show_tooltip(ui, "A: " + input.first->a, "B: " + input.first->b);
}

void RunCompareView::draw_facts(const Ui& ui, Rect area, const CompareInput& input, CompareAction& action) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  Rect head = area.take_top(canvas.px(28));
  draw_text_in(canvas, head, style::heading, colors.text,
               input.facts.empty() ? "Nothing is different at the cursor" : "What is different at the cursor");
  if (input.facts.empty()) return;
  draw_text_in(canvas, head, style::label, colors.muted, "Enter or a click on a row: to where it starts", Align::right);
  const float since = canvas.px(118), arrow = canvas.px(32);
  const float words = std::max(area.w - since - arrow - canvas.px(56), canvas.px(90));
  const float subject = words * 0.46F, value = words * 0.27F;
  const auto cells = [&](Rect row) {
    row.take_left(canvas.px(20));
    std::array<Rect, 5> out;
    out[0] = row.take_left(subject);
    out[1] = row.take_left(value);
    out[2] = row.take_left(arrow);
    out[3] = row.take_left(value);
    out[4] = row;
    for (const std::size_t i : {0u, 1u, 3u}) out[i].w -= canvas.px(8);
    return out;
  };
  const auto heads = cells(area.take_top(canvas.px(20)).inset(canvas.px(8), 0));
  const auto height_of = [&](const replay::DifferentFact& fact) {
    const std::array<std::string, 2> values = {value_of(fact, fact.a), value_of(fact, fact.b)};
    const bool fits = text_width(canvas, style::label_strong, fact.subject) <= heads[0].w &&
                      text_width(canvas, style::label, values[0]) <= heads[1].w &&
                      text_width(canvas, style::label_strong, values[1]) <= heads[3].w;
    return canvas.px(fits ? fact_row : two_line_fact);
  };
  draw_text_in(canvas, heads[1], style::label, colors.muted, "A, as it was");
  draw_text_in(canvas, heads[3], style::label, colors.muted, "B, changed");
  draw_text_in(canvas, heads[4], style::label, colors.muted, "since", Align::right, 8);
  ScrollArea scroll(ui, "different facts", area);
  const Canvas& inside = scroll.ui().canvas;
  Rect rest = scroll.content();
  rest.h = 1e6F;
  for (std::size_t i = 0; i < input.facts.size(); ++i) {
    const replay::DifferentFact& fact = input.facts[i];
    Rect row = rest.take_top(height_of(fact)).inset(canvas.px(8), canvas.px(1));
    row.w -= canvas.px(4);  // the bar
    RowLook look;
    look.change = change_of(fact);
    if (table_row(scroll.ui(), "fact" + std::to_string(i), row, look).clicked)
      action = {CompareAction::Kind::seek, fact.since};
    const auto at = cells(row);
    draw_cell(inside, at[0], style::label_strong, colors.text, fact.subject);
    draw_cell(inside, at[1], style::label, fact.a.empty() ? colors.muted : colors.text, value_of(fact, fact.a));
    draw_icon(inside, Icon::arrow_right, at[2].center(), colors.muted, 14);
    draw_cell(inside, at[3], fact.b.empty() ? style::label : style::label_strong,
              fact.b.empty() ? colors.muted : colors.text, value_of(fact, fact.b));
    const std::string clock = clock_text(fact.since);
    const float width = text_width(inside, style::number, clock) + canvas.px(34);
    draw_moment(inside, {at[4].right() - width, row.center().y}, clock, fact.since == input.now, false);
  }
  scroll.set_height(rest.y - scroll.content().y);
}

CompareAction RunCompareView::draw(Ui& ui, Rect area, const CompareInput& input) {
  const Canvas& canvas = ui.canvas;
  CompareAction action;
  canvas.fill(area, canvas.colors().region);
  area = area.inset(canvas.px(24), 0);
  area.take_top(canvas.px(10));
  draw_title(ui, area.take_top(canvas.px(36)), input, action);
  area.take_top(canvas.px(10));
  const std::size_t lines = std::max<std::size_t>(3, std::min<std::size_t>(input.story.lines.size(), 4));
  draw_strip(canvas, area.take_top(canvas.px(16 + 22 * static_cast<float>(lines))), input);
  area.take_top(canvas.px(12));
  const auto rows = static_cast<float>(clamped<std::size_t>(input.facts.size(), 1, shown_facts));
  const float table = std::min(canvas.px(56 + two_line_fact + fact_row * (rows - 1)), area.h * 0.42F);
  Rect facts = area.take_bottom(table);
  facts.take_bottom(canvas.px(4));
  area.take_bottom(canvas.px(4));
  const bool narrow = area.w < canvas.px(narrow_below);
  const float middle = canvas.px(narrow ? narrow_gutter : gutter_width);
  Rect panes = area;
  const Rect left = panes.take_left((area.w - middle) / 2);
  const Rect gutter = panes.take_left(middle);
  draw_pane(ui, left, input, false);
  draw_pane(ui, panes, input, true);
  if (input.first) level_ladders(ui, input.first->time);
  draw_gutter(ui, gutter, input, action);
  draw_facts(ui, facts, input, action);
  return action;
}

}  // namespace fourtuple::viz
