// Descriptor tables: the numbers of a process as squares, and what each leads to. Main thread only.
#pragma once

#include <vector>

#include "viz/kit/interact.h"
#include "viz/panels/sockets/sockets_model.h"

namespace fourtuple::viz {

constexpr float process_strip_height = 140;  // design pixels

// The process that holds the selected socket, else the first; null when there is none.
const ProcessTable* shown_process(const SocketsModel& model, const Selection& selection);

// One process in a strip: its name and its descriptors' numbers.
void draw_process_strip(const Ui& ui, Rect r, const ProcessTable& table, const PanelContext& context);
// All processes, with what every descriptor leads to.
void draw_process_tables(const Ui& ui, Rect rest, const std::vector<ProcessTable>& processes,
                         const PanelContext& context);

}  // namespace fourtuple::viz
