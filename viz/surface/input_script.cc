#include "viz/surface/input_script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace fourtuple::viz {
namespace {

constexpr std::size_t max_steps = 10'000;
constexpr std::int64_t max_wait_ms = 600'000;
constexpr int drag_frames = 4;
constexpr int largest_side = 8192;

constexpr std::array<std::pair<std::string_view, ScriptVerb>, 10> verbs = {{{"key", ScriptVerb::key},
                                                                            {"click", ScriptVerb::click},
                                                                            {"move", ScriptVerb::move},
                                                                            {"drag", ScriptVerb::drag},
                                                                            {"wheel", ScriptVerb::wheel},
                                                                            {"type", ScriptVerb::type},
                                                                            {"wait", ScriptVerb::wait},
                                                                            {"drop", ScriptVerb::drop},
                                                                            {"size", ScriptVerb::size},
                                                                            {"shot", ScriptVerb::shot}}};

// Reads one line and remembers where each word began, for the error column.
class LineReader {
 public:
  LineReader(std::string_view line, const std::string& file, int number) : line_(line), file_(file), number_(number) {}

  std::string_view word() {
    skip_spaces();
    begin_ = at_;
    while (at_ < line_.size() && line_[at_] != ' ' && line_[at_] != '\t') ++at_;
    return line_.substr(begin_, at_ - begin_);
  }
  std::string_view rest() {
    skip_spaces();
    begin_ = at_;
    at_ = line_.size();
    return line_.substr(begin_);
  }
  tl::unexpected<Error> error(std::string message, std::string expected) const {
    return fail({file_, number_, static_cast<int>(begin_) + 1}, std::move(message), std::move(expected));
  }
  Outcome<float> number() {
    const std::string_view text = word();
    float value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || std::abs(value) > 1e6F) {
      return error("'" + std::string(text) + "' is not a number", "a number of pixels");
    }
    return value;
  }

 private:
  void skip_spaces() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t')) ++at_;
  }
  std::string_view line_;
  const std::string& file_;
  int number_;
  std::size_t at_ = 0, begin_ = 0;
};

Outcome<ScriptVerb> read_verb(LineReader& reader) {
  const std::string_view word = reader.word();
  for (const auto& [name, verb] : verbs) {
    if (name == word) return verb;
  }
  return reader.error("unknown step '" + std::string(word) + "'",
                      "key, click, move, drag, wheel, type, wait, drop, size or shot");
}

Outcome<void> read_numbers(LineReader& reader, std::initializer_list<float*> targets) {
  for (float* target : targets) {
    const Outcome<float> value = reader.number();
    if (!value) return tl::unexpected<Error>(value.error());
    *target = *value;
  }
  return {};
}

Outcome<void> read_wait(LineReader& reader, ScriptStep& step) {
  float amount = 0;
  if (auto ok = read_numbers(reader, {&amount}); !ok) return ok;
  const std::string_view unit = reader.word();
  if (unit != "ms" && unit != "s") return reader.error("a wait needs a unit", "'ms' or 's' after the number");
  step.wait_ms = static_cast<std::int64_t>(unit == "s" ? amount * 1000 : amount);
  if (step.wait_ms < 0 || step.wait_ms > max_wait_ms) {
    return reader.error("the wait is out of range", "0 to 600000 ms");
  }
  return {};
}

// "1024x768"
Outcome<void> read_window_size(LineReader& reader, ScriptStep& step) {
  const std::string_view word = reader.word();
  const std::size_t x = std::min(word.find('x'), word.size());
  const auto number = [](std::string_view text, int& value) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc() && end == text.data() + text.size() && value >= 1 && value <= largest_side;
  };
  if (!number(word.substr(0, x), step.width) || !number(word.substr(std::min(x + 1, word.size())), step.height)) {
    return reader.error("'" + std::string(word) + "' is not a size", "width and height in pixels, such as 1280x800");
  }
  return {};
}

Outcome<void> read_arguments(LineReader& reader, ScriptStep& step) {
  switch (step.verb) {
    case ScriptVerb::key: {
      const std::string_view word = reader.word();
      const std::optional<Chord> chord = parse_chord(word);
      if (!chord) return reader.error("unknown key '" + std::string(word) + "'", "a key such as Space, Ctrl+P or F5");
      step.chord = *chord;
      return {};
    }
    case ScriptVerb::click:
    case ScriptVerb::move:
      return read_numbers(reader, {&step.x, &step.y});
    case ScriptVerb::drag:
      return read_numbers(reader, {&step.x, &step.y, &step.to_x, &step.to_y});
    case ScriptVerb::wheel:
      return read_numbers(reader, {&step.y});
    case ScriptVerb::wait:
      return read_wait(reader, step);
    case ScriptVerb::size:
      return read_window_size(reader, step);
    case ScriptVerb::type:
    case ScriptVerb::drop:
    case ScriptVerb::shot:
      step.text = reader.rest();
      if (step.text.empty()) return reader.error("the step is incomplete", "text or a path after the word");
      return {};
  }
  return {};
}

}  // namespace

Outcome<std::vector<ScriptStep>> parse_input_script(std::string_view text, const std::string& file) {
  std::vector<ScriptStep> steps;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    LineReader probe(line, file, number);
    const std::string_view first = probe.word();
    if (first.empty() || first.front() == '#') continue;
    if (steps.size() == max_steps) return probe.error("the script is too long", "at most 10000 steps");
    LineReader reader(line, file, number);
    const Outcome<ScriptVerb> verb = read_verb(reader);
    if (!verb) return tl::unexpected<Error>(verb.error());
    ScriptStep step;
    step.verb = *verb;
    step.line = number;
    if (auto ok = read_arguments(reader, step); !ok) return tl::unexpected<Error>(ok.error());
    if (!reader.rest().empty()) return reader.error("something follows the step", "the end of the line");
    steps.push_back(std::move(step));
  }
  return steps;
}

ScriptPlayer::Frame ScriptPlayer::next() {
  const ScriptStep& step = steps_[at_];
  Frame frame;
  int frames = 1;
  switch (step.verb) {
    case ScriptVerb::key:
      frames = 2;
      frame.events.push_back(key_event(phase_ == 0 ? InputKind::key_down : InputKind::key_up, step.chord));
      break;
    case ScriptVerb::click:
      frames = 3;
      frame.events.push_back(mouse_event(std::array{InputKind::mouse_move, InputKind::mouse_down,
                                                    InputKind::mouse_up}[static_cast<std::size_t>(phase_)],
                                         step.x, step.y));
      break;
    case ScriptVerb::move:
      frame.events.push_back(mouse_event(InputKind::mouse_move, step.x, step.y));
      break;
    case ScriptVerb::drag: {
      frames = drag_frames + 3;
      if (phase_ == 0) frame.events.push_back(mouse_event(InputKind::mouse_move, step.x, step.y));
      if (phase_ == 1) frame.events.push_back(mouse_event(InputKind::mouse_down, step.x, step.y));
      if (phase_ >= 2 && phase_ < drag_frames + 2) {
        const float part = static_cast<float>(phase_ - 1) / drag_frames;
        frame.events.push_back(mouse_event(InputKind::mouse_move, step.x + (step.to_x - step.x) * part,
                                           step.y + (step.to_y - step.y) * part));
      }
      if (phase_ == drag_frames + 2) frame.events.push_back(mouse_event(InputKind::mouse_up, step.to_x, step.to_y));
      break;
    }
    case ScriptVerb::wheel:
      frame.events.push_back(mouse_event(InputKind::wheel, 0, step.y));
      break;
    case ScriptVerb::type:
      frame.events.push_back(text_event(InputKind::text, step.text));
      break;
    case ScriptVerb::wait:
      frame.wait_ms = step.wait_ms;
      break;
    case ScriptVerb::drop:
      frame.events.push_back(text_event(InputKind::file_drop, step.text));
      break;
    case ScriptVerb::size:
      frame.width = step.width;
      frame.height = step.height;
      break;
    case ScriptVerb::shot:
      frame.shot = step.text;
      break;
  }
  if (++phase_ >= frames) {
    phase_ = 0;
    ++at_;
  }
  return frame;
}

}  // namespace fourtuple::viz
