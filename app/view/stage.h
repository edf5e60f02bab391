// A surface with a theme and a viewer on it, driven frame by frame: by a person, by a script, or for one picture.
// Main thread only.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "app/view/capture_reading.h"
#include "app/view/layout_file.h"
#include "app/view/producer.h"
#include "app/view/user_memory.h"
#include "app/view/watcher.h"
#include "viz/kit/panel.h"
#include "viz/surface/input_script.h"
#include "viz/surface/surface.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::app {

struct StageOptions {
  int width = 1440, height = 900;
  float scale = 1;  // of the screen
  viz::ViewerLook look{};
  bool remember = false;  // what a person does to a map is kept beside its file; pictures and tests leave no trace
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
  // The same without waiting: a scenario is shown while it runs, other files are read beside what is shown now, which
  // can be stopped. False when the file is known to have faults.
  bool open_soon(const std::string& path);
  // Shows what became of opening the file.
  bool show(const std::string& path, tl::expected<viz::Document, std::vector<Error>> document);
  // What is on show is these captures too: rules dropped on it see the packets of all.
  void shown_beside(std::vector<std::string> captures) { beside_ = std::move(captures); }

  // One frame with these events and this much time since the last.
  void frame(const viz::InputEvents& events, std::int64_t elapsed_us);
  // Looks whether the file on show changed, and shows it again then. True: the picture is another. `now_us` never
  // goes back.
  bool look_at_files(std::int64_t now_us);
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
  void want(const std::string& path);
  void open_wanted();
  void save_wanted();
  void change_language();
  void keep_layout(const std::string& path, const std::function<void(Layout&)>& change);
  double wait_s() const;
  // A file is on show from now on: it is remembered, and watched with those it is made of.
  void shown(const std::string& path, const std::vector<std::string>& files);
  Outcome<void> pass(std::int64_t ms);
  bool sends_through(const std::string& path) const;
  bool open_rules(const std::string& path);
  bool start_run(const std::string& path);
  void follow_run();
  void run_with_less_detail();
  void follow_openings();
  void follow_capture();

  std::unique_ptr<viz::Surface> surface_;
  StageOptions options_;
  viz::Theme theme_;
  viz::Focus focus_;
  viz::Viewer viewer_;
  viz::ThemeChoice applied_;
  UserMemory* memory_ = nullptr;
  std::optional<std::string> wanted_;       // a file to open before the next frame
  std::vector<std::string> wanted_beside_;  // with it, as one
  std::function<void(bool japanese)> list_gallery_;
  bool japanese_ = false;  // the language of what is shown
  bool animating_ = false;
  viz::DrawTape* tape_ = nullptr;
  bool waits_for_files_ = true;  // a script does, a person does not

  using Loaded = tl::expected<viz::Document, std::vector<Error>>;
  struct Reading {
    std::string path;
    std::future<Loaded> document;
  };
  struct Running {
    std::string path;
    trace::Level level = trace::Level::expressions;
    std::shared_ptr<Producer> producer;
    std::optional<viz::Document> next;  // with less detail; takes over when it has come as far as what is shown
  };
  std::optional<Reading> reading_;
  std::unique_ptr<CaptureReading> capture_;
  const trace::Trace* first_look_ = nullptr;  // of capture_, once it is shown
  std::optional<Running> running_;
  std::vector<std::future<Loaded>> abandoned_;  // nobody wants them; they end when they have read their file
  FileWatcher watcher_;                         // of the file on show and those it is made of
  std::string path_;                            // of the file on show
  std::vector<std::string> beside_;             // captures shown with it, as one
  std::optional<viz::SaveKind> wanted_save_;
  std::string save_folder_;
};

}  // namespace fourtuple::app
