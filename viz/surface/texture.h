// A picture on the graphics card, drawn with ImDrawList::AddImage (the port map is one). Nearest-pixel sampling.
// Lives no longer than its Surface. Main thread, with the Surface's frame begun or the Surface current.
#pragma once

#include <imgui.h>

#include "viz/surface/image.h"

namespace fourtuple::viz {

class Texture {
 public:
  Texture() = default;
  ~Texture();
  Texture(const Texture&) = delete;
  Texture& operator=(const Texture&) = delete;

  void upload(const Image& image);
  bool ready() const { return name_ != 0; }
  ImTextureID id() const;

 private:
  unsigned name_ = 0;
};

}  // namespace fourtuple::viz
