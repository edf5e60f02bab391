// The bar at the top of the window: title, tabs, filter, and the buttons at its right end.
#include <algorithm>
#include <array>

#include "viz/kit/controls.h"
#include "viz/kit/text.h"
#include "viz/viewer/shown.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {
namespace {

constexpr float control_height = 28, between = 10;
constexpr float wide_bar = 1200;  // design pixels from which both languages stand there
constexpr float least_title = 108, most_title = 200, tab_gap = 28, narrow_tab_gap = 18;
constexpr std::array<std::string_view, 2> languages = {"EN", "日本語"};

// Where things stand at the right end; drawn from left to right, as the keyboard walks.
struct BarPlaces {
  Rect open, language, actions, help;
};

enum class LanguageChoice : std::uint8_t { none, the_other, both };

BarPlaces take_places(const Canvas& canvas, Rect& rest, bool roomy, LanguageChoice choice) {
  BarPlaces places;
  const auto take = [&](float width) {
    const Rect place = rest.take_right(width);
    rest.take_right(canvas.px(between));
    return rect_around(place.center(), place.w, canvas.px(control_height));
  };
  places.help = take(canvas.px(control_height));
  places.actions = take(canvas.px(control_height));
  // Large type leaves room for the tabs alone; the keys still work.
  if (!roomy) return places;
  if (choice == LanguageChoice::both) places.language = take(segmented_width(canvas, languages));
  if (choice == LanguageChoice::the_other) places.language = take(button_width(canvas, {.label = languages[1]}));
  places.open = take(button_width(canvas, {.label = "Open"}));
  return places;
}

// The tabs that fit beside each other: all, or those around the active one; keys open the others.
struct TabWindow {
  std::vector<std::string_view> titles;
  std::size_t first = 0, active = 0;
  float width = 0, gap = tab_gap;
};

TabWindow fit_tabs(const Canvas& canvas, PanelKind panel, float room, float gap) {
  std::size_t active = 0, first = 0, last = panel_names.size();
  for (std::size_t i = 0; i < panel_names.size(); ++i) {
    if (panel_names[i].kind == panel) active = i;
  }
  const auto width_of = [&](std::size_t i) {
    return text_width(canvas, style::heading, panel_names[i].title) + canvas.px(gap);
  };
  TabWindow window;
  window.gap = gap;
  for (std::size_t i = 0; i < last; ++i) window.width += width_of(i);
  if (window.width > room && gap > narrow_tab_gap) return fit_tabs(canvas, panel, room, narrow_tab_gap);
  while (window.width > room && last - first > 1) {
    // The end that is farther from the active one goes.
    window.width -= active - first > last - 1 - active ? width_of(first++) : width_of(--last);
  }
  for (std::size_t i = first; i < last; ++i) window.titles.push_back(panel_names[i].title);
  window.first = first;
  window.active = active - first;
  return window;
}

// In one line beside the file's name, or where that does not fit in two small ones; hovered, all of it.
void draw_title(const Ui& ui, Rect words, const std::string& title, const std::string& file) {
  const Canvas canvas = ui.canvas.as_written();
  const Palette& colors = canvas.colors();
  if (words.w < canvas.px(40)) return;
  if (touch(ui, "title", words, {.focusable = false}).hovered) show_tooltip_below(ui, words, title, file);
  if (text_width(canvas, style::heading, title) > words.w) {
    const float two = 2 * line_height(canvas, TextSize::small);
    const auto lines = wrap_text(canvas, style::label_strong, title, words.w);
    const Rect place{words.x, words.center().y - (lines.size() > 1 ? two : two / 2) / 2, words.w, two};
    // A name of one long word cannot be broken.
    const bool fits = std::all_of(lines.begin(), lines.end(), [&](std::string_view line) {
      return text_width(canvas, style::label_strong, line) <= words.w;
    });
    if (fits)
      draw_paragraph(canvas, place, style::label_strong, colors.text, title, 2);
    else
      draw_text_in(canvas, words, style::label_strong, colors.text, title);
    return;
  }
  words.take_left(draw_text_in(canvas, words, style::heading, colors.text, title) + canvas.px(12));
  if (words.w > canvas.px(60)) draw_text_in(canvas, words, style::number, colors.muted, file);
}

}  // namespace

void Viewer::draw_bar_title(const Ui& ui, Rect rest) {
  const Canvas& canvas = ui.canvas;
  if (!shown_) {
    const float name = draw_text_in(canvas, rest, style::title, canvas.colors().text, "Fourtuple");
    rest.take_left(name + canvas.px(16));
    draw_text_in(canvas, rest, style::body, canvas.colors().muted, "see how data finds the right program");
    return;
  }
  // A title that needs two lines gets them before the tabs stand wide apart.
  const float two_lines = text_width(canvas, style::label_strong, title_) * 0.6F;
  const float middle_start = canvas.px(512), title = clamped(two_lines, canvas.px(least_title), canvas.px(most_title));
  const float behind = canvas.px(tab_gap);
  TabWindow tabs = fit_tabs(canvas, panel_, rest.w - title - behind, tab_gap);
  // No tab goes for a longer title.
  if (tabs.titles.size() < panel_names.size())
    tabs = fit_tabs(canvas, panel_, rest.w - canvas.px(least_title), narrow_tab_gap);
  const float tabs_x = std::max(std::min(middle_start, rest.right() - tabs.width), rest.x + canvas.px(least_title));
  draw_title(ui, {rest.x, rest.y, tabs_x - rest.x - canvas.px(tabs.gap), rest.h}, title_, subtitle_);
  if (const auto chosen = tab_bar(ui, "tabs", {tabs_x, rest.y, tabs.width, rest.h}, tabs.titles, tabs.active, tabs.gap))
    panel_ = panel_names[tabs.first + *chosen].kind;
}

void Viewer::draw_top_bar(const Ui& ui, const Rect& bar) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(bar, colors.surface);
  canvas.hline(bar.x, bar.right(), bar.bottom() - 1, colors.line);
  draw_icon(canvas, Icon::logo, {bar.x + canvas.px(24), bar.center().y}, colors.accent, 16);
  Rect rest = bar;
  rest.take_left(canvas.px(44));
  rest.take_right(canvas.px(16));
  const bool both = bar.w >= canvas.px(wide_bar);
  // A filter takes room; the tabs need theirs more than the language does, which the actions have too.
  const bool filters = shown_ && (filter_bar_.typing() || shown_->filter.result() != nullptr);
  const LanguageChoice choice = both      ? LanguageChoice::both
                                : filters ? LanguageChoice::none
                                          : LanguageChoice::the_other;
  const BarPlaces places = take_places(canvas, rest, bar.w >= canvas.px(small_window_below), choice);
  if (shown_) filter_bar_.place(canvas, rest, shown_->filter);
  rest.take_right(canvas.px(14));
  draw_bar_title(ui, rest);
  draw_filter_bar(ui);
  if (places.open.w > 0 && button(ui, "open", places.open, {.label = "Open"})) run(Command::open);
  if (places.language.w > 0 && both) {
    if (const auto chosen = segmented(ui, "language", places.language.left_middle(), languages, look_.japanese ? 1 : 0))
      look_.japanese = *chosen == 1;
  } else if (places.language.w > 0 &&
             button(ui, "language", places.language, {.label = languages[look_.japanese ? 0 : 1]})) {
    run(Command::language);
  }
  if (button(ui, "actions", places.actions, {.label = ""})) open_palette();
  const Vec2 middle = places.actions.center();
  for (const float line : {-5.0F, 0.0F, 5.0F})
    canvas.hline(middle.x - canvas.px(6), middle.x + canvas.px(6), std::round(middle.y + canvas.px(line)), colors.text);
  if (button(ui, "help", places.help, {.label = ""})) help_.open();
  draw_text_in(canvas, places.help, style::name, colors.text, "?", Align::center);
}

}  // namespace fourtuple::viz
