#include "viz/viewer/open_dialog.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "viz/kit/controls.h"
#include "viz/kit/panel.h"
#include "viz/kit/table.h"
#include "viz/viewer/dialog.h"

namespace fourtuple::viz {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_files = 2000;
constexpr float file_row_height = 28;

bool has_ending(const std::string& path, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return path.ends_with(ending); });
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// "~/captures" with the home directory; other text as it is.
std::string expanded(const std::string& text) {
  const char* home = std::getenv("HOME");
  if (home == nullptr || !text.starts_with("~")) return text;
  return home + text.substr(1);
}

bool is_absolute(const std::string& text) {
  return text.starts_with("/") || text.starts_with("~");
}

bool names_a_file(const std::string& text) {
  return text.find_first_of("/.") != std::string::npos || is_absolute(text);
}

std::string_view offer_title(OpenDialog::Offer offer) {
  switch (offer) {
    case OpenDialog::Offer::scenarios:
      return "Open a scenario";
    case OpenDialog::Offer::captures:
      return "Open a capture";
    case OpenDialog::Offer::rulesets:
      return "Step through a firewall: a lesson, or your own ruleset of nft";
    case OpenDialog::Offer::all:
      break;
  }
  return "Open";
}

}  // namespace

bool OpenDialog::offered(const std::string& path) const {
  switch (offer_) {
    case Offer::scenarios:
      return has_ending(path, {".yaml", ".yml"});
    case Offer::captures:
      return has_ending(path, {".pcap", ".pcapng", ".cap", ".gz"});
    case Offer::rulesets:
      return has_ending(path, {".nft", ".conf"});
    case Offer::all:
      break;
  }
  return has_ending(path, {".yaml", ".yml", ".pcap", ".pcapng", ".cap", ".gz", ".trace", ".nft", ".pkt"});
}

void OpenDialog::open(const std::vector<GalleryEntry>& gallery, const std::vector<std::string>& recent, Offer offer) {
  open_ = fresh_ = true;
  offer_ = offer;
  chosen_.reset();
  typed_.clear();
  recent_.clear();
  gallery_.clear();
  for (const std::string& path : recent) {
    if (offered(path)) recent_.push_back({fs::path(path).filename().string(), "recent", path});
  }
  for (const GalleryEntry& entry : gallery) {
    const bool lesson = offer == Offer::rulesets && entry.topic == "firewall";
    if (offered(entry.path) || lesson) gallery_.push_back({entry.title, entry.topic, entry.path});
  }
  std::error_code problem;
  if (folder_.empty() || !enter(folder_)) {
    if (!enter(fs::current_path(problem).string())) narrow();
  }
}

bool OpenDialog::enter(const std::string& folder) {
  std::error_code problem;
  const fs::path path = fs::weakly_canonical(folder, problem);
  std::vector<Line> folders, files;
  fs::directory_iterator at(path, problem);
  if (problem) return false;
  for (const fs::directory_iterator end; !problem && at != end && files.size() < most_files; at.increment(problem)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(".")) continue;
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      folders.push_back({name + "/", "folder", at->path().string(), true});
    } else if (offered(name)) {
      files.push_back({name, "this folder", at->path().string()});
    }
  }
  const auto by_name = [](const Line& a, const Line& b) { return lower(a.title) < lower(b.title); };
  std::sort(folders.begin(), folders.end(), by_name);
  std::sort(files.begin(), files.end(), by_name);
  in_folder_.clear();
  if (path.has_parent_path() && path != path.root_path())
    in_folder_.push_back({"../", "the folder above", path.parent_path().string(), true});
  in_folder_.insert(in_folder_.end(), files.begin(), files.end());
  in_folder_.insert(in_folder_.end(), folders.begin(), folders.end());
  folder_ = path.string();
  typed_.clear();
  narrow();
  return true;
}

void OpenDialog::type(const std::string& text) {
  typed_ = text;
  narrow();
}

void OpenDialog::narrow() {
  shown_.clear();
  at_ = 0;
  follow_ = true;
  if (typed_.find('/') != std::string::npos || is_absolute(typed_)) follow_path();
  if (is_absolute(typed_)) return;
  const std::string wanted = lower(typed_);
  // Who begins at one of the large choices finds ours first; who opens files finds theirs.
  const bool ours = offer_ != Offer::all;
  for (const std::vector<Line>* lines : {&recent_, ours ? &gallery_ : &in_folder_, ours ? &in_folder_ : &gallery_}) {
    for (const Line& line : *lines) {
      if (lower(line.title + ' ' + (line.folder ? std::string() : line.path)).find(wanted) != std::string::npos)
        shown_.push_back(line);
    }
  }
}

// What a typed path leads to; of one that is not finished, what it may become.
void OpenDialog::follow_path() {
  const fs::path path = is_absolute(typed_) ? fs::path(expanded(typed_)) : fs::path(folder_) / typed_;
  std::error_code problem;
  if (fs::exists(path, problem)) {
    const bool folder = fs::is_directory(path, problem);
    shown_.push_back({path.string(), folder ? "folder" : "file", path.string(), folder});
    return;
  }
  const std::string begun = lower(path.filename().string());
  fs::directory_iterator at(path.parent_path(), problem);
  for (const fs::directory_iterator end; !problem && at != end && shown_.size() < most_files; at.increment(problem)) {
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    const bool folder = at->is_directory(ignored);
    if (!lower(name).starts_with(begun) || !(folder || offered(name))) continue;
    shown_.push_back({folder ? name + "/" : name, folder ? "folder" : "file", at->path().string(), folder});
  }
  std::sort(shown_.begin(), shown_.end(), [](const Line& a, const Line& b) { return lower(a.title) < lower(b.title); });
}

void OpenDialog::choose(const Line& line) {
  const Line copy = line;
  if (copy.folder) {
    enter(copy.path);
    fresh_ = true;
    return;
  }
  chosen_ = copy.path;
  open_ = false;
}

std::optional<std::string> OpenDialog::chosen() {
  return std::exchange(chosen_, std::nullopt);
}

bool OpenDialog::handle(const InputEvent& event) {
  if (event.kind != InputKind::key_down) return false;
  const std::size_t last = shown_.empty() ? 0 : shown_.size() - 1;
  follow_ = true;
  switch (event.key) {
    case Key::down:
      at_ = std::min(at_ + 1, last);
      return true;
    case Key::up:
      at_ -= at_ == 0 ? 0 : 1;
      return true;
    case Key::page_down:
      at_ = std::min(at_ + 10, last);
      return true;
    case Key::page_up:
      at_ -= std::min<std::size_t>(at_, 10);
      return true;
    case Key::enter:
      if (!shown_.empty()) choose(shown_[at_]);
      fresh_ = true;  // Enter takes the caret out of the field; as long as the dialog is open it stays there
      return true;
    case Key::backspace:
      if (!typed_.empty()) return false;
      enter(fs::path(folder_).parent_path().string());
      return true;
    default:
      return false;
  }
}

void OpenDialog::draw(const Ui& ui, const Rect& screen) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  dim(canvas, screen);
  const Rect card = draw_dialog(canvas, screen, 760, 600);
  Rect inner = card.inset(canvas.px(32), canvas.px(24));
  draw_text_in(canvas, inner.take_top(canvas.px(32)), style::title, colors.text, offer_title(offer_));
  inner.take_top(canvas.px(8));
  // A field that has the caret keeps its own text: another folder is another field.
  if (text_input(ui, "open filter in " + folder_, inner.take_top(canvas.px(32)), typed_,
                 "a part of the name, or a path", std::exchange(fresh_, false)))
    narrow();
  inner.take_top(canvas.px(6));
  draw_text_in(canvas, inner.take_top(canvas.px(22)), style::number, colors.muted,
               fit_text(canvas, style::number, folder_, inner.w));
  inner.take_top(canvas.px(6));
  const Rect note = inner.take_bottom(canvas.px(28));
  draw_text_in(canvas, note, style::label, colors.muted,
               "../ or Backspace goes to the folder above. Or drop a file on the window.");
  inner.take_bottom(canvas.px(8));
  std::optional<Line> clicked;
  {
    ScrollArea scroll(ui, "files", inner);
    const float height = canvas.px(file_row_height);
    const Rect content = scroll.content();
    if (std::exchange(follow_, false)) scroll.scroll_to(static_cast<float>(at_) * height, height);
    const ScrollArea::Rows rows = scroll.visible_rows(shown_.size(), height);
    const Canvas& inside = scroll.ui().canvas;
    for (std::size_t i = rows.first; i < rows.last; ++i) {
      const Line& entry = shown_[i];
      const Rect line{content.x, content.y + static_cast<float>(i) * height, content.w - canvas.px(12), height};
      const RowLook look{.selected = i == at_, .focusable = false};
      if (table_row(scroll.ui(), "file" + std::to_string(i), line, look).clicked) clicked = entry;
      Rect cells = line.inset(canvas.px(8), 0);
      const Rect detail = cells.take_right(canvas.px(130));
      draw_text_in(inside, cells, style::name, entry.folder ? colors.accent : colors.text, entry.title);
      draw_text_in(inside, detail, style::label, colors.muted, entry.detail, Align::right);
    }
    if (shown_.empty())
      draw_text_in(inside, {content.x, content.y, content.w, canvas.px(48)}, style::body, colors.muted,
                   names_a_file(typed_) ? "There is no such file." : "Nothing of this kind is here.", Align::center);
    scroll.set_height(static_cast<float>(shown_.size()) * height);
  }
  if (close_button(ui, card) || pressed_outside(card)) close();
  if (clicked) choose(*clicked);
}

}  // namespace fourtuple::viz
