#include "viz/viewer/gallery.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <utility>

#include "viz/kit/capsule.h"
#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/strokes.h"

namespace fourtuple::viz {
namespace {

using Kind = GalleryAction::Kind;
constexpr float page_margin = 24, large_page = 1600;  // design pixels
constexpr std::string_view recent_topic = "recent";

bool is_same_file(const std::string& a, const std::string& b) {
  namespace fs = std::filesystem;
  if (a == b) return true;
  // Looking at files is slow; most have other names.
  std::error_code ignored;
  return fs::path(a).filename() == fs::path(b).filename() && fs::equivalent(a, b, ignored);
}

Icon icon_of(GallerySketch::Role role) {
  using Role = GallerySketch::Role;
  return role == Role::client ? Icon::laptop : role == Role::router ? Icon::router : Icon::server;
}

// The scenario's own network in a few strokes; a capture, which has none yet, as what passed on a wire.
void draw_sketch(const Canvas& canvas, const Rect& r, const GalleryEntry& entry, std::size_t number) {
  const Palette& colors = canvas.colors();
  const Rect inner = r.inset(canvas.px(34), canvas.px(8));
  const GallerySketch& sketch = entry.sketch;
  if (sketch.hosts.empty()) {
    canvas.line(inner.left_middle(), inner.right_middle(), colors.link, canvas.px(1.5F));
    for (std::size_t i = 0; i < 5; ++i) {
      const float x = inner.x + inner.w * (static_cast<float>(i) + 0.5F) / 5;
      draw_flow_sign(canvas, {x, inner.center().y}, static_cast<PacketShape>((number + i) % 3),
                     flow_color((number + i) % named_flow_colors));
    }
    return;
  }
  const auto place = [&](std::size_t host) {
    return Vec2{std::round(inner.x + inner.w * sketch.hosts[host].x),
                std::round(inner.y + inner.h * sketch.hosts[host].y)};
  };
  for (std::size_t i = 0; i < sketch.links.size(); ++i) {
    const Path path = Path::link(place(sketch.links[i].from), place(sketch.links[i].to));
    path_stroke(canvas, path, colors.link, canvas.px(1.5F));
    if (i < 3)
      draw_flow_sign(canvas, path.point_at(0.5F), PacketShape::tcp, flow_color((number + i) % named_flow_colors));
  }
  for (std::size_t i = 0; i < sketch.hosts.size(); ++i) {
    const float size = canvas.px(sketch.hosts.size() > 6 ? 14 : 24);
    const Rect box = rect_around(place(i), size * 1.3F, size);
    canvas.fill(box, colors.raised, canvas.px(5));
    canvas.stroke(box, sketch.hosts[i].guarded ? colors.rewrite : colors.link, canvas.px(1), canvas.px(5));
    draw_icon(canvas, icon_of(sketch.hosts[i].role), box.center(), colors.muted, sketch.hosts.size() > 6 ? 9 : 15);
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

struct BigChoice {
  std::string_view title, words, key;
  Icon icon;
  Kind action;
};
constexpr std::array<BigChoice, 3> choices = {
    {{"Watch a scenario", "Step by step, forwards and backwards.", "1", Icon::play, Kind::choose_scenario},
     {"Open a capture", "A .pcap or .pcapng in the same picture.", "2", Icon::file_drop, Kind::choose_capture},
     {"Step through a firewall", "Your nft rules, and every comparison.", "3", Icon::padlock_closed,
      Kind::choose_ruleset}}};

// What the keys do to the preview, as buttons at its right end: as many as leave the title its room.
void draw_hints(const Ui& ui, Rect& foot, const Gallery::Preview& preview, GalleryAction& action) {
  const Canvas& canvas = ui.canvas;
  struct Hint {
    Button button;
    Kind kind;
  };
  const std::array<Hint, 4> hints = {
      {{{.label = "open", .key = "Enter"}, Kind::open_preview},
       {{.label = "step", .key = "→"}, Kind::step_forward},
       {{.label = "back", .key = "←"}, Kind::step_back},
       {{.label = preview.playing ? "pause" : "play", .key = "Space"}, Kind::play_pause}}};
  const float title = text_width(canvas, style::heading, preview.title) + canvas.px(16);
  const float least = std::min(title, std::max(foot.w * 0.6F, canvas.px(160)));
  std::size_t shown = 0;
  float width = 0;
  for (; shown < hints.size(); ++shown) {
    const float more = button_width(canvas, hints[shown].button) + canvas.px(8);
    if (foot.w - width - more < least) break;
    width += more;
  }
  Rect row = foot.take_right(width);
  for (std::size_t i = shown; i-- > 0;) {
    const Hint& hint = hints[i];
    row.take_left(canvas.px(8));
    const Rect place = row.take_left(button_width(canvas, hint.button));
    const Rect body = rect_around(place.center(), place.w, canvas.px(28));
    if (button(ui, "hero " + std::string(hint.button.key), body, hint.button)) action.kind = hint.kind;
  }
}

}  // namespace

GalleryAction Gallery::draw_hero(Ui& ui, const Rect& r, const Preview& preview) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  GalleryAction action;
  canvas.fill(r, colors.region, canvas.px(12));
  Rect inner = r;
  Rect foot = inner.take_bottom(canvas.px(64));
  if (preview.draw) preview.draw(ui, inner.inset(canvas.px(4)));
  canvas.hline(r.x, r.right(), foot.y, colors.line);
  foot = foot.inset(canvas.px(18), 0);
  const Rect disc = foot.take_left(canvas.px(36));
  if (icon_button(ui, "hero play", rect_around(disc.center(), canvas.px(36), canvas.px(36)),
                  preview.playing ? Icon::pause : Icon::play, true)) {
    action.kind = Kind::play_pause;
  }
  foot.take_left(canvas.px(18));
  draw_hints(ui, foot, preview, action);
  Rect words = foot.inset(0, canvas.px(10));
  const Canvas own = canvas.as_written();
  draw_text_in(own, words.take_top(words.h / 2), style::heading, colors.text, preview.title);
  draw_text_in(own, words, style::label, colors.muted, preview.caption);
  return action;
}

GalleryAction Gallery::draw_choices(const Ui& ui, Rect r) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  GalleryAction action;
  const float gap = canvas.px(16), height = (r.h - 2 * gap) / 3;
  // In a small window the words get smaller, all alike, and wrap; they are what a new user reads first.
  const float room = r.w - canvas.px(150);
  const bool roomy = std::all_of(choices.begin(), choices.end(), [&](const BigChoice& choice) {
    return text_width(canvas, style::title, choice.title) <= room;
  });
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const BigChoice& choice = choices[i];
    const Rect card = r.take_top(height);
    r.take_top(gap);
    const Touch state = touch(ui, choice.title, card);
    if (i == 0) entrance_ = state.id;
    if (state.glow > 0) canvas.halo(card, colors.accent, canvas.px(5), canvas.px(13), 0.2F * state.glow);
    draw_card(canvas, card, state.glow > 0 ? mix(colors.line, colors.accent, state.glow) : 0, 10);
    if (state.focused) draw_focus(canvas, card, canvas.px(10));
    Rect inner = card.inset(canvas.px(20), 0);
    const Rect icon = rect_around(inner.take_left(canvas.px(56)).center(), canvas.px(56), canvas.px(56));
    canvas.fill(icon, i == 0 ? colors.accent : colors.raised, canvas.px(10));
    draw_icon(canvas, choice.icon, icon.center(), i == 0 ? colors.accent_ink : colors.accent, 30);
    inner.take_left(canvas.px(20));
    const Rect key = inner.take_right(canvas.px(24));
    inner.take_right(canvas.px(10));
    draw_keycap(canvas, key.left_middle(), choice.key);
    const float middle = inner.center().y;
    draw_text_in(canvas, {inner.x, middle - canvas.px(30), inner.w, canvas.px(30)},
                 roomy ? style::title : style::heading, colors.text, choice.title);
    draw_paragraph(canvas, {inner.x, middle + canvas.px(2), inner.w, canvas.px(36)}, roomy ? style::body : style::label,
                   colors.muted, choice.words, 2);
    if (state.clicked) action.kind = choice.action;
  }
  return action;
}

void Gallery::set_entries(std::vector<GalleryEntry> entries) {
  entries_ = std::move(entries);
  list_recent();
}

void Gallery::set_recent(std::vector<std::string> paths) {
  recent_paths_ = std::move(paths);
  list_recent();
}

void Gallery::list_recent() {
  recent_.clear();
  for (const std::string& path : recent_paths_) {
    const auto known = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const GalleryEntry& entry) { return is_same_file(entry.path, path); });
    GalleryEntry card;
    if (known != entries_.end()) card = *known;
    card.path = path;
    if (card.title.empty()) card.title = std::filesystem::path(path).filename().string();
    card.topic = recent_topic;
    recent_.push_back(std::move(card));
  }
}

const GalleryEntry* Gallery::after(const std::string& path) const {
  auto at = std::find_if(entries_.begin(), entries_.end(),
                         [&](const GalleryEntry& entry) { return is_same_file(entry.path, path); });
  if (at == entries_.end()) return nullptr;
  at = std::find_if(at + 1, entries_.end(), [](const GalleryEntry& entry) { return !entry.capture; });
  return at == entries_.end() ? nullptr : &*at;
}

const GalleryEntry& Gallery::entry(std::size_t number) const {
  return number < entries_.size() ? entries_[number] : recent_[number - entries_.size()];
}

std::vector<std::string> Gallery::topics() const {
  std::vector<std::string> all;
  for (const GalleryEntry& entry : entries_) {
    if (!entry.topic.empty() && std::find(all.begin(), all.end(), entry.topic) == all.end()) all.push_back(entry.topic);
  }
  std::sort(all.begin(), all.end());
  const auto first = std::find(all.begin(), all.end(), "start here");
  if (first != all.end()) std::rotate(all.begin(), first, first + 1);
  if (!recent_.empty()) all.emplace(all.begin(), recent_topic);
  return all;
}

bool Gallery::shows(const GalleryEntry& entry, std::string_view topic) const {
  if (!topic.empty() && entry.topic != topic) return false;
  const std::string all = lower(entry.title + ' ' + entry.topic + ' ' + entry.words + ' ' + entry.path);
  return all.find(lower(typed_)) != std::string::npos;
}

std::vector<std::size_t> Gallery::draw_heading(const Ui& ui, Rect heading) {
  const Canvas& canvas = ui.canvas;
  const float width = draw_text_in(canvas, heading, style::title, canvas.colors().text, "Scenarios");
  heading.take_left(width + canvas.px(20));
  const std::vector<std::string> names = topics();
  std::vector<std::string_view> words = {"All"};
  words.insert(words.end(), names.begin(), names.end());
  topic_ = std::min(topic_, words.size() - 1);
  const float search = canvas.px(heading.w < canvas.px(900) ? 156 : 220);
  text_input(ui, "gallery search", rect_around({heading.x + search / 2, heading.center().y}, search, canvas.px(28)),
             typed_, "/ search", std::exchange(wants_search_, false));
  heading.take_left(search + canvas.px(16));
  if (names.size() > 1) {
    const float room = std::min(segmented_width(canvas, words), heading.w);
    const Vec2 place{heading.right() - room, heading.center().y};
    if (const Chosen chosen = choose_in(ui, "topic", place, words, topic_, room); chosen.part) topic_ = *chosen.part;
  }
  std::vector<std::size_t> shown;
  const std::string_view topic = topic_ == 0 ? std::string_view() : words[topic_];
  // What was opened lately stands among the others already, unless it is asked for, or is none of them.
  const bool with_recent = topic == recent_topic || !typed_.empty();
  const std::size_t count = entries_.size() + (with_recent ? recent_.size() : 0);
  for (std::size_t i = 0; i < count; ++i) {
    if (shows(entry(i), topic)) shown.push_back(i);
  }
  return shown;
}

Touch Gallery::draw_card_of(const Ui& ui, const Rect& card, std::size_t number) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const GalleryEntry& shown = entry(number);
  const Touch state = touch(ui, "card" + std::to_string(number), card);
  draw_card(canvas, card, state.glow > 0 ? mix(colors.line, colors.link, state.glow) : 0, 10);
  Rect inner = card;
  const Rect picture = inner.take_top(card.h - canvas.px(64));
  canvas.fill_top(picture.inset(1), colors.region, canvas.px(9));
  draw_sketch(canvas, picture, shown, number);
  if (state.focused) draw_focus(canvas, card.inset(canvas.px(5)), canvas.px(8));
  inner = inner.inset(canvas.px(14), canvas.px(8));
  const Rect title = inner.take_top(canvas.px(24));
  draw_text_in(canvas.as_written(), title, style::heading, colors.text, shown.title);
  draw_text_in(canvas, inner, style::label, colors.muted, shown.topic);
  if (state.hovered && text_width(canvas, style::heading, shown.title) > title.w)
    show_tooltip_below(ui, title, shown.title);
  return state;
}

GalleryAction Gallery::draw_cards(const Ui& ui, Rect area) {
  const Canvas& canvas = ui.canvas;
  GalleryAction action;
  const std::vector<std::size_t> shown = draw_heading(ui, area.take_top(canvas.px(36)));
  area.take_top(canvas.px(8));
  if (shown.empty())
    draw_text_in(canvas, {area.x, area.y, area.w, canvas.px(48)}, style::body, canvas.colors().muted,
                 "No scenario has these words.");
  const float gap = canvas.px(16);
  const Rect visible = area;
  area.w -= canvas.px(14);  // the scroll bar
  const bool large = area.w >= canvas.px(large_page);
  const auto across = static_cast<std::size_t>(std::max((area.w + gap) / (canvas.px(large ? 290 : 240) + gap), 1.0F));
  const float card_width = (area.w - gap * static_cast<float>(across - 1)) / static_cast<float>(across);
  const float card_height = canvas.px(large ? 184 : 152);
  ScrollArea scroll(ui, "gallery", visible);
  const Rect content = scroll.content();
  for (std::size_t n = 0; n < shown.size(); ++n) {
    const std::size_t line = n / across, column = n % across;
    const Rect card{content.x + static_cast<float>(column) * (card_width + gap),
                    content.y + static_cast<float>(line) * (card_height + gap), card_width, card_height};
    const Touch state = draw_card_of(scroll.ui(), card, shown[n]);
    const bool first = n == 0 && std::exchange(wants_first_, false) && !typed_.empty();
    if (state.clicked || first) action = {Kind::open, entry(shown[n]).path};
    // Once: the wheel may take it away again.
    if (state.focused && std::exchange(in_view_, state.id) != state.id)
      scroll.scroll_to(card.y - content.y - canvas.px(8), card_height + canvas.px(16));
  }
  wants_first_ = false;
  const std::size_t lines = (shown.size() + across - 1) / across;
  scroll.set_height(static_cast<float>(lines) * (card_height + gap));
  return action;
}

Rect Gallery::drop_strip(const Canvas& canvas, const Rect& area) {
  Rect page = area.inset(canvas.px(page_margin));
  return page.take_bottom(canvas.px(36));
}

void Gallery::draw_drop_strip(const Canvas& canvas, const Rect& strip) {
  const Palette& colors = canvas.colors();
  dashed_rect(canvas, strip, colors.link, std::max(1.0F, canvas.px(1)), canvas.px(8), {6, 4});
  Rect words = strip.inset(canvas.px(20), 0);
  draw_icon(canvas, Icon::file_drop, words.take_left(canvas.px(28)).center(), colors.accent, 20);
  words.take_left(canvas.px(6));
  const float first = draw_text_in(canvas, words, style::name, colors.text, "Drop a file anywhere:");
  words.take_left(first + canvas.px(12));
  const float types =
      draw_text_in(canvas, words, style::number, colors.text, ".yaml  .pcap  .pcapng  .nft  .pkt  .trace");
  words.take_left(types + canvas.px(16));
  draw_text_in(canvas, words, style::label, colors.muted,
               "It says what it understood and what is wrong, line by line.");
}

GalleryAction Gallery::draw(Ui& ui, const Rect& area, const Preview& preview) {
  const Canvas& canvas = ui.canvas;
  const Rect strip = drop_strip(canvas, area);
  Rect rest = area.inset(canvas.px(page_margin));
  rest.take_bottom(strip.h + canvas.px(16));
  const bool large = rest.w >= canvas.px(large_page) && rest.h >= canvas.px(800);
  Rect top = rest.take_top(std::min(canvas.px(large ? 424 : 356), rest.h * 0.52F));
  rest.take_top(canvas.px(16));
  const Rect right = top.take_right(clamped(top.w * 0.36F, canvas.px(340), canvas.px(large ? 600 : 504)));
  top.take_right(canvas.px(24));
  GalleryAction action = draw_hero(ui, top, preview);
  if (const GalleryAction chosen = draw_choices(ui, right); chosen.kind != Kind::none) action = chosen;
  if (const GalleryAction chosen = draw_cards(ui, rest); chosen.kind != Kind::none) action = chosen;
  draw_drop_strip(canvas, strip);
  return action;
}

}  // namespace fourtuple::viz
