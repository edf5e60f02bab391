#include "app/view/user_memory.h"

namespace fourtuple::app {
namespace {

bool same(const viz::ViewerLook& a, const viz::ViewerLook& b) {
  return a.look == b.look && a.scale == b.scale && a.reduced_motion == b.reduced_motion && a.japanese == b.japanese;
}

}  // namespace

UserMemory::UserMemory() {
  writes_settings_ = read_settings(settings_path(), settings_, notes_) && !settings_path().empty();
  writes_window_ = read_window_memory(window_memory_path(), window_, notes_) && !window_memory_path().empty();
}

void UserMemory::give(viz::Viewer& viewer) {
  for (const std::string& fault : viewer.keymap().apply(settings_.keys)) {
    notes_.push_back(settings_path() + ": " + fault);
    writes_settings_ = false;
  }
  viewer.set_recent(window_.recent);
  if (!notes_.empty()) viewer.say(notes_.front());
}

void UserMemory::opened(const std::string& path, viz::Viewer& viewer) {
  remember(window_, path);
  viewer.set_recent(window_.recent);
  write_window(viewer);
}

void UserMemory::keep(viz::Viewer& viewer, viz::PixelSize window) {
  if (window != viz::PixelSize{window_.width, window_.height}) {
    window_.width = window.width;
    window_.height = window.height;
    write_window(viewer);
  }
  viz::KeyChanges keys = viewer.keymap().changes();
  if (!writes_settings_ || (same(viewer.look(), settings_.look) && keys == settings_.keys)) return;
  settings_.look = viewer.look();
  settings_.keys = std::move(keys);
  if (auto done = write_settings(settings_path(), settings_); !done) {
    writes_settings_ = false;
    viewer.say("settings are not kept: " + done.error().to_string());
  }
}

void UserMemory::write_window(viz::Viewer& viewer) {
  if (!writes_window_) return;
  if (auto done = write_window_memory(window_memory_path(), window_); !done) {
    writes_window_ = false;
    viewer.say("recent files are not kept: " + done.error().to_string());
  }
}

}  // namespace fourtuple::app
