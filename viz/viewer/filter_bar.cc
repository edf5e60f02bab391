#include "viz/viewer/filter_bar.h"

#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/table.h"

namespace fourtuple::viz {
namespace {

constexpr float height = 28, idle_width = 228, set_width = 312, narrow_width = 112, typing_width = 360;
constexpr float roomy_from = 1300;  // design pixels of the bar from which the idle box is more than a key
constexpr float list_width = 520, hint_row_height = 26, list_padding = 12;
constexpr std::size_t most_history = 50, most_suggestions = 12;

}  // namespace

void FilterBar::start(const PacketFilter& filter) {
  if (!typing_) text_ = filter.text();
  typing_ = take_caret_ = true;
  checked_ = "\n";
  at_history_ = history_.size();
}

void FilterBar::stop() {
  typing_ = take_caret_ = active_ = entered_ = left_ = false;
  error_.reset();
  suggestions_.clear();
}

void FilterBar::remember(const std::string& text) {
  if (text.empty()) return;
  std::erase(history_, text);
  history_.push_back(text);
  if (history_.size() > most_history) history_.erase(history_.begin());
  at_history_ = history_.size();
}

void FilterBar::change(std::string text) {
  text_ = std::move(text);
  replaced_ = true;
}

void FilterBar::complete() {
  const bool again = !completing_.empty() && text_ == completing_[completed_].text && completing_.size() > 1;
  if (again) {
    completed_ = (completed_ + 1) % completing_.size();
  } else {
    completing_ = suggestions_;
    completed_ = 0;
  }
  if (!completing_.empty()) change(completing_[completed_].text);
}

void FilterBar::go_back(int by) {
  if (history_.empty()) return;
  if (at_history_ == history_.size()) draft_ = text_;
  const auto last = static_cast<int>(history_.size());
  at_history_ = static_cast<std::size_t>(clamped(static_cast<int>(at_history_) - by, 0, last));
  change(at_history_ == history_.size() ? draft_ : history_[at_history_]);
}

bool FilterBar::handle(const InputEvent& event, Focus& focus) {
  if (!typing_ || event.kind != InputKind::key_down || event.mods.ctrl || event.mods.alt) return false;
  switch (event.key) {
    case Key::tab:
      complete();
      return true;
    case Key::up:
      go_back(1);
      return true;
    case Key::down:
      go_back(-1);
      return true;
    case Key::enter:
      entered_ = true;
      return true;
    case Key::escape:
      left_ = true;
      focus.clear();
      return true;
    default:
      // Until the field has the caret, letters are not commands either.
      return !active_;
  }
}

bool FilterBar::apply(PacketFilter& filter) {
  if (auto done = filter.set(text_); !done) {
    error_ = done.error();
    take_caret_ = replaced_ = true;
    return false;
  }
  remember(filter.text());
  stop();
  return true;
}

void FilterBar::refresh(PacketFilter& filter) {
  if (checked_ == text_) return;
  checked_ = text_;
  error_ = filter.check(text_);
  suggestions_ = replay::suggest_filter(text_, filter.names());
}

void FilterBar::draw_idle(const Ui& ui, const Rect& box, PacketFilter& filter) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const bool set = filter.result() != nullptr;
  Rect rest = box;
  bool cleared = false;
  if (set) {
    const Rect cross = rest.take_right(canvas.px(height));
    cleared = button(ui, "filter clear", cross, {.label = "", .look = ButtonLook::quiet});
  }
  const Touch state = touch(ui, "filter box", rest);
  canvas.fill(box, colors.background, canvas.px(7));
  canvas.stroke(box, set ? colors.accent : mix(colors.line, colors.link, state.glow), std::max(1.0F, canvas.px(1)),
                canvas.px(7));
  if (state.focused) draw_focus(canvas, box, canvas.px(7));
  if (set) draw_icon(canvas, Icon::cross, {box.right() - canvas.px(height / 2), box.center().y}, colors.muted, 14);
  // In a narrow window the count says more than a piece of the text, which the tooltip has.
  const bool narrow = set && box.w < canvas.px(set_width);
  const float used = narrow ? 0 : draw_keycap(canvas, {box.x + canvas.px(5), box.center().y}, "/").right() - rest.x;
  rest.take_left(used + canvas.px(8));
  if (!set) {
    if (rest.w > canvas.px(40))
      draw_text_in(canvas, rest, style::number, colors.muted,
                   fit_text(canvas, style::number, "filter, e.g. port 443", rest.w - canvas.px(8)));
  } else {
    const std::string count = filter.count();
    const float wide = text_width(canvas, style::label, count);
    if (rest.w > wide + canvas.px(90)) {
      draw_text_in(canvas, rest.take_right(wide + canvas.px(4)), style::label, colors.muted, count);
    } else if (narrow) {
      draw_text_in(canvas, rest, style::label, colors.text, fit_text(canvas, style::label, count, rest.w));
      rest.w = 0;
    }
    if (rest.w > 0)
      draw_text_in(canvas, rest, style::number_strong, colors.text,
                   fit_text(canvas, style::number_strong, filter.text(), rest.w - canvas.px(8)));
  }
  if (state.hovered)
    show_tooltip_below(
        ui, box, set ? filter.text() : "Filter packets",
        set ? filter.count() + " packets" : "port 443, host:server, dropped, … The key / begins to type.");
  if (cleared) filter.clear();
  if (state.clicked) start(filter);
}

void FilterBar::draw_typing(const Ui& ui, const Rect& box, PacketFilter& filter) {
  const bool now = take_caret_;
  take_caret_ = false;
  text_input(ui, "filter", box, text_, "port 443, host:NAME, dropped", now, &replaced_);
  const bool was = active_;
  active_ = ImGui::IsItemActive();
  if (left_) return stop();
  if (entered_) {
    entered_ = false;
    apply(filter);
    return;
  }
  // Pressed elsewhere: in the list, which gives the caret back, or away from it. What is whole then counts.
  const Vec2 mouse = from_im(ImGui::GetIO().MousePos);
  if (!active_ && !now && (was || ImGui::IsMouseClicked(0)) && !list_.contains(mouse) && !box.contains(mouse)) {
    if (text_ == filter.text() || filter.check(text_) || !apply(filter)) stop();
    return;
  }
  refresh(filter);
}

void FilterBar::place(const Canvas& canvas, Rect& bar, const PacketFilter& filter) {
  const bool roomy = bar.w >= canvas.px(roomy_from - 400);
  const bool set = filter.result() != nullptr;
  float width = typing_ ? typing_width : set ? (roomy ? set_width : narrow_width) : roomy ? idle_width : height;
  width = std::min(canvas.px(width), bar.w - canvas.px(120));
  const Rect place = bar.take_right(std::max(width, canvas.px(height)));
  bar.take_right(canvas.px(10));
  box_ = rect_around(place.center(), place.w, canvas.px(height));
}

void FilterBar::draw(const Ui& ui, PacketFilter& filter) {
  if (typing_) {
    draw_typing(ui, box_, filter);
  } else {
    draw_idle(ui, box_, filter);
  }
}

// Whether the fault may only be that the word at the end is not complete yet.
bool FilterBar::still_typing() const {
  const auto end = static_cast<std::size_t>(std::max(error_->where.column, 1));
  return !suggestions_.empty() && text_.find_first_of(" (", end - 1) == std::string::npos;
}

// What is wrong, else what the keys do. Returns its height.
float FilterBar::draw_message(const Canvas& canvas, Rect rest, bool measure) const {
  const Palette& colors = canvas.colors();
  const std::string_view awaited = replay::awaited_value(text_);
  if (!awaited.empty()) {
    if (!measure) draw_text_in(canvas, rest.take_top(canvas.px(hint_row_height)), style::label, colors.text, awaited);
    return canvas.px(hint_row_height);
  }
  if (!error_ || text_.empty() || still_typing()) {
    if (!measure)
      draw_text_in(canvas, rest.take_top(canvas.px(hint_row_height)), style::label, colors.muted,
                   "Tab completes   ↑ ↓ earlier filters   Esc leaves");
    return canvas.px(hint_row_height);
  }
  std::string words = error_->message;
  if (!error_->expected.empty()) words += "; expected " + error_->expected;
  const float line = line_height(canvas, TextSize::small);
  const auto lines = wrap_text(canvas, style::label, words, rest.w);
  const int shown = std::min(static_cast<int>(lines.size()), 4);
  float used = canvas.px(8) + line * static_cast<float>(shown);
  if (!measure) {
    Rect at = rest;
    at.take_top(canvas.px(4));
    draw_paragraph(canvas, at, style::label, colors.drop, words, shown);
  }
  if (!error_->suggestion.empty()) {
    if (!measure)
      draw_text_in(canvas, {rest.x, rest.y + used - canvas.px(4), rest.w, line}, style::label_strong, colors.accent,
                   "did you mean " + error_->suggestion + " ?");
    used += line;
  }
  return used;
}

void FilterBar::draw_rows(const Ui& ui, Rect rest) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const std::size_t rows = std::min(suggestions_.size(), most_suggestions);
  for (std::size_t i = 0; i < rows; ++i) {
    Rect row = rest.take_top(canvas.px(hint_row_height));
    const replay::FilterSuggestion& entry = suggestions_[i];
    const Touch state = table_row(ui, "suggestion" + std::to_string(i), row, {.focusable = false});
    row = row.inset(canvas.px(8), 0);
    const Rect word = row.take_left(canvas.px(196));
    draw_text_in(canvas, word, style::number_strong, colors.text,
                 fit_text(canvas, style::number_strong, entry.shown, word.w - canvas.px(8)));
    draw_text_in(canvas, row, style::label, colors.muted, entry.meaning);
    if (i == 0) draw_keycap(canvas, {row.right() - canvas.px(30), row.center().y}, "Tab");
    if (!state.clicked) continue;
    change(std::string(entry.text));
    take_caret_ = true;
    return;
  }
}

void FilterBar::draw_list(const Ui& ui, const Rect& screen, PacketFilter& filter) {
  if (!typing_) {
    list_ = {};
    return;
  }
  refresh(filter);
  const Canvas& canvas = ui.canvas;
  const float width = std::min(canvas.px(list_width), screen.w - canvas.px(16));
  const float x = clamped(box_.right() - width, screen.x + canvas.px(8), screen.right() - width);
  const float inner = width - canvas.px(2 * list_padding);
  const float message = draw_message(canvas, {x, 0, inner, 0}, true);
  const auto rows = static_cast<float>(std::min(suggestions_.size(), most_suggestions));
  list_ = {std::round(x), std::round(box_.bottom() + canvas.px(6)), width,
           message + rows * canvas.px(hint_row_height) + canvas.px(rows > 0 ? 21 : 12)};
  ImGui::SetNextWindowPos(im(list_.min()));
  ImGui::SetNextWindowSize({list_.w, list_.h});
  ImGui::Begin("filter list", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoFocusOnAppearing);
  Ui above = ui;
  above.canvas.list = ImGui::GetWindowDrawList();
  const Palette& colors = canvas.colors();
  above.canvas.fill(list_, colors.raised, canvas.px(8));
  above.canvas.stroke(list_, colors.link, std::max(1.0F, canvas.px(1)), canvas.px(8));
  Rect rest = list_.inset(canvas.px(list_padding), canvas.px(6));
  Rect first = rest.take_top(message);
  if (!error_ && text_ != filter.text()) {
    const Button done{.label = "Apply", .key = "Enter", .look = ButtonLook::primary};
    const Rect place = first.take_right(button_width(canvas, done));
    if (button(above, "filter-apply", rect_around(place.center(), place.w, canvas.px(hint_row_height)), done))
      entered_ = true;
  }
  draw_message(above.canvas, first, false);
  if (rows > 0) {
    rest.take_top(canvas.px(4));
    above.canvas.hline(list_.x, list_.right(), rest.y, colors.line);
    rest.take_top(canvas.px(5));
    draw_rows(above, rest.inset(-canvas.px(8), 0));
  }
  ImGui::End();
}

}  // namespace fourtuple::viz
