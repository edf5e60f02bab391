// The card that asks: the question, its choices with their number keys, and after the answer what was right and why.
// Main thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "sim/replay/quiz/quiz.h"
#include "viz/kit/interact.h"

namespace fourtuple::viz {

enum class QuizActionKind : std::uint8_t { none, choose, go_on, stop };

struct QuizAction {
  QuizActionKind kind = QuizActionKind::none;
  std::size_t choice = 0;  // choose
};

// Height of the card in pixels at this width.
float quiz_card_height(const Canvas& canvas, const replay::Quiz& quiz, float width);
// `pointed`: the choice that the arrow keys came to. REQUIRES: quiz.current() is not null.
QuizAction draw_quiz_card(const Ui& ui, const Rect& r, const replay::Quiz& quiz, std::optional<std::size_t> pointed);
// "Predict: 3 of 4 right", while no question is shown.
std::string quiz_score(const replay::Quiz& quiz);

}  // namespace fourtuple::viz
