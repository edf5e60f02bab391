#include "viz/theme/theme.h"

#include <chrono>
#include <imgui.h>

#include "viz/surface/surface.h"

namespace fourtuple::viz {
namespace {

ImVec4 to_imgui(Color color) {
  return ImGui::ColorConvertU32ToFloat4(color);
}

// The few ImGui widgets in use (text input, scroll areas, tooltips) take the theme's look.
void style_imgui(const Palette& colors, float scale) {
  ImGuiStyle style;
  style.WindowPadding = ImVec2(0, 0);
  style.WindowBorderSize = 0;
  style.WindowRounding = 0;
  style.ChildBorderSize = 0;
  style.PopupRounding = 8;
  style.PopupBorderSize = 1;
  style.FrameRounding = 7;
  style.FramePadding = ImVec2(8, 6);
  style.ItemSpacing = ImVec2(0, 0);
  style.ScrollbarSize = 8;
  style.ScrollbarRounding = 4;
  style.ScaleAllSizes(scale);
  style.AntiAliasedLinesUseTex = false;
  ImVec4* c = style.Colors;
  c[ImGuiCol_Text] = to_imgui(colors.text);
  c[ImGuiCol_TextDisabled] = to_imgui(colors.faint);
  c[ImGuiCol_WindowBg] = to_imgui(colors.background);
  c[ImGuiCol_ChildBg] = ImVec4(0, 0, 0, 0);
  c[ImGuiCol_PopupBg] = to_imgui(colors.raised);
  c[ImGuiCol_Border] = to_imgui(colors.line);
  c[ImGuiCol_FrameBg] = to_imgui(colors.background);
  c[ImGuiCol_FrameBgHovered] = to_imgui(colors.background);
  c[ImGuiCol_FrameBgActive] = to_imgui(colors.background);
  c[ImGuiCol_ScrollbarBg] = ImVec4(0, 0, 0, 0);
  c[ImGuiCol_ScrollbarGrab] = to_imgui(with_alpha(colors.link, 0.7F));
  c[ImGuiCol_ScrollbarGrabHovered] = to_imgui(colors.link);
  c[ImGuiCol_ScrollbarGrabActive] = to_imgui(colors.muted);
  c[ImGuiCol_TextSelectedBg] = to_imgui(with_alpha(colors.accent, 0.3F));
  c[ImGuiCol_NavHighlight] = to_imgui(colors.accent);
  ImGui::GetStyle() = style;
}

}  // namespace

Outcome<void> Theme::load_fonts(Surface& surface) {
  const auto start = std::chrono::steady_clock::now();
  if (auto loaded = fonts_.load(choice_.scale); !loaded) return loaded;
  auto uploaded = surface.upload_fonts();
  ++generation_;
  load_ms_ = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return uploaded;
}

Outcome<void> Theme::apply(Surface& surface, const ThemeChoice& choice) {
  const bool new_fonts = !loaded_ || choice.scale != choice_.scale;
  if (choice.japanese != choice_.japanese) ++generation_;
  choice_ = choice;
  if (new_fonts) {
    if (auto loaded = load_fonts(surface); !loaded) return loaded;
    loaded_ = true;
  }
  style_imgui(colors(), scale());
  const ImVec4 clear = to_imgui(colors().background);
  surface.set_clear_color(clear.x, clear.y, clear.z);
  return {};
}

Outcome<bool> Theme::refresh(Surface& surface) {
  phrasebook_.forget();
  if (!fonts_.wants_reload()) return false;
  if (auto loaded = load_fonts(surface); !loaded) return tl::unexpected<Error>(loaded.error());
  return true;
}

}  // namespace fourtuple::viz
