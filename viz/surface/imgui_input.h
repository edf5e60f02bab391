// Feeds InputEvents to Dear ImGui. Events that would cancel out within one frame (a press and its
// release) are spread over frames, so a fast click is never lost. Main thread only.
#pragma once

#include <deque>

#include "viz/surface/keys.h"

namespace fourtuple::viz {

class ImGuiInput {
 public:
  // Called once after ImGui::CreateContext: fills the key table.
  static void set_up();

  // Gives ImGui what fits into this frame; the rest waits. Call before ImGui::NewFrame.
  void feed(const InputEvents& events);

  // True when another frame is needed to deliver what waits.
  bool pending() const { return !waiting_.empty(); }

 private:
  std::deque<InputEvent> waiting_;
};

}  // namespace fourtuple::viz
