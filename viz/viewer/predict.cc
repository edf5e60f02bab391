// Predict and reveal in the window: playback stops before a question, keys and the card answer it, then the panel that
// shows the answer opens.
#include "viz/panels/lesson/quiz_card.h"
#include "viz/viewer/shown.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {
namespace {

constexpr float question_width = 616, margin = 16;

// The choice a number key stands for.
std::optional<std::size_t> choice_of(const InputEvent& event, const replay::Quiz& quiz) {
  for (std::size_t i = 0; i < quiz.current()->choices.size(); ++i) {
    const auto key = static_cast<Key>(static_cast<int>(Key::digit_1) + static_cast<int>(i));
    if (is_press(event, {key, {}}, false)) return i;
  }
  return std::nullopt;
}

}  // namespace

const replay::Quiz* Viewer::quiz() const {
  return shown_ ? &shown_->quiz : nullptr;
}

// Stops before a question between the cursor and `to`; true when there is one.
bool Viewer::stop_to_ask(Shown& shown, std::uint64_t from) {
  const replay::Question* question = shown.quiz.ask(shown.indexes, shown.cursor, from, shown.cursor.position());
  if (question == nullptr) return false;
  pointed_choice_.reset();
  shown.playback.pause();
  shown.cursor.seek_position(question->pause);
  fulfil(shown, {Wish::Kind::select_packet, question->packet.value, {}, {}});
  fulfil(shown, {Wish::Kind::select_host, question->host.value, {}, {}});
  return true;
}

void Viewer::answer_question(Shown& shown, std::size_t choice) {
  if (!shown.quiz.waits()) return;
  shown.quiz.answer(choice);
  const replay::Question& question = *shown.quiz.current();
  shown.cursor.seek_record(question.answer);
  panel_ = question.kind == replay::QuestionKind::delivery ? PanelKind::host : PanelKind::rules;
}

void Viewer::leave_question(Shown& shown, bool play_on) {
  const bool answered = shown.quiz.current() != nullptr && !shown.quiz.waits();
  // A question that is skipped lies ahead still: over it.
  if (!answered && shown.quiz.current() != nullptr) shown.cursor.seek_record(shown.quiz.current()->answer);
  shown.quiz.dismiss();
  if (answered && play_on) panel_ = PanelKind::map;
  if (play_on) shown.playback.play();
}

bool Viewer::handle_question(const InputEvent& event) {
  if (!shown_ || shown_->quiz.current() == nullptr) return false;
  Shown& shown = *shown_;
  const bool waits = shown.quiz.waits();
  if (const auto choice = choice_of(event, shown.quiz); choice && waits) {
    answer_question(shown, *choice);
    return true;
  }
  if (waits && point_at_choice(event, shown.quiz.current()->choices.size())) return true;
  if (is_press(event, {Key::enter, {}}, false)) {
    if (!waits) leave_question(shown, true);
    if (waits && pointed_choice_) answer_question(shown, *pointed_choice_);
    return true;
  }
  if (is_press(event, {Key::space, {}}, false)) {
    leave_question(shown, true);
    return true;
  }
  if (is_press(event, {Key::escape, {}}, false)) {
    leave_question(shown, false);
    return true;
  }
  return false;
}

// Up and Down walk through the choices.
bool Viewer::point_at_choice(const InputEvent& event, std::size_t count) {
  const bool down = is_press(event, {Key::down, {}}, true);
  if (!down && !is_press(event, {Key::up, {}}, true)) return false;
  const std::size_t last = count - 1;
  if (!pointed_choice_) {
    pointed_choice_ = down ? 0 : last;
  } else if (down) {
    pointed_choice_ = *pointed_choice_ == last ? 0 : *pointed_choice_ + 1;
  } else {
    pointed_choice_ = *pointed_choice_ == 0 ? last : *pointed_choice_ - 1;
  }
  return true;
}

void Viewer::toggle_quiz(Shown& shown) {
  shown.quiz.set_on(!shown.quiz.on());
  say(shown.quiz.on() ? "Predict: playback stops before packets are delivered and rules decide" : "Predict is off");
}

Rect Viewer::question_place(const Canvas& canvas, const Rect& area, const Shown& shown) const {
  if (shown.quiz.current() == nullptr) return {};
  const float width = std::min(canvas.px(question_width), area.w - 2 * canvas.px(margin));
  const float height = std::min(quiz_card_height(canvas, shown.quiz, width), area.h - 2 * canvas.px(margin));
  return {area.x + canvas.px(margin), area.bottom() - height - canvas.px(margin), width, height};
}

void Viewer::draw_question(const Ui& ui, const Rect& place, Shown& shown) {
  replay::Quiz& quiz = shown.quiz;
  const replay::Question* question = quiz.current();
  if (!quiz.on() || question == nullptr) return;
  // Who goes elsewhere in time has left the question.
  const std::uint64_t expected = quiz.waits() ? question->pause : shown.indexes.records().next(question->answer);
  if (shown.cursor.position() != expected) {
    quiz.dismiss();
    return;
  }
  const QuizAction action = draw_quiz_card(ui, place, quiz, pointed_choice_);
  if (action.kind == QuizActionKind::choose) answer_question(shown, action.choice);
  if (action.kind == QuizActionKind::go_on) leave_question(shown, true);
  if (action.kind == QuizActionKind::stop) {
    leave_question(shown, false);
    toggle_quiz(shown);
  }
}

}  // namespace fourtuple::viz
