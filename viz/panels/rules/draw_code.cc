// The ruleset's text with what the packet met in it.
#include <cmath>
#include <fmt/format.h>

#include "viz/kit/icons.h"
#include "viz/kit/panel.h"
#include "viz/kit/text.h"
#include "viz/panels/rules/rules_draw.h"

namespace fourtuple::viz {
namespace {

constexpr float roomy_code = 720;
constexpr float code_row_height = 21, number_right = 38, hits_right = 90, mark_x = 108, code_x = 126;

struct Pen {
  const Ui& ui;
  const CodeText& code;
  const trace::RulesetInfo& ruleset;
  const RulesModel& model;
  const PanelContext& context;

  const Canvas& canvas() const { return ui.canvas; }
};

Color ink_of(const Palette& colors, WordKind kind) {
  switch (kind) {
    case WordKind::quiet:
      return colors.muted;
    case WordKind::text:
      return colors.accent;
    case WordKind::accept:
      return colors.ok;
    case WordKind::drop:
      return colors.drop;
    case WordKind::rewrite:
      return colors.rewrite;
    case WordKind::comment:
      return colors.faint;
    case WordKind::plain:
      break;
  }
  return colors.text;
}

// The rule a line is marked for: the one that begins on it and was looked at last.
std::uint32_t rule_on(const Pen& pen, const CodeLine& line) {
  std::uint32_t chosen = line.rules.empty() ? replay::WalkEntry::none : line.rules.front();
  for (const std::uint32_t rule : line.rules) {
    if (pen.model.rules[rule].record > pen.model.rules[chosen].record) chosen = rule;
    if (rule == pen.model.current_rule) return rule;
  }
  return chosen;
}

Color note_color(const Palette& colors, const RuleMark& mark) {
  if (mark.state == RuleState::failed) return colors.drop;
  if (mark.state != RuleState::matched) return colors.muted;
  const bool ends = mark.verdict == trace::RuleVerdict::drop;
  const bool rewrites =
      mark.note == "dnat" || mark.note == "snat" || mark.note == "masquerade" || mark.note == "redirect";
  return ends ? colors.drop : rewrites ? colors.rewrite : colors.ok;
}

// Boxes behind the expressions of a rule that was looked at.
void draw_expressions(const Pen& pen, const Rect& row, std::uint32_t number, float x) {
  const Canvas& canvas = pen.canvas();
  const Palette& colors = canvas.colors();
  const RuleMark& mark = pen.model.rules[number];
  const trace::RuleInfo& rule = pen.ruleset.rules[number];
  const bool current = number == pen.model.current_rule;
  std::size_t latest = mark.expressions.size();
  for (std::size_t i = 0; i < mark.expressions.size(); ++i) {
    if (mark.expressions[i].seen) latest = i;
  }
  for (std::uint32_t i = 0; i < mark.expressions.size(); ++i) {
    const ExpressionMark& expression = mark.expressions[i];
    const trace::ExpressionInfo& info = pen.ruleset.expressions[rule.first_expression + i];
    const CodePlace place = pen.code.place(info.span);
    if (!expression.seen || place.line == CodeText::nowhere) continue;
    const CodeLine& line = pen.code.lines[place.line];
    const std::string_view text = line.text;
    const float left = x + text_width(canvas, style::code, text.substr(0, place.begin));
    const float width = text_width(canvas, style::code, text.substr(place.begin, place.end - place.begin));
    const Rect box = Rect{left, row.y, width, row.h}.inset(-canvas.px(3), canvas.px(1));
    const bool failed =
        expression.result == trace::ExpressionResult::failed || expression.result == trace::ExpressionResult::absent;
    const Color tint = failed                                                  ? colors.drop
                       : expression.result == trace::ExpressionResult::skipped ? colors.faint
                                                                               : colors.ok;
    canvas.fill(box, with_alpha(tint, failed ? 0.24F : current ? 0.2F : 0.1F), canvas.px(4));
    const bool here = current && i == latest && mark.state != RuleState::matched;
    if (here) canvas.stroke(box, failed ? colors.drop : colors.accent, canvas.px(1.5F), canvas.px(4));
    if (!touch(pen.ui, fmt::format("expression{}-{}", number, i), box, {.focusable = false}).hovered) continue;
    const std::string has = expression.value.empty() ? std::string() : "the packet has " + expression.value;
    show_tooltip(pen.ui, info.text + (failed ? ": does not match" : ""),
                 info.not_simulated.empty() ? has : info.not_simulated);
  }
}

void draw_mark(const Canvas& canvas, Vec2 at, const RuleMark& mark, bool current) {
  const Palette& colors = canvas.colors();
  switch (mark.state) {
    case RuleState::untouched:
      return;
    case RuleState::trying:
      return draw_icon(canvas, Icon::play, at, colors.accent, 14);
    case RuleState::failed:
      return draw_icon(canvas, Icon::cross, at, colors.drop, current ? 20 : 17);
    case RuleState::matched:
      return draw_icon(canvas, Icon::check, at, colors.ok, current ? 20 : 17);
  }
}

// Up to `right`; what does not fit ends with "…".
void draw_words(const Canvas& canvas, Vec2 at, const CodeLine& line, float right) {
  const std::string_view text = line.text;
  const bool fits = at.x + text_width(canvas, style::code, text) <= right;
  const float last = fits ? right : right - text_width(canvas, style::code, " …");
  for (const CodeWord& word : line.words) {
    const float x = at.x + text_width(canvas, style::code, text.substr(0, word.begin));
    const std::string_view words = text.substr(word.begin, word.end - word.begin);
    const Color ink = ink_of(canvas.colors(), word.kind);
    if (x + text_width(canvas, style::code, words) <= last) {
      draw_text(canvas, {x, at.y}, style::code, ink, words);
      continue;
    }
    draw_text(canvas, {x, at.y}, style::code, ink,
              fit_text(canvas.as_written(), style::code, std::string(words) + " …", right - x));
    return;
  }
}

// Half of it where every letter counts.
float indentation(const Canvas& canvas, const CodeLine& line, float row_width) {
  if (row_width >= canvas.px(roomy_code)) return 0;
  const std::size_t begin = std::min(line.text.find_first_not_of(' '), line.text.size());
  return text_width(canvas, style::code, std::string_view(line.text).substr(0, begin)) / 2;
}

// What a policy decided, on the line that names it.
const std::string* policy_on(const Pen& pen, std::size_t line) {
  for (std::size_t i = 0; i < pen.code.line_of_policy.size(); ++i) {
    if (pen.code.line_of_policy[i] == line && !pen.model.policy_notes[i].empty()) return &pen.model.policy_notes[i];
  }
  return nullptr;
}

struct RowNote {
  std::string_view words;
  Color color = 0;
};

// The words at the right end of a row; returns their left edge.
float draw_note(const Canvas& canvas, const Rect& row, const RowNote& note) {
  if (note.words.empty()) return row.right() - canvas.px(6);
  const std::string text = fit_text(canvas, style::number, note.words, row.w * 0.45F);
  const float width = text_width(canvas, style::number, text);
  const Rect place{row.right() - width - canvas.px(14), row.y, width, row.h};
  draw_text_in(canvas, place, style::number, note.color, text, Align::right);
  return place.x - canvas.px(12);
}

void draw_gutter(const Canvas& canvas, const Rect& row, std::uint32_t line, const RuleMark* mark, bool current) {
  const Palette& colors = canvas.colors();
  const float baseline = baseline_for_middle(canvas, TextSize::small, row.center().y);
  if (line != 0)
    draw_text(canvas, {row.x + canvas.px(number_right), baseline}, current ? style::number_strong : style::number,
              current ? colors.text : colors.faint, std::to_string(line), Align::right);
  if (mark == nullptr || mark->hits.empty()) return;
  const bool none = mark->hits == "0";
  draw_text(canvas, {row.x + canvas.px(hits_right), baseline},
            mark->counter && !none ? style::number_strong : style::number,
            none            ? colors.faint
            : mark->counter ? colors.text
                            : colors.muted,
            mark->hits, Align::right);
}

void draw_titles(const Canvas& canvas, const Rect& row) {
  const Color ink = canvas.colors().muted;
  const float baseline = baseline_for_middle(canvas, TextSize::small, row.center().y);
  draw_text(canvas, {row.x + canvas.px(number_right), baseline}, style::label, ink, "line", Align::right);
  draw_text(canvas, {row.x + canvas.px(hits_right), baseline}, style::label, ink, "hits", Align::right);
  draw_text(canvas, {row.right() - canvas.px(14), baseline}, style::label, ink, "what it said to the packet",
            Align::right);
}

void draw_line(const Pen& pen, const Rect& row, std::size_t number) {
  const Canvas& canvas = pen.canvas();
  const Palette& colors = canvas.colors();
  const CodeLine& line = pen.code.lines[number];
  const std::uint32_t rule = rule_on(pen, line);
  const RuleMark* mark = rule == replay::WalkEntry::none ? nullptr : &pen.model.rules[rule];
  const bool current = number == pen.model.current;
  if (current) {
    canvas.fill({row.x + canvas.px(96), row.y, row.w - canvas.px(96), row.h},
                mix(colors.background, colors.accent, 0.16F));
    canvas.fill({row.x, row.y, canvas.px(96), row.h}, mix(colors.surface, colors.accent, 0.16F));
    canvas.fill({row.x, row.y, canvas.px(4), row.h}, colors.accent);
  }
  const bool judged = pen.model.packet.valid() && pen.model.note.empty();
  const bool reached = mark == nullptr || mark->state != RuleState::untouched;
  const Canvas part = judged && !reached ? canvas.faded(0.5F) : canvas;
  draw_gutter(canvas, row, line.number, mark, current);
  TouchOptions options;
  options.focusable = false;
  // Below its expressions, which have tooltips of their own.
  if (mark != nullptr && mark->record != 0 &&
      touch(pen.ui, "rule" + std::to_string(rule), {row.x, row.y, canvas.px(code_x), row.h}, options).clicked)
    pen.context.seek_record(mark->record);
  RowNote note;
  if (mark != nullptr) {
    draw_mark(canvas, {row.x + canvas.px(mark_x), row.center().y}, *mark, current);
    note = {mark->note, note_color(colors, *mark)};
  } else if (const std::string* policy = policy_on(pen, number)) {
    const bool drops = policy->ends_with("drop");
    note = {*policy, drops ? colors.drop : colors.ok};
    draw_icon(canvas, drops ? Icon::cross : Icon::check, {row.x + canvas.px(mark_x), row.center().y}, note.color, 17);
  }
  const float right = draw_note(canvas, row, note);
  const float x = row.x + canvas.px(code_x) - indentation(canvas, line, row.w);
  const Clip clip(canvas, {row.x, row.y, right - row.x, row.h});
  for (const std::uint32_t each : line.rules) draw_expressions(pen, row, each, x);
  draw_words(part, {x, baseline_for_middle(canvas, TextSize::normal, row.center().y)}, line, right);
}

}  // namespace

void draw_code(const Ui& ui, const Rect& r, const CodeText& code, const trace::RulesetInfo& ruleset,
               const RulesModel& model, const PanelContext& context, bool scroll) {
  const Canvas& outer = ui.canvas;
  outer.fill({r.x, r.y, outer.px(96), r.h}, outer.colors().surface);
  Rect below = r;
  draw_titles(outer, below.take_top(outer.px(24)));
  const float height = outer.px(code_row_height), top = outer.px(2);
  below.h = std::max(std::floor(below.h / height), 1.0F) * height;  // whole rows
  ScrollArea area(ui, "rules-code", below);
  const Pen pen{area.ui(), code, ruleset, model, context};
  if (scroll && model.focus != CodeText::nowhere) {
    const float around = std::floor(clamped((below.h / height - 1) / 2, 0.0F, 3.0F));
    area.scroll_to(std::max(height * (static_cast<float>(model.focus) - around), 0.0F), (2 * around + 1) * height);
  }
  const ScrollArea::Rows rows = area.visible_rows(code.lines.size(), height);
  for (std::size_t i = rows.first; i < rows.last; ++i) {
    const Rect content = area.content();
    draw_line(pen, {content.x, content.y + top + height * static_cast<float>(i), content.w, height}, i);
  }
  area.set_height(height * static_cast<float>(code.lines.size()) + 2 * top);
}

}  // namespace fourtuple::viz
