// The sheet at the right: the chosen packet with its fields and its journey, and the packets that passed lately.
// Main thread only.
#pragma once

#include <string>
#include <vector>

#include "sim/replay/journey.h"
#include "viz/kit/interact.h"
#include "viz/panel/context.h"
#include "viz/viewer/packet_names.h"

namespace fourtuple::viz {

constexpr float sheet_width = 328, widest_sheet = 460;  // design pixels

class Sheet {
 public:
  // `following` is shown on the Follow button. Returns true when that button was pressed.
  struct Answer {
    bool follow = false;
    bool close = false;
  };
  Answer draw(const Ui& ui, const Rect& area, const PanelContext& context, bool following,
              const PacketNames& names = {});

 private:
  float draw_packet(const Ui& ui, Rect area, const PanelContext& context, bool following, Answer& answer);
  float draw_fields(const Canvas& canvas, Rect area, const PanelContext& context, const Packet& packet) const;
  float journey_height(const Canvas& canvas, float width, const PanelContext& context) const;
  void draw_journey(const Ui& ui, const Rect& area, const PanelContext& context);
  void draw_list(const Ui& ui, Rect area, const PanelContext& context) const;
  static float draw_names(const Canvas& canvas, Rect area, const std::vector<NameLine>& names);
  void refresh(const PanelContext& context, const PacketNames& names);

  PacketId subject_;
  bool chosen_ = false;  // by the person; else the latest one
  const trace::Trace* trace_ = nullptr;
  std::uint64_t refreshed_end_ = 0;  // what journey_ was made from
  PacketId journey_of_;
  std::vector<replay::JourneyStep> journey_;
  std::vector<NameLine> names_;  // of subject_
};

}  // namespace fourtuple::viz
