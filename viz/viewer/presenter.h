// Presenter mode: one picture, one sentence and a line of time, in type that the last row can read. The arrow keys tell
// the story; everything but the place where something happens is dimmed. Main thread only.
#pragma once

#include <optional>
#include <string_view>

#include "viz/kit/interact.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

// The screen in parts, from top to bottom; the story has no height when there is nothing to tell.
struct PresenterParts {
  Rect top, picture, story, foot;
};
// `story`: how high the words at the cursor want to be; 0 without any.
PresenterParts presenter_parts(const Canvas& canvas, Rect screen, float story);
float presenter_story_height(const Canvas& canvas, float width, const PanelContext& context);

void draw_presenter_top(const Canvas& canvas, const Rect& r, std::string_view title, const PanelContext& context);
void draw_presenter_story(const Canvas& canvas, const Rect& r, const PanelContext& context);

// What the foot was asked for: an instant on its line of time, or to leave.
struct PresenterAnswer {
  std::optional<Time> seek;
  bool leave = false, back = false, next = false, toggle_play = false;
};
PresenterAnswer draw_presenter_foot(const Ui& ui, const Rect& r, const PanelContext& context);

// Dims `area` but for a circle with a soft edge.
void draw_spotlight(const Canvas& canvas, const Rect& area, Vec2 center, float radius);

}  // namespace fourtuple::viz
