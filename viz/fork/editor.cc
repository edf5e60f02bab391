#include "viz/fork/editor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/marks.h"
#include "viz/kit/table.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

constexpr float editor_row_height = 30, card_width = 820, card_height = 600;

void draw_mark(const Canvas& canvas, Vec2 at, ForkMark mark) {
  const Palette& colors = canvas.colors();
  switch (mark) {
    case ForkMark::remove:
      return draw_icon(canvas, Icon::minus, at, colors.drop, 14);
    case ForkMark::add:
      return draw_icon(canvas, Icon::plus, at, colors.ok, 14);
    case ForkMark::edit:
      draw_text(canvas, {at.x, baseline_for_middle(canvas, TextSize::normal, at.y)}, style::code_strong, colors.rewrite,
                "~", Align::center);
      return;
  }
}

void draw_choice(const Canvas& canvas, Rect row, const ForkChoice& choice, Time now) {
  const Palette& colors = canvas.colors();
  row = row.inset(canvas.px(4), 0);
  draw_mark(canvas, row.take_left(canvas.px(24)).center(), choice.mark);
  const std::string place = choice.at == now ? choice.place : choice.place + ", at " + clock_text(choice.at);
  const float place_width = std::min(text_width(canvas, style::label, place), row.w * 0.45F);
  draw_text_in(canvas, row.take_right(place_width), style::label, colors.muted, place, Align::right);
  row.take_right(canvas.px(16));
  const float title = std::min(text_width(canvas, style::name, choice.title), row.w);
  draw_text_in(canvas, row.take_left(title), style::name, colors.text, choice.title);
  row.take_left(canvas.px(14));
  draw_text_in(canvas, row, style::number, colors.muted, choice.detail);
}

// Such as a person may say it, out of what there is: a process that can be killed, else the first choice.
std::string example_of(const std::vector<ForkChoice>& choices) {
  for (const ForkChoice& choice : choices)
    if (choice.words.find(": kill ") != std::string::npos) return choice.words;
  return choices.empty() ? "server: kill httpd" : choices.front().words;
}

// Behind the word that an error quotes, where `text` has it; else behind all of it.
std::size_t place_of_fault(const std::string& text, const std::string& error) {
  const std::size_t begin = error.find('\''), end = error.find('\'', begin + 1);
  if (begin == std::string::npos || end == std::string::npos) return text.size();
  const std::string word = error.substr(begin + 1, end - begin - 1);
  const std::size_t at = word.empty() ? std::string::npos : text.rfind(word);
  return at == std::string::npos ? text.size() : at + word.size();
}

}  // namespace

void ForkEditor::open(std::vector<ForkChoice> choices, Time now, const std::string& words) {
  open_ = true;
  choices_ = std::move(choices);
  example_ = example_of(choices_);
  now_ = at_ = now;
  from_start_ = false;
  row_ = 0;
  filled_.clear();
  error_.clear();
  progress_.reset();
  set_text(words);
  for (const ForkChoice& choice : choices_)
    if (choice.words == words) at_ = choice.at;
}

void ForkEditor::set_text(const std::string& text) {
  text_ = text;
  fresh_ = true;
  ++typed_;
}

void ForkEditor::show_error(const Error& error) {
  progress_.reset();
  std::string words = error.message;
  if (!error.expected.empty()) words += "; expected " + error.expected;
  if (!error.suggestion.empty()) words += "; did you mean '" + error.suggestion + "'?";
  set_error(std::move(words));
}

// Enter took the keyboard off the field: it gets it back.
void ForkEditor::set_error(std::string words) {
  error_ = std::move(words);
  caret_ = place_of_fault(text_, error_);
  fresh_ = true;
}

void ForkEditor::handle(const InputEvent& event) {
  if (event.kind != InputKind::key_down || progress_) return;
  if (event.key == Key::enter) enter_ = true;
  if (event.key == Key::down) ++row_;
  if (event.key == Key::up && row_ > 0) --row_;
  follow_ = follow_ || event.key == Key::down || event.key == Key::up;
}

std::optional<ForkRequest> ForkEditor::choose(const ForkChoice& choice) {
  error_.clear();
  if (choice.to_fill) {
    at_ = choice.at;
    set_text(choice.words);
    filled_ = choice.words;
    return std::nullopt;
  }
  return ForkRequest{from_start_ ? Time{0} : choice.at, {choice.words}};
}

std::optional<ForkRequest> ForkEditor::run_text() {
  error_.clear();
  if (text_ == filled_) {
    set_error("These are the words as they are: change them first, then press Enter.");
    return std::nullopt;
  }
  return ForkRequest{from_start_ ? Time{0} : at_, {text_}};
}

std::optional<ForkRequest> ForkEditor::draw_list(const Ui& ui, const Rect& area, const std::vector<ForkChoice>& shown) {
  const Canvas& canvas = ui.canvas;
  std::optional<ForkRequest> request;
  ScrollArea scroll(ui, "what if choices", area);
  Rect rest = scroll.content();
  const float height = canvas.px(editor_row_height);
  rest.h = 1e6F;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const Rect line = rest.take_top(height).inset(canvas.px(8), 0);
    RowLook look;
    look.selected = i == row_;
    look.focusable = false;
    if (table_row(scroll.ui(), "choice" + std::to_string(i), line, look).clicked && !progress_)
      request = choose(shown[i]);
    draw_choice(scroll.ui().canvas, line, shown[i], now_);
  }
  if (shown.empty() && error_.empty())
    draw_text_in(scroll.ui().canvas, rest.take_top(canvas.px(48)), style::body, canvas.colors().muted,
                 "Nothing of this moment fits. A change in words runs too: " + example_, Align::center);
  if (follow_) scroll.scroll_to(static_cast<float>(row_) * height, height);
  follow_ = false;
  scroll.set_height(static_cast<float>(std::max<std::size_t>(shown.size(), 1)) * height);
  return request;
}

void ForkEditor::draw_foot(const Ui& ui, Rect foot) {
  const Canvas& canvas = ui.canvas;
  const Button run{.label = "Run", .key = "Enter", .look = ButtonLook::primary, .enabled = !progress_};
  const Button cancel{.label = "Cancel", .key = "Esc"};
  if (button(ui, "what if run", foot.take_right(button_width(canvas, run)), run)) enter_ = true;
  foot.take_right(canvas.px(8));
  if (button(ui, "what if cancel", foot.take_right(button_width(canvas, cancel)), cancel)) close();
  const std::string now = "at " + clock_text(at_) + " s";
  const std::array<std::string_view, 2> when = {now, "from the start"};
  if (const auto chosen = segmented(ui, "what if when", foot.left_middle(), when, from_start_ ? 1 : 0))
    from_start_ = *chosen == 1;
  foot.take_left(segmented_width(canvas, when) + canvas.px(16));
  if (progress_)
    draw_text_in(canvas, foot, style::label_strong, canvas.colors().accent,
                 fmt::format("running again, {:.0f} %", static_cast<double>(*progress_) * 100));
}

// The field, and below it what is wrong with its words, or what they will do. Returns the height they take.
float ForkEditor::draw_field(const Ui& ui, const Rect& top, bool words) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  Rect rest = top;
  if (text_input(ui, "what if " + std::to_string(typed_), rest.take_top(canvas.px(32)), text_,
                 "type to look for a rule, a process, a network; or say the change: " + example_, fresh_, nullptr,
                 &caret_)) {
    row_ = 0;
    error_.clear();
  }
  fresh_ = false;
  rest.take_top(canvas.px(10));
  if (!error_.empty()) {
    draw_paragraph(canvas, rest.take_top(canvas.px(40)), style::label_medium, colors.drop, error_, 2);
    rest.take_top(canvas.px(6));
  } else if (words) {
    draw_text_in(canvas, rest.take_top(canvas.px(22)), style::label_medium, colors.accent,
                 "Enter runs these words. Edit them as you like.");
    rest.take_top(canvas.px(4));
  }
  return rest.y - top.y;
}

std::optional<ForkRequest> ForkEditor::draw(const Ui& ui, const Rect& screen) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(screen, with_alpha(colors.background, 0.72F));
  const float margin = canvas.px(24);
  const Rect around = rect_around(screen.center(), std::min(canvas.px(card_width), screen.w - 2 * margin),
                                  std::min(canvas.px(card_height), screen.h - 2 * margin));
  const Rect card{std::round(around.x), std::round(around.y), around.w, around.h};
  draw_card(canvas, card, colors.link, 12);
  Rect inner = card.inset(canvas.px(28), canvas.px(20));
  draw_text_in(canvas, inner.take_top(canvas.px(32)), style::title, colors.text, "What if …");
  draw_text_in(canvas, inner.take_top(canvas.px(22)), style::label, colors.muted,
               "One thing is changed, the run goes on from there, and both are shown side by side.");
  inner.take_top(canvas.px(8));
  const bool words = is_change_text(text_);
  inner.take_top(draw_field(ui, inner, words));
  const Rect foot = inner.take_bottom(canvas.px(32));
  inner.take_bottom(canvas.px(12));
  const std::vector<ForkChoice> shown = matching_choices(choices_, words ? "" : text_);
  row_ = std::min(row_, shown.empty() ? 0 : shown.size() - 1);
  if (words && !shown.empty()) row_ = shown.size();  // none is marked
  // Whole rows only.
  inner.h = std::max(std::floor(inner.h / canvas.px(editor_row_height)), 1.0F) * canvas.px(editor_row_height);
  std::optional<ForkRequest> request = draw_list(ui, inner, shown);
  draw_foot(ui, foot);
  if (std::exchange(enter_, false) && !progress_) {
    if (words)
      request = run_text();
    else if (row_ < shown.size())
      request = choose(shown[row_]);
    else
      set_error("Nothing of this moment has '" + text_ + "' in it, nor is it a change in words, such as: " + example_);
  }
  if (words) row_ = 0;
  if (ImGui::IsMouseClicked(0) && !card.contains(from_im(ImGui::GetIO().MousePos)) && !progress_) close();
  return request;
}

}  // namespace fourtuple::viz
