// The dialog that asks what is to be otherwise: choices from the moment at hand, narrowed by typing, or a change in
// words. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/fork/choices.h"
#include "viz/fork/request.h"
#include "viz/kit/panel.h"

namespace fourtuple::viz {

class ForkEditor {
 public:
  // `words`: a change to begin with, or words to look for; may be empty.
  void open(std::vector<ForkChoice> choices, Time now, const std::string& words);
  void close() { open_ = false; }
  bool is_open() const { return open_; }
  // Why the last request could not be carried out; stays until the text changes. The keyboard goes to the faulty word.
  void show_error(const Error& error);
  // 0 to 1 while the request runs; nothing: none does.
  void set_progress(std::optional<float> part) { progress_ = part; }
  // Up, Down, Enter. Everything else is typing. Escape is the caller's.
  void handle(const InputEvent& event);
  // The change to run, when the person has decided.
  std::optional<ForkRequest> draw(const Ui& ui, const Rect& screen);

  // For tests.
  const std::string& text() const { return text_; }
  const std::string& error() const { return error_; }

 private:
  std::optional<ForkRequest> choose(const ForkChoice& choice);
  std::optional<ForkRequest> run_text();
  void set_text(const std::string& text);
  void set_error(std::string words);
  float draw_field(const Ui& ui, const Rect& top, bool words);
  std::optional<ForkRequest> draw_list(const Ui& ui, const Rect& area, const std::vector<ForkChoice>& shown);
  void draw_foot(const Ui& ui, Rect foot);

  bool open_ = false, fresh_ = false, enter_ = false, follow_ = false;
  std::vector<ForkChoice> choices_;
  std::string text_, error_;
  std::string example_;  // a change in words that fits this moment
  std::string filled_;   // what a choice wrote into the field; the same again would change nothing
  unsigned typed_ = 0;   // a new input each time the text is set from outside
  std::size_t row_ = 0;
  std::size_t caret_ = std::string::npos;  // where the field is to put it
  Time now_{0}, at_{0};
  bool from_start_ = false;
  std::optional<float> progress_;
};

}  // namespace fourtuple::viz
