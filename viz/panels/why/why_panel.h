// Why something happened: the chain of causes of the event that was asked about, each with a moment to go to. The chain
// stays while the cursor walks along it, until another event is asked about. Main thread only.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/replay/causes/causes.h"
#include "viz/kit/interact.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

class WhyPanel {
 public:
  // Asks about the selected packet or socket, else about the latest instant before the cursor.
  void ask(const PanelContext& context);
  // Whether the cursor stands on one of the chain's moments: asking again would tell nothing else.
  bool on_chain(const PanelContext& context) const;
  // Moves the cursor to the end of the chain.
  void go_to_cause(const PanelContext& context);
  // Moves the cursor along the chain: 1 to the next cause, -1 back towards what was asked about.
  void walk(const PanelContext& context, int by);
  // The cause that stands out, from 0: that of the cursor, else the one chosen last.
  std::size_t chosen() const { return chosen_; }
  // Where the panel was opened from.
  PanelKind opened_from = PanelKind::map;

  // True when it asks to be closed.
  bool draw(Ui& ui, Rect area, const PanelContext& context);
  const replay::CauseChain& chain() const { return chain_; }

 private:
  bool refresh(const PanelContext& context);
  void go(const PanelContext& context, std::size_t index);
  // The cause the cursor stands on; the number of causes when it stands on none.
  std::size_t current(const PanelContext& context) const;
  bool stands_on(const PanelContext& context, const replay::Cause& cause) const;
  bool draw_header(const Ui& ui, Rect& area, const PanelContext& context);
  float draw_cause(const Ui& ui, const Rect& row, const PanelContext& context, std::size_t index);
  void draw_chain(const Ui& ui, const Rect& area, const PanelContext& context);
  float draw_ruled_out(const Ui& ui, const Rect& area) const;
  void draw_buttons(const Ui& ui, const Rect& area, const PanelContext& context);

  std::optional<replay::EventIndex> events_;
  replay::CauseChain chain_;
  bool asked_ = false;
  bool follow_ = false;                         // the next frame brings the chosen cause into view
  std::uint64_t asked_at_ = ~std::uint64_t{0};  // where the cursor stood then
  std::size_t chosen_ = 0;                      // the cause gone to last: several may be told by one record
};

// Height of a cause's row in design pixels: its evidence may take a second line.
constexpr float cause_row = 72;

}  // namespace fourtuple::viz
