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
    play_pause,
    step_back,
    step_forward
  } kind = Kind::none;
  std::string path;
};

class Gallery {
 public:
  void set_entries(std::vector<GalleryEntry> entries);
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
  // Opens the first card of those that were searched for.
  void open_first() { wants_first_ = true; }
  // Files opened lately, as cards of a topic of their own.
  void set_recent(std::vector<std::string> paths);
  // The scenario behind the one at this path; null: there is none, or the path is none of theirs.
  const GalleryEntry* after(const std::string& path) const;
  // The control that the arrow keys reach first.
  unsigned entrance() const { return entrance_; }
  // The strip at the bottom of the page, which tells what may be dropped.
  static Rect drop_strip(const Canvas& canvas, const Rect& area);

 private:
  GalleryAction draw_hero(Ui& ui, const Rect& r, const Preview& preview) const;
  GalleryAction draw_choices(const Ui& ui, Rect r);
  static void draw_drop_strip(const Canvas& canvas, const Rect& strip);
  GalleryAction draw_cards(const Ui& ui, Rect area);
  std::vector<std::size_t> draw_heading(const Ui& ui, Rect heading);
  Touch draw_card_of(const Ui& ui, const Rect& card, std::size_t number) const;
  const GalleryEntry& entry(std::size_t number) const;
  void list_recent();
  bool shows(const GalleryEntry& entry, std::string_view topic) const;
  std::vector<std::string> topics() const;

  std::vector<GalleryEntry> entries_;
  std::vector<std::string> recent_paths_;
  std::vector<GalleryEntry> recent_;  // behind the others, where both are counted
  std::size_t topic_ = 0;             // 0: all
  std::string typed_;
  bool wants_search_ = false, wants_first_ = false;
  unsigned entrance_ = 0;
  unsigned in_view_ = 0;  // the card that was scrolled into view for the keyboard
};

}  // namespace fourtuple::viz
