// The bottom line of the window and the end of a story: what the window says, what happened, what comes next.
#include "viz/panels/lesson/quiz_card.h"
#include "viz/viewer/happening.h"
#include "viz/viewer/shown.h"
#include "viz/viewer/status_line.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {

// On the home page it stands only while there is something to say, over the words about dropping files.
Rect Viewer::take_status(const Canvas& canvas, Rect& rest) const {
  if (shown_) return rest.take_bottom(canvas.px(status_height));
  if (message().empty() && busy_.empty()) return {};
  return Gallery::drop_strip(canvas, rest);
}

const std::string& Viewer::happened(const Shown& shown) {
  const trace::Trace* const trace = shown.document.trace;
  if (trace == happened_in_ && shown.cursor.position() == happened_at_) return happened_;
  happened_in_ = trace;
  happened_at_ = shown.cursor.position();
  happened_ = happening(shown.cursor, shown.indexes, shown.document.value_text);
  return happened_;
}

void Viewer::draw_status_line(const Ui& ui, const Rect& area) {
  StatusLine line{message(), {}, {}, {}, false};
  if (shown_) line.happened = happened(*leading());
  if (!busy_.empty()) {
    line.progress = Progress{busy_, busy_part_};
  } else if (shown_ && shown_->growth.growing) {
    const Growth& growth = shown_->growth;
    const double part =
        static_cast<double>(growth.reached.ns) / static_cast<double>(std::max<std::int64_t>(growth.end.ns, 1));
    line.progress = Progress{growth_words(growth), static_cast<float>(part)};
  }
  if (shown_ && shown_->quiz.on() && shown_->quiz.current() == nullptr) line.aside = quiz_score(shown_->quiz);
  line.more_notes = !message().empty() && told_notes_;
  switch (draw_status(ui, area, line)) {
    case StatusAnswer::none:
      return;
    case StatusAnswer::stop:
      stop_growth();
      return;
    case StatusAnswer::show_notes:
      later_ = Command::show_notes;
      return;
  }
}

const GalleryEntry* Viewer::next_lesson() const {
  return shown_ ? gallery_.after(shown_->document.path) : nullptr;
}

void Viewer::tell_story(Shown& shown, const NarrationAction& action) {
  using Kind = NarrationAction::Kind;
  switch (action.kind) {
    case Kind::none:
      return;
    case Kind::next:
    case Kind::back:
      return go_to_caption(shown, action.kind == Kind::next);
    case Kind::act:
      if (action.act.host.valid()) fulfil(shown, {Wish::Kind::select_host, action.act.host.value, {}, {}});
      later_ = action.act.command;
      return;
    case Kind::next_lesson:
      if (const GalleryEntry* next = next_lesson(); next != nullptr && calls_.open)
        calls_.open(std::string(next->path));
      return;
    case Kind::all_lessons:
      later_ = Command::show_gallery;
      return;
  }
}

void Viewer::keep_bookmarks() {
  if (!shown_ || shown_->bookmarks.marks == shown_->document.bookmarks) return;
  shown_->document.bookmarks = shown_->bookmarks.marks;
  if (calls_.save_bookmarks) calls_.save_bookmarks(shown_->document.path, shown_->bookmarks.marks);
}

}  // namespace fourtuple::viz
