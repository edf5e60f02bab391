// Sockets and descriptors of a host at the cursor, in the layout of `ss -anp` and `lsof`. Main thread only.
#pragma once

#include <cstdint>

#include "viz/kit/interact.h"
#include "viz/panels/sockets/sockets_model.h"

namespace fourtuple::viz {

class SocketsPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context);

 private:
  void refresh(const PanelContext& context);
  void draw_head(const Ui& ui, Rect& rest, const PanelContext& context);
  void draw_sockets(const Ui& ui, Rect rest, const PanelContext& context) const;
  void draw_processes(const Ui& ui, Rect rest, const PanelContext& context) const;

  SocketsModel model_;
  std::uint64_t position_ = ~std::uint64_t{0}, end_ = 0;
  HostId host_;  // chosen here; the selection's host wins when it changes
  HostId selected_;
  std::size_t tab_ = 0;
  bool since_start_ = false;
  bool stale_ = true;
};

}  // namespace fourtuple::viz
