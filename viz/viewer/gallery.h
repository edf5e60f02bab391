// What the window shows before any file is open: a small network already playing, three large choices, and the
// scenarios to choose from. Main thread only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/viewer/document.h"

namespace fourtuple::viz {

struct GalleryAction {
  enum class Kind : std::uint8_t {
    none,
    open,
    open_preview,
    choose_scenario,
    choose_capture,
    choose_ruleset,
    play_pause
  } kind = Kind::none;
  std::string path;
};

class Gallery {
 public:
  void set_entries(std::vector<GalleryEntry> entries) { entries_ = std::move(entries); }
  const std::vector<GalleryEntry>& entries() const { return entries_; }
  // `preview` draws the playing network into its rectangle; `title` and `caption` are its words; may be empty.
  struct Preview {
    std::function<void(Ui&, const Rect&)> draw;
    std::string title, caption;
    bool playing = false;
  };
  GalleryAction draw(Ui& ui, const Rect& area, const Preview& preview);
  // Puts the caret into the search field.
  void search() { wants_search_ = true; }

 private:
  GalleryAction draw_hero(Ui& ui, const Rect& r, const Preview& preview) const;
  GalleryAction draw_choices(const Ui& ui, Rect r) const;
  GalleryAction draw_cards(const Ui& ui, Rect area);
  std::vector<std::size_t> draw_heading(const Ui& ui, Rect heading);
  bool draw_card_of(const Ui& ui, const Rect& card, std::size_t number) const;
  bool shows(const GalleryEntry& entry, std::string_view topic) const;
  std::vector<std::string> topics() const;

  std::vector<GalleryEntry> entries_;
  std::size_t topic_ = 0;  // 0: all
  std::string typed_;
  bool wants_search_ = false;
};

}  // namespace fourtuple::viz
