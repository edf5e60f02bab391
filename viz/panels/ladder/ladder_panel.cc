#include "viz/panels/ladder/ladder_panel.h"

#include <algorithm>
#include <cmath>

#include "viz/kit/icons.h"
#include "viz/kit/labels.h"
#include "viz/kit/marks.h"
#include "viz/kit/strokes.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float band_width = 40;                     // of a column whose host rewrites addresses or ports
constexpr float stub_before = 16, stub_behind = 26;  // of a stub, before its capsule and behind it

struct Layout {
  Rect head, body;
  std::vector<float> columns;
  std::vector<float> half;  // of each column's width: that of a translator is a band
  float words_x = 0, time_x = 0;
  float top = 0;
};

// Whether the reason stands in the words beside the last column, as the arrow ends there.
bool tells_beside(const LadderModel& model, const LadderArrow& arrow) {
  return !arrow.reason.empty() && arrow.lost_at < 0 && arrow.to + 1 == model.columns.size();
}

Layout lay_out(const Canvas& canvas, const Rect& area, const LadderModel& model, float top) {
  Layout layout;
  Rect rest = area;
  layout.head = rest.take_top(canvas.px(LadderPanel::head_height));
  layout.body = rest;
  layout.top = top;
  // Reasons beside the last column take more room than words, as far as there is some.
  const bool reasons = std::any_of(model.arrows.begin(), model.arrows.end(),
                                   [&](const LadderArrow& arrow) { return tells_beside(model, arrow); });
  const float words = reasons
                          ? std::max(std::min(canvas.px(176), area.w * 0.28F), std::min(canvas.px(440), area.w * 0.3F))
                          : std::min(canvas.px(176), area.w * 0.24F);
  const float left = area.x + std::min(canvas.px(152), area.w * 0.26F), right = area.right() - words;
  const std::size_t count = model.columns.size();
  // Two hosts stand no further apart than an arrow can be followed with the eye.
  const float span = std::min(right - left, canvas.px(420) * static_cast<float>(count > 1 ? count - 1 : 1));
  const float begin = left + (right - left - span) / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const float part = count > 1 ? static_cast<float>(i) / static_cast<float>(count - 1) : 0.5F;
    layout.columns.push_back(std::round(begin + span * part));
    layout.half.push_back(model.columns[i].rewrites ? std::round(canvas.px(band_width / 2)) : 0);
  }
  layout.time_x = layout.columns.empty() ? left : layout.columns.front() - canvas.px(20) - layout.half.front();
  layout.words_x = layout.columns.empty() ? right : layout.columns.back() + canvas.px(20) + layout.half.back();
  return layout;
}

float y_of(const Canvas& canvas, const Layout& layout, float design_y) {
  return layout.body.y + canvas.px(design_y - layout.top);
}

// Above the first of its columns; above the middle of all of them, with a line over all, where it has several.
void draw_host_name(const Canvas& canvas, const Layout& layout, const LadderModel& model, std::size_t first) {
  if (model.columns[first].beside_same_host) return;
  std::size_t last = first;
  while (last + 1 < model.columns.size() && model.columns[last + 1].beside_same_host) ++last;
  const Palette& colors = canvas.colors();
  const float step = model.columns.size() > 1 ? layout.columns[1] - layout.columns[0] : layout.head.w;
  const float left = layout.columns[first], right = layout.columns[last], y = layout.head.y + canvas.px(30);
  const Canvas own = canvas.as_written();
  const std::string name =
      fit_text(own, style::heading, model.columns[first].name, right - left + step - canvas.px(16));
  draw_text(own, {(left + right) / 2, y}, style::heading, colors.text, name, Align::center);
  if (first == last) return;
  const float reach = std::min(step / 2 - canvas.px(8), canvas.px(60));
  canvas.hline(left - reach, right + reach, y + canvas.px(6), colors.link);
}

void draw_head(const Canvas& canvas, const Layout& layout, const LadderModel& model) {
  const Palette& colors = canvas.colors();
  canvas.fill(layout.head, colors.background);
  const float room = model.columns.size() > 1 ? layout.columns[1] - layout.columns[0] - canvas.px(16) : layout.head.w;
  for (std::size_t i = 0; i < model.columns.size(); ++i) {
    const float x = layout.columns[i];
    draw_host_name(canvas, layout, model, i);
    const std::string detail =
        model.columns[i].inferred && model.columns[i].detail.empty() ? "inferred" : model.columns[i].detail;
    draw_text(canvas, {x, layout.head.y + canvas.px(50)}, style::number, colors.muted,
              fit_text(canvas, style::number, detail, room), Align::center);
  }
  draw_text(canvas, {layout.time_x, layout.head.y + canvas.px(67)}, style::label, colors.muted, "seconds",
            Align::right);
}

// What solid and dashed mean, in the corner of a capture's ladder.
void draw_legend(const Canvas& canvas, const Layout& layout) {
  const Palette& colors = canvas.colors();
  const Rect box{layout.body.right() - canvas.px(120), layout.body.bottom() - canvas.px(56), canvas.px(112),
                 canvas.px(48)};
  canvas.fill(box, colors.surface, canvas.px(6));
  const float y = box.y + canvas.px(15), x = box.x + canvas.px(12);
  canvas.line({x, y}, {x + canvas.px(28), y}, colors.text, canvas.px(1.5F));
  draw_text(canvas, {x + canvas.px(36), y + canvas.px(4)}, style::label, colors.muted, "observed");
  dashed_line(canvas, {x, y + canvas.px(20)}, {x + canvas.px(28), y + canvas.px(20)}, colors.text, canvas.px(1.5F));
  draw_text(canvas, {x + canvas.px(36), y + canvas.px(24)}, style::label, colors.muted, "inferred");
}

void draw_columns(const Canvas& canvas, const Layout& layout, const LadderModel& model) {
  const Palette& colors = canvas.colors();
  for (std::size_t i = 0; i < model.columns.size(); ++i) {
    const float x = layout.columns[i];
    if (layout.half[i] > 0) {
      const Rect band{x - layout.half[i], layout.body.y, 2 * layout.half[i], layout.body.h};
      canvas.fill(band, with_alpha(colors.rewrite, 0.08F));
      canvas.line({band.x, band.y}, {band.x, band.bottom()}, colors.link, canvas.px(1.5F));
      canvas.line({band.right(), band.y}, {band.right(), band.bottom()}, colors.link, canvas.px(1.5F));
    } else if (model.columns[i].inferred) {
      dashed_line(canvas, {x, layout.body.y}, {x, layout.body.bottom()}, colors.link, canvas.px(1.5F));
    } else {
      canvas.line({x, layout.body.y}, {x, layout.body.bottom()}, colors.link, canvas.px(1.5F));
    }
  }
  for (const LadderFold& fold : model.folds) {
    const Rect strip{layout.body.x + canvas.px(8), y_of(canvas, layout, fold.y), layout.body.w - canvas.px(16),
                     canvas.px(fold.h)};
    if (!strip.overlaps(layout.body)) continue;
    canvas.fill(strip, colors.background);
    hatch(canvas, strip, colors.line);
    const float width = text_width(canvas, style::label_medium, fold.text) + canvas.px(32);
    const Rect pill =
        rect_around({(layout.columns.front() + layout.columns.back()) / 2, strip.center().y}, width, canvas.px(22));
    canvas.fill(pill, colors.raised, canvas.px(6));
    draw_text_in(canvas, pill, style::label_medium, colors.text, fold.text, Align::center);
  }
}

struct Ends {
  Vec2 from, to;
  Vec2 at(float part) const { return lerp(from, to, part); }
};

CapsuleLook capsule_on_ladder(const LadderArrow& arrow) {
  CapsuleLook look = arrow.capsule.look();
  look.height = 20;
  return look;
}

// A stub points to where there is room; its capsule and a cross find place on it.
Ends ends_of_stub(const Canvas& canvas, const Layout& layout, const LadderArrow& arrow) {
  const std::size_t count = layout.columns.size();
  const float direction = arrow.from + 1 == count && count > 1 ? -1 : 1;
  const float x = layout.columns[arrow.from] + direction * layout.half[arrow.from];
  const float length = capsule_size(canvas, capsule_on_ladder(arrow)).x + canvas.px(stub_before + stub_behind);
  return {{x, y_of(canvas, layout, arrow.y_from)}, {x + direction * length, y_of(canvas, layout, arrow.y_to)}};
}

Ends ends_of(const Canvas& canvas, const Layout& layout, const LadderArrow& arrow) {
  if (arrow.stub()) return ends_of_stub(canvas, layout, arrow);
  const float direction = layout.columns[arrow.to] >= layout.columns[arrow.from] ? 1 : -1;
  return {{layout.columns[arrow.from] + direction * layout.half[arrow.from], y_of(canvas, layout, arrow.y_from)},
          {layout.columns[arrow.to] - direction * layout.half[arrow.to], y_of(canvas, layout, arrow.y_to)}};
}

// The way through a translator: amber where it rewrote the packet.
void draw_inside(const Canvas& canvas, const Layout& layout, const LadderModel& model, const LadderArrow& arrow) {
  if (arrow.before == no_arrow || layout.half[arrow.from] <= 0) return;
  const Palette& colors = canvas.colors();
  const Vec2 in = ends_of(canvas, layout, model.arrows[arrow.before]).to, out = ends_of(canvas, layout, arrow).from;
  canvas.line(in, out, arrow.rewrite.empty() ? colors.text : colors.rewrite, canvas.px(1.5F));
}

void draw_arrow(const Canvas& canvas, const Ends& ends, const LadderArrow& arrow, bool far_end_inferred) {
  const Palette& colors = canvas.colors();
  const bool lost = arrow.lost_at >= 0;
  const bool refused = !lost && !arrow.reason.empty();
  const Color color = lost || refused ? colors.drop : arrow.again ? colors.again : colors.text;
  const Vec2 end = lost ? ends.at(arrow.lost_at) : ends.to;
  const float width = canvas.px(1.5F);
  if (lost) {
    dashed_line(canvas, ends.from, end, color, width);
  } else if (far_end_inferred) {
    const Vec2 middle = ends.at(0.5F);
    canvas.line(ends.from, middle, color, width);
    dashed_line(canvas, middle, end, color, width);
  } else {
    canvas.line(ends.from, end, color, width);
  }
  if (lost || refused) {
    draw_icon(canvas, Icon::cross, end, colors.drop, 24);
  } else {
    arrow_tip(canvas, end, end - ends.from, color, 8);
  }
}

// Where an arrow ends: at its column, or before it where the packet was lost.
Vec2 end_of(const Ends& ends, const LadderArrow& arrow) {
  return arrow.lost_at >= 0 ? ends.at(arrow.lost_at) : ends.to;
}

// Whether words and reason both find room there.
bool fits_beside(const Canvas& canvas, const Layout& layout, const LadderModel& model, const LadderArrow& arrow) {
  const float words = text_width(canvas, style::number, arrow.words) + canvas.px(12);
  return tells_beside(model, arrow) && words + text_width(canvas, style::label_strong, arrow.reason) <=
                                           layout.body.right() - layout.words_x - canvas.px(8);
}

// Where the reasons of the other lost packets stand: behind the cross, else a little higher or lower.
std::vector<std::optional<Rect>> place_reasons(const Canvas& canvas, const Layout& layout, const LadderModel& model,
                                               const std::vector<std::size_t>& visible) {
  std::vector<LabelWish> wishes;
  for (const std::size_t i : visible) {
    const LadderArrow& arrow = model.arrows[i];
    LabelWish wish{{}, true};
    if (!arrow.reason.empty() && !fits_beside(canvas, layout, model, arrow)) {
      const Ends ends = ends_of(canvas, layout, arrow);
      const Vec2 end = end_of(ends, arrow);
      const bool left = ends.to.x < ends.from.x;
      const float gap = canvas.px(16), x = left ? end.x - gap : end.x + gap;
      const float room = left ? x - layout.body.x - canvas.px(104) : layout.body.right() - x - canvas.px(16);
      const float words = text_width(canvas, style::label_strong, arrow.reason) + canvas.px(16);
      const float width = std::min({words, room, canvas.px(520)});
      for (const float away : {0.0F, -22.0F, 22.0F, -44.0F, 44.0F}) {
        if (width >= words || left)
          wish.places.push_back({left ? x - width : x, end.y - canvas.px(10 - away), width, canvas.px(20)});
      }
      // No room behind the cross: below the arrow, up to its column.
      const float before = std::min(words, end.x - gap - layout.body.x - canvas.px(104));
      for (const float away : {22.0F, 44.0F, -44.0F}) {
        if (width < words && !left)
          wish.places.push_back({end.x - gap - before, end.y - canvas.px(10 - away), before, canvas.px(20)});
      }
    }
    wishes.push_back(std::move(wish));
  }
  return place_labels(wishes, {}, layout.body, canvas.px(1));
}

// Words on a ground of their own, so that no arrow runs through them, whatever the time is. A line leads from the
// cross to words that had to move away from it.
void draw_reason(const Canvas& canvas, const Rect& r, Vec2 cross, const LadderArrow& arrow, bool future) {
  const Palette& colors = canvas.colors();
  const Canvas part = future ? canvas.faded(0.35F) : canvas;
  if (std::abs(r.center().y - cross.y) > canvas.px(14)) {
    const Vec2 near{clamped(cross.x, r.x, r.right()), clamped(cross.y, r.y, r.bottom())};
    part.line(cross, near, with_alpha(colors.drop, 0.6F), std::max(1.0F, canvas.px(1)));
  }
  canvas.fill(r, colors.surface, canvas.px(4));
  part.stroke(r, with_alpha(colors.drop, 0.5F), std::max(1.0F, canvas.px(1)), canvas.px(4));
  draw_text_in(part, r.inset(canvas.px(8), 0), style::label_strong, colors.drop, arrow.reason);
}

// The pieces of the arrows on show, each as a narrow rectangle.
std::vector<Rect> arrow_pieces(const Canvas& canvas, const Layout& layout, const LadderModel& model,
                               const std::vector<std::size_t>& visible) {
  constexpr int pieces = 24;
  std::vector<Rect> rects;
  for (const std::size_t i : visible) {
    const Ends ends = ends_of(canvas, layout, model.arrows[i]);
    for (int k = 0; k < pieces; ++k) {
      const Vec2 a = ends.at(static_cast<float>(k) / pieces), b = ends.at(static_cast<float>(k + 1) / pieces);
      rects.push_back({std::min(a.x, b.x), std::min(a.y, b.y) - 1, std::abs(a.x - b.x), std::abs(a.y - b.y) + 2});
    }
  }
  return rects;
}

// Above the arrow where it leaves or below, or a little further on.
LabelWish wish_for_rewrite(const Canvas& canvas, const LadderArrow& arrow, const Ends& ends) {
  LabelWish wish;
  const float width = text_width(canvas, style::number, arrow.rewrite) + canvas.px(6), height = canvas.px(18);
  const float whole = std::abs(ends.to.x - ends.from.x);
  if (width + canvas.px(120) >= whole) return wish;
  const bool left = ends.to.x < ends.from.x;
  for (const float on : {10.0F, 34.0F, 58.0F}) {
    const float begin = canvas.px(on);
    const float x = left ? ends.from.x - begin - width : ends.from.x + begin;
    const float near = ends.at(begin / whole).y, far = ends.at((begin + width) / whole).y;
    wish.places.push_back({x, std::min(near, far) - height - canvas.px(2), width, height});
    // Below a steep arrow they would stand far from where it begins.
    if (std::abs(near - far) < canvas.px(16))
      wish.places.push_back({x, std::max(near, far) + canvas.px(3), width, height});
  }
  return wish;
}

// Where the words stand that tell what a host changed before it sent a packet on: on no arrow, which would seem to
// strike them out; else, for what has happened, on one with a ground of their own. Nothing where there is no room: the
// capsule's mark tells.
std::vector<std::optional<Rect>> place_rewrites(const Canvas& canvas, const Layout& layout, const LadderModel& model,
                                                const std::vector<std::size_t>& visible, const std::vector<Rect>& taken,
                                                Time now) {
  std::vector<LabelWish> wishes;
  for (const std::size_t i : visible) {
    const LadderArrow& arrow = model.arrows[i];
    wishes.push_back(arrow.rewrite.empty() ? LabelWish{}
                                           : wish_for_rewrite(canvas, arrow, ends_of(canvas, layout, arrow)));
  }
  const Rect bounds = layout.body;
  std::vector<Rect> all = taken;
  const std::vector<Rect> arrows = arrow_pieces(canvas, layout, model, visible);
  all.insert(all.end(), arrows.begin(), arrows.end());
  auto places = place_labels(wishes, all, bounds, 0);
  std::vector<Rect> others = taken;
  for (const auto& place : places) {
    if (place) others.push_back(*place);
  }
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    if (places[i] || wishes[i].places.empty() || model.arrows[visible[i]].departs > now) continue;
    places[i] = place_labels({wishes[i]}, others, bounds, 0).front();
    if (places[i]) others.push_back(*places[i]);
  }
  return places;
}

// They light up as the packet leaves and fade while it travels; without motion they stay lit until it arrives.
float rewrite_glow(const LadderArrow& arrow, const PanelContext& context) {
  const Time now = context.now();
  if (now < arrow.departs || now >= arrow.arrives) return 0;
  if (context.reduced_motion) return 1;
  return 1 - static_cast<float>((now - arrow.departs).ns) / static_cast<float>((arrow.arrives - arrow.departs).ns);
}

void draw_rewrite_words(const Canvas& canvas, const Rect& r, const Ends& ends, const LadderArrow& arrow, float glow) {
  const Palette& colors = canvas.colors();
  if (glow > 0) {
    canvas.fill(r, with_alpha(colors.rewrite, 0.3F * glow), canvas.px(4));
    canvas.stroke(r, with_alpha(colors.rewrite, glow), canvas.px(1.5F), canvas.px(4));
  }
  canvas.disc(ends.from + unit(ends.to - ends.from) * canvas.px(5), canvas.px(3.5F), colors.rewrite);
  draw_text_in(canvas, r, style::number, colors.rewrite, arrow.rewrite, Align::center);
}

// Every visible arrow's capsule where no other is, the selected one in any case.
std::vector<std::optional<Rect>> place_capsules(const Canvas& canvas, const Layout& layout, const LadderModel& model,
                                                const std::vector<std::size_t>& visible, const PanelContext& context,
                                                const std::vector<Rect>& taken) {
  std::vector<LabelWish> wishes;
  for (const std::size_t i : visible) {
    const LadderArrow& arrow = model.arrows[i];
    const CapsuleLook look = capsule_on_ladder(arrow);
    const Vec2 size = capsule_size(canvas, look);
    const Ends ends = ends_of(canvas, layout, arrow);
    const float limit = arrow.lost_at >= 0 ? arrow.lost_at - 0.12F : 1;
    LabelWish wish;
    if (arrow.stub()) {
      const float middle = (canvas.px(stub_before) + size.x / 2) / std::abs(ends.to.x - ends.from.x);
      wishes.push_back({{rect_around(ends.at(middle), size.x, size.y)}, true});
      continue;
    }
    // Words about a rewriting stand where the arrow begins; what is out of sight comes last.
    const float middle = arrow.rewrite.empty() ? 0.5F : 0.72F;
    for (const float away : {0.0F, -0.15F, 0.15F, -0.25F, 0.25F, -0.07F, 0.07F, -0.2F, 0.2F, -0.35F}) {
      // The mark stands out above and a little at the right.
      const bool marked = look.rewritten && arrow.departs <= context.now();
      const float mark = marked ? canvas.px(2 * nat_mark_room) : 0;
      wish.places.push_back(rect_around(ends.at((middle + away) * limit), size.x + mark / 3, size.y + mark));
    }
    std::stable_partition(wish.places.begin(), wish.places.end(),
                          [&](const Rect& place) { return layout.body.contains(place); });
    wish.must_show = arrow.packet == context.selection.packet;
    wishes.push_back(std::move(wish));
  }
  // What is out of sight takes no room from what is to be seen.
  return place_labels(wishes, taken, layout.body.inset(-canvas.px(4)), canvas.px(3));
}

// Times at the left, where there is room for a line of text and the cursor's tag does not stand.
void draw_times(const Canvas& canvas, const Layout& layout, const LadderModel& model,
                const std::vector<std::size_t>& visible, Time now) {
  float last = -1e9F;
  const float tag = y_of(canvas, layout, model.y_at(now));
  for (const std::size_t i : visible) {
    const LadderArrow& arrow = model.arrows[i];
    if (arrow.from != 0 && (arrow.to != 0 || arrow.lost_at >= 0)) continue;
    const Ends ends = ends_of(canvas, layout, arrow);
    const float y = arrow.from == 0 ? ends.from.y : ends.to.y;
    const bool whole = y > layout.body.y + canvas.px(8) && y < layout.body.bottom() - canvas.px(8);
    if (!whole || y - last < canvas.px(16) || std::abs(y - tag) < canvas.px(18)) continue;
    last = y;
    const Time at = arrow.from == 0 ? arrow.departs : arrow.arrives;
    draw_text(at > now ? canvas.faded(0.35F) : canvas, {layout.time_x, baseline_for_middle(canvas, TextSize::small, y)},
              style::number, canvas.colors().muted, short_time(at), Align::right);
  }
}

// What each packet says, beside the last column, and why that host refused it; moved down where two would touch.
void draw_words(const Canvas& canvas, const Layout& layout, const LadderModel& model,
                const std::vector<std::size_t>& visible, Time now) {
  const Palette& colors = canvas.colors();
  const std::size_t last_column = model.columns.size() - 1;
  std::vector<std::pair<float, std::size_t>> rows;
  for (const std::size_t i : visible) {
    const LadderArrow& arrow = model.arrows[i];
    if (arrow.words.empty() || (arrow.from != last_column && arrow.to != last_column)) continue;
    const Ends ends = ends_of(canvas, layout, arrow);
    rows.emplace_back(arrow.from == last_column ? ends.from.y : ends.to.y, i);
  }
  std::sort(rows.begin(), rows.end());
  float last = -1e9F;
  for (const auto& [wanted, i] : rows) {
    const float y = std::max(wanted, last + canvas.px(15));
    const bool whole = y > layout.body.y + canvas.px(8) && y < layout.body.bottom() - canvas.px(8);
    if (y - wanted > canvas.px(22) || !whole) continue;
    last = y;
    const LadderArrow& arrow = model.arrows[i];
    const Color color = arrow.lost_at >= 0 ? colors.drop : arrow.again ? colors.again : colors.text;
    const float room = layout.body.right() - layout.words_x - canvas.px(8);
    const Canvas part = arrow.departs > now ? canvas.faded(0.35F) : canvas;
    const float baseline = baseline_for_middle(canvas, TextSize::small, y);
    const float width = draw_text(part, {layout.words_x, baseline}, style::number, color,
                                  fit_text(canvas, style::number, arrow.words, room)) +
                        canvas.px(12);
    if (fits_beside(canvas, layout, model, arrow))
      draw_text(part, {layout.words_x + width, baseline}, style::label_strong, colors.drop, arrow.reason);
  }
}

void draw_cursor(const Canvas& canvas, const Layout& layout, const LadderModel& model, Time now) {
  const Palette& colors = canvas.colors();
  const float y = std::round(y_of(canvas, layout, model.y_at(now))) + 0.5F;
  if (y < layout.body.y - 1 || y > layout.body.bottom() + 1) return;
  // It ends before the words beside the last column, so that it strikes none of them through.
  canvas.line({layout.body.x + canvas.px(16), y}, {layout.words_x - canvas.px(6), y}, with_alpha(colors.accent, 0.8F),
              canvas.px(1.5F));
  const std::string text = clock_text(now);
  const float width = text_width(canvas, style::number, text) + canvas.px(12);
  const Rect tag{layout.body.x + canvas.px(16), y - canvas.px(10), width, canvas.px(20)};
  canvas.fill(tag, colors.accent, canvas.px(5));
  draw_text_in(canvas, tag, style::number, colors.accent_ink, text, Align::center);
}

std::string tooltip_detail(const LadderArrow& arrow, const LadderModel& model) {
  if (arrow.stub()) return model.columns[arrow.from].name + " dropped it before it left: " + arrow.reason;
  std::string text = model.columns[arrow.from].name + " to " + model.columns[arrow.to].name;
  if (!arrow.reason.empty()) return text + ": " + arrow.reason;
  return text + " in " + span_text(arrow.arrives - arrow.departs) + (arrow.again ? ", sent again" : "");
}

// What is not shown, at the bottom right, where no column's line ends.
void draw_left_out(const Canvas& canvas, const Rect& area, const LadderModel& model) {
  const auto counted = [](std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", grouped(count), what, count == 1 ? "" : "s");
  };
  std::string words;
  if (model.hidden_columns > 0) words = counted(model.hidden_columns, "more host") + ": choose a packet for its way";
  if (model.filtered_out > 0) {
    words += words.empty() ? "" : "   ";
    words += counted(model.filtered_out, "packet") + " hidden by the filter";
  }
  if (words.empty()) return;
  const float width = text_width(canvas, style::label_medium, words) + canvas.px(24);
  const Rect pill{area.right() - width - canvas.px(16), area.bottom() - canvas.px(40), width, canvas.px(26)};
  canvas.fill(pill, canvas.colors().raised, canvas.px(13));
  canvas.stroke(pill, model.filtered_out > 0 ? canvas.colors().accent : canvas.colors().outline,
                std::max(1.0F, canvas.px(1)), canvas.px(13));
  draw_text_in(canvas, pill, style::label_medium, canvas.colors().text, words, Align::center);
}

}  // namespace

const LadderModel& LadderPanel::show_whole(const PanelContext& context, Time from, Time to) {
  whole_ = true;
  top_ = 0;
  model_ = build_ladder(context, from, to);
  return model_;
}

void LadderPanel::refresh(const PanelContext& context) {
  if (whole_) return;
  const bool moved = context.cursor.position() != position_ || context.indexes.end() != end_;
  const bool same = context.filter == filter_ && (filter_ == nullptr || filter_->version() == filter_version_);
  if (!moved && same && context.selection.flow == flow_ && placed_) return;
  filter_ = context.filter;
  filter_version_ = filter_ == nullptr ? 0 : filter_->version();
  position_ = context.cursor.position();
  end_ = context.indexes.end();
  flow_ = context.selection.flow;
  model_ = build_ladder(context);
}

// The cursor stays at two thirds of the height until the wheel moves the view; the next step takes it back.
void LadderPanel::follow(const Canvas& canvas, const Rect& body, const PanelContext& context) {
  const float room = body.h / canvas.theme->scale();
  const float most = std::max(0.0F, model_.height + 24 - room);
  if (!placed_ || context.now() != shown_) {
    top_ = model_.y_at(context.now()) - room * 0.62F;
    if (model_.height <= room) top_ = 0;
    shown_ = context.now();
    placed_ = true;
  }
  const float wheel = ImGui::GetIO().MouseWheel;
  if (wheel != 0 && body.contains(from_im(ImGui::GetIO().MousePos))) top_ -= wheel * 60;
  top_ = clamped(top_, 0.0F, most);
}

std::optional<float> LadderPanel::y_on_screen(Time time) const {
  if (model_.instants.empty() || time < model_.instants.front().at || time > model_.instants.back().at)
    return std::nullopt;
  const float y = body_.y + (model_.y_at(time) - top_ + lead_) * pixel_;
  return y >= body_.y && y <= body_.bottom() ? std::optional(y) : std::nullopt;
}

void LadderPanel::draw(Ui& ui, Rect area, const PanelContext& context) {
  refresh(context);
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(area, colors.background);
  const Clip clip(canvas, area);
  if (!model_.note.empty()) {
    draw_note_in(canvas, area, model_.note);
    return;
  }
  Rect body = area;
  body.take_top(canvas.px(head_height));
  if (!whole_) follow(canvas, body, context);
  const Layout layout = lay_out(canvas, area, model_, top_ - lead_);
  body_ = layout.body;
  pixel_ = canvas.px(1);
  {
    const Clip inside(canvas, layout.body);
    draw_columns(canvas, layout, model_);
    std::vector<std::size_t> visible;
    for (std::size_t i = 0; i < model_.arrows.size(); ++i) {
      const Ends ends = ends_of(canvas, layout, model_.arrows[i]);
      const float low = std::min(ends.from.y, ends.to.y), high = std::max(ends.from.y, ends.to.y);
      if (high > layout.body.y - canvas.px(20) && low < layout.body.bottom() + canvas.px(20)) visible.push_back(i);
    }
    std::vector<Rect> taken;
    const auto take = [&](const std::vector<std::optional<Rect>>& places) {
      for (const auto& place : places) {
        if (place) taken.push_back(*place);
      }
    };
    const auto reasons = place_reasons(canvas, layout, model_, visible);
    take(reasons);
    const auto places = place_capsules(canvas, layout, model_, visible, context, taken);
    take(places);
    const auto rewrites = place_rewrites(canvas, layout, model_, visible, taken, context.now());
    for (const std::size_t i : visible) {
      const LadderArrow& arrow = model_.arrows[i];
      const Canvas part = arrow.departs > context.now() ? canvas.faded(0.35F) : canvas;
      draw_inside(part, layout, model_, arrow);
      draw_arrow(part, ends_of(canvas, layout, arrow), arrow, model_.observed_only);
    }
    draw_times(canvas, layout, model_, visible, context.now());
    draw_words(canvas, layout, model_, visible, context.now());
    if (!whole_) draw_cursor(canvas, layout, model_, context.now());
    for (std::size_t n = 0; n < visible.size(); ++n) {
      const LadderArrow& arrow = model_.arrows[visible[n]];
      const Canvas part = arrow.departs > context.now() ? canvas.faded(0.35F) : canvas;
      // The ground is solid, whatever the time is.
      if (rewrites[n]) canvas.fill(*rewrites[n], colors.background, canvas.px(4));
      if (rewrites[n])
        draw_rewrite_words(part, *rewrites[n], ends_of(canvas, layout, arrow), arrow, rewrite_glow(arrow, context));
      if (reasons[n])
        draw_reason(canvas, *reasons[n], end_of(ends_of(canvas, layout, arrow), arrow), arrow,
                    arrow.departs > context.now());
    }
    for (std::size_t n = 0; n < visible.size(); ++n) {
      const LadderArrow& arrow = model_.arrows[visible[n]];
      if (!places[n]) continue;
      CapsuleLook look = capsule_on_ladder(arrow);
      look.selected = arrow.packet == context.selection.packet;
      look.future = arrow.departs > context.now();
      const Rect capsule = draw_capsule(canvas, places[n]->center(), look);
      const Touch over = touch(ui, "arrow" + std::to_string(arrow.record), capsule);
      if (over.focused) draw_focus(canvas, capsule, capsule.h / 2);
      if (over.hovered) show_tooltip(ui, arrow.capsule.text + "  " + arrow.words, tooltip_detail(arrow, model_));
      if (over.clicked) {
        context.select(arrow.packet);
        context.seek(arrow.departs);
      }
    }
  }
  draw_head(canvas, layout, model_);
  if (model_.observed_only) draw_legend(canvas, layout);
  draw_left_out(canvas, area, model_);
}

}  // namespace fourtuple::viz
