// Choosing a file: what was opened lately, the scenarios of the gallery, and the folders of this machine, narrowed by
// typing. A typed path leads there, from the folder on show unless it begins with / or ~. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/viewer/document.h"

namespace fourtuple::viz {

class OpenDialog {
 public:
  enum class Offer : std::uint8_t { all, scenarios, captures, rulesets };

  // `recent`: paths, the latest first. The folder is the one shown last, else the working directory.
  void open(const std::vector<GalleryEntry>& gallery, const std::vector<std::string>& recent, Offer offer = Offer::all);
  void close() { open_ = false; }
  bool is_open() const { return open_; }
  // Arrows, Enter and Backspace; true for an event it used.
  bool handle(const InputEvent& event);
  void draw(const Ui& ui, const Rect& screen);
  // The chosen path, once.
  std::optional<std::string> chosen();

  // Shows what lies in a folder. False when it cannot be read; then nothing changes.
  bool enter(const std::string& folder);

  struct Line {
    std::string title, detail, path;
    bool folder = false;
  };
  // What is listed now, for tests.
  const std::vector<Line>& lines() const { return shown_; }
  void type(const std::string& text);

 private:
  void narrow();
  void follow_path();
  void choose(const Line& line);
  bool offered(const std::string& path) const;

  Offer offer_ = Offer::all;
  bool open_ = false, fresh_ = false, follow_ = false;
  std::string folder_, typed_;
  std::vector<Line> recent_, gallery_;
  std::vector<Line> in_folder_;  // the folder's
  std::vector<Line> shown_;
  std::size_t at_ = 0;
  std::optional<std::string> chosen_;
};

}  // namespace fourtuple::viz
