#include "viz/viewer/narration.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <vector>

#include "viz/kit/capsule.h"
#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/strokes.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

struct LegendItem {
  std::string_view words;
  enum class Sign { tcp, udp, icmp, ring, letter, ribbon, inferred, nat } sign;
};
using Sign = LegendItem::Sign;

void draw_sign(const Canvas& canvas, Vec2 at, Sign sign) {
  const Palette& colors = canvas.colors();
  switch (sign) {
    case Sign::tcp:
      return draw_flow_sign(canvas, at, PacketShape::tcp, colors.muted);
    case Sign::udp:
      return draw_flow_sign(canvas, at, PacketShape::udp, colors.muted);
    case Sign::icmp:
      return draw_flow_sign(canvas, at, PacketShape::icmp, colors.muted);
    case Sign::ring:
      return canvas.stroke(rect_around(at, canvas.px(18), canvas.px(12)), colors.again, canvas.px(2), canvas.px(6));
    case Sign::letter:
      canvas.disc(at, canvas.px(8), colors.muted);
      draw_text(canvas, {at.x, baseline_for_middle(canvas, TextSize::small, at.y)}, style::label_strong,
                colors.background, "S", Align::center);
      return;
    case Sign::ribbon:
      return canvas.fill(rect_around(at, canvas.px(18), canvas.px(8)), with_alpha(flow_color(2), 0.45F), canvas.px(2));
    case Sign::nat:
      canvas.stroke(rect_around(at, canvas.px(20), canvas.px(14)), colors.rewrite, canvas.px(1.5F), canvas.px(5));
      draw_text(canvas, {at.x, baseline_for_middle(canvas, TextSize::small, at.y)}, style::label_strong, colors.rewrite,
                "N", Align::center);
      return;
    case Sign::inferred:
      return dashed_rect(canvas, rect_around(at, canvas.px(18), canvas.px(11)), colors.muted, canvas.px(1.5F),
                         canvas.px(5), {3, 3});
  }
}

float draw_item(const Canvas& canvas, Vec2 left_middle, const LegendItem& item) {
  draw_sign(canvas, {left_middle.x + canvas.px(10), left_middle.y}, item.sign);
  const float x = left_middle.x + canvas.px(28);
  return canvas.px(28) + draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::small, left_middle.y)},
                                   style::label, canvas.colors().muted, item.words);
}

float item_width(const Canvas& canvas, const LegendItem& item) {
  return canvas.px(28) + text_width(canvas, style::label, item.words);
}

constexpr std::array<LegendItem, 6> items = {{{"TCP: capsule", Sign::tcp},
                                              {"UDP: rounded square", Sign::udp},
                                              {"ICMP: diamond", Sign::icmp},
                                              {"ring: sent again", Sign::ring},
                                              {"letter: SYN, FIN or RST", Sign::letter},
                                              {"ribbon: width is the rate", Sign::ribbon}}};
constexpr LegendItem inferred_item{"dashed: the way is inferred", Sign::inferred};
constexpr LegendItem nat_item{"NAT: addresses rewritten", Sign::nat};

// The special signs come first where there may be no room for all.
std::vector<LegendItem> items_for(const LegendNeeds& needs, std::size_t room) {
  std::vector<LegendItem> list(items.begin(), items.end());
  const std::size_t special = (needs.inferred ? 1u : 0u) + (needs.nat ? 1u : 0u);
  list.resize(std::min(list.size(), std::max(room, special) - special));
  if (needs.nat) list.push_back(nat_item);
  if (needs.inferred) list.push_back(inferred_item);
  return list;
}

using Wanted = NarrationAction::Kind;

// Buttons from the left, as long as there is room for them.
struct ButtonRow {
  const Ui& ui;
  Rect rest;

  bool add(std::string_view id, const Button& wanted) {
    const float width = button_width(ui.canvas, wanted);
    if (width > rest.w) return false;
    const bool pressed = button(ui, id, rest.take_left(width), wanted);
    rest.take_left(ui.canvas.px(8));
    return pressed;
  }
};

// What the caption says to press, for those who have a mouse.
void draw_acts(ButtonRow& row, const trace::Tables& tables, std::string_view text, NarrationAction& action) {
  for (const CaptionAct& act : caption_acts(text, tables)) {
    const std::string words = act_words(act, tables, row.ui.canvas.theme->choice().japanese);
    if (!row.add("act " + act.key, {.label = words, .key = act.key})) continue;
    action.kind = Wanted::act;
    action.act = act;
  }
}

NarrationAction draw_story_foot(const Ui& ui, Rect foot, const PanelContext& context, std::optional<std::size_t> now,
                                std::string_view next_lesson) {
  const Canvas& canvas = ui.canvas;
  const trace::Tables& tables = context.trace.tables();
  const std::size_t count = tables.captions.size();
  const std::string step = fmt::format("step {} of {}", now ? *now + 1 : 0, count);
  draw_text_in(canvas, foot.take_right(text_width(canvas, style::label, step) + canvas.px(1)), style::label,
               canvas.colors().muted, step, Align::right);
  foot.take_right(canvas.px(12));
  NarrationAction action;
  ButtonRow row{ui, foot};
  const bool last = now && *now + 1 == count, over = last && context.now() >= context.cursor.end_time();
  const auto add = [&](std::string_view id, const Button& wanted, Wanted kind) {
    if (row.add(id, wanted)) action.kind = kind;
  };
  const auto primary = ButtonLook::primary;
  if (!over)
    add("next step", {.label = !now ? "Start" : last ? "To the end" : "Next step", .look = primary}, Wanted::next);
  if (over && !next_lesson.empty()) add("next-lesson", {.label = "Next lesson", .look = primary}, Wanted::next_lesson);
  if (over)
    add("all-lessons", {.label = "All scenarios", .look = next_lesson.empty() ? primary : ButtonLook::normal},
        Wanted::all_lessons);
  add("back", {.label = "Back", .enabled = context.now().ns > 0}, Wanted::back);
  if (over && !next_lesson.empty() && row.rest.w > canvas.px(80))
    draw_text_in(canvas, row.rest, style::label, canvas.colors().muted, "→ " + std::string(next_lesson));
  if (now && !over) draw_acts(row, tables, tables.captions[*now].text, action);
  return action;
}

}  // namespace

std::optional<std::size_t> caption_at(const std::vector<trace::Caption>& captions, Time now) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < captions.size(); ++i) {
    if (captions[i].from <= now) found = i;
  }
  return found;
}

NarrationAction draw_narration(const Ui& ui, const Rect& area, const PanelContext& context,
                               std::string_view next_lesson) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const auto& captions = context.trace.tables().captions;
  const std::optional<std::size_t> now = caption_at(captions, context.now());
  draw_card(canvas, area, 0, 10);
  canvas.fill({area.x, area.y + canvas.px(16), canvas.px(4), canvas.px(56)}, colors.accent, canvas.px(2));
  Rect inner = area.inset(canvas.px(24), canvas.px(14));
  const trace::Caption& caption = captions[now.value_or(0)];
  const Canvas own = canvas.as_written();
  const std::string title = fit_text(own, style::title, caption.title, inner.w);
  draw_text_in(own, inner.take_top(canvas.px(30)), style::title, colors.text, title);
  inner.take_top(canvas.px(4));
  const Rect foot = inner.take_bottom(canvas.px(32));
  const int lines = std::max(1, static_cast<int>(inner.h / line_height(canvas, TextSize::normal)));
  draw_paragraph(own, inner, style::body, now ? colors.text : colors.muted, caption.text, lines);
  return draw_story_foot(ui, foot, context, now, next_lesson);
}

void draw_legend(const Canvas& canvas, const Rect& area, bool in_one_line, const LegendNeeds& needs) {
  const Palette& colors = canvas.colors();
  if (in_one_line) {
    float x = area.x;
    std::vector<LegendItem> list = items_for(needs, items.size() + 2);
    std::rotate(list.begin(), list.begin() + items.size(), list.end());
    for (const LegendItem& item : list) {
      if (x + item_width(canvas, item) > area.right()) continue;
      x += draw_item(canvas, {x, area.center().y}, item) + canvas.px(24);
    }
    return;
  }
  constexpr std::size_t rows = 3;
  constexpr float column = 188;
  const auto columns = static_cast<std::size_t>(clamped(area.w / canvas.px(column), 2.0F, 3.0F));
  Rect rest = area;
  draw_text_in(canvas, rest.take_top(canvas.px(28)), style::label_strong, colors.muted, "Reading the picture");
  const std::vector<LegendItem> list = items_for(needs, rows * columns);
  float x = rest.x;
  for (std::size_t first = 0; first < list.size(); first += rows) {
    float widest = 0;
    for (std::size_t i = first; i < std::min(first + rows, list.size()); ++i) {
      // What would run out of the area is left out.
      if (x + item_width(canvas, list[i]) > area.right()) continue;
      const float y = rest.y + canvas.px(22) * (static_cast<float>(i - first) + 0.5F);
      widest = std::max(widest, draw_item(canvas, {x, y}, list[i]));
    }
    x += std::min(canvas.px(column), widest + canvas.px(20));
  }
  rest.take_top(canvas.px(22 * rows + 10));
  draw_text_in(canvas, rest.take_top(canvas.px(22)), style::label, colors.muted,
               "Colour is the connection. Words and shapes say the rest.");
}

}  // namespace fourtuple::viz
