#include "viz/viewer/gallery.h"

#include <algorithm>
#include <array>
#include <cctype>
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
  struct Hint {
    std::string_view key, word;
  };
  for (const Hint hint : {Hint{"Enter", "open"}, Hint{"←", "back"}, Hint{"→", "step"},
                          Hint{"Space", preview.playing ? "pause" : "play"}}) {
    if (foot.w < canvas.px(200)) break;
    const float word = text_width(canvas, style::label, hint.word);
    const float cap = std::max(canvas.px(18), text_width(canvas, style::number, hint.key) + canvas.px(10));
    Rect spot = foot.take_right(word + cap + canvas.px(24));
    draw_keycap(canvas, spot.left_middle(), hint.key);
    draw_text_in(canvas, {spot.x + cap + canvas.px(8), spot.y, word + canvas.px(4), spot.h}, style::label, colors.muted,
                 hint.word);
  }
  Rect words = foot.inset(0, canvas.px(10));
  const Canvas own = canvas.as_written();
  draw_text_in(own, words.take_top(words.h / 2), style::heading, colors.text, preview.title);
  draw_text_in(own, words, style::label, colors.muted, preview.caption);
  return action;
}

GalleryAction Gallery::draw_choices(const Ui& ui, Rect r) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  GalleryAction action;
  const float gap = canvas.px(16), height = (r.h - 2 * gap) / 3;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const BigChoice& choice = choices[i];
    const Rect card = r.take_top(height);
    r.take_top(gap);
    const Touch state = touch(ui, choice.title, card);
    if (state.glow > 0) canvas.halo(card, colors.accent, canvas.px(5), canvas.px(13), 0.2F * state.glow);
    draw_card(canvas, card, i == 0 || state.glow > 0 ? mix(colors.line, colors.accent, i == 0 ? 1 : state.glow) : 0,
              10);
    if (state.focused) draw_focus(canvas, card, canvas.px(10));
    Rect inner = card.inset(canvas.px(20), 0);
    const Rect icon = rect_around(inner.take_left(canvas.px(56)).center(), canvas.px(56), canvas.px(56));
    canvas.fill(icon, i == 0 ? colors.accent : colors.raised, canvas.px(10));
    draw_icon(canvas, choice.icon, icon.center(), i == 0 ? colors.accent_ink : colors.accent, 30);
    inner.take_left(canvas.px(20));
    const Rect key = inner.take_right(canvas.px(24));
    inner.take_right(canvas.px(10));
    draw_keycap(canvas, key.left_middle(), choice.key);
    // In a small window the words get smaller and wrap; they are what a new user reads first.
    const float middle = inner.center().y;
    const bool roomy = text_width(canvas, style::title, choice.title) <= inner.w;
    draw_text_in(canvas, {inner.x, middle - canvas.px(30), inner.w, canvas.px(30)},
                 roomy ? style::title : style::heading, colors.text, choice.title);
    draw_paragraph(canvas, {inner.x, middle + canvas.px(2), inner.w, canvas.px(36)}, roomy ? style::body : style::label,
                   colors.muted, choice.words, 2);
    if (state.clicked) action.kind = choice.action;
  }
  return action;
}

std::vector<std::string> Gallery::topics() const {
  std::vector<std::string> all;
  for (const GalleryEntry& entry : entries_) {
    if (!entry.topic.empty() && std::find(all.begin(), all.end(), entry.topic) == all.end()) all.push_back(entry.topic);
  }
  std::sort(all.begin(), all.end());
  const auto first = std::find(all.begin(), all.end(), "start here");
  if (first != all.end()) std::rotate(all.begin(), first, first + 1);
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
  const std::vector<std::string> names = topics();
  std::vector<std::string_view> words = {"All"};
  words.insert(words.end(), names.begin(), names.end());
  topic_ = std::min(topic_, words.size() - 1);
  const float search = canvas.px(220), needed = segmented_width(canvas, words);
  heading.take_left(width + canvas.px(20));
  if (names.size() > 1 && needed + search < heading.w - canvas.px(24)) {
    if (const auto chosen = segmented(ui, "topic", {heading.right() - needed, heading.center().y}, words, topic_))
      topic_ = *chosen;
  } else {
    topic_ = 0;
  }
  text_input(ui, "gallery search", rect_around({heading.x + search / 2, heading.center().y}, search, canvas.px(28)),
             typed_, "/ search", std::exchange(wants_search_, false));
  std::vector<std::size_t> shown;
  const std::string_view topic = topic_ == 0 ? std::string_view() : words[topic_];
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (shows(entries_[i], topic)) shown.push_back(i);
  }
  return shown;
}

bool Gallery::draw_card_of(const Ui& ui, const Rect& card, std::size_t number) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const GalleryEntry& entry = entries_[number];
  const Touch state = touch(ui, "card" + std::to_string(number), card);
  draw_card(canvas, card, state.glow > 0 ? mix(colors.line, colors.link, state.glow) : 0, 10);
  Rect inner = card;
  const Rect picture = inner.take_top(canvas.px(88));
  canvas.fill_top(picture.inset(1), colors.region, canvas.px(9));
  draw_sketch(canvas, picture, entry, number);
  if (state.focused) draw_focus(canvas, card.inset(canvas.px(5)), canvas.px(8));
  inner = inner.inset(canvas.px(14), canvas.px(8));
  draw_text_in(canvas.as_written(), inner.take_top(canvas.px(24)), style::heading, colors.text, entry.title);
  draw_text_in(canvas, inner, style::label, colors.muted, entry.topic);
  return state.clicked;
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
  const auto across = static_cast<std::size_t>(std::max((area.w + gap) / (canvas.px(240) + gap), 1.0F));
  const float card_width = (area.w - gap * static_cast<float>(across - 1)) / static_cast<float>(across);
  const float card_height = canvas.px(152);
  ScrollArea scroll(ui, "gallery", visible);
  const Rect content = scroll.content();
  for (std::size_t n = 0; n < shown.size(); ++n) {
    const std::size_t line = n / across, column = n % across;
    const Rect card{content.x + static_cast<float>(column) * (card_width + gap),
                    content.y + static_cast<float>(line) * (card_height + gap), card_width, card_height};
    if (draw_card_of(scroll.ui(), card, shown[n])) action = {Kind::open, entries_[shown[n]].path};
  }
  const std::size_t lines = (shown.size() + across - 1) / across;
  scroll.set_height(static_cast<float>(lines) * (card_height + gap));
  return action;
}

GalleryAction Gallery::draw(Ui& ui, const Rect& area, const Preview& preview) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  Rect rest = area.inset(canvas.px(24));
  const Rect strip = rest.take_bottom(canvas.px(36));
  rest.take_bottom(canvas.px(16));
  Rect top = rest.take_top(std::min(canvas.px(356), rest.h * 0.52F));
  rest.take_top(canvas.px(16));
  const Rect right = top.take_right(std::max(canvas.px(340), std::min(canvas.px(504), top.w * 0.36F)));
  top.take_right(canvas.px(24));
  GalleryAction action = draw_hero(ui, top, preview);
  if (const GalleryAction chosen = draw_choices(ui, right); chosen.kind != Kind::none) action = chosen;
  if (const GalleryAction chosen = draw_cards(ui, rest); chosen.kind != Kind::none) action = chosen;
  dashed_rect(canvas, strip, colors.link, std::max(1.0F, canvas.px(1)), canvas.px(8), {6, 4});
  Rect words = strip.inset(canvas.px(20), 0);
  draw_icon(canvas, Icon::file_drop, words.take_left(canvas.px(28)).center(), colors.accent, 20);
  words.take_left(canvas.px(6));
  const float first = draw_text_in(canvas, words, style::name, colors.text, "Drop a file anywhere:");
  words.take_left(first + canvas.px(12));
  const float types = draw_text_in(canvas, words, style::number, colors.text, ".yaml  .pcap  .pcapng  .nft  .trace");
  words.take_left(types + canvas.px(16));
  draw_text_in(canvas, words, style::label, colors.muted,
               "It says what it understood and what is wrong, line by line.");
  return action;
}

}  // namespace fourtuple::viz
