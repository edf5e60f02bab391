// Carries settings between the window and their files: what a person chose comes back the next time. Written when
// something changed, not only at the end, so that nothing is lost when the program is killed. Main thread only.
#pragma once

#include <string>

#include "app/view/settings.h"
#include "viz/surface/surface.h"

namespace fourtuple::app {

class UserMemory {
 public:
  // Reads both files. What was not understood is told by the window, and its file is not written again.
  UserMemory();

  const Settings& settings() const { return settings_; }
  const WindowMemory& window() const { return window_; }

  // Hands keys, recent files and notes to the window.
  void give(viz::Viewer& viewer);
  void opened(const std::string& path, viz::Viewer& viewer);
  // Writes what differs from the files; cheap when nothing does.
  void keep(viz::Viewer& viewer, viz::PixelSize window);

 private:
  void write_window(viz::Viewer& viewer);

  Settings settings_;
  WindowMemory window_;
  std::vector<std::string> notes_;
  bool writes_settings_ = true, writes_window_ = true;
};

}  // namespace fourtuple::app
