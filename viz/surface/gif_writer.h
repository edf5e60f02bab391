// Writes pictures as an animated GIF that plays for ever. Every frame holds only what changed since the one before,
// in colours of its own (viz/surface/reduce_colors.h), so that long stretches of rest cost nothing. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/base/outcome.h"
#include "viz/surface/image.h"

namespace fourtuple::viz {

class GifWriter {
 public:
  // Creates the file. Width and height: 1 to 65535 pixels.
  static Outcome<GifWriter> create(const std::string& path, int width, int height);
  ~GifWriter();
  GifWriter(GifWriter&& other) noexcept;
  GifWriter& operator=(GifWriter&& other) noexcept;

  // Shows `frame` for `hundredths` of a second. REQUIRES: the size given to create; hundredths >= 1.
  Outcome<void> add(const Image& frame, int hundredths);
  // Ends the file; a file that is not ended is not complete. REQUIRES: a frame was added.
  Outcome<void> finish();

 private:
  struct State;
  explicit GifWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fourtuple::viz
