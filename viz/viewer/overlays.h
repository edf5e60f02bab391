// What lies above the picture for a while: the list of keys, faults of a file, a short message, and the list of files
// to open. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/base/outcome.h"
#include "viz/kit/interact.h"
#include "viz/viewer/document.h"

namespace fourtuple::viz {

// Each dims what is below. True: it was closed.
bool draw_help(const Ui& ui, const Rect& screen);
// The faults of `file`, each as place, sentence, what was expected and a suggestion.
bool draw_errors(const Ui& ui, const Rect& screen, const std::string& file, const std::vector<Error>& errors);

void draw_toast(const Canvas& canvas, const Rect& area, std::string_view words);

// Files to open: those of the gallery and of a folder, narrowed by typing.
class OpenDialog {
 public:
  enum class Offer : std::uint8_t { all, scenarios, captures };
  void open(const std::vector<GalleryEntry>& entries, const std::string& folder, Offer offer = Offer::all);
  void close() { open_ = false; }
  bool is_open() const { return open_; }
  // The chosen path.
  std::optional<std::string> draw(const Ui& ui, const Rect& screen);
  // Enter opens the first one shown.
  std::optional<std::string> first() const;

 private:
  void list_folder(const std::string& folder);
  bool shown(const GalleryEntry& entry) const;

  bool open_ = false, fresh_ = false;
  std::string filter_;
  std::vector<GalleryEntry> entries_;
};

}  // namespace fourtuple::viz
