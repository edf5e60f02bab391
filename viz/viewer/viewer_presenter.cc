// Presenter mode of the window: which parts are drawn, and where the light falls.
#include "viz/panels/why/why_panel.h"
#include "viz/viewer/presenter.h"
#include "viz/viewer/shown.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {

// Where the last record happened: its packet if it is under way, else its host; nothing when neither is on the map.
Rect Viewer::spotlight(const PanelContext& context) const {
  const std::uint64_t last = context.cursor.last_record();
  if (last == trace::Index::none) return {};
  const trace::Slot& record = *context.trace.at(last);
  // A drop has words of its own on the map, which are to be read.
  if (record.kind == trace::Kind::packet_dropped) return {};
  const Selection& selection = context.selection;
  const PacketId packet = selection.packet.valid() ? selection.packet : replay::packet_of(record);
  for (const MapCapsule& capsule : panels_.map().traffic().capsules) {
    if (capsule.packet == packet && packet.valid()) return rect_around(capsule.at, 0, 0);
  }
  const HostId host = selection.host.valid() ? selection.host : record.host_id();
  const std::vector<Rect>& hosts = panels_.map().geometry().hosts;
  return host.valid() && host.value < hosts.size() ? hosts[host.value] : Rect{};
}

// The panel on show decides how large the type is; a change shows in the next frame.
void Viewer::fit_presenter(const Ui& ui, const Rect& screen) {
  const float single = ui.canvas.theme->scale() / look_.presenter_scale;
  const float scale = presenter_scale(panel_, {screen.w / single, screen.h / single});
  if (scale == look_.presenter_scale) return;
  look_.presenter_scale = scale;
  if (ui.animating != nullptr) *ui.animating = true;
}

// Where the story stops to tell this caption. The map shows a packet set out; the other panels what became of it.
Time Viewer::caption_moment(Shown& shown, std::size_t caption) {
  const auto& captions = shown.document.trace->tables().captions;
  const Time from = captions[caption].from;
  if (!look_.presenter || panel_ == PanelKind::map || panel_ == PanelKind::ladder) return from;
  const PacketId packet = packet_told(context(shown), caption);
  const std::uint64_t end = packet.valid() ? shown.indexes.packets().end(packet) : trace::Index::none;
  if (end == trace::Index::none) return from;
  const Time met = shown.document.trace->at(end)->at;
  const bool last = caption + 1 >= captions.size();
  return last ? met : std::max(from, std::min(met, Time{captions[caption + 1].from.ns - 1}));
}

// Panels beside the map show the packet that the caption tells of, until it tells of something else.
void Viewer::follow_caption(Shown& shown) {
  const auto& captions = shown.document.trace->tables().captions;
  const std::optional<std::size_t> now =
      panel_ == PanelKind::map ? std::nullopt : caption_at(captions, shown.cursor.time());
  if (now == shown.told) return;
  shown.told = now;
  if (!now) return;
  shown.selection.packet = PacketId::none();
  if (const PacketId packet = packet_told(context(shown), *now); packet.valid())
    fulfil(shown, {Wish::Kind::select_packet, packet.value, {}, {}});
  if (panel_ == PanelKind::why) panels_.why().ask(context(shown));
}

void Viewer::draw_presenter(Ui& ui, const Rect& screen) {
  const Canvas& canvas = ui.canvas;
  Shown& shown = *shown_;
  fit_presenter(ui, screen);
  follow_caption(shown);
  const PanelContext now = context(shown);
  const float enlarged = look_.presenter_scale;
  const bool asks = shown.quiz.current() != nullptr;
  const float story = asks ? screen.bottom() - question_place(canvas, screen, shown).y
                           : presenter_story_height(canvas, screen.w, now, enlarged);
  const PresenterParts parts = presenter_parts(canvas, screen, story);
  // What is to be said takes the place of the title: nothing of the picture is covered.
  draw_presenter_top(canvas, parts.top, message().empty() ? title_ : message(), now);
  if (panel_ == PanelKind::map) {
    MapSurroundings around{parts.picture.inset(canvas.px(8)), {}, !dialog_open(), false};
    const Rect light = spotlight(now);
    const float radius = std::max(std::max(light.w, light.h) / 2 + canvas.px(16), canvas.px(88));
    if (light.x > 0) around.light = rect_around(light.center(), 2 * radius, 2 * radius);
    panels_.map().draw(ui, parts.picture, now, around);
  } else {
    const Clip clip(canvas, parts.picture);
    panels_.draw(panel_, ui, parts.picture, now);
  }
  if (asks) {
    draw_question(ui, question_place(canvas, parts.story, shown), shown);
  } else {
    draw_presenter_story(canvas, parts.story, now, enlarged);
  }
  const PresenterAnswer answer = draw_presenter_foot(ui, parts.foot, now);
  if (answer.seek) seek(shown, *answer.seek);
  if (answer.back) present(Command::step_back);
  if (answer.next) present(Command::step_forward);
  if (answer.toggle_play) run_time(shown, Command::toggle_play);
  if (answer.leave) look_.presenter = false;
  fulfil(shown);
}

}  // namespace fourtuple::viz
