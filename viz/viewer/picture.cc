#include "viz/viewer/picture.h"

#include "viz/kit/text.h"
#include "viz/panels/common/names.h"
#include "viz/panels/ladder/ladder_panel.h"
#include "viz/panels/packet/packet_panel.h"
#include "viz/viewer/shown.h"

namespace fourtuple::viz {
namespace {

constexpr std::int64_t last_played_us = 5'000'000;

void draw_clock(const Canvas& canvas, const Rect& area, Time now) {
  const Palette& colors = canvas.colors();
  const std::string text = clock_text(Time{now.ns / 1000 * 1000}) + " s";  // microseconds: steady digits
  const Rect tag{area.x + canvas.px(16), area.bottom() - canvas.px(44),
                 text_width(canvas, style::code, text) + canvas.px(24), canvas.px(28)};
  canvas.fill(tag, colors.raised, canvas.px(7));
  draw_text_in(canvas, tag, style::code, colors.text, text, Align::center);
}

}  // namespace

LadderExtent Viewer::show_whole_ladder(Time from, Time to) {
  if (!shown_) return {};
  const LadderModel& model = panels_.ladder().show_whole(context(*shown_), from, to);
  return {model.height + LadderPanel::head_height + LadderPanel::foot_height, model.arrows.size(), model.left_out};
}

void Viewer::show_ladder_around_cursor() {
  panels_.ladder().show_around_cursor();
}

const Document* Viewer::document() const {
  return shown_ ? &shown_->document : nullptr;
}

Stretch Viewer::last_played() const {
  if (!shown_) return {};
  const replay::Playback& playing = shown_->playback;
  const bool hops = playing.mode() == replay::SpeedMode::equal_hops;
  if (playing.loop()) return {playing.loop()->begin, playing.loop()->end, hops};
  const Time now = shown_->cursor.time();
  replay::Playback backward = playing;
  backward.set_reverse(true);
  backward.play();
  return {backward.advance(now, last_played_us, shown_->indexes.lanes(), shown_->cursor.end_time()), now, hops};
}

// Commands that write files. False: it was none of them.
bool Viewer::run_save(Command command) {
  const auto save = [&](SaveKind kind) {
    if (!shown_) {
      say("Open a scenario or a capture first");
    } else if (calls_.save) {
      calls_.save(kind);
    }
    return true;
  };
  switch (command) {
    case Command::save_picture:
      return save(SaveKind::picture);
    case Command::save_panel:
      return save(SaveKind::panel);
    case Command::save_ladder:
      return save(SaveKind::ladder);
    case Command::save_gif:
      return save(SaveKind::animation);
    case Command::save_capture:
      return save(SaveKind::capture);
    case Command::pin_packet:
      if (!shown_) return true;
      panel_ = PanelKind::packet;
      panels_.packet().toggle_pin(context(*shown_));
      return true;
    default:
      return false;
  }
}

void Viewer::draw_picture(Ui& ui, Rect area) {
  const Canvas& canvas = ui.canvas;
  if (picture_->area) area = *picture_->area;
  advance(*shown_, 0);
  canvas.fill(area, canvas.colors().background);
  const PanelContext now = context(*shown_);
  if (panel_ == PanelKind::map) {
    panels_.map().draw(ui, area, now, {area.inset(canvas.px(16)), {}, false, false});
  } else {
    const Clip clip(canvas, area);
    panels_.draw(panel_, ui, area, now);
  }
  if (picture_->clock) draw_clock(canvas, area, shown_->cursor.time());
  shown_->wishes.clear();
}

}  // namespace fourtuple::viz
