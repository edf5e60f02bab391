#include "viz/panels/tcp/state_diagram.h"

#include <algorithm>
#include <array>

#include "viz/kit/path.h"
#include "viz/kit/strokes.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

// Design coordinates inside a box of 384 x 444.
constexpr float box_width = 384, box_height = 444;

struct Pill {
  TcpState state;
  std::string_view name;
  float x, y, w;
};
constexpr std::array<Pill, 11> pills = {{{TcpState::closed, "CLOSED", 148, 4, 88},
                                         {TcpState::listen, "LISTEN", 264, 50, 104},
                                         {TcpState::syn_sent, "SYN-SENT", 16, 108, 104},
                                         {TcpState::syn_received, "SYN-RCVD", 264, 108, 104},
                                         {TcpState::established, "ESTABLISHED", 130, 180, 124},
                                         {TcpState::fin_wait_1, "FIN-WAIT-1", 16, 264, 104},
                                         {TcpState::close_wait, "CLOSE-WAIT", 264, 264, 104},
                                         {TcpState::fin_wait_2, "FIN-WAIT-2", 16, 330, 104},
                                         {TcpState::closing, "CLOSING", 148, 330, 88},
                                         {TcpState::last_ack, "LAST-ACK", 264, 330, 104},
                                         {TcpState::time_wait, "TIME-WAIT", 140, 396, 104}}};

struct Edge {
  TcpState from, to;
  std::array<Vec2, 4> points;  // a bezier, or with `corners` a polyline
  bool corners = false;
  std::string_view label = {};
  Vec2 at = {};
  Align align = Align::left;
};
const std::array<Edge, 15> edges = {{
    {TcpState::closed,
     TcpState::syn_sent,
     {Vec2{166, 32}, {160, 78}, {68, 66}, {68, 106}},
     false,
     "connect(): SYN",
     {16, 62}},
    {TcpState::closed,
     TcpState::listen,
     {Vec2{218, 32}, {222, 60}, {236, 64}, {262, 64}},
     false,
     "listen()",
     {248, 44}},
    {TcpState::listen,
     TcpState::syn_received,
     {Vec2{316, 78}, {316, 88}, {316, 96}, {316, 106}},
     false,
     "SYN: SYN ACK",
     {308, 98},
     Align::right},
    {TcpState::syn_sent, TcpState::syn_received, {Vec2{120, 122}, {170, 122}, {220, 122}, {262, 122}}},
    {TcpState::syn_sent,
     TcpState::established,
     {Vec2{68, 136}, {68, 164}, {150, 156}, {160, 178}},
     false,
     "SYN ACK: ACK",
     {112, 150}},
    {TcpState::syn_received,
     TcpState::established,
     {Vec2{316, 136}, {316, 164}, {236, 156}, {226, 178}},
     false,
     "ACK",
     {276, 150},
     Align::right},
    {TcpState::established,
     TcpState::fin_wait_1,
     {Vec2{160, 208}, {152, 238}, {68, 226}, {68, 262}},
     false,
     "close(): FIN",
     {16, 246}},
    {TcpState::established,
     TcpState::close_wait,
     {Vec2{226, 208}, {234, 238}, {316, 226}, {316, 262}},
     false,
     "FIN: ACK",
     {368, 246},
     Align::right},
    {TcpState::fin_wait_1,
     TcpState::fin_wait_2,
     {Vec2{68, 292}, {68, 304}, {68, 316}, {68, 328}},
     false,
     "ACK",
     {60, 315},
     Align::right},
    {TcpState::fin_wait_1,
     TcpState::closing,
     {Vec2{106, 292}, {118, 318}, {186, 304}, {192, 328}},
     false,
     "FIN: ACK",
     {170, 306}},
    {TcpState::fin_wait_2,
     TcpState::time_wait,
     {Vec2{68, 358}, {68, 400}, {90, 410}, {138, 410}},
     false,
     "FIN: ACK",
     {84, 396},
     Align::left},
    {TcpState::closing,
     TcpState::time_wait,
     {Vec2{192, 358}, {192, 370}, {192, 382}, {192, 394}},
     false,
     "ACK",
     {198, 381}},
    {TcpState::close_wait,
     TcpState::last_ack,
     {Vec2{316, 292}, {316, 304}, {316, 316}, {316, 328}},
     false,
     "close(): FIN",
     {308, 315},
     Align::right},
    {TcpState::last_ack,
     TcpState::closed,
     {Vec2{368, 344}, {382, 344}, {382, 18}, {238, 18}},
     true,
     "ACK",
     {378, 376},
     Align::right},
    {TcpState::time_wait, TcpState::closed, {Vec2{140, 418}, {2, 418}, {2, 18}, {146, 18}}, true, "60 s", {16, 434}},
}};

struct Frame {
  Vec2 origin;
  float k;
  Vec2 at(Vec2 p) const { return {origin.x + p.x * k, origin.y + p.y * k}; }
};

// A passive opener's new socket starts in SYN-RECEIVED: on the diagram that is the way from LISTEN.
bool took(const TcpEnd& end, TcpState from, TcpState to, std::uint64_t boundary) {
  for (const StateStep& step : end.steps) {
    if (step.record >= boundary) continue;
    // FIN and the ACK of ours in one segment: both ways of the figure at once.
    const bool both = step.from == TcpState::fin_wait_1 && step.to == TcpState::time_wait;
    if (both && (from == TcpState::fin_wait_2 || to == TcpState::fin_wait_2) && from != TcpState::established)
      return true;
    if (step.to != to) continue;
    const bool born = step.from == TcpState::closed && to == TcpState::syn_received;
    if (step.from == from || (born && from == TcpState::listen)) return true;
  }
  return false;
}

void draw_edge(const Canvas& canvas, const Frame& frame, const Edge& edge, bool taken) {
  const Palette& colors = canvas.colors();
  const Color color = taken ? colors.accent : colors.link;
  const float width = canvas.px(taken ? 2.5F : 1.5F);
  std::array<Vec2, 4> p;
  std::transform(edge.points.begin(), edge.points.end(), p.begin(), [&](Vec2 point) { return frame.at(point); });
  if (edge.corners) {
    if (taken) {
      canvas.polyline(p, color, width);
    } else {
      dashed_polyline(canvas, p, color, width, {3, 4});
    }
    arrow_tip(canvas, p[3], p[3] - p[2], color, 8);
  } else {
    const Path path = Path::bezier(p[0], p[1], p[2], p[3]);
    if (taken) {
      path_stroke(canvas, path, color, width);
    } else {
      dashed_path(canvas, path, color, width, {3, 4});
    }
    arrow_tip(canvas, p[3], path.direction_at(1), color, 8);
  }
  if (edge.label.empty()) return;
  draw_text(canvas, frame.at(edge.at), style::label, taken ? colors.text : colors.muted, edge.label, edge.align);
}

void draw_pill_of(const Canvas& canvas, const Frame& frame, const Pill& pill, bool current, bool taken) {
  const Palette& colors = canvas.colors();
  const Rect r{frame.origin.x + pill.x * frame.k, frame.origin.y + pill.y * frame.k, pill.w * frame.k, 28 * frame.k};
  const float radius = canvas.px(8);
  if (current) {
    canvas.halo(r, colors.accent, canvas.px(6), radius, 0.16F);
    canvas.fill(r, colors.accent, radius);
  } else {
    canvas.fill(r, taken ? colors.raised : colors.surface, radius);
    canvas.stroke(r, taken ? colors.accent : colors.link, canvas.px(taken ? 1.5F : 1), radius);
  }
  draw_text_in(canvas, r, current ? style::number_strong : style::number,
               current ? colors.accent_ink
               : taken ? colors.text
                       : colors.muted,
               pill.name, Align::center);
}

// The end's name beside its pill: the active side left, the passive side right.
void draw_tag(const Canvas& canvas, const Frame& frame, const Pill& pill, const TcpEnd& end, bool left) {
  const Palette& colors = canvas.colors();
  const float middle = frame.origin.y + (pill.y + 14) * frame.k;
  const float pill_left = frame.origin.x + pill.x * frame.k, pill_right = pill_left + pill.w * frame.k;
  const float room = left ? pill_left - frame.origin.x + canvas.px(12)
                          : frame.origin.x + box_width * frame.k - pill_right + canvas.px(12);
  const bool beside = room > canvas.px(60);
  const std::string name =
      fit_text(canvas, style::label_strong, end.name, beside ? room - canvas.px(36) : canvas.px(90));
  const float width = text_width(canvas, style::label_strong, name) + canvas.px(20);
  const Rect tag =
      beside ? Rect{left ? pill_left - canvas.px(8) - width : pill_right + canvas.px(8), middle - canvas.px(11), width,
                    canvas.px(22)}
             : Rect{left ? pill_left : pill_right - width, middle + 14 * frame.k + canvas.px(3), width, canvas.px(22)};
  canvas.fill(tag, colors.background, canvas.px(11));
  if (end.inferred) {
    dashed_rect(canvas, tag, colors.accent, canvas.px(1.5F), canvas.px(11));
  } else {
    canvas.stroke(tag, colors.accent, canvas.px(1.5F), canvas.px(11));
  }
  draw_text_in(canvas, tag, style::label_strong, colors.text, name, Align::center);
}

}  // namespace

void draw_state_diagram(const Canvas& canvas, const Rect& r, const TcpModel& model, std::uint64_t boundary) {
  const float k = std::min({canvas.theme->scale(), r.w / box_width, r.h / box_height});
  const Frame frame{{r.x + (r.w - box_width * k) / 2, r.y}, k};
  const TcpState current[2] = {model.ends[0].state_at(boundary), model.ends[1].state_at(boundary)};
  for (const bool taken_pass : {false, true}) {
    for (const Edge& edge : edges) {
      const bool taken =
          took(model.ends[0], edge.from, edge.to, boundary) || took(model.ends[1], edge.from, edge.to, boundary);
      if (taken == taken_pass) draw_edge(canvas, frame, edge, taken);
    }
  }
  for (const Pill& pill : pills) {
    bool taken = false, lit = false;
    for (int i = 0; i < 2; ++i) {
      const TcpEnd& end = model.ends[i];
      lit = lit || (end.known && current[i] == pill.state);
      for (const StateStep& step : end.steps) {
        if (step.record < boundary) taken = taken || step.to == pill.state || step.from == pill.state;
      }
    }
    draw_pill_of(canvas, frame, pill, lit, taken);
  }
  for (int i = 0; i < 2; ++i) {
    if (!model.ends[i].known) continue;
    const auto pill = std::find_if(pills.begin(), pills.end(), [&](const Pill& p) { return p.state == current[i]; });
    if (pill != pills.end()) draw_tag(canvas, frame, *pill, model.ends[i], i == 0);
  }
}

}  // namespace fourtuple::viz
