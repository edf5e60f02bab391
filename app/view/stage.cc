#include "app/view/stage.h"

#include <chrono>

#include "app/session.h"
#include "app/view/documents.h"
#include "app/view/layout_file.h"
#include "app/view/save.h"

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
      viewer_({[this](const std::string& path) { wanted_ = path; }, [this](viz::SaveKind kind) { wanted_save_ = kind; },
               [this](const std::string& path, const viz::MapPositions& positions) { save_layout(path, positions); }}) {
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

bool Stage::open(const std::string& path) {
  return show(path, open_document(path, {}, {}, viewer_.look().japanese));
}

bool Stage::show(const std::string& path, tl::expected<viz::Document, std::vector<Error>> document) {
  if (!document) {
    viewer_.show_errors(path, std::move(document.error()));
    return false;
  }
  viewer_.show(std::move(*document));
  surface_->set_title(viewer_.title() + " - Fourtuple");
  if (memory_ != nullptr) memory_->opened(path, viewer_);
  return true;
}

void Stage::keep_in(UserMemory& memory) {
  memory_ = &memory;
  memory.give(viewer_);
}

void Stage::save_layout(const std::string& path, const viz::MapPositions& positions) {
  if (auto done = write_layout(path, positions); !done)
    viewer_.say("The new place is not remembered: " + done.error().to_string());
}

void Stage::open_wanted() {
  if (!wanted_) return;
  const std::string path = *wanted_;
  wanted_.reset();
  if (open(path)) viewer_.start_playing();
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
  const float scale = options_.scale * look.scale * (look.presenter ? 2.0F : 1.0F);
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
  if (document) viewer_.show_again(std::move(*document));
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

void Stage::run() {
  std::int64_t last = now_us();
  int quiet_frames = 0;
  while (!surface_->should_close()) {
    const bool moving = viewer_.animating() || animating_ || surface_->needs_frame() || wanted_;
    // After input the picture may need a second frame; then nothing is drawn until something happens.
    const bool still = !moving && quiet_frames >= 2;
    const viz::InputEvents events = still ? surface_->wait_events(viewer_.message_left_s()) : surface_->poll_events();
    const std::int64_t now = now_us();
    // Time slept through only ages the message; playback that starts now starts now.
    const std::int64_t elapsed = still ? frame_us : now - last;
    if (still) viewer_.age_message(now - last);
    last = now;
    quiet_frames = events.empty() && !moving ? quiet_frames + 1 : 0;
    frame(events, elapsed);
    if (memory_ != nullptr && quiet_frames >= 1) memory_->keep(viewer_, surface_->framebuffer_size());
  }
  if (memory_ != nullptr) memory_->keep(viewer_, surface_->framebuffer_size());
}

}  // namespace fourtuple::app
