#include "viz/viewer/help_sheet.h"

#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
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
std::vector<std::string_view> groups() {
  std::vector<std::string_view> all;
  for (const Shortcut& shortcut : shortcuts()) {
    if (!shortcut.group.empty() && std::find(all.begin(), all.end(), shortcut.group) == all.end())
      all.push_back(shortcut.group);
  }
  return all;
}

float group_height(std::string_view group) {
  const auto lines = std::count_if(shortcuts().begin(), shortcuts().end(),
                                   [&](const Shortcut& shortcut) { return shortcut.group == group; });
  return heading_height + static_cast<float>(lines) * line_high + key_group_gap;
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

float HelpSheet::draw_group(const Ui& ui, Rect column, std::string_view group, const Keymap& keymap) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float top = column.y;
  draw_text_in(canvas, column.take_top(canvas.px(heading_height)), style::label_strong, colors.accent, group);
  for (const Shortcut& shortcut : shortcuts()) {
    if (shortcut.group != group) continue;
    const Rect line = column.take_top(canvas.px(line_high));
    const Touch state = touch(ui, "key of " + std::string(shortcut.words), line);
    if (state.glow > 0) canvas.fill(line.inset(-canvas.px(6), 0), with_alpha(colors.raised, state.glow), canvas.px(6));
    if (state.focused) draw_focus(canvas, line, canvas.px(6));
    if (state.clicked) awaiting_ = shortcut.command;
    const Chord chord = keymap.chord_of(shortcut.command);
    if (awaiting_ == shortcut.command) {
      draw_pill(canvas, line.left_middle(), "press a key", colors.accent, PillLook::dashed);
    } else if (chord.key != Key::none) {
      draw_keycap(canvas, line.left_middle(), to_string(chord));
    } else {
      draw_text_in(canvas, line, style::label, colors.faint, "no key");
    }
    Rect words = line;
    words.take_left(canvas.px(key_column));
    draw_text_in(canvas, words, style::label, colors.text, shortcut.words);
  }
  return column.y - top + canvas.px(key_group_gap);
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
  {
    ScrollArea scroll(ui, "keys", inner);
    const Rect content = scroll.content();
    const auto across = static_cast<std::size_t>(clamped(inner.w / canvas.px(column_width), 1.0F, 4.0F));
    const float width = inner.w / static_cast<float>(across);
    std::vector<float> used(across, 0);
    for (const std::string_view group : groups()) {
      const auto shortest = std::min_element(used.begin(), used.end());
      const float x = content.x + width * static_cast<float>(shortest - used.begin());
      const Rect column{x, content.y + *shortest, width - canvas.px(16), canvas.px(group_height(group))};
      *shortest += draw_group(scroll.ui(), column, group, keymap);
    }
    scroll.set_height(*std::max_element(used.begin(), used.end()));
  }
  if (close_button(ui, card) || pressed_outside(card)) close();
}

}  // namespace fourtuple::viz
