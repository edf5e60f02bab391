// The box in the top bar in which a filter is typed: an error while it is wrong, words and names to complete it with,
// and the filters of before. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/replay/filter/suggest.h"
#include "viz/kit/interact.h"
#include "viz/viewer/packet_filter.h"

namespace fourtuple::viz {

class FilterBar {
 public:
  // Puts the caret into the box.
  void start(const PacketFilter& filter);
  // Leaves the box as it was before typing, as when another trace is shown.
  void stop();
  bool typing() const { return typing_; }
  // Remembers a filter that was applied otherwise.
  void remember(const std::string& text);

  // Keys while typing: Enter, Escape, Tab, up and down. True for an event it used.
  bool handle(const InputEvent& event, Focus& focus);
  // Takes its room from the right of the top bar; then draws there. Sets and clears the filter as the person asks.
  void place(const Canvas& canvas, Rect& bar, const PacketFilter& filter);
  void draw(const Ui& ui, PacketFilter& filter);
  // The list below the box; after everything else, in a window of its own.
  void draw_list(const Ui& ui, const Rect& screen, PacketFilter& filter);

  // For tests.
  const std::string& text() const { return text_; }
  const std::vector<replay::FilterSuggestion>& suggestions() const { return suggestions_; }
  const std::optional<Error>& error() const { return error_; }
  const Rect& box() const { return box_; }
  const Rect& list() const { return list_; }

 private:
  void draw_idle(const Ui& ui, const Rect& box, PacketFilter& filter);
  void draw_typing(const Ui& ui, const Rect& box, PacketFilter& filter);
  void draw_rows(const Ui& ui, Rect rest);
  float draw_message(const Canvas& canvas, Rect rest, bool measure) const;
  bool still_typing() const;
  void change(std::string text);
  void complete();
  void go_back(int by);
  void refresh(PacketFilter& filter);
  bool apply(PacketFilter& filter);

  bool typing_ = false;
  bool take_caret_ = false;  // the field is to be entered in this frame
  bool active_ = false;      // the field had the caret in the last frame
  bool replaced_ = false;    // text_ was changed by us, not by typing
  bool entered_ = false, left_ = false;
  std::string text_, checked_ = "\n";
  std::optional<Error> error_;
  std::vector<replay::FilterSuggestion> suggestions_;
  // Tab again takes the next of those it could have been.
  std::vector<replay::FilterSuggestion> completing_;
  std::size_t completed_ = 0;
  std::vector<std::string> history_;
  std::size_t at_history_ = 0;
  std::string draft_;  // what was typed before going through the history
  Rect box_, list_;
};

}  // namespace fourtuple::viz
