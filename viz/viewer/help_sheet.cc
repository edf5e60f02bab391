#include "viz/viewer/help_sheet.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <utility>

#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/text.h"
#include "viz/viewer/dialog.h"

namespace fourtuple::viz {
namespace {

constexpr float heading_height = 24, line_high = 24, key_group_gap = 14, key_column = 104, column_width = 288;

std::string_view words_of(Command command) {
  for (const Shortcut& shortcut : shortcuts()) {
    if (shortcut.command == command && !shortcut.words.empty()) return shortcut.words;
  }
  return {};
}

// Groups in the order they first appear in the table.
std::vector<std::string_view> group_names() {
  std::vector<std::string_view> all;
  for (const Shortcut& shortcut : shortcuts()) {
    if (!shortcut.group.empty() && std::find(all.begin(), all.end(), shortcut.group) == all.end())
      all.push_back(shortcut.group);
  }
  return all;
}

struct Group {
  std::string_view name;
  float key_width = 0, height = 0;  // framebuffer pixels
  std::size_t column = 0;
};

float line_height(const Canvas& canvas, std::string_view words, float width) {
  return canvas.px(text_width(canvas, style::label, words) > width ? line_high + 16 : line_high);
}

// A long key widens the column of keys, long words take two lines.
Group measure(const Canvas& canvas, std::string_view name, float width, const Keymap& keymap) {
  Group group{name, canvas.px(key_column), canvas.px(heading_height + key_group_gap), 0};
  for (const Shortcut& shortcut : shortcuts()) {
    if (shortcut.group != name) continue;
    const Chord chord = keymap.chord_of(shortcut.command);
    if (chord.key != Key::none)
      group.key_width = std::max(group.key_width, keycap_width(canvas, to_string(chord)) + canvas.px(12));
  }
  for (const Shortcut& shortcut : shortcuts()) {
    if (shortcut.group == name) group.height += line_height(canvas, shortcut.words, width - group.key_width);
  }
  return group;
}

// The longest first, each where there is most room.
void spread(std::vector<Group>& groups, std::size_t columns) {
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return groups[a].height > groups[b].height; });
  std::vector<float> used(columns, 0);
  for (const std::size_t i : order) {
    const auto shortest = std::min_element(used.begin(), used.end());
    groups[i].column = static_cast<std::size_t>(shortest - used.begin());
    *shortest += groups[i].height;
  }
}

}  // namespace

void HelpSheet::close() {
  open_ = false;
  awaiting_.reset();
}

std::string HelpSheet::take_key(const InputEvent& event, Keymap& keymap) {
  const Command command = *awaiting_;
  const Chord chord{event.key, event.mods};
  awaiting_.reset();
  if (chord.key == Key::escape) return {};
  if (!Keymap::can_bind(chord)) return to_string(chord) + " cannot be given to an action";
  const std::optional<Command> before = keymap.bind(command, chord);
  std::string told = fmt::format("{} is now: {}", to_string(chord), words_of(command));
  if (before) told += fmt::format(", no longer: {}", words_of(*before));
  return told;
}

void HelpSheet::draw_line(ScrollArea& scroll, const Rect& line, float key_width, const Shortcut& shortcut,
                          const Keymap& keymap) {
  const Ui& ui = scroll.ui();
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Touch state = touch(ui, "key of " + std::string(shortcut.words), line);
  if (state.glow > 0) canvas.fill(line.inset(-canvas.px(6), 0), with_alpha(colors.raised, state.glow), canvas.px(6));
  if (state.focused) draw_focus(canvas, line, canvas.px(6));
  if (state.focused && std::exchange(in_view_, state.id) != state.id)
    scroll.scroll_to(line.y - scroll.content().y - canvas.px(8), line.h + canvas.px(16));
  if (state.clicked) awaiting_ = shortcut.command;
  const Vec2 left{line.x, line.y + canvas.px(line_high / 2)};
  const Chord chord = keymap.chord_of(shortcut.command);
  if (awaiting_ == shortcut.command) {
    draw_pill(canvas, left, "press a key", colors.accent, PillLook::dashed);
  } else if (chord.key != Key::none) {
    draw_keycap(canvas, left, to_string(chord));
  } else {
    draw_text(canvas, {left.x, baseline_for_middle(canvas, TextSize::small, left.y)}, style::label, colors.faint,
              "no key");
  }
  Rect words = line;
  words.take_left(key_width);
  words.take_top(canvas.px(3));
  draw_paragraph(canvas, words, style::label, colors.text, shortcut.words, 2);
}

void HelpSheet::draw_groups(const Ui& ui, const Rect& area, const Keymap& keymap) {
  const Canvas& canvas = ui.canvas;
  ScrollArea scroll(ui, "keys", area);
  keys_.apply(scroll, canvas);
  // Room for the ring around the line the keyboard is at.
  const Rect content = scroll.content().inset(canvas.px(4), 0);
  const auto across = static_cast<std::size_t>(clamped(area.w / canvas.px(column_width), 1.0F, 4.0F));
  const float width = content.w / static_cast<float>(across), inner = width - canvas.px(16);
  std::vector<Group> groups;
  for (const std::string_view name : group_names()) groups.push_back(measure(canvas, name, inner, keymap));
  spread(groups, across);
  std::vector<float> used(across, 0);
  for (const Group& group : groups) {
    Rect column{content.x + width * static_cast<float>(group.column), content.y + used[group.column], inner,
                group.height};
    used[group.column] += group.height;
    draw_text_in(scroll.ui().canvas, column.take_top(canvas.px(heading_height)), style::label_strong,
                 canvas.colors().accent, group.name);
    for (const Shortcut& shortcut : shortcuts()) {
      if (shortcut.group != group.name) continue;
      const float height = line_height(canvas, shortcut.words, inner - group.key_width);
      draw_line(scroll, column.take_top(height), group.key_width, shortcut, keymap);
    }
  }
  scroll.set_height(*std::max_element(used.begin(), used.end()));
}

void HelpSheet::draw(const Ui& ui, const Rect& screen, Keymap& keymap) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  dim(canvas, screen);
  const Rect card = draw_dialog(canvas, screen, 1360, 1100);
  Rect inner = card.inset(canvas.px(32), canvas.px(24));
  Rect title = inner.take_top(canvas.px(32));
  title.take_left(draw_text_in(canvas, title, style::title, colors.text, "Keys") + canvas.px(16));
  if (title.w > canvas.px(360))
    draw_text_in(canvas, title, style::label, colors.muted, "Choose a line, then press the key you want for it.");
  if (keymap.changed()) {
    const Button usual{.label = "Usual keys"};
    title.take_right(canvas.px(40));
    const Rect place = title.take_right(button_width(canvas, usual));
    if (button(ui, "usual keys", rect_around(place.center(), place.w, canvas.px(28)), usual)) keymap.reset();
  }
  inner.take_top(canvas.px(12));
  const Rect foot = inner.take_bottom(canvas.px(22));
  inner.take_bottom(canvas.px(10));
  canvas.hline(foot.x, foot.right(), foot.y - canvas.px(6), colors.line);
  draw_text_in(canvas, foot, style::label, colors.muted,
               "1 to 9 open the panels from left to right. Ctrl+P finds every action by its name. The wheel zooms, "
               "dragging moves.");
  draw_groups(ui, inner, keymap);
  if (close_button(ui, card) || pressed_outside(card)) close();
}

}  // namespace fourtuple::viz
