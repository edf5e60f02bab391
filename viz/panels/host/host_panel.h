// The host X-ray: the way of one packet through a host, its four values tried on every socket like a key on locks, and
// the process behind the one that opens. Main thread only.
#pragma once

#include <cstdint>

#include "viz/kit/interact.h"
#include "viz/panels/host/host_model.h"

namespace fourtuple::viz {

class HostPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context);

 private:
  struct Key {
    std::uint64_t position = ~std::uint64_t{0}, end = 0;
    PacketId packet;
    HostId host;
    std::uint32_t flow = 0;
    bool operator==(const Key&) const = default;
  };

  void refresh(const PanelContext& context);

  Key key_;
  HostModel model_;
};

}  // namespace fourtuple::viz
