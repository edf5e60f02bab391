#include "viz/viewer/overlays.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/table.h"
#include "viz/viewer/shortcuts.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t most_files = 500;

void dim(const Canvas& canvas, const Rect& screen) {
  canvas.fill(screen, with_alpha(canvas.colors().background, 0.72F));
}

Rect dialog(const Canvas& canvas, const Rect& screen, float width, float height) {
  const float margin = canvas.px(24);
  const Rect r = rect_around(screen.center(), std::min(canvas.px(width), screen.w - 2 * margin),
                             std::min(canvas.px(height), screen.h - 2 * margin));
  const Rect sharp{std::round(r.x), std::round(r.y), r.w, r.h};
  draw_card(canvas, sharp, canvas.colors().link, 12);
  return sharp;
}

bool close_button(const Ui& ui, const Rect& card) {
  const Rect r{card.right() - ui.canvas.px(44), card.y + ui.canvas.px(14), ui.canvas.px(28), ui.canvas.px(28)};
  const bool pressed = button(ui, "close overlay", r, {.label = "", .look = ButtonLook::quiet});
  draw_icon(ui.canvas, Icon::cross, r.center(), ui.canvas.colors().muted, 16);
  return pressed;
}

bool pressed_outside(const Rect& card) {
  return ImGui::IsMouseClicked(0) && !card.contains(from_im(ImGui::GetIO().MousePos));
}

// Height of one fault in the list.
float error_height(const Canvas& canvas, const Error& error, float width) {
  float lines = static_cast<float>(wrap_text(canvas, style::body, error.message, width).size());
  if (!error.expected.empty()) lines += 1;
  if (!error.suggestion.empty()) lines += 1;
  return canvas.px(28) + lines * line_height(canvas, TextSize::normal) + canvas.px(12);
}

void draw_error(const Canvas& canvas, Rect r, const Error& error) {
  const Palette& colors = canvas.colors();
  canvas.fill({r.x, r.y + canvas.px(6), canvas.px(3), r.h - canvas.px(20)}, colors.drop, canvas.px(1.5F));
  r.take_left(canvas.px(16));
  std::string place = std::filesystem::path(error.where.file).filename().string();
  if (error.where.line > 0) place += fmt::format(":{}", error.where.line);
  if (error.where.column > 0) place += fmt::format(":{}", error.where.column);
  draw_text_in(canvas, r.take_top(canvas.px(24)), style::number, colors.muted, place);
  r.take_top(draw_paragraph(canvas, r, style::body, colors.text, error.message, 6));
  const float line = line_height(canvas, TextSize::normal);
  if (!error.expected.empty())
    draw_text_in(canvas, r.take_top(line), style::label, colors.muted, "expected " + error.expected);
  if (!error.suggestion.empty()) {
    draw_text_in(canvas, r.take_top(line), style::label_strong, colors.accent,
                 "did you mean “" + error.suggestion + "”?");
  }
}

}  // namespace

bool draw_help(const Ui& ui, const Rect& screen) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  dim(canvas, screen);
  const Rect card = dialog(canvas, screen, 960, 516);
  Rect inner = card.inset(canvas.px(32), canvas.px(24));
  draw_text_in(canvas, inner.take_top(canvas.px(32)), style::title, colors.text, "Keys");
  inner.take_top(canvas.px(12));
  const float column = inner.w / 3;
  struct Place {
    std::string_view group;
    int column;
  };
  float y[3] = {inner.y, inner.y, inner.y};
  for (const Place place : {Place{"Time", 0}, Place{"Rules", 0}, Place{"Find", 1}, Place{"Panels", 1},
                            Place{"Window", 2}, Place{"Filter", 2}}) {
    const float x = inner.x + static_cast<float>(place.column) * column;
    float& at = y[place.column];
    draw_text_in(canvas, {x, at, column, canvas.px(24)}, style::label_strong, colors.accent, place.group);
    at += canvas.px(24);
    for (const Shortcut& shortcut : shortcuts()) {
      if (shortcut.group != place.group) continue;
      const Rect line{x, at, column - canvas.px(12), canvas.px(22)};
      draw_keycap(canvas, line.left_middle(), to_string(shortcut.chord));
      draw_text_in(canvas, {line.x + canvas.px(104), line.y, line.w - canvas.px(104), line.h}, style::label,
                   colors.text, shortcut.words);
      at += line.h;
    }
    at += canvas.px(14);
  }
  Rect foot = inner.take_bottom(canvas.px(22));
  canvas.hline(foot.x, foot.right(), foot.y - canvas.px(8), colors.line);
  draw_text_in(
      canvas, foot, style::label, colors.muted,
      "1 to 8 open the panels from left to right.   On the map the wheel zooms and dragging moves.   Drop a file "
      "on the window to open it.");
  return close_button(ui, card) || pressed_outside(card);
}

bool draw_errors(const Ui& ui, const Rect& screen, const std::string& file, const std::vector<Error>& errors) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  dim(canvas, screen);
  const float width = std::min(canvas.px(720), screen.w - canvas.px(48));
  float needed = canvas.px(24 + 64 + 24 + 32 + 24);
  for (const Error& error : errors) needed += error_height(canvas, error, width - canvas.px(80));
  const Rect card = dialog(canvas, screen, 720, std::min(needed / canvas.px(1), 560.0F));
  Rect inner = card.inset(canvas.px(32), canvas.px(24));
  const std::string name = std::filesystem::path(file).filename().string();
  draw_text_in(canvas, inner.take_top(canvas.px(32)), style::title, colors.text,
               fit_text(canvas, style::title, "This file cannot be shown: " + name, inner.w - canvas.px(40)));
  const std::string count =
      errors.size() == 1 ? "one thing is wrong with it" : fmt::format("{} things are wrong with it", errors.size());
  draw_text_in(canvas, inner.take_top(canvas.px(24)), style::label, colors.muted, count);
  inner.take_top(canvas.px(8));
  Rect foot = inner.take_bottom(canvas.px(32));
  inner.take_bottom(canvas.px(12));
  {
    ScrollArea scroll(ui, "errors", inner);
    Rect rest = scroll.content();
    rest.h = 1e6F;
    float used = 0;
    for (const Error& error : errors) {
      const float height = error_height(canvas, error, rest.w - canvas.px(16));
      draw_error(scroll.ui().canvas, rest.take_top(height), error);
      used += height;
    }
    scroll.set_height(used);
  }
  const Button ok{.label = "Back", .key = "Esc", .look = ButtonLook::primary};
  const bool pressed = button(ui, "errors ok", foot.take_left(button_width(canvas, ok)), ok);
  return close_button(ui, card) || pressed;
}

void draw_toast(const Canvas& canvas, const Rect& area, std::string_view words) {
  const Palette& colors = canvas.colors();
  const std::string text = fit_text(canvas, style::label_medium, words, area.w - canvas.px(96));
  const float width = text_width(canvas, style::label_medium, text) + canvas.px(32);
  const Rect r{area.center().x - width / 2, area.y + canvas.px(16), width, canvas.px(36)};
  canvas.fill(r, colors.raised, canvas.px(8));
  canvas.stroke(r, colors.link, std::max(1.0F, canvas.px(1)), canvas.px(8));
  draw_text_in(canvas, r, style::label_medium, colors.text, text, Align::center);
}

void OpenDialog::open(const std::vector<GalleryEntry>& entries, const std::string& folder, Offer offer) {
  open_ = fresh_ = true;
  filter_.clear();
  entries_ = entries;
  list_folder(folder);
  if (offer == Offer::all) return;
  std::erase_if(entries_, [&](const GalleryEntry& entry) { return entry.capture != (offer == Offer::captures); });
}

void OpenDialog::list_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code problem;
  std::vector<std::string> found;
  for (fs::directory_iterator at(folder, problem), end; !problem && at != end && found.size() < most_files;
       at.increment(problem)) {
    const std::string type = at->path().extension().string();
    if (type == ".yaml" || type == ".yml" || type == ".pcap" || type == ".pcapng" || type == ".trace") {
      found.push_back(at->path().string());
    }
  }
  std::sort(found.begin(), found.end());
  for (const std::string& path : found)
    entries_.push_back({fs::path(path).filename().string(), path, "this folder",
                        path.ends_with(".pcap") || path.ends_with(".pcapng")});
}

bool OpenDialog::shown(const GalleryEntry& entry) const {
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  };
  return lower(entry.title + " " + entry.path).find(lower(filter_)) != std::string::npos;
}

std::optional<std::string> OpenDialog::first() const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const GalleryEntry& e) { return shown(e); });
  if (found == entries_.end()) return std::nullopt;
  return found->path;
}

std::optional<std::string> OpenDialog::draw(const Ui& ui, const Rect& screen) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  std::optional<std::string> chosen;
  dim(canvas, screen);
  const Rect card = dialog(canvas, screen, 720, 560);
  Rect inner = card.inset(canvas.px(32), canvas.px(24));
  draw_text_in(canvas, inner.take_top(canvas.px(32)), style::title, colors.text, "Open");
  inner.take_top(canvas.px(8));
  text_input(ui, "open filter", inner.take_top(canvas.px(32)), filter_, "type a part of the name", fresh_);
  fresh_ = false;
  inner.take_top(canvas.px(12));
  const Rect note = inner.take_bottom(canvas.px(28));
  draw_text_in(canvas, note, style::label, colors.muted,
               "Or drop a file on the window: a scenario, a capture or a saved trace.");
  inner.take_bottom(canvas.px(8));
  {
    ScrollArea scroll(ui, "files", inner);
    Rect rest = scroll.content();
    rest.h = 1e6F;
    float used = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!shown(entries_[i])) continue;
      const Rect line = rest.take_top(canvas.px(28));
      if (table_row(scroll.ui(), "file" + std::to_string(i), line, {}).clicked) chosen = entries_[i].path;
      Rect cells = line.inset(canvas.px(8), 0);
      const Rect topic = cells.take_right(canvas.px(120));
      draw_text_in(scroll.ui().canvas, cells, style::name, colors.text, entries_[i].title);
      draw_text_in(scroll.ui().canvas, topic, style::label, colors.muted, entries_[i].topic, Align::right);
      used += line.h;
    }
    if (used == 0)
      draw_text_in(scroll.ui().canvas, rest.take_top(canvas.px(48)), style::body, colors.muted,
                   "Nothing of this kind is here. Drop a file on the window instead.", Align::center);
    scroll.set_height(used);
  }
  if (close_button(ui, card) || pressed_outside(card)) close();
  if (chosen) close();
  return chosen;
}

}  // namespace fourtuple::viz
