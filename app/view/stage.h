// A surface with a theme and a viewer on it, driven frame by frame: by a person, by a script, or for one picture.
// Main thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "app/view/watcher.h"
#include "viz/kit/panel.h"
#include "viz/surface/input_script.h"
#include "viz/surface/surface.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::app {

struct StageOptions {
  int width = 1440, height = 900;
  bool dark = true;
  float scale = 1;
};

class Stage {
 public:
  // Takes the surface over. Fails when no font can be read.
  static Outcome<std::unique_ptr<Stage>> make(std::unique_ptr<viz::Surface> surface, const StageOptions& options);

  viz::Viewer& viewer() { return viewer_; }
  viz::Surface& surface() { return *surface_; }

  // Opens a file; its faults are shown, not fatal. False when there were any.
  bool open(const std::string& path);
  // Shows what became of opening the file.
  bool show(const std::string& path, tl::expected<viz::Document, std::vector<Error>> document);

  // One frame with these events and this much time since the last.
  void frame(const viz::InputEvents& events, std::int64_t elapsed_us);
  // Looks whether the file on show changed, and shows it again then. True: the picture is another. `now_us` never
  // goes back.
  bool look_at_files(std::int64_t now_us);
  // Frames until nothing is left to settle (fonts, hover), without time passing.
  void settle();
  // Plays a script to its end; pictures are written where it says.
  Outcome<void> play(std::vector<viz::ScriptStep> steps);
  // Until the window is closed.
  void run();

 private:
  Stage(std::unique_ptr<viz::Surface> surface, const StageOptions& options);
  void apply_look();
  void open_wanted();
  double wait_s() const;
  Outcome<void> pass(std::int64_t ms);

  std::unique_ptr<viz::Surface> surface_;
  StageOptions options_;
  viz::Theme theme_;
  viz::Focus focus_;
  viz::Viewer viewer_;
  viz::ThemeChoice applied_;
  std::optional<std::string> wanted_;  // a file to open before the next frame
  bool animating_ = false;
  FileWatcher watcher_;  // of the file on show and those it is made of
  std::string path_;     // of the file on show
};

}  // namespace fourtuple::app
