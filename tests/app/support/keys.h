// Keys for a window without a display.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "app/view/stage.h"

namespace fourtuple::app {

// A chord such as "Ctrl+P", pressed and let go in one frame that lasts `us` microseconds.
inline void press(Stage& stage, const std::string& chord, std::int64_t us = 16'667) {
  const auto parsed = viz::parse_chord(chord);
  ASSERT_TRUE(parsed) << chord;
  stage.frame({viz::key_event(viz::InputKind::key_down, *parsed), viz::key_event(viz::InputKind::key_up, *parsed)}, us);
}

}  // namespace fourtuple::app
