// What a mark of the timeline's lanes stands for, in words. Pure.
#pragma once

#include <string>

#include "viz/panel/context.h"
#include "viz/panels/timeline/timeline_model.h"

namespace fourtuple::viz {

// "router dropped SYN 39380→22", "server sent RST 22→39380", "alice sent SYN 50432→80 again". `record`: one of the
// marks of that kind.
std::string mark_words(const PanelContext& context, replay::Mark mark, std::uint64_t record);
// When that was, why a packet was dropped, and how many events share the mark.
std::string mark_detail(const PanelContext& context, const LaneMark& mark);

}  // namespace fourtuple::viz
