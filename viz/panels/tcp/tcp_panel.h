// A TCP connection: state diagram of both ends, sequence numbers and windows over time, variables. Main thread only.
#pragma once

#include <cstdint>
#include <optional>

#include "viz/kit/interact.h"
#include "viz/panels/tcp/tcp_model.h"

namespace fourtuple::viz {

class TcpPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context);

 private:
  void refresh(const PanelContext& context);
  void draw_head(const Ui& ui, const Rect& r, const PanelContext& context);
  void draw_states(const Ui& ui, const Rect& r, const PanelContext& context) const;
  void draw_state_words(const Canvas& canvas, Rect r, std::size_t end, const PanelContext& context) const;
  void draw_low(const Ui& ui, Rect rest, const PanelContext& context) const;
  // `times`: those of its ends and of the cursor stand below it.
  void draw_sequence(const Ui& ui, const Rect& r, const PanelContext& context, bool times = false) const;
  void draw_windows(const Ui& ui, const Rect& r, const PanelContext& context) const;
  void draw_round_trip(const Ui& ui, const Rect& r, const PanelContext& context) const;
  void draw_graphs(const Ui& ui, Rect area, const PanelContext& context) const;
  void draw_variables(const Ui& ui, const Rect& r, const PanelContext& context) const;

  TcpModel model_;
  std::uint32_t flow_ = 0xffffffffu;
  std::uint64_t end_ = ~std::uint64_t{0};
  std::optional<std::size_t> side_;  // whose values are shown; by default the end that sent more
};

}  // namespace fourtuple::viz
