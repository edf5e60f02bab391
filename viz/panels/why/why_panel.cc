#include "viz/panels/why/why_panel.h"

#include <imgui.h>

#include "sim/replay/causes/cause_text.h"
#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/moment_link.h"
#include "viz/kit/panel.h"
#include "viz/kit/strokes.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

constexpr float second_line = 20;

constexpr float why_padding = 24, disc = 10.5F;
// Records the index of events takes in at once: a tenth of a second at most.
constexpr std::uint64_t slots_a_frame = 8'000'000;

Color tone_color(const Palette& colors, replay::CauseTone tone) {
  switch (tone) {
    case replay::CauseTone::failed:
      return colors.drop;
    case replay::CauseTone::delivered:
      return colors.ok;
    case replay::CauseTone::rewritten:
      return colors.rewrite;
    case replay::CauseTone::again:
      return colors.again;
    case replay::CauseTone::plain:
      break;
  }
  return colors.text;
}

// The number of a cause on the line that joins them; the effect has a cross or a tick instead.
void draw_disc(const Canvas& canvas, Vec2 at, const replay::Cause& cause, std::size_t index, bool here) {
  const Palette& colors = canvas.colors();
  const float radius = canvas.px(disc);
  if (index == 0) {
    const Color color = tone_color(colors, cause.tone);
    const bool failed = cause.tone == replay::CauseTone::failed;
    canvas.disc(at, radius, color);
    draw_icon(canvas,
              failed                                   ? Icon::cross
              : cause.tone == replay::CauseTone::again ? Icon::ring
                                                       : Icon::check,
              at, colors.background, 18);
    return;
  }
  if (cause.inferred) {
    canvas.disc(at, radius, colors.surface);
    dashed_rect(canvas, rect_around(at, radius * 2, radius * 2), colors.muted, canvas.px(1.5F), radius);
  } else {
    canvas.disc(at, radius, here ? colors.accent : colors.raised);
  }
  const Color ink = here && !cause.inferred ? colors.accent_ink : colors.muted;
  draw_text(canvas, {at.x, baseline_for_middle(canvas, TextSize::small, at.y)}, style::number_strong, ink,
            std::to_string(index + 1), Align::center);
}

std::string_view root_words(replay::CauseRoot root) {
  switch (root) {
    case replay::CauseRoot::call:
      return "a program wanted it";
    case replay::CauseRoot::rule:
      return "a rule decides so";
    case replay::CauseRoot::fault:
      return "the scenario does it";
    case replay::CauseRoot::setting:
      return "a setting";
    case replay::CauseRoot::unseen:
      return "the capture shows no more";
    case replay::CauseRoot::none:
      break;
  }
  return {};
}

// With a second line for a headline that needs one. `width`: of the row.
float cause_height(const Canvas& canvas, float width, const replay::Cause& cause, std::size_t index) {
  const float aside = std::max(moment_link_width(canvas, clock_text(cause.at)),
                               text_width(canvas, style::label, root_words(cause.root)));
  const float before = index == 0 ? 0 : text_width(canvas, style::body, "because") + canvas.px(6);
  const bool fits = text_width(canvas, style::heading, cause.headline) <= width - canvas.px(72) - aside - before;
  return canvas.px(cause_row + (fits ? 0 : second_line));
}

// The keys that walk along the chain, at the right where there is room.
void draw_walking_keys(const Canvas& canvas, Rect rest) {
  constexpr std::string_view words = "along the causes";
  const float keys = keycap_width(canvas, "Up") + keycap_width(canvas, "Down") + canvas.px(12);
  const float width = keys + text_width(canvas, style::label, words);
  if (rest.w < width + canvas.px(16)) return;
  rest = rest.take_right(width);
  rest.take_left(draw_keycap(canvas, rest.left_middle(), "Up").w + canvas.px(4));
  rest.take_left(draw_keycap(canvas, rest.left_middle(), "Down").w + canvas.px(8));
  draw_text_in(canvas, rest, style::label, canvas.colors().muted, words);
}

}  // namespace

bool WhyPanel::refresh(const PanelContext& context) {
  if (!events_) events_.emplace(context.trace, context.indexes.packets());
  return events_->refresh(context.indexes.end(), slots_a_frame);
}

void WhyPanel::ask(const PanelContext& context) {
  asked_ = false;
  chain_ = {};
  chosen_ = 0;
  if (!refresh(context)) return;
  asked_ = true;
  asked_at_ = context.cursor.position();
  const replay::CauseSources sources{context.indexes, *events_, context.cursor};
  const std::uint64_t record = replay::record_to_explain(sources, context.cursor.position(),
                                                         {context.selection.packet, context.selection.socket});
  if (record != trace::Index::none) chain_ = replay::causes_of(sources, record);
}

// At its instant; where it was asked about, too, which may be later, and right behind its record.
bool WhyPanel::stands_on(const PanelContext& context, const replay::Cause& cause) const {
  if (&cause == chain_.causes.data() && context.cursor.position() == asked_at_) return true;
  return context.now() == cause.at || context.cursor.last_record() == cause.record;
}

bool WhyPanel::on_chain(const PanelContext& context) const {
  return current(context) < chain_.causes.size();
}

std::size_t WhyPanel::current(const PanelContext& context) const {
  const auto& causes = chain_.causes;
  if (chosen_ < causes.size() && stands_on(context, causes[chosen_])) return chosen_;
  // Several may happen at one instant: that of the last record, else the first of them.
  const std::uint64_t last = context.cursor.last_record();
  std::size_t found = causes.size();
  for (std::size_t i = causes.size(); i-- > 0;) {
    if (causes[i].record == last) return i;
    if (stands_on(context, causes[i])) found = i;
  }
  return found;
}

void WhyPanel::go(const PanelContext& context, std::size_t index) {
  chosen_ = index;
  const replay::Cause& cause = chain_.causes[index];
  if (cause.packet.valid()) context.select(cause.packet);
  if (cause.host.valid()) context.select(cause.host);
  context.seek_record(cause.record);
}

void WhyPanel::walk(const PanelContext& context, int by) {
  const std::size_t count = chain_.causes.size(), here = current(context);
  if (count == 0) return;
  follow_ = true;
  // From elsewhere back to where one was.
  if (here == count) return go(context, std::min(chosen_, count - 1));
  if (by < 0 ? here > 0 : here + 1 < count) go(context, by < 0 ? here - 1 : here + 1);
}

void WhyPanel::go_to_cause(const PanelContext& context) {
  if (!chain_.causes.empty()) go(context, chain_.causes.size() - 1);
}

bool WhyPanel::draw_header(const Ui& ui, Rect& area, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const bool low = area.h < canvas.px(240);
  area.take_top(canvas.px(low ? 4 : 16));
  Rect title = area.take_top(canvas.px(32));
  const Rect close = title.take_right(canvas.px(28));
  const bool closed = button(ui, "why-close", close, {.label = "", .look = ButtonLook::quiet});
  draw_icon(canvas, Icon::cross, close.center(), colors.muted, 18);
  if (!on_chain(context)) {
    const Button ask_now{.label = "Ask about now", .key = "Y"};
    const Rect place = title.take_right(button_width(canvas, ask_now));
    if (button(ui, "why-ask", rect_around(place.center(), place.w, canvas.px(28)), ask_now)) ask(context);
  }
  draw_text_in(canvas, title, style::title, colors.text,
               chain_.title.empty() ? std::string_view("Why?") : std::string_view(chain_.title));
  if (low) return closed;
  Rect under = area.take_top(canvas.px(24));
  under.take_left(draw_text_in(canvas, under, style::label, colors.muted, chain_.summary) + canvas.px(12));
  if (!chain_.error.empty()) draw_text_in(canvas, under, style::number, colors.drop, chain_.error);
  area.take_top(canvas.px(12));
  return closed;
}

float WhyPanel::draw_cause(const Ui& ui, const Rect& row, const PanelContext& context, std::size_t index) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const replay::Cause& cause = chain_.causes[index];
  const bool here = current(context) == index, last = index + 1 == chain_.causes.size();
  const std::string id = "why-cause" + std::to_string(index);
  const Rect card = row.inset(0, canvas.px(2));
  const Vec2 middle{card.x + canvas.px(24), card.y + canvas.px(20)};
  const std::string moment = clock_text(cause.at);
  const float link = moment_link_width(canvas, moment);
  const Touch touched = touch(ui, id, {card.x, card.y, card.w - link - canvas.px(20), card.h}, {.focusable = false});
  if (here) {
    canvas.halo(card, colors.accent, canvas.px(3), canvas.px(8));
    canvas.fill(card, colors.surface, canvas.px(8));
    canvas.fill(card, with_alpha(colors.accent, 0.1F), canvas.px(8));
    canvas.stroke(card, colors.accent, canvas.px(1.5F), canvas.px(8));
  } else if (touched.glow > 0) {
    canvas.fill(card, with_alpha(colors.raised, touched.glow), canvas.px(8));
  }
  if (!last) {
    const Vec2 from{middle.x, middle.y + canvas.px(disc)}, to{middle.x, middle.y + row.h - canvas.px(disc)};
    if (chain_.causes[index + 1].inferred) {
      dashed_line(canvas, from, to, colors.link, canvas.px(2));
    } else {
      canvas.line(from, to, colors.link, canvas.px(2));
    }
  }
  draw_disc(canvas, middle, cause, index, here);
  const std::string_view root = root_words(cause.root);
  const float aside = std::max(link, text_width(canvas, style::label, root));
  Rect words{card.x + canvas.px(48), card.y + canvas.px(9), card.w - canvas.px(72) - aside, card.h};
  const bool two_lines = row.h > canvas.px(cause_row + 1);
  Rect line = words.take_top(canvas.px(22));
  if (index > 0) line.take_left(draw_text_in(canvas, line, style::body, colors.muted, "because") + canvas.px(6));
  const Color ink = index == 0 ? tone_color(colors, cause.tone) : colors.text;
  if (two_lines) {
    words.take_top(canvas.px(second_line));
    draw_paragraph(canvas, line.moved(0, canvas.px(1)), style::heading, ink, cause.headline, 2);
    line.w = 0;
  } else {
    line.take_left(draw_text_in(canvas, line, style::heading, ink, cause.headline) + canvas.px(10));
  }
  if (cause.inferred && line.w > canvas.px(70))
    draw_pill(canvas, line.left_middle(), "inferred", colors.muted, PillLook::dashed);
  draw_paragraph(canvas, {words.x, words.y, words.w, canvas.px(34)}, style::label, colors.muted, cause.evidence, 2);
  const Vec2 at{card.right() - canvas.px(12) - link, card.y + canvas.px(20)};
  const bool pressed = moment_link(ui, id + "-moment", at, moment, here);
  if (!root.empty())
    draw_text(canvas, {card.right() - canvas.px(14), card.y + canvas.px(48)}, style::label, colors.muted, root,
              Align::right);
  if (pressed || touched.clicked) go(context, index);
  return row.h;
}

float WhyPanel::draw_ruled_out(const Ui& ui, const Rect& area) const {
  if (chain_.not_the_reason.empty()) return 0;
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float height = canvas.px(44), middle = area.y + canvas.px(22);
  float x = area.x + canvas.px(48);
  x += draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::small, middle)}, style::label_strong, colors.muted,
                 "Not the reason:") +
       canvas.px(10);
  for (const std::string& what : chain_.not_the_reason) {
    const float width = text_width(canvas, style::label, what) + canvas.px(34);
    if (x + width > area.right()) break;
    const Rect chip{x, middle - canvas.px(11), width, canvas.px(22)};
    canvas.stroke(chip, colors.line, canvas.px(1), canvas.px(11));
    draw_icon(canvas, Icon::cross, {chip.x + canvas.px(13), middle}, colors.muted, 14);
    draw_text_in(canvas, {chip.x + canvas.px(24), chip.y, chip.w, chip.h}, style::label, colors.text, what);
    x += width + canvas.px(8);
  }
  return height;
}

void WhyPanel::draw_buttons(const Ui& ui, const Rect& area, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  Rect rest{area.x, area.y, area.w, canvas.px(32)};
  const auto place = [&](const Button& b) {
    const Rect r = rest.take_left(button_width(canvas, b));
    rest.take_left(canvas.px(8));
    return r;
  };
  const auto shown = [&](std::string_view id, const Button& b) {
    return button_width(canvas, b) <= rest.w && button(ui, id, place(b), b);
  };
  if (shown("why-go", {.label = "Go to cause", .key = "Enter", .look = ButtonLook::primary})) go_to_cause(context);
  const replay::Cause* rule = nullptr;
  const replay::Cause* lookup = nullptr;
  for (const replay::Cause& cause : chain_.causes) {
    const bool packet = cause.packet.valid() && cause.host.valid();
    // Of several the one that decided: those that led the packet to it come behind it.
    const bool decides = context.trace.at(cause.record)->kind == trace::Kind::rule_verdict;
    if (rule == nullptr && (decides || cause.root == replay::CauseRoot::rule) && packet) rule = &cause;
    if (context.trace.at(cause.record)->kind == trace::Kind::packet_dropped && packet) lookup = &cause;
  }
  const auto show_in = [&](const replay::Cause& cause, PanelKind panel) {
    context.select(cause.packet);
    context.select(cause.host);
    context.seek_record(cause.record);
    context.open(panel);
  };
  if (rule != nullptr && shown("why-rule", {.label = "Show the rule"})) show_in(*rule, PanelKind::rules);
  if (rule == nullptr && lookup != nullptr && shown("why-keys", {.label = "Try its keys"}))
    show_in(*lookup, PanelKind::host);
  if (shown("why-copy", {.label = "Copy as text"}))
    ImGui::SetClipboardText(replay::chain_text(context.trace.tables(), chain_).c_str());
  draw_walking_keys(canvas, rest);
}

void WhyPanel::draw_chain(const Ui& ui, const Rect& area, const PanelContext& context) {
  ScrollArea scroll(ui, "why-chain", area);
  const Canvas& canvas = scroll.ui().canvas;
  Rect list = scroll.content();
  list.w -= canvas.px(8);
  const float top = list.y;
  for (std::size_t i = 0; i < chain_.causes.size(); ++i) {
    const float row = cause_height(canvas, list.w, chain_.causes[i], i);
    draw_cause(scroll.ui(), {list.x, list.y, list.w, row}, context, i);
    if (follow_ && i == chosen_) scroll.scroll_to(list.y - top, row);
    list.y += row;
  }
  follow_ = false;
  list.y += draw_ruled_out(scroll.ui(), list);
  if (!chain_.book.empty()) {
    draw_book_note(canvas, {list.x, list.y + canvas.px(6), list.w, canvas.px(84)}, chain_.book, chain_.linux_does);
    list.y += canvas.px(96);
  }
  scroll.set_height(list.y - top);
}

bool WhyPanel::draw(Ui& ui, Rect area, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(area, colors.surface);
  canvas.vline(area.x, area.y, area.bottom(), colors.line);
  const Clip clip(canvas, area);
  // Opened by its name, or while the index was being built.
  if (!asked_) ask(context);
  if (!asked_ && ui.animating != nullptr) *ui.animating = true;
  Rect rest = area.inset(canvas.px(why_padding), 0);
  const bool closed = draw_header(ui, rest, context);
  if (chain_.causes.empty()) {
    draw_paragraph(
        canvas, rest, style::body, colors.muted,
        asked_ ? "Nothing has happened yet. Step forward, or choose a packet, and ask again." : "Reading the run…", 3);
    return closed;
  }
  rest.take_bottom(canvas.px(12));
  // Large type on a small screen leaves room for the chain alone; Enter still goes to its end.
  if (rest.h < canvas.px(180)) {
    draw_chain(ui, rest, context);
    return closed;
  }
  const Rect buttons = rest.take_bottom(canvas.px(44));
  draw_chain(ui, rest, context);
  draw_buttons(ui, {buttons.x, buttons.y + canvas.px(8), buttons.w, buttons.h}, context);
  return closed;
}

}  // namespace fourtuple::viz
