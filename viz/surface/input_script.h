// A tiny script of user input, one step a line, that drives a window without a person:
//   key Space | key Ctrl+P | click 400 300 | move 10 10 | drag 10 10 90 40 | wheel -3 | type some text
//   wait 200 ms | drop FILE | size 1024x768 | shot out.png        ('#' starts a comment line)
// Parsing accepts any bytes and reports the first error as file:line:column. Plain data, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/outcome.h"
#include "viz/surface/keys.h"

namespace fourtuple::viz {

enum class ScriptVerb : std::uint8_t { key, click, move, drag, wheel, type, wait, drop, size, shot };

struct ScriptStep {
  ScriptVerb verb = ScriptVerb::wait;
  Chord chord;                             // key
  float x = 0, y = 0, to_x = 0, to_y = 0;  // click, move, drag: framebuffer pixels; wheel: lines in y
  std::int64_t wait_ms = 0;                // wait
  std::string text;                        // type: UTF-8; drop, shot: path
  int width = 0, height = 0;               // size: of the window from now on, in framebuffer pixels
  int line = 0;
};

// At most 10,000 steps; a wait is at most 600,000 ms.
Outcome<std::vector<ScriptStep>> parse_input_script(std::string_view text, const std::string& file);

// Plays parsed steps frame by frame. A press and its release are in different frames, as a person's are.
class ScriptPlayer {
 public:
  explicit ScriptPlayer(std::vector<ScriptStep> steps) : steps_(std::move(steps)) {}

  struct Frame {
    InputEvents events;         // to hand to Surface::begin_frame
    std::string shot;           // when not empty: save the finished frame here
    std::int64_t wait_ms = 0;   // let this much time pass before the next call
    int width = 0, height = 0;  // when not 0: the window gets this size before the frame
  };
  // REQUIRES: !finished().
  Frame next();
  bool finished() const { return at_ >= steps_.size(); }

 private:
  std::vector<ScriptStep> steps_;
  std::size_t at_ = 0;
  int phase_ = 0;  // frames already spent on the current step
};

}  // namespace fourtuple::viz
