#include "viz/viewer/presenter.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/text.h"
#include "viz/viewer/narration.h"

namespace fourtuple::viz {
namespace {

constexpr float top_height = 34, low_foot = 44, high_foot = 64, story_height = 92, presenter_side = 16;
constexpr float one_line_foot = 620;  // design pixels: buttons and the line of time fit beside each other
constexpr float largest_enlarged = 2;

// The screen, in design pixels, that shows a panel whole above a story and the foot.
Vec2 screen_for(PanelKind panel) {
  switch (panel) {
    case PanelKind::map:
      return {512, 384};
    case PanelKind::ladder:
      return {600, 450};
    case PanelKind::host:
    case PanelKind::rules:
    case PanelKind::conntrack:
    case PanelKind::sockets:
    case PanelKind::tcp:
    case PanelKind::packet:
    case PanelKind::why:
      break;
  }
  return {730, 540};
}

// As large as in a panel of twice the type, unless that takes more than two lines from the picture.
TextStyle story_style(const Canvas& canvas, std::string_view text, float width, float enlarged) {
  constexpr TextStyle large{Face::regular, TextSize::title};
  if (enlarged > 1.7F) return style::body;
  return wrap_text(canvas.as_written(), large, text, width).size() <= 2 ? large : style::body;
}

float share(Time time, Time end) {
  return end.ns > 0 ? static_cast<float>(static_cast<double>(time.ns) / static_cast<double>(end.ns)) : 0;
}

// The whole run as one line: what has passed in accent, a tick for each caption, a handle at the cursor.
std::optional<Time> draw_time_line(const Ui& ui, const Rect& r, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Time end = context.cursor.end_time();
  const Rect bar = rect_around(r.center(), r.w, canvas.px(4));
  canvas.fill(bar, colors.line, canvas.px(2));
  const float x = bar.x + bar.w * share(context.now(), end);
  canvas.fill({bar.x, bar.y, x - bar.x, bar.h}, colors.accent, canvas.px(2));
  for (const trace::Caption& caption : context.trace.tables().captions) {
    const float tick = std::round(bar.x + bar.w * share(caption.from, end));
    canvas.fill({tick - canvas.px(1), r.center().y - canvas.px(5), canvas.px(2), canvas.px(10)}, colors.rewrite);
  }
  canvas.disc({x, bar.center().y}, canvas.px(6), colors.text);
  const Touch state = touch(ui, "presenter time", r, {.focusable = false});
  if (!state.held && !state.clicked) return std::nullopt;
  const float at = clamped((ImGui::GetIO().MousePos.x - bar.x) / std::max(bar.w, 1.0F), 0.0F, 1.0F);
  return Time{static_cast<std::int64_t>(static_cast<double>(end.ns) * static_cast<double>(at))};
}

}  // namespace

float presenter_scale(PanelKind panel, Vec2 single) {
  const Vec2 wanted = screen_for(panel);
  const float fits = std::min(single.x / wanted.x, single.y / wanted.y);
  // In steps: each is a set of fonts.
  return clamped(std::floor(fits * 5 + 0.01F) / 5, smallest_enlarged, largest_enlarged);
}

PacketId packet_told(const PanelContext& context, std::size_t caption) {
  const Time from = context.trace.tables().captions[caption].from;
  const auto& created = context.indexes.marks().positions(replay::Mark::packet);
  const auto at_of = [&](std::uint64_t position) { return context.trace.at(position)->at; };
  auto at = std::partition_point(created.begin(), created.end(), [&](auto position) { return at_of(position) < from; });
  PacketId told, lost;
  std::size_t count = 0;
  for (; at != created.end() && at_of(*at) == from; ++at, ++count) {
    const PacketId packet{context.trace.at(*at)->subject};
    if (count == 0) told = packet;
    if (!lost.valid() && context.indexes.packets().fate(packet) == replay::Fate::dropped) lost = packet;
  }
  return count > 1 ? lost : told;
}

float presenter_story_height(const Canvas& canvas, float width, const PanelContext& context, float enlarged) {
  const auto& captions = context.trace.tables().captions;
  if (captions.empty()) return 0;
  const trace::Caption& caption = captions[caption_at(captions, context.now()).value_or(0)];
  const float room = width - 2 * canvas.px(presenter_side);
  const TextStyle style = story_style(canvas, caption.text, room, enlarged);
  const auto lines = wrap_text(canvas.as_written(), style, caption.text, room).size();
  const float words = canvas.px(40) + line_height(canvas, style.size) * static_cast<float>(lines);
  return std::max(canvas.px(story_height), words);
}

PresenterParts presenter_parts(const Canvas& canvas, Rect screen, float story) {
  PresenterParts parts;
  parts.top = screen.take_top(canvas.px(top_height));
  parts.foot = screen.take_bottom(canvas.px(screen.w >= canvas.px(one_line_foot) ? low_foot : high_foot));
  parts.story = screen.take_bottom(std::min(story, screen.h * 0.55F));
  parts.picture = screen;
  return parts;
}

void draw_presenter_top(const Canvas& canvas, const Rect& r, std::string_view title, const PanelContext& context) {
  const Palette& colors = canvas.colors();
  Rect inner = r.inset(canvas.px(presenter_side), 0);
  draw_icon(canvas, Icon::logo, inner.take_left(canvas.px(14)).center(), colors.accent, 14);
  inner.take_left(canvas.px(8));
  const auto& captions = context.trace.tables().captions;
  const std::optional<std::size_t> now = caption_at(captions, context.now());
  const std::string count =
      captions.empty() ? std::string() : fmt::format("{} / {}", now ? *now + 1 : 0, captions.size());
  draw_text_in(canvas, inner.take_right(text_width(canvas, style::code, count)), style::code, colors.muted, count);
  inner.take_right(canvas.px(12));
  draw_text_in(canvas.as_written(), inner, style::heading, colors.text, title);
  canvas.hline(r.x + canvas.px(presenter_side), r.right() - canvas.px(presenter_side), r.bottom() - 1, colors.line);
}

std::optional<CaptionAct> draw_presenter_story(const Ui& ui, const Rect& r, const PanelContext& context,
                                               float enlarged) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const trace::Tables& tables = context.trace.tables();
  const auto& captions = tables.captions;
  if (captions.empty()) return std::nullopt;
  const std::optional<std::size_t> now = caption_at(captions, context.now());
  const trace::Caption& caption = captions[now.value_or(0)];
  Rect inner = r.inset(canvas.px(presenter_side), canvas.px(4));
  const Canvas own = canvas.as_written();
  Rect title = inner.take_top(canvas.px(28));
  std::optional<CaptionAct> pressed;
  for (const CaptionAct& act : now ? caption_acts(caption.text, tables) : std::vector<CaptionAct>{}) {
    const std::string words = act_words(act, tables, canvas.theme->choice().japanese);
    const Button wanted{.label = words, .key = act.key};
    const float width = button_width(canvas, wanted);
    if (width + text_width(own, style::title, caption.title) + canvas.px(16) > title.w) continue;
    if (button(ui, "story-act" + act.key, title.take_right(width), wanted)) pressed = act;
    title.take_right(canvas.px(8));
  }
  draw_text_in(own, title, style::title, now ? colors.text : colors.muted, caption.title);
  const TextStyle style = story_style(canvas, caption.text, inner.w, enlarged);
  const int lines = std::max(1, static_cast<int>(inner.h / line_height(canvas, style.size)));
  draw_paragraph(own, inner, style, now ? colors.text : colors.muted, caption.text, lines);
  return pressed;
}

PresenterAnswer draw_presenter_foot(const Ui& ui, const Rect& r, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(r, colors.surface);
  canvas.hline(r.x, r.right(), r.y, colors.line);
  Rect inner = r.inset(canvas.px(presenter_side), canvas.px(4));
  PresenterAnswer answer;
  const bool one_line = r.w >= canvas.px(one_line_foot);
  if (!one_line) answer.seek = draw_time_line(ui, inner.take_top(canvas.px(22)), context);
  struct Hint {
    std::string_view label, key;
    bool* pressed;
  };
  const std::array<Hint, 3> left = {{{"back", "←", &answer.back},
                                     {"next", "→", &answer.next},
                                     {context.playback.playing() ? "pause" : "play", "Space", &answer.toggle_play}}};
  const auto place = [&](const Button& wanted, Rect spot, bool& pressed) {
    if (button(ui, std::string("presenter ") + std::string(wanted.label),
               rect_around(spot.center(), spot.w, canvas.px(28)), wanted))
      pressed = true;
  };
  const Button leave{.label = "leave", .key = "Esc", .look = ButtonLook::quiet};
  place(leave, inner.take_right(button_width(canvas, leave)), answer.leave);
  for (const Hint& hint : left) {
    const Button wanted{.label = hint.label, .key = hint.key, .look = ButtonLook::quiet};
    const float width = button_width(canvas, wanted);
    if (width > inner.w) break;
    place(wanted, inner.take_left(width), *hint.pressed);
    inner.take_left(canvas.px(6));
  }
  if (one_line) answer.seek = draw_time_line(ui, inner.inset(canvas.px(16), canvas.px(4)), context);
  return answer;
}

}  // namespace fourtuple::viz
