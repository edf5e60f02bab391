// The window's content: top bar, panels, sheet, timeline and what lies above them; and the one selection and the one
// time cursor that all of them share. It knows no files and no simulator: the application gives it documents and is
// told, through ViewerCalls, what the user wants to open. Main thread only.
//
// A frame: handle() for every input event, then draw() between Surface::begin_frame and end_frame.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/replay/step.h"
#include "sim/trace/difference.h"
#include "viz/panels/timeline/timeline_panel.h"
#include "viz/viewer/gallery.h"
#include "viz/viewer/overlays.h"
#include "viz/viewer/panels.h"
#include "viz/viewer/sheet.h"
#include "viz/viewer/shortcuts.h"

namespace fourtuple::viz {

struct ViewerCalls {
  std::function<void(const std::string& path)> open;  // the user chose or dropped this file
};

// How the user wants things to look; the application applies it to the Theme between frames.
struct ViewerLook {
  bool dark = true;
  bool presenter = false;  // twice the type
};

class Viewer {
 public:
  explicit Viewer(ViewerCalls calls);
  ~Viewer();
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  // Shows a trace from its start (or `at`); the gallery is left.
  void show(Document document, std::optional<Time> at = std::nullopt);
  // The faults of a file that could not be opened; what was shown before stays below.
  void show_errors(const std::string& file, std::vector<Error> errors);
  void say(std::string words);  // a short message
  void set_gallery(std::vector<GalleryEntry> entries) { gallery_.set_entries(std::move(entries)); }
  // The network that plays in the gallery.
  void set_preview(Document document);

  // The same file again after it changed: time, panel and what is chosen stay, as far as they are there by name.
  void reload(Document document);
  // It changed and has faults now: they are told beside the last good version.
  void show_reload_errors(std::vector<Error> errors);

  void handle(const InputEvent& event, Focus& focus);
  void draw(Ui& ui, const Rect& area, std::int64_t elapsed_us);
  // True while the picture changes without input.
  bool animating() const;
  // Seconds after which the short message goes; negative: there is none, nothing happens by itself.
  double message_left_s() const { return toast_us_ > 0 ? static_cast<double>(toast_us_) / 1e6 : -1; }
  void age_message(std::int64_t us) { toast_us_ = std::max<std::int64_t>(toast_us_ - us, 0); }

  ViewerLook& look() { return look_; }
  bool has_document() const { return shown_ != nullptr; }
  const std::string& title() const { return title_; }
  void open_panel(PanelKind kind) { panel_ = kind; }
  PanelKind panel() const { return panel_; }
  // False when the trace has no host of that name.
  bool select_host_named(std::string_view name);
  std::string host_names() const;  // "anna, ben, router"
  void select_packet(PacketId packet);
  void seek(Time time);
  // To a moment with packets under way; without a document, in the gallery's network.
  void seek_interesting();
  void start_playing();

  // For tests.
  Time now() const;
  bool playing() const;
  const Selection& selection() const;
  bool help_open() const { return help_; }
  bool errors_open() const { return !errors_.empty(); }
  Panels& panels() { return panels_; }
  bool comparing() const;
  bool asking_what_if() const;
  const std::string& what_if_error() const;
  const trace::Difference* first_difference() const;  // of the two runs on show; null: none
  void keep_changed_run() { keep_fork(); }
  const std::vector<Error>& reload_errors() const { return reload_errors_; }

 private:
  struct Shown;  // a trace with its indexes, cursor, playback and selection

  PanelContext context(Shown& shown);
  void run(Command command);
  bool run_window(Command command);
  void run_time(Shown& shown, Command command);
  void leave();
  void step(Shown& shown, replay::Grain grain, replay::Direction direction);
  void step_rule(Shown& shown, replay::Grain grain, replay::Direction direction);
  void seek(Shown& shown, Time time);
  void go_to_caption(Shown& shown, bool forward);
  void advance(Shown& shown, std::int64_t elapsed_us);
  void follow(Shown& shown);
  void fulfil(Shown& shown);
  void fulfil(Shown& shown, const Wish& wish);

  void draw_top_bar(const Ui& ui, const Rect& bar);
  void draw_bar_buttons(const Ui& ui, Rect& rest);
  void draw_document(Ui& ui, Rect area);
  void draw_map(Ui& ui, const Rect& area, const PanelContext& context);
  void draw_gallery(Ui& ui, const Rect& area);
  void draw_overlays(Ui& ui, const Rect& area);
  void act(const GalleryAction& action);

  // viewer_fork.cc
  struct Forked;
  Shown* leading() const;  // whose cursor is the time cursor; null without a document
  void ask_what_if(const std::string& words);
  void edit_fork();
  void start_fork(ForkRequest request);
  void take_fork();
  void close_fork();
  void keep_fork();
  void sync_fork();
  void draw_compare(Ui& ui, const Rect& area);
  void draw_fork_dialog(const Ui& ui, const Rect& area);
  void draw_fork_on_timeline(const Canvas& canvas, const Rect& timeline) const;
  bool handle_fork(const InputEvent& event, Focus& focus);
  bool run_fork(Command command);
  void draw_reload_strip(const Ui& ui, const Rect& area);

  ViewerCalls calls_;
  ViewerLook look_;
  std::unique_ptr<Shown> shown_, preview_;
  std::unique_ptr<Forked> fork_;  // never null
  std::string title_, subtitle_;
  PanelKind panel_ = PanelKind::map;
  Panels panels_;
  MapPanel preview_map_;
  TimelinePanel timeline_;
  Sheet sheet_;
  Gallery gallery_;
  OpenDialog open_;
  bool help_ = false;
  std::string error_file_;
  std::vector<Error> errors_, reload_errors_;
  std::string toast_;
  std::int64_t toast_us_ = 0;
};

}  // namespace fourtuple::viz
