#include "viz/surface/surface.h"

#include <algorithm>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include "viz/surface/gl.h"

namespace fourtuple::viz {

Surface::~Surface() = default;

Outcome<void> Surface::start_imgui() {
  IMGUI_CHECKVERSION();
  imgui_ = ImGui::CreateContext();
  ImGui::SetCurrentContext(imgui_);
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.LogFilename = nullptr;
  ImGuiInput::set_up();
  backend_ready_ = ImGui_ImplOpenGL3_Init("#version 130");
  if (!backend_ready_) return fail("OpenGL 3 is not available: the graphics driver offers no usable version");
  return {};
}

void Surface::stop_imgui() {
  if (imgui_ == nullptr) return;
  ImGui::SetCurrentContext(imgui_);
  if (backend_ready_) ImGui_ImplOpenGL3_Shutdown();
  ImGui::DestroyContext(imgui_);
  imgui_ = nullptr;
  backend_ready_ = false;
}

void Surface::begin_frame(const InputEvents& events, float delta_s) {
  make_current();
  ImGui::SetCurrentContext(imgui_);
  ImGuiIO& io = ImGui::GetIO();
  const PixelSize size = framebuffer_size();
  io.DisplaySize = ImVec2(static_cast<float>(size.width), static_cast<float>(size.height));
  io.DisplayFramebufferScale = ImVec2(1, 1);
  io.DeltaTime = std::max(delta_s, 1e-4F);
  input_.feed(events);
  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
}

void Surface::end_frame() {
  ImGui::Render();
  present();
}

void Surface::render() {
  const PixelSize size = framebuffer_size();
  glViewport(0, 0, size.width, size.height);
  glClearColor(clear_[0], clear_[1], clear_[2], 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

Image Surface::read_pixels() {
  make_current();
  ImGui::SetCurrentContext(imgui_);
  return grab();
}

Outcome<void> Surface::upload_fonts() {
  make_current();
  ImGui::SetCurrentContext(imgui_);
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  if (!ImGui_ImplOpenGL3_CreateFontsTexture()) return fail("the letters do not fit into the graphics memory");
  return {};
}

void Surface::set_clear_color(float r, float g, float b) {
  clear_[0] = r;
  clear_[1] = g;
  clear_[2] = b;
}

}  // namespace fourtuple::viz
