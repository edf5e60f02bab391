// A Surface is something frames are drawn into with Dear ImGui: a window, or a picture in memory that
// needs no display. It owns the OpenGL context and the ImGui context; one frame is
//   surface->begin_frame(events); ...draw...; surface->end_frame();
// The loop sleeps in wait_events and draws only when something changed. Main thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/base/outcome.h"
#include "viz/surface/image.h"
#include "viz/surface/imgui_input.h"
#include "viz/surface/keys.h"

struct ImGuiContext;

namespace fourtuple::viz {

struct PixelSize {
  int width = 0, height = 0;
  bool operator==(const PixelSize&) const = default;
};

class Surface {
 public:
  virtual ~Surface();
  Surface(const Surface&) = delete;
  Surface& operator=(const Surface&) = delete;

  // What the user did since the last call; returns at once. Empty for an offscreen surface.
  virtual InputEvents poll_events() = 0;
  // Sleeps until something happens, wake() is called or `timeout_s` passes (a negative timeout: no limit).
  // An offscreen surface returns at once.
  virtual InputEvents wait_events(double timeout_s) = 0;
  // Wakes wait_events. The only member that any thread may call.
  virtual void wake() = 0;

  virtual PixelSize framebuffer_size() const = 0;
  // Asks for another size in framebuffer pixels, outside a frame; a window may get it later or not at all. Fails when
  // no picture can be that large; then nothing changes.
  virtual Outcome<void> resize(PixelSize size) = 0;
  // Pixels per design pixel that the display asks for: 1, 1.5, 2.
  virtual float content_scale() const = 0;
  virtual bool should_close() const = 0;
  virtual void set_title(const std::string& title) = 0;
  virtual bool has_display() const = 0;

  // Starts an ImGui frame whose coordinates are framebuffer pixels. Scripted and real events look alike.
  // `delta_s` is the time since the previous frame; pass a fixed value for reproducible pictures.
  void begin_frame(const InputEvents& events, float delta_s = 1.0F / 60);
  // Presents what was drawn.
  void end_frame();
  // The last finished frame. REQUIRES: end_frame() was called, and no begin_frame, resize or font upload since.
  Image read_pixels();
  // True when input still waits to be delivered: draw another frame soon.
  bool needs_frame() const { return input_.pending(); }
  // Call after the ImGui font atlas was rebuilt, outside a frame.
  Outcome<void> upload_fonts();
  // The colour frames are cleared to.
  void set_clear_color(float r, float g, float b);

 protected:
  Surface() = default;
  // Makes the ImGui context and the OpenGL backend. REQUIRES: the OpenGL context is current.
  Outcome<void> start_imgui();
  void stop_imgui();
  virtual void make_current() = 0;
  // Shows the last ImGui frame.
  virtual void present() = 0;
  // Reads the last frame back.
  virtual Image grab() = 0;
  // Draws the last ImGui frame into the current framebuffer.
  void render();

 private:
  ImGuiContext* imgui_ = nullptr;
  ImGuiInput input_;
  bool backend_ready_ = false;
  float clear_[3] = {0, 0, 0};
};

// A window of the desktop. Fails with one sentence when there is no display or no OpenGL 3.
Outcome<std::unique_ptr<Surface>> make_window_surface(const std::string& title, int width, int height);

// A frame that nobody reads need not be painted, which is most of its cost with a software driver.
enum class Painting : std::uint8_t { when_read, every_frame };

// A picture in memory through EGL without any display server; works with a software OpenGL driver.
Outcome<std::unique_ptr<Surface>> make_offscreen_surface(int width, int height,
                                                         Painting painting = Painting::when_read);

}  // namespace fourtuple::viz
