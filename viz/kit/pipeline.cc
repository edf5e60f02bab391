#include "viz/kit/pipeline.h"

#include "viz/kit/icons.h"
#include "viz/kit/strokes.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

void stage_frame(const Canvas& canvas, const Rect& r, StageState state, float radius, bool pill) {
  const Palette& colors = canvas.colors();
  const float hair = std::max(1.0F, canvas.px(1));
  switch (state) {
    case StageState::passed:
      canvas.fill(r, pill ? colors.raised : colors.surface, radius);
      if (!pill) canvas.stroke(r, colors.line, hair, radius);
      break;
    case StageState::current:
      canvas.halo(r, colors.accent, canvas.px(3), radius, 0.16F);
      canvas.fill(r, pill ? colors.background : colors.surface, radius);
      canvas.stroke(r, colors.accent, canvas.px(2), radius);
      break;
    case StageState::coming:
    case StageState::inferred:
      canvas.fill(r, state == StageState::coming ? colors.background : colors.surface, radius);
      dashed_rect(canvas, r, state == StageState::coming ? colors.line : colors.muted, hair, radius);
      break;
    case StageState::dropped:
    case StageState::missed:
      canvas.fill(r, colors.surface, radius);
      canvas.stroke(r, colors.drop, canvas.px(1.5F), radius);
      break;
  }
}

}  // namespace

void draw_stage_box(const Canvas& canvas, const Rect& r, std::string_view name, std::string_view remark,
                    StageState state) {
  const Palette& colors = canvas.colors();
  stage_frame(canvas, r, state, canvas.px(8), false);
  const Vec2 mark{r.right() - canvas.px(18), r.y + canvas.px(20)};
  const bool marked = state != StageState::current && state != StageState::coming;
  if (state == StageState::passed) draw_icon(canvas, Icon::check, mark, colors.ok);
  if (state == StageState::inferred) draw_icon(canvas, Icon::check, mark, colors.muted);
  if (state == StageState::dropped) draw_icon(canvas, Icon::cross, mark, colors.drop);
  const Rect top{r.x + canvas.px(14), r.y + canvas.px(10), r.w - canvas.px(marked ? 44 : 28), canvas.px(20)};
  draw_text_in(canvas, top, style::heading, state == StageState::coming ? colors.muted : colors.text, name);
  const Rect below{r.x + canvas.px(14), r.y + canvas.px(31), r.w - canvas.px(28), canvas.px(20)};
  draw_text_in(canvas, below, style::label, state == StageState::dropped ? colors.drop : colors.muted, remark);
}

void draw_stage_pill(const Canvas& canvas, const Rect& r, std::string_view name, StageState state) {
  const Palette& colors = canvas.colors();
  stage_frame(canvas, r, state, canvas.px(6), true);
  const float words = text_width(canvas, style::label_medium, name);
  // Where the whole name leaves no room for the mark, arrow and frame tell the state.
  const bool marked =
      state != StageState::current && state != StageState::coming && (name.empty() || words + canvas.px(30) <= r.w);
  const float width = std::min(words, r.w - canvas.px(8)) + (marked ? canvas.px(18) : 0);
  const float x = r.x + (r.w - width) / 2;
  const float middle = r.y + r.h / 2;
  draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::small, middle)}, style::label_medium,
            state == StageState::coming ? colors.muted : colors.text,
            fit_text(canvas, style::label_medium, name, r.w - canvas.px(8)));
  if (!marked) return;
  const Vec2 mark{x + width - canvas.px(5), middle};
  if (state == StageState::passed) draw_icon(canvas, Icon::check, mark, colors.ok, 17);
  if (state == StageState::inferred) draw_icon(canvas, Icon::check, mark, colors.muted, 17);
  if (state == StageState::dropped) draw_icon(canvas, Icon::cross, mark, colors.drop, 17);
}

void draw_stage_arrow(const Canvas& canvas, Vec2 from, Vec2 to, StageState state) {
  const Palette& colors = canvas.colors();
  const Color color = state == StageState::passed     ? colors.ok
                      : state == StageState::current  ? colors.accent
                      : state == StageState::dropped  ? colors.drop
                      : state == StageState::inferred ? colors.muted
                                                      : colors.link;
  if (state == StageState::coming || state == StageState::inferred) {
    dashed_line(canvas, from, to, color, canvas.px(2));
  } else {
    canvas.line(from, to, color, canvas.px(2));
  }
  arrow_head(canvas, to, to - from, color, 4, 2);
}

void draw_hook_stop(const Canvas& canvas, Vec2 at, StageState state) {
  const Palette& colors = canvas.colors();
  switch (state) {
    case StageState::passed:
    case StageState::inferred:
      canvas.disc(at, canvas.px(8), state == StageState::passed ? colors.ok : colors.muted);
      draw_icon(canvas, Icon::check, at, colors.background, 17);
      break;
    case StageState::current:
      canvas.disc(at, canvas.px(15), with_alpha(colors.accent, 0.22F));
      canvas.disc(at, canvas.px(10), colors.accent);
      break;
    case StageState::coming:
      canvas.disc(at, canvas.px(8), colors.background);
      canvas.circle(at, canvas.px(7), colors.link, canvas.px(1.5F));
      break;
    case StageState::dropped:
    case StageState::missed:
      canvas.disc(at, canvas.px(10), colors.drop);
      draw_icon(canvas, Icon::cross, at, colors.background);
      break;
  }
}

namespace {

constexpr float journey_line = 24, journey_words_x = 34;

float journey_words_width(const Canvas& canvas, float row, std::string_view time) {
  const float time_width = time.empty() ? 0 : text_width(canvas, style::number, time) + canvas.px(16);
  return row - canvas.px(journey_words_x + 8) - time_width;
}

}  // namespace

float journey_row_height(const Canvas& canvas, float width, std::string_view words, std::string_view time,
                         StageState state) {
  // As wide as they get where the packet is.
  const auto lines = wrap_text(canvas, style::label_strong, words, journey_words_width(canvas, width, time)).size();
  const std::size_t most = state == StageState::dropped ? lines : std::min<std::size_t>(lines, 2);
  return canvas.px(journey_line) +
         line_height(canvas, TextSize::small) * (static_cast<float>(std::max<std::size_t>(most, 1)) - 1);
}

void draw_journey_row(const Canvas& canvas, const Rect& r, std::string_view words, std::string_view time,
                      StageState state, bool more) {
  const Palette& colors = canvas.colors();
  const bool wrapped = r.h > canvas.px(journey_line + 1);
  const Rect first{r.x, r.y, r.w, wrapped ? canvas.px(journey_line) : r.h};
  const float middle = first.center().y;
  const Vec2 mark{r.x + canvas.px(15), middle};
  const bool current = state == StageState::current;
  if (current) canvas.fill(r, with_alpha(colors.rewrite, 0.16F), canvas.px(5));
  if (more) {
    const Vec2 from{mark.x, middle + canvas.px(8)}, to{mark.x, middle + r.h - canvas.px(8)};
    if (state == StageState::passed || state == StageState::missed) {
      canvas.line(from, to, colors.link, canvas.px(1.5F));
    } else {
      dashed_line(canvas, from, to, colors.link, canvas.px(1.5F), {2, 3});
    }
  }
  switch (state) {
    case StageState::passed:
    case StageState::inferred:
      draw_icon(canvas, Icon::check, mark, state == StageState::passed ? colors.ok : colors.muted, 18);
      break;
    case StageState::current:
      canvas.disc(mark, canvas.px(5), colors.rewrite);
      break;
    case StageState::coming:
      canvas.circle(mark, canvas.px(4), colors.faint, canvas.px(1.5F));
      break;
    case StageState::missed:
      draw_icon(canvas, Icon::cross, mark, colors.muted, 18);
      break;
    case StageState::dropped:
      draw_icon(canvas, Icon::cross, mark, colors.drop, 18);
      break;
  }
  const Rect text{r.x + canvas.px(journey_words_x), r.y, journey_words_width(canvas, r.w, time), r.h};
  const Color ink = state == StageState::coming    ? colors.muted
                    : state == StageState::missed  ? colors.muted
                    : state == StageState::dropped ? colors.drop
                                                   : colors.text;
  if (wrapped) {
    const float above = (first.h - line_height(canvas, TextSize::small)) / 2;
    draw_paragraph(canvas, text.moved(0, above), current ? style::label_strong : style::label, ink, words,
                   state == StageState::dropped ? 99 : 2);
  } else {
    draw_text_in(canvas, text, current ? style::label_strong : style::label, ink, words);
  }
  draw_text_in(canvas, first, style::number, colors.muted, time, Align::right, 8);
}

}  // namespace fourtuple::viz
