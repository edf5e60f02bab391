// Presenter mode of the window: which parts are drawn, and where the light falls.
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

void Viewer::draw_presenter(Ui& ui, const Rect& screen) {
  const Canvas& canvas = ui.canvas;
  Shown& shown = *shown_;
  const PanelContext now = context(shown);
  const bool asks = shown.quiz.current() != nullptr;
  const float story =
      asks ? screen.bottom() - question_place(canvas, screen, shown).y : presenter_story_height(canvas, screen.w, now);
  const PresenterParts parts = presenter_parts(canvas, screen, story);
  // What is to be said takes the place of the title: nothing of the picture is covered.
  draw_presenter_top(canvas, parts.top, message().empty() ? title_ : message(), now);
  if (panel_ == PanelKind::map) {
    MapSurroundings around{parts.picture.inset(canvas.px(8)), {}, !dialog_open(), false};
    panels_.map().draw(ui, parts.picture, now, around);
    const Rect light = spotlight(now);
    const float radius = std::max(std::max(light.w, light.h) / 2 + canvas.px(16), canvas.px(88));
    if (light.x > 0) draw_spotlight(canvas, parts.picture, light.center(), radius);
  } else {
    const Clip clip(canvas, parts.picture);
    panels_.draw(panel_, ui, parts.picture, now);
  }
  if (asks) {
    draw_question(ui, question_place(canvas, parts.story, shown), shown);
  } else {
    draw_presenter_story(canvas, parts.story, now);
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
