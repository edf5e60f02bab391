// OpenGL 3 declarations, and reading a framebuffer into an Image. The OpenGL context must be current.
#pragma once

#define GL_GLEXT_PROTOTYPES
#include <GL/gl.h>
#include <GL/glext.h>

#include "viz/surface/image.h"

namespace fourtuple::viz {

// Reads the bound framebuffer from its read buffer; the result is opaque and has its first row at the top.
Image read_framebuffer(int width, int height);

}  // namespace fourtuple::viz
