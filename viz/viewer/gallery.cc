#include "viz/viewer/gallery.h"

#include <algorithm>
#include <array>

#include "viz/kit/capsule.h"
#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/strokes.h"

namespace fourtuple::viz {
namespace {

using Kind = GalleryAction::Kind;

// A small picture for a card, different for each place in the list so that cards can be told apart.
void draw_emblem(const Canvas& canvas, const Rect& r, std::size_t number) {
  const Palette& colors = canvas.colors();
  const Vec2 c = r.center();
  const float u = canvas.px(1);
  const Rect box = rect_around(c + Vec2{u * 52, 0}, 34 * u, 44 * u);
  const std::size_t lines = 1 + number % 3;
  for (std::size_t i = 0; i < lines; ++i) {
    const float y = (static_cast<float>(i) - static_cast<float>(lines - 1) / 2) * 24 * u;
    const Path path = Path::link(c + Vec2{-72 * u, y}, box.left_middle());
    path_stroke(canvas, path, colors.link, 1.5F * u);
    const auto shape = static_cast<PacketShape>((number / 3 + i) % 3);
    draw_flow_sign(canvas, path.point_at(0.12F + 0.3F * static_cast<float>((number * 5 + i * 3) % 7) / 7), shape,
                   flow_color((number + i * 2) % named_flow_colors));
  }
  canvas.fill(box, colors.raised, 6 * u);
  canvas.stroke(box, colors.link, 1.5F * u, 6 * u);
  draw_icon(canvas, number % 4 == 3 ? Icon::router : Icon::server, box.center(), colors.muted, 18);
}

struct BigChoice {
  std::string_view title, words, key;
  Icon icon;
  Kind action;
};
constexpr std::array<BigChoice, 3> choices = {
    {{"Watch a scenario", "Step by step, forwards and backwards.", "1", Icon::play, Kind::choose_scenario},
     {"Open a capture", "A .pcap or .pcapng in the same picture.", "2", Icon::file_drop, Kind::choose_capture},
     {"Look around", "The network at the left, in the whole window.", "3", Icon::magnifier, Kind::open_preview}}};

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
    if (foot.w < canvas.px(420)) break;
    const float word = text_width(canvas, style::label, hint.word);
    const float cap = std::max(canvas.px(18), text_width(canvas, style::number, hint.key) + canvas.px(10));
    Rect spot = foot.take_right(word + cap + canvas.px(24));
    draw_keycap(canvas, spot.left_middle(), hint.key);
    draw_text_in(canvas, {spot.x + cap + canvas.px(8), spot.y, word + canvas.px(4), spot.h}, style::label, colors.muted,
                 hint.word);
  }
  Rect words = foot.inset(0, canvas.px(10));
  draw_text_in(canvas, words.take_top(words.h / 2), style::heading, colors.text, preview.title);
  draw_text_in(canvas, words, style::label, colors.muted, preview.caption);
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
    const float middle = inner.center().y;
    draw_text_in(canvas, {inner.x, middle - canvas.px(28), inner.w, canvas.px(30)}, style::title, colors.text,
                 fit_text(canvas, style::title, choice.title, inner.w));
    draw_text_in(canvas, {inner.x, middle + canvas.px(4), inner.w, canvas.px(22)}, style::body, colors.muted,
                 fit_text(canvas, style::body, choice.words, inner.w));
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
  return all;
}

GalleryAction Gallery::draw_cards(const Ui& ui, Rect area) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  GalleryAction action;
  Rect heading = area.take_top(canvas.px(36));
  const float width = draw_text_in(canvas, heading, style::title, colors.text, "Scenarios");
  const std::vector<std::string> names = topics();
  std::vector<std::string_view> words = {"All"};
  words.insert(words.end(), names.begin(), names.end());
  topic_ = std::min(topic_, words.size() - 1);
  const float needed = segmented_width(canvas, words);
  if (names.size() > 1 && needed < heading.w - width - canvas.px(24)) {
    if (const auto chosen = segmented(ui, "topic", {heading.right() - needed, heading.center().y}, words, topic_))
      topic_ = *chosen;
  } else {
    topic_ = 0;
  }
  Rect sub = heading;
  sub.take_left(width + canvas.px(12));
  sub.w = std::max(sub.w - needed - canvas.px(12), 0.0F);
  draw_text_in(canvas, sub, style::label, colors.muted, "each shows one idea");
  area.take_top(canvas.px(8));
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (topic_ == 0 || entries_[i].topic == words[topic_]) shown.push_back(i);
  }
  const float gap = canvas.px(16);
  const Rect visible = area;
  area.w -= canvas.px(14);  // the scroll bar
  const auto across = static_cast<std::size_t>(std::max((area.w + gap) / (canvas.px(240) + gap), 1.0F));
  const float card_width = (area.w - gap * static_cast<float>(across - 1)) / static_cast<float>(across);
  const float card_height = canvas.px(152);
  ScrollArea scroll(ui, "gallery", visible);
  const Rect content = scroll.content();
  const Canvas& inside = scroll.ui().canvas;
  for (std::size_t n = 0; n < shown.size(); ++n) {
    const GalleryEntry& entry = entries_[shown[n]];
    const std::size_t line = n / across, column = n % across;
    const Rect card{content.x + static_cast<float>(column) * (card_width + gap),
                    content.y + static_cast<float>(line) * (card_height + gap), card_width, card_height};
    const Touch state = touch(scroll.ui(), "card" + std::to_string(shown[n]), card);
    draw_card(inside, card, state.glow > 0 ? mix(colors.line, colors.link, state.glow) : 0, 10);
    Rect inner = card;
    const Rect picture = inner.take_top(canvas.px(88));
    inside.fill_top(picture.inset(1), colors.region, canvas.px(9));
    draw_emblem(inside, picture, shown[n]);
    if (state.focused) draw_focus(inside, card.inset(canvas.px(5)), canvas.px(8));
    inner = inner.inset(canvas.px(14), canvas.px(8));
    draw_text_in(inside, inner.take_top(canvas.px(24)), style::heading, colors.text, entry.title);
    draw_text_in(inside, inner, style::label, colors.muted, entry.topic);
    if (state.clicked) action = {Kind::open, entry.path};
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
  const float types = draw_text_in(canvas, words, style::number, colors.text, ".yaml  .pcap  .pcapng");
  words.take_left(types + canvas.px(16));
  draw_text_in(canvas, words, style::label, colors.muted,
               "It says what it understood and what is wrong, line by line.");
  return action;
}

}  // namespace fourtuple::viz
