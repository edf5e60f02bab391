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

#include "sim/replay/quiz/quiz.h"
#include "sim/replay/step.h"
#include "sim/trace/difference.h"
#include "viz/panels/timeline/timeline_panel.h"
#include "viz/viewer/command_palette.h"
#include "viz/viewer/dense_sheet.h"
#include "viz/viewer/filter_bar.h"
#include "viz/viewer/gallery.h"
#include "viz/viewer/help_sheet.h"
#include "viz/viewer/keymap.h"
#include "viz/viewer/name_dialog.h"
#include "viz/viewer/narration.h"
#include "viz/viewer/notes_sheet.h"
#include "viz/viewer/open_dialog.h"
#include "viz/viewer/overlays.h"
#include "viz/viewer/panels.h"
#include "viz/viewer/picture.h"
#include "viz/viewer/sheet.h"

namespace fourtuple::viz {

struct ViewerCalls {
  std::function<void(const std::string& path)> open;  // the user chose or dropped this file
  std::function<void(SaveKind kind)> save;            // the user wants this written to a file
  // A person moved hosts of the map of this file, or with no positions put them back.
  std::function<void(const std::string& path, const MapPositions&)> save_layout;
  std::function<void()> cancel;  // the user stopped what set_busy() told of; may be empty
  // A person set, named or took away bookmarks of this file.
  std::function<void(const std::string& path, const std::vector<Bookmark>&)> save_bookmarks;
  std::function<void()> fill_home;  // the page without a file comes on show and has no preview yet; may be empty
};

// How the user wants things to look; the application applies it to the Theme between frames.
struct ViewerLook {
  Look look = Look::dark;
  float scale = 1;            // of the user, 1 to 3, beside that of the screen
  bool presenter = false;     // twice the type, one thing at a time
  float presenter_scale = 2;  // what the type is multiplied with then: less where the panel on show would not fit
  bool reduced_motion = false;
  bool japanese = false;  // the window's words and the scenario's texts
};
constexpr float largest_scale = 3;
constexpr float small_window_below = 1000;  // design pixels: no sheet, and the tabs alone above

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
  // Paths of files opened before, the latest first; the dialog and the palette offer them.
  void set_recent(std::vector<std::string> paths);
  Keymap& keymap() { return keymap_; }
  // The network that plays in the gallery.
  void set_preview(Document document);

  // The same file again after it changed: time, panel and what is chosen stay, as far as they are there by name.
  // `words` are told.
  void reload(Document document, std::string words);
  // It changed and has faults now: they are told beside the last good version.
  void show_reload_errors(std::vector<Error> errors);

  void handle(const InputEvent& event, Focus& focus);
  void draw(Ui& ui, const Rect& area, std::int64_t elapsed_us);
  // Something that takes long goes on outside, such as reading a file: what was shown stays usable below these words.
  // Empty: nothing does. `part`: 0 to 1, negative: not known.
  void set_busy(std::string words, float part = -1);
  // As if the user had stopped it.
  void stop_busy();
  bool shows(const trace::Trace& trace) const;
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
  // From now on only this of the window is drawn, when there is a document; nothing: the whole window again.
  void draw_only(std::optional<PictureFrame> picture) { picture_ = picture; }
  // The ladder then holds everything sent in [from, to], of the selected conversation if there is one.
  LadderExtent show_whole_ladder(Time from, Time to);
  void show_ladder_around_cursor();
  // The stretch of time that an animation shows: the loop, else what five seconds of playing have just shown.
  Stretch last_played() const;
  const Document* document() const;  // the one on show, or null
  // The packets people want to see; "": all. An error leaves what was. Without a document nothing happens.
  Outcome<void> set_filter(const std::string& text);

  // Marks and breakpoints of the document on show: to be kept beside its file, and to hang a filter on
  // (Stops::points.matches). Null without a document.
  Bookmarks* bookmarks();
  Stops* stops();
  bool growing() const;

  // For tests.
  Time now() const;
  bool playing() const;
  const Selection& selection() const;
  bool help_open() const { return help_.is_open(); }
  bool palette_open() const { return palette_.is_open(); }
  bool notes_open() const { return notes_.is_open(); }
  bool open_dialog_open() const { return open_.is_open(); }
  // The file that is shown; empty in the gallery.
  std::string path() const;
  bool errors_open() const { return !errors_.empty(); }
  Panels& panels() { return panels_; }
  const replay::Quiz* quiz() const;  // null without a document
  const FilterBar& filter_bar() const { return filter_bar_; }
  const replay::FilterResult* filter() const;
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
  bool run_look(Command command);
  bool dialog_open() const;
  void take_chosen();
  void open_palette();
  bool run_save(Command command);
  void run_time(Shown& shown, Command command);
  bool run_map(Shown& shown, Command command);
  void keep_positions(const Shown& shown);
  void run_marks(Shown& shown, Command command);
  void run_stops(Shown& shown, Command command);
  void play(Shown& shown, std::int64_t elapsed_us);
  void leave();
  void step(Shown& shown, replay::Grain grain, replay::Direction direction);
  void step_rule(Shown& shown, replay::Grain grain, replay::Direction direction);
  void seek(Shown& shown, Time time);
  void go_to_caption(Shown& shown, bool forward);
  void advance(Shown& shown, std::int64_t elapsed_us);
  void follow(Shown& shown);
  // The filter (filter_commands.cc). False: it was none of its commands.
  bool run_filter(Shown& shown, Command command);
  void apply_filter(const std::string& text);
  void filter_to_flow(const Shown& shown);
  void filter_to_host(const Shown& shown);
  void go_to_match(Shown& shown, replay::Direction direction);
  void draw_filter_bar(const Ui& ui);
  void fulfil(Shown& shown);
  void fulfil(Shown& shown, const Wish& wish);

  void draw_picture(Ui& ui, Rect area);
  void draw_top_bar(const Ui& ui, const Rect& bar);
  void draw_bar_title(const Ui& ui, Rect rest);
  void draw_document(Ui& ui, Rect area);
  void draw_map(Ui& ui, const Rect& area, const PanelContext& context);
  void draw_presenter(Ui& ui, const Rect& screen);
  bool present(Command command);
  Rect spotlight(const PanelContext& context) const;
  void fit_presenter(const Ui& ui, const Rect& screen);
  void follow_caption(Shown& shown);
  Time caption_moment(Shown& shown, std::size_t caption);
  // The map beside a panel that leaves room for it; what remains.
  Rect draw_map_beside(Ui& ui, Rect area, const PanelContext& context);
  void show_why(Shown& shown);
  // Predict and reveal (predict.cc).
  // A question that playing from this boundary to the cursor met; then the cursor stands before its answer.
  bool stop_to_ask(Shown& shown, std::uint64_t from);
  void answer_question(Shown& shown, std::size_t choice);
  void leave_question(Shown& shown, bool play_on);
  bool handle_question(const InputEvent& event);
  bool handle_page(const InputEvent& event, std::optional<Command> command, Focus& focus);
  bool point_at_choice(const InputEvent& event, std::size_t count);
  void toggle_quiz(Shown& shown);
  // Where the question's card stands within the area; empty without one.
  Rect question_place(const Canvas& canvas, const Rect& area, const Shown& shown) const;
  void draw_question(const Ui& ui, const Rect& place, Shown& shown);
  void draw_gallery(Ui& ui, const Rect& area);
  void draw_overlays(Ui& ui, const Rect& area);
  bool stop_growth();
  // To the page without a file, and back to what was shown before.
  void go_home();
  void come_back();
  void name_document();
  // status.cc: the line below everything, and what it says.
  Rect take_status(const Canvas& canvas, Rect& rest) const;
  void draw_status_line(const Ui& ui, const Rect& area);
  const std::string& happened(const Shown& shown);
  std::string_view message() const { return toast_us_ > 0 ? std::string_view(toast_) : std::string_view(); }
  // The lesson behind the one on show; null: there is none.
  const GalleryEntry* next_lesson() const;
  void tell_story(Shown& shown, const NarrationAction& action);
  void keep_bookmarks();
  bool walk_gallery(const InputEvent& event, Focus& focus);
  void act(const GalleryAction& action);

  // viewer_fork.cc
  struct Forked;
  Shown* leading() const;  // whose cursor is the time cursor; null without a document
  void ask_what_if(const std::string& words);
  std::string link_in_question();
  void edit_fork();
  void start_fork(ForkRequest request);
  void take_fork();
  void close_fork();
  // The two runs make room for a panel that shows A, and come back.
  void set_fork_aside();
  void bring_fork_back();
  void keep_fork();
  void sync_fork();
  void draw_compare(Ui& ui, const Rect& area);
  void draw_fork_dialog(const Ui& ui, const Rect& area);
  TimelineAction draw_timeline(const Ui& ui, const Rect& area, const PanelContext& now);
  void draw_fork_on_timeline(const Canvas& canvas, const Rect& timeline) const;
  bool handle_fork(const InputEvent& event, Focus& focus);
  bool run_fork(Command command);
  void draw_reload_strip(const Ui& ui, const Rect& area);

  ViewerCalls calls_;
  ViewerLook look_;
  std::optional<PictureFrame> picture_;
  std::unique_ptr<Shown> shown_, preview_;
  std::optional<std::size_t> pointed_choice_;  // of the question, by the arrow keys
  std::unique_ptr<Shown> left_;                // what was shown before the user went home
  std::unique_ptr<Forked> fork_;               // never null
  std::string title_, subtitle_;
  PanelKind panel_ = PanelKind::map;
  Panels panels_;
  MapPanel preview_map_;
  TimelinePanel timeline_;
  Sheet sheet_;
  DenseSheet dense_sheet_;
  FilterBar filter_bar_;
  bool filter_is_new_ = false;  // how many packets it takes is not told yet
  Gallery gallery_;
  OpenDialog open_;
  HelpSheet help_;
  NotesSheet notes_;
  CommandPalette palette_;
  Keymap keymap_;
  std::vector<std::string> recent_;
  std::string error_file_;
  std::vector<Error> errors_, reload_errors_;
  std::string busy_;
  float busy_part_ = -1;
  std::string toast_;
  std::int64_t toast_us_ = 0;
  bool told_notes_ = false;  // the message is the first of the file's notes
  std::string happened_;     // before the record at happened_at_
  std::uint64_t happened_at_ = 0;
  const trace::Trace* happened_in_ = nullptr;
  NameDialog naming_;
  std::optional<Command> later_;  // asked for while drawing what it would take away
};

}  // namespace fourtuple::viz
