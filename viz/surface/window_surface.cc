// A Surface in a window of the desktop, through GLFW.
#include <GL/gl.h>
#include <GLFW/glfw3.h>
#include <algorithm>
#include <string_view>

#include "viz/surface/gl.h"
#include "viz/surface/glfw_keys.h"
#include "viz/surface/surface.h"

namespace fourtuple::viz {
namespace {

std::string utf8(unsigned codepoint) {
  std::string text;
  if (codepoint < 0x80) {
    text += static_cast<char>(codepoint);
  } else if (codepoint < 0x800) {
    text += static_cast<char>(0xC0 | (codepoint >> 6));
    text += static_cast<char>(0x80 | (codepoint & 0x3F));
  } else if (codepoint < 0x10000) {
    text += static_cast<char>(0xE0 | (codepoint >> 12));
    text += static_cast<char>(0x80 | ((codepoint >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (codepoint & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (codepoint >> 18));
    text += static_cast<char>(0x80 | ((codepoint >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((codepoint >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (codepoint & 0x3F));
  }
  return text;
}

std::string glfw_reason() {
  const char* text = nullptr;
  glfwGetError(&text);
  return text == nullptr ? "no reason given" : text;
}

class WindowSurface final : public Surface {
 public:
  WindowSurface() = default;
  ~WindowSurface() override {
    if (window_ != nullptr) {
      WindowSurface::make_current();
      stop_imgui();
      glfwDestroyWindow(window_);
    }
    if (started_) glfwTerminate();
  }

  Outcome<void> start(const std::string& title, int width, int height) {
    started_ = glfwInit() == GLFW_TRUE;
    if (!started_) {
      return fail({}, "no window can be opened: " + glfw_reason(),
                  "a graphical desktop; without one, use 'render' or '--screenshot'");
    }
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 0);
    glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
    window_ = glfwCreateWindow(width, height, title.c_str(), nullptr, nullptr);
    if (window_ == nullptr) return fail("no window with OpenGL 3 can be opened: " + glfw_reason());
    make_current();
    glfwSwapInterval(1);
    glfwSetWindowUserPointer(window_, this);
    set_callbacks();
    return start_imgui();
  }

  InputEvents poll_events() override {
    glfwPollEvents();
    return take();
  }
  InputEvents wait_events(double timeout_s) override {
    if (!events_.empty()) return poll_events();
    if (timeout_s < 0) {
      glfwWaitEvents();
    } else {
      glfwWaitEventsTimeout(std::max(timeout_s, 1e-3));
    }
    return take();
  }
  void wake() override { glfwPostEmptyEvent(); }
  PixelSize framebuffer_size() const override {
    PixelSize size;
    glfwGetFramebufferSize(window_, &size.width, &size.height);
    return size;
  }
  Outcome<void> resize(PixelSize wanted) override {
    // GLFW takes window units.
    const PixelSize now = framebuffer_size();
    int width = 1, height = 1;
    glfwGetWindowSize(window_, &width, &height);
    glfwSetWindowSize(window_, wanted.width * width / std::max(now.width, 1),
                      wanted.height * height / std::max(now.height, 1));
    return {};
  }
  float content_scale() const override {
    float x = 1, y = 1;
    glfwGetWindowContentScale(window_, &x, &y);
    return std::max(x, 0.5F);
  }
  bool should_close() const override { return glfwWindowShouldClose(window_) == GLFW_TRUE; }
  void set_title(const std::string& title) override { glfwSetWindowTitle(window_, title.c_str()); }
  bool has_display() const override { return true; }

 protected:
  void make_current() override { glfwMakeContextCurrent(window_); }
  void present() override {
    render();
    glfwSwapBuffers(window_);
  }
  Image grab() override {
    // What was presented cannot be read back reliably; the same frame is drawn again behind it.
    render();
    glReadBuffer(GL_BACK);
    const PixelSize size = framebuffer_size();
    return read_framebuffer(size.width, size.height);
  }

 private:
  static WindowSurface& self(GLFWwindow* window) {
    return *static_cast<WindowSurface*>(glfwGetWindowUserPointer(window));
  }
  InputEvents take() {
    InputEvents taken;
    taken.swap(events_);
    return taken;
  }

  // Shortcuts such as '[' and '?' follow the character typed, so that they work on every keyboard layout;
  // with Ctrl or Alt no character is typed and the physical key counts.
  void on_key(int glfw_key, int action, int glfw_mods) {
    const Chord chord{key_from_glfw(glfw_key), modifiers_from_glfw(glfw_mods)};
    if (chord.key == Key::none) return;
    if (is_punctuation(chord.key) && !chord.mods.ctrl && !chord.mods.alt) return;
    InputEvent event = key_event(action == GLFW_RELEASE ? InputKind::key_up : InputKind::key_down, chord);
    event.repeat = action == GLFW_REPEAT;
    events_.push_back(event);
  }
  void on_character(unsigned codepoint) {
    events_.push_back(text_event(InputKind::text, utf8(codepoint)));
    const Key key = key_from_character(codepoint);
    if (key == Key::none) return;
    events_.push_back(key_event(InputKind::key_down, {key, {}}));
    events_.push_back(key_event(InputKind::key_up, {key, {}}));
  }
  InputEvent at_pointer(InputKind kind) const {
    double x = 0, y = 0;
    glfwGetCursorPos(window_, &x, &y);
    return at_pointer(kind, x, y);
  }
  // GLFW reports window units; on some desktops these are not framebuffer pixels.
  InputEvent at_pointer(InputKind kind, double x, double y) const {
    int window_width = 1, window_height = 1;
    glfwGetWindowSize(window_, &window_width, &window_height);
    const PixelSize size = framebuffer_size();
    return mouse_event(kind, static_cast<float>(x * size.width / std::max(window_width, 1)),
                       static_cast<float>(y * size.height / std::max(window_height, 1)));
  }

  void set_callbacks() {
    glfwSetKeyCallback(window_,
                       [](GLFWwindow* w, int key, int, int action, int mods) { self(w).on_key(key, action, mods); });
    glfwSetCharCallback(window_, [](GLFWwindow* w, unsigned codepoint) { self(w).on_character(codepoint); });
    glfwSetCursorPosCallback(window_, [](GLFWwindow* w, double x, double y) {
      self(w).events_.push_back(self(w).at_pointer(InputKind::mouse_move, x, y));
    });
    glfwSetMouseButtonCallback(window_, [](GLFWwindow* w, int button, int action, int mods) {
      if (button > GLFW_MOUSE_BUTTON_MIDDLE) return;
      InputEvent event = self(w).at_pointer(action == GLFW_PRESS ? InputKind::mouse_down : InputKind::mouse_up);
      event.button = static_cast<MouseButton>(button);
      event.mods = modifiers_from_glfw(mods);
      self(w).events_.push_back(event);
    });
    glfwSetScrollCallback(window_, [](GLFWwindow* w, double x, double y) {
      self(w).events_.push_back(mouse_event(InputKind::wheel, static_cast<float>(x), static_cast<float>(y)));
    });
    glfwSetDropCallback(window_, [](GLFWwindow* w, int count, const char** paths) {
      for (int i = 0; i < count; ++i) self(w).events_.push_back(text_event(InputKind::file_drop, paths[i]));
    });
    glfwSetWindowFocusCallback(window_, [](GLFWwindow* w, int focused) {
      if (focused == GLFW_FALSE) self(w).events_.push_back(text_event(InputKind::focus_lost, {}));
    });
  }

  GLFWwindow* window_ = nullptr;
  bool started_ = false;
  InputEvents events_;
};

}  // namespace

Outcome<std::unique_ptr<Surface>> make_window_surface(const std::string& title, int width, int height) {
  auto surface = std::make_unique<WindowSurface>();
  if (auto started = surface->start(title, width, height); !started) return tl::unexpected<Error>(started.error());
  return surface;
}

}  // namespace fourtuple::viz
