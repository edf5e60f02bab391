// A surface with a theme and a viewer on it, driven frame by frame: by a person, by a script, or for one picture.
// Main thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "app/view/user_memory.h"
#include "viz/kit/panel.h"
#include "viz/surface/input_script.h"
#include "viz/surface/surface.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::app {

struct StageOptions {
  int width = 1440, height = 900;
  float scale = 1;  // of the screen
  viz::ViewerLook look{};
};

class Stage {
 public:
  // Takes the surface over. Fails when no font can be read.
  static Outcome<std::unique_ptr<Stage>> make(std::unique_ptr<viz::Surface> surface, const StageOptions& options);

  viz::Viewer& viewer() { return viewer_; }
  viz::Surface& surface() { return *surface_; }
  const viz::Palette& colors() const { return theme_.colors(); }
  float scale() const { return theme_.scale(); }

  // From now on what the user chooses is kept there; it must outlive the stage.
  void keep_in(UserMemory& memory);

  // Called when the language changes, to list the gallery again.
  void set_gallery_lister(std::function<void(bool japanese)> list) { list_gallery_ = std::move(list); }

  // Opens a file; its faults are shown, not fatal. False when there were any.
  bool open(const std::string& path);
  // Shows what became of opening the file.
  bool show(const std::string& path, tl::expected<viz::Document, std::vector<Error>> document);

  // One frame with these events and this much time since the last.
  void frame(const viz::InputEvents& events, std::int64_t elapsed_us);
  // Frames until nothing is left to settle (fonts, hover), without time passing.
  void settle();
  // Plays a script to its end; pictures are written where it says.
  Outcome<void> play(std::vector<viz::ScriptStep> steps);
  // What frames draw from now on goes on this tape too; nullptr: on none.
  void record(viz::DrawTape* tape) { tape_ = tape; }
  // Writes what the user asked for into `folder` and says where; see app/view/save.h. Empty: the present folder.
  void save_into(std::string folder) { save_folder_ = std::move(folder); }
  // Until the window is closed.
  void run();

 private:
  Stage(std::unique_ptr<viz::Surface> surface, const StageOptions& options);
  viz::ThemeChoice wanted_look();
  void apply_look();
  void open_wanted();
  void save_wanted();
  void change_language();
  void save_layout(const std::string& path, const viz::MapPositions& positions);
  Outcome<void> pass(std::int64_t ms);

  std::unique_ptr<viz::Surface> surface_;
  StageOptions options_;
  viz::Theme theme_;
  viz::Focus focus_;
  viz::Viewer viewer_;
  viz::ThemeChoice applied_;
  UserMemory* memory_ = nullptr;
  std::optional<std::string> wanted_;  // a file to open before the next frame
  std::function<void(bool japanese)> list_gallery_;
  bool japanese_ = false;  // the language of what is shown
  bool animating_ = false;
  viz::DrawTape* tape_ = nullptr;
  std::optional<viz::SaveKind> wanted_save_;
  std::string save_folder_;
};

}  // namespace fourtuple::app
