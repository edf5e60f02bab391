#include "viz/viewer/command_palette.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/table.h"
#include "viz/viewer/dialog.h"

namespace fourtuple::viz {
namespace {

constexpr float palette_row_height = 32;
constexpr std::size_t page = 8;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

}  // namespace

std::vector<PaletteItem> palette_commands(const Keymap& keymap) {
  std::vector<PaletteItem> items;
  for (const Shortcut& shortcut : shortcuts()) {
    if (shortcut.words.empty() || shortcut.command == Command::palette) continue;
    const Chord chord = keymap.chord_of(shortcut.command);
    items.push_back({PaletteItem::Kind::command,
                     shortcut.command,
                     std::string(shortcut.words),
                     std::string(shortcut.group),
                     chord.key == Key::none ? std::string() : to_string(chord),
                     {}});
  }
  return items;
}

std::vector<std::size_t> palette_matches(const std::vector<PaletteItem>& items, std::string_view typed) {
  const std::string whole = lower(typed);
  const std::vector<std::string> wanted = words_in(whole);
  std::vector<std::size_t> first, then;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const PaletteItem& item = items[i];
    const std::string words = lower(item.words);
    const std::string all =
        words + ' ' + lower(item.detail) + ' ' + std::string(command_name(item.command)) + ' ' + lower(item.value);
    const bool fits = std::all_of(wanted.begin(), wanted.end(),
                                  [&](const std::string& word) { return all.find(word) != std::string::npos; });
    if (!fits) continue;
    (words.starts_with(whole) ? first : then).push_back(i);
  }
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

void CommandPalette::open(std::vector<PaletteItem> items) {
  items_ = std::move(items);
  typed_.clear();
  open_ = fresh_ = true;
  chosen_.reset();
  narrow();
}

void CommandPalette::narrow() {
  shown_ = palette_matches(items_, typed_);
  at_ = 0;
  follow_ = true;
}

bool CommandPalette::handle(const InputEvent& event) {
  if (event.kind != InputKind::key_down) return false;
  const std::size_t last = shown_.empty() ? 0 : shown_.size() - 1;
  follow_ = true;
  switch (event.key) {
    case Key::down:
      at_ = at_ >= last ? 0 : at_ + 1;
      return true;
    case Key::up:
      at_ = at_ == 0 ? last : at_ - 1;
      return true;
    case Key::page_down:
      at_ = std::min(at_ + page, last);
      return true;
    case Key::page_up:
      at_ -= std::min(at_, page);
      return true;
    case Key::enter:
      fresh_ = true;  // Enter takes the caret out of the field
      if (shown_.empty()) return true;
      chosen_ = items_[shown_[at_]];
      open_ = false;
      return true;
    default:
      return false;
  }
}

std::optional<PaletteItem> CommandPalette::chosen() {
  return std::exchange(chosen_, std::nullopt);
}

void CommandPalette::draw(const Ui& ui, const Rect& screen) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  dim(canvas, screen);
  const Rect card = draw_dialog(canvas, screen, 640, 520);
  Rect inner = card.inset(canvas.px(20), canvas.px(20));
  if (text_input(ui, "palette", inner.take_top(canvas.px(36)), typed_, "what do you want to do?",
                 std::exchange(fresh_, false)))
    narrow();
  inner.take_top(canvas.px(12));
  if (shown_.empty()) {
    draw_text_in(canvas, inner.take_top(canvas.px(48)), style::body, colors.muted, "No action has these words.",
                 Align::center);
  }
  {
    ScrollArea scroll(ui, "actions", inner);
    const float height = canvas.px(palette_row_height);
    if (std::exchange(follow_, false)) scroll.scroll_to(static_cast<float>(at_) * height, height);
    const ScrollArea::Rows rows = scroll.visible_rows(shown_.size(), height);
    for (std::size_t i = rows.first; i < rows.last; ++i) {
      const PaletteItem& item = items_[shown_[i]];
      const Rect content = scroll.content();
      const Rect line{content.x, content.y + static_cast<float>(i) * height, content.w - canvas.px(12), height};
      const RowLook look{.selected = i == at_, .focusable = false};
      if (table_row(scroll.ui(), "action" + std::to_string(shown_[i]), line, look).clicked) {
        chosen_ = item;
        open_ = false;
      }
      const Canvas& inside = scroll.ui().canvas;
      Rect cells = line.inset(canvas.px(12), 0);
      const Rect keys = cells.take_right(canvas.px(112));
      const Rect detail = cells.take_right(std::min(canvas.px(160), cells.w * 0.4F));
      draw_text_in(inside, cells, style::name, colors.text, item.words);
      draw_text_in(inside, detail, style::label, colors.muted, item.detail);
      if (!item.keys.empty()) draw_keycap(inside, keys.left_middle(), item.keys);
    }
    scroll.set_height(static_cast<float>(shown_.size()) * height);
  }
  if (pressed_outside(card)) close();
}

}  // namespace fourtuple::viz
