#include "viz/panels/lesson/quiz_card.h"

#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"

namespace fourtuple::viz {
namespace {

constexpr float padding = 20, score_width = 110, row = 34, foot = 44;

std::string score_text(const replay::Quiz& quiz) {
  return quiz.asked() == 0 ? std::string("Predict") : fmt::format("{} of {} right", quiz.right(), quiz.asked());
}

// One choice; true when it was pressed.
bool draw_choice(const Ui& ui, const Rect& r, const replay::Quiz& quiz, std::size_t index, bool pointed) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const replay::Question& question = *quiz.current();
  const bool waits = quiz.waits(), right = !waits && index == question.right;
  const bool wrong = !waits && index == *quiz.chosen() && !right;
  TouchOptions options;
  options.enabled = waits;
  const Touch touched = touch(ui, "quiz-choice" + std::to_string(index), r, options);
  const Color edge = right ? colors.ok : wrong ? colors.drop : colors.line;
  canvas.fill(r, right || wrong ? with_alpha(edge, 0.16F) : mix(colors.raised, colors.hover, touched.glow),
              canvas.px(6));
  if (right || wrong) canvas.stroke(r, edge, canvas.px(1.5F), canvas.px(6));
  if (touched.focused || (pointed && waits)) draw_focus(canvas, r, canvas.px(6));
  const Canvas ink = waits || right || wrong ? canvas : canvas.faded(0.5F);
  Rect cells = r.inset(canvas.px(10), 0);
  const Rect key = cells.take_left(canvas.px(30));
  if (right || wrong) {
    draw_icon(canvas, right ? Icon::check : Icon::cross, {key.x + canvas.px(9), key.center().y}, edge, 20);
  } else {
    draw_keycap(ink, key.left_middle(), std::to_string(index + 1));
  }
  draw_text_in(ink, cells, style::body, colors.text, question.choices[index].words);
  return touched.clicked;
}

// Once answered, only what was chosen and what was right stay: there is something to look at now.
bool row_shown(const replay::Quiz& quiz, std::size_t index) {
  return quiz.waits() || index == *quiz.chosen() || index == quiz.current()->right;
}

// The question is read in full, whatever the width.
float question_height(const Canvas& canvas, const replay::Quiz& quiz, float card_width) {
  const float width = card_width - canvas.px(2 * padding + score_width + 8);
  const auto lines = wrap_text(canvas, style::heading, quiz.current()->words, width).size();
  return line_height(canvas, TextSize::normal) * static_cast<float>(lines) + canvas.px(12);
}

}  // namespace

float quiz_card_height(const Canvas& canvas, const replay::Quiz& quiz, float width) {
  float rows = 0;
  for (std::size_t i = 0; i < quiz.current()->choices.size(); ++i)
    if (row_shown(quiz, i)) ++rows;
  return question_height(canvas, quiz, width) + canvas.px(2 * padding + rows * (row + 6) + foot);
}

QuizAction draw_quiz_card(const Ui& below, const Rect& r, const replay::Quiz& quiz,
                          std::optional<std::size_t> pointed) {
  // A layer of its own, above scrolling lists.
  ScrollArea layer(below, "quiz-card", r);
  // In little room (a projector's large type) it scrolls.
  const float wanted = quiz_card_height(below.canvas, quiz, r.w);
  const Rect card{r.x, layer.content().y, r.w, std::max(r.h, wanted)};
  layer.set_height(wanted > r.h ? wanted : 1);
  const Ui& ui = layer.ui();
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const replay::Question& question = *quiz.current();
  QuizAction action;
  draw_card(canvas, card, colors.accent, 10);
  const Rect bar{card.x, card.y + canvas.px(10), canvas.px(4), card.h - canvas.px(20)};
  canvas.fill(bar, colors.accent, canvas.px(2));
  Rect rest = card.inset(canvas.px(padding));
  Rect title = rest.take_top(question_height(canvas, quiz, card.w));
  draw_text_in(canvas, title.take_right(canvas.px(score_width)).take_top(line_height(canvas, TextSize::normal)),
               style::label, colors.muted, score_text(quiz), Align::right);
  title.take_right(canvas.px(8));
  draw_paragraph(canvas, title, style::heading, colors.text, question.words);
  for (std::size_t i = 0; i < question.choices.size(); ++i) {
    if (!row_shown(quiz, i)) continue;
    if (draw_choice(ui, rest.take_top(canvas.px(row)), quiz, i, pointed == i)) action = {QuizActionKind::choose, i};
    rest.take_top(canvas.px(6));
  }
  rest.take_top(canvas.px(10));
  const Button stop{.label = "Stop asking", .key = "Q", .look = ButtonLook::quiet};
  const Button go_on{.label = quiz.waits() ? "Skip" : "Go on",
                     .key = "Space",
                     .look = quiz.waits() ? ButtonLook::normal : ButtonLook::primary};
  Rect buttons{rest.x, rest.y, rest.w, canvas.px(32)};
  if (button(ui, "quiz-go-on", buttons.take_right(button_width(canvas, go_on)), go_on))
    action.kind = QuizActionKind::go_on;
  buttons.take_right(canvas.px(8));
  if (button(ui, "quiz-stop", buttons.take_right(button_width(canvas, stop)), stop)) action.kind = QuizActionKind::stop;
  buttons.take_right(canvas.px(12));
  if (quiz.waits()) {
    draw_text_in(canvas, buttons, style::label, colors.muted, "What happens next? Click one, or press its number.");
    return action;
  }
  const bool right = *quiz.chosen() == question.right;
  const float width =
      draw_text_in(canvas, buttons, style::heading, right ? colors.ok : colors.drop, right ? "Right." : "Not quite.");
  buttons.take_left(width + canvas.px(10));
  draw_paragraph(canvas, {buttons.x, buttons.y - canvas.px(2), buttons.w, buttons.h + canvas.px(8)}, style::label,
                 colors.text, question.because, 2);
  return action;
}

std::string quiz_score(const replay::Quiz& quiz) {
  return quiz.asked() == 0 ? "Predict: asks while it plays" : "Predict: " + score_text(quiz);
}

}  // namespace fourtuple::viz
