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
// What the type is multiplied with, 1.4 to 2, so that the panel keeps the room it is made for. `single`: the screen in
// design pixels of type that is not enlarged.
float presenter_scale(PanelKind panel, Vec2 single);
// `story`: how high the words at the cursor want to be; 0 without any.
PresenterParts presenter_parts(const Canvas& canvas, Rect screen, float story);
// `enlarged`: the presenter scale. The story is read from the last row however small the panel's type has become.
float presenter_story_height(const Canvas& canvas, float width, const PanelContext& context, float enlarged);
// The packet that the words of this caption are about: the one sent at its instant, of several the one that was lost.
PacketId packet_told(const PanelContext& context, std::size_t caption);

void draw_presenter_top(const Canvas& canvas, const Rect& r, std::string_view title, const PanelContext& context);
void draw_presenter_story(const Canvas& canvas, const Rect& r, const PanelContext& context, float enlarged);

// What the foot was asked for: an instant on its line of time, or to leave.
struct PresenterAnswer {
  std::optional<Time> seek;
  bool leave = false, back = false, next = false, toggle_play = false;
};
PresenterAnswer draw_presenter_foot(const Ui& ui, const Rect& r, const PanelContext& context);

}  // namespace fourtuple::viz
