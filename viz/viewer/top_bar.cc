// The bar at the top of the window: title, tabs, filter, and the buttons at its right end.
#include <array>

#include "viz/kit/controls.h"
#include "viz/kit/text.h"
#include "viz/viewer/shown.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {
namespace {

// The tabs that fit beside each other: all, or those around the active one; keys open the others.
struct TabWindow {
  std::vector<std::string_view> titles;
  std::size_t first = 0, active = 0;
  float width = 0;
};

TabWindow fit_tabs(const Canvas& canvas, PanelKind panel, float room) {
  std::size_t active = 0, first = 0, last = panel_names.size();
  for (std::size_t i = 0; i < panel_names.size(); ++i) {
    if (panel_names[i].kind == panel) active = i;
  }
  const auto width_of = [&](std::size_t i) {
    return text_width(canvas, style::heading, panel_names[i].title) + canvas.px(28);
  };
  TabWindow window;
  for (std::size_t i = 0; i < last; ++i) window.width += width_of(i);
  while (window.width > room && last - first > 1) {
    // The end that is farther from the active one goes.
    window.width -= active - first > last - 1 - active ? width_of(first++) : width_of(--last);
  }
  for (std::size_t i = first; i < last; ++i) window.titles.push_back(panel_names[i].title);
  window.first = first;
  window.active = active - first;
  return window;
}

}  // namespace

void Viewer::draw_bar_buttons(const Ui& ui, Rect& rest) {
  const Canvas& canvas = ui.canvas;
  static constexpr std::array<std::string_view, 2> languages = {"EN", "日本語"};
  const Rect place = rest.take_right(segmented_width(canvas, languages));
  if (const auto chosen = segmented(ui, "language", place.left_middle(), languages, look_.japanese ? 1 : 0))
    look_.japanese = *chosen == 1;
  rest.take_right(canvas.px(10));
  const Button open{.label = "Open", .look = ButtonLook::normal};
  const Rect open_place = rest.take_right(button_width(canvas, open));
  if (button(ui, "open", rect_around(open_place.center(), open_place.w, canvas.px(28)), open)) run(Command::open);
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
  const Rect help = rest.take_right(canvas.px(28));
  const Rect help_body = rect_around(help.center(), canvas.px(28), canvas.px(28));
  if (button(ui, "help", help_body, {.label = ""})) help_.open();
  draw_text_in(canvas, help_body, style::name, colors.text, "?", Align::center);
  rest.take_right(canvas.px(10));
  const Rect menu = rest.take_right(canvas.px(28));
  const Rect menu_body = rect_around(menu.center(), canvas.px(28), canvas.px(28));
  if (button(ui, "actions", menu_body, {.label = ""})) open_palette();
  for (const float line : {-5.0F, 0.0F, 5.0F})
    canvas.hline(menu.center().x - canvas.px(6), menu.center().x + canvas.px(6),
                 std::round(menu.center().y + canvas.px(line)), colors.text);
  rest.take_right(canvas.px(10));
  // Large type leaves room for the tabs alone; the keys still work.
  if (bar.w >= canvas.px(small_window_below)) draw_bar_buttons(ui, rest);
  draw_filter_bar(ui, rest);
  rest.take_right(canvas.px(24));
  if (!shown_) {
    draw_text(canvas, {rest.x, baseline_for_middle(canvas, TextSize::title, bar.center().y)}, style::title, colors.text,
              "Fourtuple");
    const float name = text_width(canvas, style::title, "Fourtuple");
    rest.take_left(name + canvas.px(16));
    draw_text_in(canvas, rest, style::body, colors.muted, "see how data finds the right program");
    return;
  }
  const float middle_start = canvas.px(512), least_title = canvas.px(120);
  const TabWindow tabs = fit_tabs(canvas, panel_, rest.w);
  const float first_x = tabs.width + least_title > rest.w ? rest.x : rest.x + least_title;
  const float tabs_x = std::max(std::min(middle_start, rest.right() - tabs.width), first_x);
  Rect words{rest.x, rest.y, tabs_x - rest.x - canvas.px(28), rest.h};
  if (words.w > canvas.px(40)) {
    const std::string title = fit_text(canvas.as_written(), style::heading, title_, words.w);
    words.take_left(draw_text_in(canvas.as_written(), words, style::heading, colors.text, title) + canvas.px(12));
  }
  if (words.w > canvas.px(60)) draw_text_in(canvas, words, style::number, colors.muted, subtitle_);
  if (const auto chosen = tab_bar(ui, "tabs", {tabs_x, bar.y, tabs.width, bar.h}, tabs.titles, tabs.active)) {
    panel_ = panel_names[tabs.first + *chosen].kind;
  }
}

}  // namespace fourtuple::viz
