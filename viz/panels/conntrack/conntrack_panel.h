// Connection tracking and NAT of a host at the cursor, in the terms of `conntrack -L`. Main thread only.
#pragma once

#include <cstdint>

#include "viz/kit/interact.h"
#include "viz/panels/conntrack/conntrack_model.h"

namespace fourtuple::viz {

class ConntrackPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context);

 private:
  void refresh(const PanelContext& context);
  void draw_head(const Ui& ui, Rect& rest, const PanelContext& context);
  void draw_rows(const Ui& ui, Rect rest, const PanelContext& context);

  ConntrackModel model_;
  replay::NetState before_;  // to compare with
  std::uint64_t position_ = ~std::uint64_t{0}, end_ = 0;
  Time time_{-1};
  HostId host_;  // chosen here; the selection wins when it changes
  HostId selected_;
  PacketId packet_;
  bool since_start_ = false;
  bool stale_ = true;
  bool scroll_ = false;  // the packet's own entry comes into view
};

}  // namespace fourtuple::viz
