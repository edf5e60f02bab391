#include "app/view/stage.h"

#include <chrono>
#include <filesystem>
#include <utility>

#include "app/drill/script_run.h"
#include "app/session.h"
#include "app/view/documents.h"
#include "app/view/ruleset_trial.h"
#include "app/view/save.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

constexpr std::int64_t frame_us = 16'667;
constexpr float largest_font_scale = 4;

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Stage::Stage(std::unique_ptr<viz::Surface> surface, const StageOptions& options)
    : surface_(std::move(surface)),
      options_(options),
      viewer_({[this](const std::string& path) { want(path); }, [this](viz::SaveKind kind) { wanted_save_ = kind; },
               [this](const std::string& path, const viz::MapPositions& positions) {
                 keep_layout(path, [&](Layout& layout) { layout.positions = positions; });
               },
               [this] {
                 if (capture_) capture_->stop();
                 if (reading_) abandoned_.push_back(std::move(reading_->document));
                 reading_.reset();
                 if (running_ && running_->next) running_.reset();
               },
               [this](const std::string& path, const std::vector<viz::Bookmark>& bookmarks) {
                 keep_layout(path, [&](Layout& layout) { layout.bookmarks = bookmarks; });
               },
               [this] {
                 if (list_gallery_) list_gallery_(japanese_);
               }}) {
  viewer_.look() = options.look;
  japanese_ = options.look.japanese;
}

Outcome<std::unique_ptr<Stage>> Stage::make(std::unique_ptr<viz::Surface> surface, const StageOptions& options) {
  std::unique_ptr<Stage> stage(new Stage(std::move(surface), options));
  stage->applied_ = stage->wanted_look();
  if (auto done = stage->theme_.apply(*stage->surface_, stage->applied_); !done) {
    return tl::unexpected<Error>(done.error());
  }
  return stage;
}

// Rules dropped on a capture judge its packets; alone they are tried in a network of their own.
bool Stage::sends_through(const std::string& path) const {
  if (path_.empty() || !is_ruleset(path)) return false;
  const auto kind = detect_file(path_);
  return kind && *kind == FileKind::capture;
}

bool Stage::open_rules(const std::string& path) {
  ThroughOptions options;
  options.ruleset = path;
  std::vector<std::string> captures = beside_;
  captures.insert(captures.begin(), path_);
  if (!show(captures.front(), open_through(captures, options, true))) return false;
  shown_beside({captures.begin() + 1, captures.end()});
  return true;
}

bool Stage::open(const std::string& path) {
  if (sends_through(path)) return open_rules(path);
  return show(path, open_document(path, {}, {}, viewer_.look().japanese));
}

bool Stage::start_run(const std::string& path) {
  auto opened = open_running(path, trace::Level::expressions, viewer_.look().japanese);
  if (!opened) {
    viewer_.show_errors(path, std::move(opened.error()));
    return false;
  }
  running_ = Running{path, trace::Level::expressions, opened->producer, std::nullopt};
  shown(path, opened->document.files);
  viewer_.show(std::move(opened->document));
  surface_->set_title(viewer_.title() + " - Fourtuple");
  return true;
}

// The trace is full: the run begins again beside what is shown.
void Stage::run_with_less_detail() {
  if (running_->level == trace::Level::facts) {
    viewer_.say("a long run: only the first " + trace::time_text(running_->producer->trace().end_time()) +
                " are shown");
    running_.reset();
    return;
  }
  const auto lower = static_cast<trace::Level>(static_cast<std::uint8_t>(running_->level) - 1);
  auto opened = open_running(running_->path, lower, viewer_.look().japanese);
  if (!opened) return running_.reset();
  running_ = Running{running_->path, lower, opened->producer, std::move(opened->document)};
  viewer_.set_busy("a long run: simulating it again with less detail");
}

void Stage::follow_run() {
  if (!running_) return;
  if (!running_->next) {
    // Another file may be on show by now.
    if (!viewer_.shows(running_->producer->trace())) return running_.reset();
    if (running_->producer->overflowed()) run_with_less_detail();
    return;
  }
  const viz::Growth growth = running_->next->grow();
  if (growth.growing && growth.reached < viewer_.now()) return;
  const bool playing = viewer_.playing();
  viewer_.set_busy({});
  viewer_.show(*std::exchange(running_->next, std::nullopt), viewer_.now());
  if (playing) viewer_.start_playing();
}

bool Stage::open_soon(const std::string& path) {
  viewer_.stop_busy();
  capture_.reset();
  if (sends_through(path)) {
    if (!open_rules(path)) return false;
    viewer_.start_playing();
    return true;
  }
  const auto kind = detect_file(path);
  if (!kind) return show(path, tl::make_unexpected(std::vector<Error>{kind.error()}));
  if (*kind == FileKind::scenario && is_script(path)) {
    if (!open(path)) return false;
    viewer_.start_playing();
    return true;
  }
  if (*kind == FileKind::scenario) {
    if (!start_run(path)) return false;
    viewer_.start_playing();
    return true;
  }
  if (*kind == FileKind::capture) {
    capture_ = std::make_unique<CaptureReading>(path);
    first_look_ = nullptr;
    viewer_.set_busy(capture_->words());
    return true;
  }
  reading_ = Reading{path, std::async(std::launch::async, [path] { return open_document(path); })};
  viewer_.set_busy("reading " + std::filesystem::path(path).filename().string());
  return true;
}

// What was read or is running beside the picture.
void Stage::follow_openings() {
  if (reading_ && reading_->document.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
    Reading ready = std::move(*reading_);
    reading_.reset();
    viewer_.set_busy({});
    running_.reset();
    if (show(ready.path, ready.document.get())) viewer_.start_playing();
  }
  follow_capture();
  follow_run();
}

// A capture being read: its first packets, how far it is, then all of it.
void Stage::follow_capture() {
  if (!capture_) return;
  if (auto first = capture_->first_look()) {
    running_.reset();
    first_look_ = first->trace;
    show(capture_->path(), std::move(*first));
    viewer_.start_playing();
  }
  auto whole = capture_->take();
  if (!whole) return capture_->stopped() ? void() : viewer_.set_busy(capture_->words(), capture_->part());
  const std::unique_ptr<CaptureReading> done = std::move(capture_);
  viewer_.set_busy({});
  const std::string words = done->stopped() ? "Stopped; what was read so far stays" : "The whole file was read";
  if (*whole && first_look_ != nullptr && viewer_.shows(*first_look_)) {
    const bool playing = viewer_.playing();
    viewer_.reload(std::move(**whole), words);
    if (playing) viewer_.start_playing();
    return;
  }
  running_.reset();
  if (!show(done->path(), std::move(*whole))) return;
  viewer_.start_playing();
  if (done->stopped()) viewer_.say(words);
}

bool Stage::show(const std::string& path, tl::expected<viz::Document, std::vector<Error>> document) {
  if (!document) {
    viewer_.show_errors(path, std::move(document.error()));
    return false;
  }
  shown(path, document->files);
  viewer_.show(std::move(*document));
  surface_->set_title(viewer_.title() + " - Fourtuple");
  return true;
}

void Stage::keep_in(UserMemory& memory) {
  memory_ = &memory;
  memory.give(viewer_);
}

// What is in the file beside it stays but for the change; one that cannot be understood gives way.
void Stage::keep_layout(const std::string& path, const std::function<void(Layout&)>& change) {
  if (!options_.remember) return;
  Layout layout = read_layout(path).value_or(Layout{});
  change(layout);
  if (auto done = write_layout(path, layout); !done) viewer_.say("This is not remembered: " + done.error().to_string());
}

void Stage::shown(const std::string& path, const std::vector<std::string>& files) {
  path_ = path;
  beside_.clear();
  watcher_.watch(files);
  if (memory_ != nullptr) memory_->opened(path, viewer_);
}

bool Stage::look_at_files(std::int64_t now_us) {
  if (!watcher_.changed(now_us)) return false;
  auto document = open_document(path_, {}, {}, viewer_.look().japanese);
  if (!document) {
    viewer_.show_reload_errors(std::move(document.error()));
    return true;
  }
  watcher_.watch(document->files);
  viewer_.reload(std::move(*document), "The file changed: it was run again");
  surface_->set_title(viewer_.title() + " - Fourtuple");
  return true;
}

// Captures dropped at once are shown as one; of other files the last one counts.
void Stage::want(const std::string& path) {
  const auto is_capture = [](const std::string& file) {
    const auto kind = detect_file(file);
    return kind && *kind == FileKind::capture;
  };
  if (wanted_ && is_capture(*wanted_) && is_capture(path)) return wanted_beside_.push_back(path);
  wanted_ = path;
  wanted_beside_.clear();
}

void Stage::open_wanted() {
  if (!wanted_) return;
  const std::string path = *wanted_;
  wanted_.reset();
  const std::vector<std::string> beside = std::exchange(wanted_beside_, {});
  if (!beside.empty()) {
    std::vector<std::string> all = beside;
    all.insert(all.begin(), path);
    if (!show(path, open_together(all, {}, {}))) return;
    shown_beside(beside);
    viewer_.start_playing();
  } else if (!waits_for_files_) {
    open_soon(path);
  } else if (open(path)) {
    viewer_.start_playing();
  }
}

void Stage::save_wanted() {
  if (!wanted_save_) return;
  const viz::SaveKind kind = *wanted_save_;
  wanted_save_.reset();
  const auto saved = save(*this, kind, save_folder_);
  viewer_.say(saved ? "Saved " + *saved : saved.error().to_string());
}

viz::ThemeChoice Stage::wanted_look() {
  const viz::ViewerLook& look = viewer_.look();
  const float scale = options_.scale * look.scale * (look.presenter ? look.presenter_scale : 1.0F);
  return {look.look, std::min(scale, largest_font_scale), look.reduced_motion, look.japanese};
}

// The texts of a scenario are in its trace: it is run again and shown at the same instant.
void Stage::change_language() {
  if (japanese_ == viewer_.look().japanese) return;
  japanese_ = viewer_.look().japanese;
  if (list_gallery_) list_gallery_(japanese_);
  const std::string path = viewer_.path();
  const auto kind = path.empty() ? tl::unexpected<Error>(Error{}) : detect_file(path);
  if (!kind || *kind != FileKind::scenario) return;
  auto document = open_document(path, {}, {}, japanese_);
  if (document) viewer_.reload(std::move(*document), "");
}

void Stage::apply_look() {
  const viz::ThemeChoice choice = wanted_look();
  if (choice == applied_) return;
  // A look that fails to load leaves the old one.
  if (theme_.apply(*surface_, choice)) applied_ = choice;
}

void Stage::frame(const viz::InputEvents& events, std::int64_t elapsed_us) {
  for (const viz::InputEvent& event : events) viewer_.handle(event, focus_);
  open_wanted();
  change_language();
  follow_openings();
  save_wanted();
  apply_look();
  surface_->begin_frame(events, static_cast<float>(std::max<std::int64_t>(elapsed_us, 1)) / 1e6F);
  {
    viz::RootPanel root(theme_, focus_);
    viz::Ui ui = root.ui();
    ui.canvas.tape = tape_;
    viewer_.draw(ui, root.area(), elapsed_us);
    animating_ = root.animating();
  }
  surface_->end_frame();
  if (theme_.refresh(*surface_).value_or(false)) animating_ = true;
}

void Stage::settle() {
  for (int i = 0; i < 4; ++i) {
    frame({}, 0);
    if (!animating_ && !surface_->needs_frame() && !wanted_) return;
  }
}

Outcome<void> Stage::pass(std::int64_t ms) {
  for (std::int64_t left = ms * 1000; left > 0; left -= frame_us) frame({}, std::min(left, frame_us));
  return {};
}

Outcome<void> Stage::play(std::vector<viz::ScriptStep> steps) {
  viz::ScriptPlayer player(std::move(steps));
  while (!player.finished()) {
    const viz::ScriptPlayer::Frame next = player.next();
    if (next.width > 0) {
      if (auto done = surface_->resize({next.width, next.height}); !done) return done;
    }
    frame(next.events, frame_us);
    while (surface_->needs_frame()) frame({}, frame_us);
    if (next.wait_ms > 0) {
      if (auto done = pass(next.wait_ms); !done) return done;
    }
    if (next.shot.empty()) continue;
    // Pointer glow and fonts settle first, so that pictures are the same every time.
    if (auto done = viewer_.animating() ? Outcome<void>{} : pass(200); !done) return done;
    if (auto saved = viz::save_png(surface_->read_pixels(), next.shot); !saved) return saved;
  }
  return {};
}

// Until something may happen by itself; negative: nothing will.
double Stage::wait_s() const {
  const double message = viewer_.message_left_s();
  if (!watcher_.watching()) return message;
  return message < 0 ? watcher_.next_look_s() : std::min(message, watcher_.next_look_s());
}

void Stage::run() {
  waits_for_files_ = false;
  std::int64_t last = now_us();
  int quiet_frames = 0;
  while (!surface_->should_close()) {
    const bool moving = viewer_.animating() || animating_ || surface_->needs_frame() || wanted_;
    // After input the picture may need a second frame; then nothing is drawn until something happens.
    const bool still = !moving && quiet_frames >= 2;
    const bool told = viewer_.message_left_s() >= 0;
    const viz::InputEvents events = still ? surface_->wait_events(wait_s()) : surface_->poll_events();
    const std::int64_t now = now_us();
    // Time slept through only ages the message; playback that starts now starts now.
    const std::int64_t elapsed = still ? frame_us : now - last;
    if (still) viewer_.age_message(now - last);
    last = now;
    const bool loaded = look_at_files(now);
    // Awake only to look at the files.
    if (still && events.empty() && !loaded && (viewer_.message_left_s() >= 0) == told) continue;
    if (loaded) quiet_frames = 0;
    quiet_frames = events.empty() && !moving ? quiet_frames + 1 : 0;
    frame(events, elapsed);
    if (memory_ != nullptr && quiet_frames >= 1) memory_->keep(viewer_, surface_->framebuffer_size());
  }
  if (memory_ != nullptr) memory_->keep(viewer_, surface_->framebuffer_size());
}

}  // namespace fourtuple::app
