// Draws one panel offscreen and keeps the picture beside the build for a person to look at.
#pragma once

#include <cstdlib>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "viz/kit/panel.h"
#include "viz/surface/surface.h"

namespace fourtuple::viz::test {

class Easel {
 public:
  Easel(int width, int height, ThemeChoice choice = {}) {
    auto made = make_offscreen_surface(width, height);
    if (!made) {
      ADD_FAILURE() << made.error().to_string();
      return;
    }
    surface_ = std::move(*made);
    if (auto applied = theme_.apply(*surface_, choice); !applied) ADD_FAILURE() << applied.error().to_string();
  }

  // Three frames, so that scroll areas know their height; `events` arrive in the second.
  Image paint(const std::function<void(Ui&, Rect)>& draw, const InputEvents& events = {}) {
    for (int pass = 0; pass < 3; ++pass) {
      surface_->begin_frame(pass == 1 ? events : InputEvents{});
      focus_.begin_frame();
      {
        RootPanel root(theme_, focus_);
        Ui ui = root.ui();
        draw(ui, root.area());
      }
      surface_->end_frame();
      static_cast<void>(theme_.refresh(*surface_));
    }
    return surface_->read_pixels();
  }

  const Palette& colors() const { return theme_.colors(); }

 private:
  std::unique_ptr<Surface> surface_;
  Theme theme_;
  Focus focus_;
};

inline void keep(const Image& picture, const std::string& name) {
  const char* folder = std::getenv("BUILD_DIR");
  const std::string path = (folder != nullptr ? std::string(folder) + "/" : testing::TempDir()) + name;
  EXPECT_TRUE(save_png(picture, path).has_value());
}

inline std::size_t count_color(const Image& picture, Color color) {
  std::size_t count = 0;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const Pixel p = picture.at(x, y);
      count += p.r == red_of(color) && p.g == green_of(color) && p.b == blue_of(color);
    }
  }
  return count;
}

}  // namespace fourtuple::viz::test
