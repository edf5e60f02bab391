// The parts of the X-ray's picture. Each draws into its rectangle and emits wishes. Main thread only.
#pragma once

#include <optional>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/panels/host/host_model.h"

namespace fourtuple::viz {

void draw_host_header(const Ui& ui, const Rect& r, const HostModel& model, const PanelContext& context);
void draw_host_stages(const Ui& ui, const Rect& r, const HostModel& model);
// Where each stage's box is in `r`, and the one the panel below is about (their number when none).
std::vector<Rect> stage_boxes(const Canvas& canvas, const Rect& r, const HostModel& model);
std::size_t shown_stage(const HostModel& model);

// Where the winner's curve leaves the lock panel; nothing when no lock opened or it is scrolled away.
std::optional<Vec2> draw_host_locks(const Ui& ui, const Rect& r, const HostModel& model, const PanelContext& context);

// Cards from the top down. Returns where the winner's curve arrives.
std::optional<Vec2> draw_host_processes(const Ui& ui, const Rect& r, const HostModel& model,
                                        const PanelContext& context);

float answer_height(const Ui& ui);
void draw_host_answer(const Ui& ui, const Rect& r, const AnswerBox& answer, const PanelContext& context);

}  // namespace fourtuple::viz
