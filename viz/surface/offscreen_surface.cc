// A Surface without a display: EGL on Mesa's surfaceless platform, drawing into a framebuffer object.
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <string_view>
#include <utility>

#include "viz/surface/gl.h"
#include "viz/surface/surface.h"

namespace fourtuple::viz {
namespace {

constexpr int longest_side = 16384;
constexpr std::string_view no_such_size = "a picture must be 1 to 16384 pixels wide and high";

bool can_be(PixelSize size) {
  return size.width >= 1 && size.height >= 1 && size.width <= longest_side && size.height <= longest_side;
}

class OffscreenSurface final : public Surface {
 public:
  OffscreenSurface(int width, int height, Painting painting) : size_{width, height}, painting_(painting) {}
  ~OffscreenSurface() override {
    if (context_ != EGL_NO_CONTEXT) {
      OffscreenSurface::make_current();
      stop_imgui();
      drop_framebuffer();
      eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
      eglDestroyContext(display_, context_);
    }
    // The display stays initialised: it is shared by every offscreen surface of the process.
  }

  Outcome<void> start() {
    const auto get_display =
        reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(eglGetProcAddress("eglGetPlatformDisplayEXT"));
    if (get_display == nullptr) return fail("drawing without a display needs EGL with platform displays (Mesa)");
    display_ = get_display(EGL_PLATFORM_SURFACELESS_MESA, nullptr, nullptr);
    if (display_ == EGL_NO_DISPLAY || eglInitialize(display_, nullptr, nullptr) == EGL_FALSE) {
      return fail("drawing without a display needs Mesa's surfaceless EGL platform; install libegl-mesa0");
    }
    if (auto made = make_context(); !made) return made;
    if (auto made = make_framebuffer(); !made) return made;
    return start_imgui();
  }

  InputEvents poll_events() override { return {}; }
  InputEvents wait_events(double) override { return {}; }
  void wake() override {}
  PixelSize framebuffer_size() const override { return size_; }
  Outcome<void> resize(PixelSize size) override {
    if (!can_be(size)) return fail(std::string(no_such_size));
    if (size == size_) return {};
    make_current();
    drop_framebuffer();
    const PixelSize before = std::exchange(size_, size);
    auto made = make_framebuffer();
    if (made) return made;
    drop_framebuffer();
    size_ = before;
    if (auto again = make_framebuffer(); !again) return again;
    return made;
  }
  float content_scale() const override { return 1; }
  bool should_close() const override { return false; }
  void set_title(const std::string&) override {}
  bool has_display() const override { return false; }

 protected:
  void make_current() override {
    eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_);
    if (framebuffer_ != 0) glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
  }
  void present() override {
    if (painting_ == Painting::when_read) return;
    render();
    glFinish();
  }
  Image grab() override {
    if (painting_ == Painting::when_read) render();
    glReadBuffer(GL_COLOR_ATTACHMENT0);
    return read_framebuffer(size_.width, size_.height);
  }

 private:
  Outcome<void> make_context() {
    if (eglBindAPI(EGL_OPENGL_API) == EGL_FALSE) return fail("this EGL offers no desktop OpenGL");
    const EGLint wanted[] = {EGL_SURFACE_TYPE, 0, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
    EGLConfig config = nullptr;
    EGLint found = 0;
    if (eglChooseConfig(display_, wanted, &config, 1, &found) == EGL_FALSE || found == 0) {
      return fail("this EGL has no configuration that can draw with OpenGL");
    }
    const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 0, EGL_NONE};
    context_ = eglCreateContext(display_, config, EGL_NO_CONTEXT, version);
    if (context_ == EGL_NO_CONTEXT || eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) == EGL_FALSE) {
      return fail("OpenGL 3 is not available without a display on this machine");
    }
    return {};
  }

  Outcome<void> make_framebuffer() {
    glGenRenderbuffers(1, &color_);
    glBindRenderbuffer(GL_RENDERBUFFER, color_);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, size_.width, size_.height);
    glGenFramebuffers(1, &framebuffer_);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, color_);
    if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
      return fail("the graphics driver cannot draw a picture of " + std::to_string(size_.width) + " x " +
                  std::to_string(size_.height) + " pixels");
    }
    return {};
  }

  void drop_framebuffer() {
    if (framebuffer_ != 0) glDeleteFramebuffers(1, &framebuffer_);
    if (color_ != 0) glDeleteRenderbuffers(1, &color_);
    framebuffer_ = color_ = 0;
  }

  PixelSize size_;
  Painting painting_;
  EGLDisplay display_ = EGL_NO_DISPLAY;
  EGLContext context_ = EGL_NO_CONTEXT;
  GLuint framebuffer_ = 0, color_ = 0;
};

}  // namespace

Outcome<std::unique_ptr<Surface>> make_offscreen_surface(int width, int height, Painting painting) {
  if (!can_be({width, height})) return fail(std::string(no_such_size));
  auto surface = std::make_unique<OffscreenSurface>(width, height, painting);
  if (auto started = surface->start(); !started) return tl::unexpected<Error>(started.error());
  return surface;
}

}  // namespace fourtuple::viz
