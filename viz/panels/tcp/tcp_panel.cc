#include "viz/panels/tcp/tcp_panel.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/icons.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/strokes.h"
#include "viz/kit/table.h"
#include "viz/panels/tcp/state_diagram.h"

namespace fourtuple::viz {
namespace {

constexpr float least_for_diagram = 400;  // design pixels: below, its words cover each other

std::size_t side_of(const TcpModel& model, const std::optional<std::size_t>& chosen) {
  if (chosen) return *chosen;
  return model.segments[1].size() > model.segments[0].size() ? 1 : 0;
}

// One graph: time to x, value to y, with grid lines and labels at the left.
struct Graph {
  Rect plot;
  Time begin, end;
  float top = 1;

  float x(Time at) const {
    const auto whole = static_cast<double>(std::max<std::int64_t>(1, (end - begin).ns));
    const double part = static_cast<double>((at - begin).ns) / whole;
    return plot.x + plot.w * static_cast<float>(clamped(part, 0.0, 1.0));
  }
  float y(float value) const { return plot.bottom() - plot.h * clamped(value / top, 0.0F, 1.0F); }
};

float round_up(float value) {
  float step = 1;
  while (step * 10 < value) step *= 10;
  for (const float factor : {1.0F, 1.2F, 1.6F, 2.0F, 2.4F, 3.0F, 4.0F, 5.0F, 6.0F, 8.0F, 10.0F}) {
    if (value <= step * factor) return step * factor;
  }
  return value;
}

std::string axis_text(float value) {
  if (value > 0 && value < 2 && value != 1) return fmt::format("{:.1f}", static_cast<double>(value));
  const auto whole = static_cast<std::uint64_t>(value);
  if (whole >= 10'000'000) return std::to_string(whole / 1'000'000) + "M";
  return whole >= 10'000 ? std::to_string(whole / 1000) + "k" : std::to_string(whole);
}

using LegendEntries = std::vector<std::pair<std::string_view, Color>>;

float legend_width(const Canvas& canvas, const LegendEntries& entries) {
  float width = 0;
  for (const auto& [text, color] : entries) width += text_width(canvas, style::label, text) + canvas.px(36);
  return std::max(0.0F, width - canvas.px(16));
}

void draw_legend(const Canvas& canvas, Vec2 at, const LegendEntries& entries) {
  for (const auto& [text, color] : entries) {
    canvas.line(at, {at.x + canvas.px(14), at.y}, color, canvas.px(2));
    at.x += canvas.px(20);
    at.x += draw_text(canvas, {at.x, at.y + canvas.px(4)}, style::label, canvas.colors().muted, text) + canvas.px(16);
  }
}

// The title, then the unit, the legend at the right: as much of it as there is room for. Whether the unit stands there.
bool draw_graph_head(const Canvas& canvas, const Rect& r, std::string_view title, std::string_view unit,
                     LegendEntries legend) {
  const Palette& colors = canvas.colors();
  const float line = r.y + canvas.px(15), gap = canvas.px(12);
  const float x = r.x + gap + draw_text(canvas, {r.x, line}, style::heading, colors.text, title);
  while (!legend.empty() && x + legend_width(canvas, legend) > r.right()) legend.pop_back();
  const float left = r.right() - legend_width(canvas, legend);
  draw_legend(canvas, {left, line - canvas.px(4)}, legend);
  if (x + text_width(canvas, style::label, unit) + gap > left) return false;
  draw_text(canvas, {x, line}, style::label, colors.muted, unit);
  return true;
}

constexpr float axis_width = 64;  // of the numbers beside a graph, and of the unit below the uppermost

Graph make_graph(const Canvas& canvas, const Rect& r, std::string_view title, std::string_view unit, Time begin,
                 Time end, float top, LegendEntries legend) {
  const Palette& colors = canvas.colors();
  const float left = canvas.px(axis_width);
  Graph graph{
      {r.x + left, r.y + canvas.px(32), r.w - left, r.h - canvas.px(56)}, begin, end, round_up(std::max(top, 1.0F))};
  const bool told = draw_graph_head(canvas, r, title, unit, std::move(legend));
  for (int i = 0; i <= 2; ++i) {
    const float value = graph.top * static_cast<float>(i) / 2;
    canvas.hline(graph.plot.x, graph.plot.right(), graph.y(value), colors.line);
    draw_text(canvas, {graph.plot.x - canvas.px(10), baseline_for_middle(canvas, TextSize::small, graph.y(value))},
              style::number, colors.muted, axis_text(value), Align::right);
  }
  if (!told)
    draw_text(canvas, {graph.plot.x - canvas.px(10), graph.plot.y + canvas.px(17)}, style::label, colors.muted,
              unit.substr(0, unit.find(" of ")), Align::right);
  return graph;
}

// The times below the last graph, the cursor's among them.
void draw_time_axis(const Canvas& canvas, const Graph& graph, Time now) {
  const Palette& colors = canvas.colors();
  const float below = graph.plot.bottom() + canvas.px(19);
  const auto whole = [](Time at) { return clock_text(Time{at.ns / 1000 * 1000}); };
  const float first = draw_text(canvas, {graph.plot.x, below}, style::number, colors.muted, whole(graph.begin));
  const std::string end = whole(graph.end), text = whole(now);
  const float last = text_width(canvas, style::number, end);
  draw_text(canvas, {graph.plot.right(), below}, style::number, colors.muted, end, Align::right);
  if (now < graph.begin || now > graph.end) return;
  const float width = text_width(canvas, style::number_strong, text) + canvas.px(14);
  const float x = clamped(graph.x(now) - width / 2, graph.plot.x, graph.plot.right() - width);
  const Rect tag{x, graph.plot.bottom() + canvas.px(5), width, canvas.px(19)};
  // What the tag covers of the ends' times goes.
  if (tag.x < graph.plot.x + first) canvas.fill({graph.plot.x, tag.y, first, tag.h}, colors.background);
  if (tag.right() > graph.plot.right() - last)
    canvas.fill({graph.plot.right() - last, tag.y, last, tag.h}, colors.background);
  canvas.fill(tag, colors.text, canvas.px(4));
  draw_text_in(canvas, tag, style::number_strong, colors.background, text, Align::center);
}

// Pressing a graph moves the cursor to that instant.
void seek_in(const Ui& ui, std::string_view id, const Graph& graph, const PanelContext& context) {
  if (!touch(ui, id, graph.plot, {.focusable = false}).clicked) return;
  const float part = clamped((ImGui::GetIO().MousePos.x - graph.plot.x) / graph.plot.w, 0.0F, 1.0F);
  const auto whole = static_cast<double>((graph.end - graph.begin).ns);
  context.seek(graph.begin + nanoseconds(static_cast<std::int64_t>(whole * static_cast<double>(part))));
}

void draw_time_line(const Canvas& canvas, const Graph& graph, Time now) {
  // Behind the connection's end it stands at the edge.
  if (now < graph.begin) return;
  const float x = graph.x(now);
  canvas.line({x, graph.plot.y - canvas.px(4)}, {x, graph.plot.bottom() + canvas.px(3)}, canvas.colors().text,
              canvas.px(2));
}

// Words in place of curves, on a ground so that no grid line strikes them through.
void draw_note(const Canvas& canvas, const Graph& graph, std::string_view words) {
  const float width = text_width(canvas, style::body, words) + canvas.px(16);
  const Rect ground = rect_around(graph.plot.center(), std::min(width, graph.plot.w), canvas.px(24));
  canvas.fill(ground, canvas.colors().background);
  draw_text_in(canvas, ground, style::body, canvas.colors().muted, fit_text(canvas, style::body, words, ground.w),
               Align::center);
}

// A line that keeps its value until the next point; after the cursor at 35 %.
template <class Points, class Value>
void stairs(const Canvas& canvas, const Graph& graph, const Points& points, Value value, Time now, Color color,
            bool dashed) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Canvas part = points[i].at > now ? canvas.faded(0.35F) : canvas;
    const float x = graph.x(points[i].at), y = graph.y(value(points[i]));
    if (i > 0) {
      const float before = graph.y(value(points[i - 1]));
      if (before != y) part.line({x, before}, {x, y}, color, canvas.px(dashed ? 1 : 2));
    }
    // The last value still holds at the cursor.
    const float next = graph.x(i + 1 < points.size() ? points[i + 1].at : std::max(points[i].at, now));
    // The cursor may stand inside a step: only what lies before it has happened.
    const float seen = points[i].at > now ? x : clamped(graph.x(now), x, next);
    const auto run = [&](const Canvas& ink, float from, float to) {
      if (to <= from) return;
      if (dashed) {
        dashed_line(ink, {from, y}, {to, y}, color, canvas.px(1.5F));
      } else {
        ink.line({from, y}, {to, y}, color, canvas.px(2));
      }
    };
    run(canvas, x, seen);
    run(canvas.faded(0.35F), seen, next);
  }
}

std::pair<Time, Time> time_span(const TcpModel& model, const PanelContext& context) {
  const replay::Flow& flow = context.indexes.flows()[model.flow];
  return {flow.first_time, std::max(flow.last_time, flow.first_time + microseconds(1))};
}

// The segment whose mark the pointer is on; none().
PacketId segment_under_pointer(const Canvas& canvas, const Graph& graph, const std::vector<SegmentMark>& segments) {
  const Vec2 pointer = from_im(ImGui::GetIO().MousePos);
  PacketId found;
  float nearest = canvas.px(8);
  for (const SegmentMark& mark : segments) {
    const Vec2 middle{graph.x(mark.at),
                      (graph.y(static_cast<float>(mark.from)) + graph.y(static_cast<float>(mark.to))) / 2};
    if (distance(pointer, middle) >= nearest) continue;
    nearest = distance(pointer, middle);
    found = mark.packet;
  }
  return found;
}

}  // namespace

void TcpPanel::refresh(const PanelContext& context) {
  const std::uint32_t flow = choose_connection(context);
  if (flow == flow_ && context.indexes.end() == end_) return;
  if (flow != flow_) side_.reset();
  flow_ = flow;
  end_ = context.indexes.end();
  model_ = build_tcp(context, flow);
}

void TcpPanel::draw_head(const Ui& ui, const Rect& r, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float middle = r.y + canvas.px(32);
  const CapsuleLook look = model_.capsule.look();
  const Rect body = draw_capsule(canvas, {r.x + canvas.px(8) + capsule_size(canvas, look).x / 2, middle}, look);
  if (touch(ui, "tcp-flow", body).clicked) context.select_flow(model_.flow);
  const std::array<std::string_view, 2> names = {model_.ends[0].name, model_.ends[1].name};
  const float chooser = segmented_width(canvas, names), right = r.right() - chooser;
  float x = body.right() + canvas.px(20);
  x += draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::title, middle)}, style::title, colors.text,
                 fit_text(canvas, style::title, model_.title, right - x - canvas.px(90))) +
       canvas.px(16);
  const std::string &sender = model_.ends[0].owner, &receiver = model_.ends[1].owner;
  const std::string owners = sender + (sender.empty() || receiver.empty() ? "" : " to ") + receiver;
  const float room = right - canvas.px(84) - x;
  if (room > canvas.px(60)) {
    draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::normal, middle)}, style::body, colors.muted,
              fit_text(canvas, style::body, owners, room));
  }
  draw_text(canvas, {right - canvas.px(10), baseline_for_middle(canvas, TextSize::small, middle)}, style::label,
            colors.muted, "values of", Align::right);
  if (const auto chosen = segmented(ui, "tcp-side", {right, middle}, names, side_of(model_, side_))) side_ = *chosen;
}

void TcpPanel::draw_states(const Ui& ui, const Rect& r, const PanelContext& context) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(r, colors.surface, canvas.px(10));
  const float width =
      draw_text(canvas, {r.x + canvas.px(20), r.y + canvas.px(26)}, style::heading, colors.text, "States");
  draw_text(canvas, {r.x + canvas.px(32) + width, r.y + canvas.px(26)}, style::label, colors.muted,
            "RFC 9293, both ends");
  Rect below{r.x + canvas.px(8), r.y + canvas.px(40), r.w - canvas.px(16), r.h - canvas.px(48)};
  Rect lines = below.h > canvas.px(510) ? below.take_bottom(canvas.px(64)) : Rect{};
  draw_state_diagram(canvas, below, model_, context.cursor.position());
  if (lines.empty()) return;
  canvas.hline(lines.x + canvas.px(12), lines.right() - canvas.px(12), lines.y, colors.line);
  for (const float y : {lines.y + canvas.px(6), lines.y + canvas.px(28)})
    draw_state_words(canvas, {lines.x + canvas.px(12), y, lines.w - canvas.px(24), canvas.px(22)},
                     y < lines.y + canvas.px(20) ? 0 : 1, context);
}

// "client  ESTABLISHED since 0.120 000"
void TcpPanel::draw_state_words(const Canvas& canvas, Rect r, std::size_t end, const PanelContext& context) const {
  const Palette& colors = canvas.colors();
  draw_text_in(canvas, r.take_left(canvas.px(88)), style::label, colors.muted, model_.ends[end].name);
  r.take_left(canvas.px(8));
  std::string last = model_.ends[end].known ? "CLOSED" : "the trace does not tell";
  for (const StateStep& step : model_.ends[end].steps) {
    if (step.record < context.cursor.position()) last = std::string(name_of(step.to)) + " since " + clock_text(step.at);
  }
  draw_text_in(canvas, r, style::number, colors.text, last);
}

void TcpPanel::draw_sequence(const Ui& ui, const Rect& r, const PanelContext& context, bool times) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const std::size_t side = side_of(model_, side_);
  const auto [begin, end] = time_span(model_, context);
  std::uint32_t most = 1, edge = 1;
  for (const SegmentMark& mark : model_.segments[side]) most = std::max(most, mark.to);
  for (const AckMark& mark : model_.acks[side]) edge = std::max(edge, mark.edge);
  const Time now = context.now();
  // The window's edge is shown unless it would press everything else flat.
  const bool show_edge = edge < 3 * most;
  const Graph graph = make_graph(
      canvas, r, "Sequence numbers", "bytes", begin, end, static_cast<float>(show_edge ? std::max(most, edge) : most),
      {{"data", colors.accent}, {"acknowledged", colors.ok}, {"sent again", colors.again}, {"lost", colors.drop}});
  if (model_.segments[side].empty()) {
    draw_note(canvas, graph, model_.ends[side].name + " has sent no data");
    draw_time_line(canvas, graph, now);
    return;
  }
  if (show_edge)
    stairs(
        canvas, graph, model_.acks[side], [](const AckMark& mark) { return static_cast<float>(mark.edge); }, now,
        colors.link, true);
  stairs(
      canvas, graph, model_.acks[side], [](const AckMark& mark) { return static_cast<float>(mark.acknowledged); }, now,
      colors.ok, false);
  for (const SegmentMark& mark : model_.segments[side]) {
    const Canvas part = mark.at > now ? canvas.faded(0.35F) : canvas;
    const float x = graph.x(mark.at), low = graph.y(static_cast<float>(mark.from));
    const float high = std::min(graph.y(static_cast<float>(mark.to)), low - canvas.px(3));
    part.line({x, low}, {x, high}, mark.again ? colors.again : colors.accent, canvas.px(2.5F));
    const Vec2 middle{x, (low + high) / 2};
    if (mark.lost) {
      part.disc(middle, canvas.px(7), colors.drop);
      draw_icon(part, Icon::cross, middle, colors.background, 14);
    } else if (mark.again) {
      part.disc(middle, canvas.px(5), colors.background);
      part.circle(middle, canvas.px(5), colors.again, canvas.px(2));
    }
  }
  draw_time_line(canvas, graph, now);
  if (times) draw_time_axis(canvas, graph, now);
  if (const PacketId packet = segment_under_pointer(canvas, graph, model_.segments[side]); packet.valid()) {
    if (touch(ui, "tcp-sequence", graph.plot, {.focusable = false}).clicked) {
      context.select(packet);
      context.seek_record(context.indexes.packets().created(packet));
    }
    return;
  }
  seek_in(ui, "tcp-sequence", graph, context);
}

void TcpPanel::draw_windows(const Ui& ui, const Rect& r, const PanelContext& context) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const std::vector<VariableSample>& samples = model_.ends[side_of(model_, side_)].samples;
  const auto [begin, end] = time_span(model_, context);
  // In segments, as the window is counted.
  const auto flight = [](const VariableSample& s) {
    // A SYN is one segment, and so is what does not fill one.
    const std::uint32_t bytes = s.values.snd_nxt.raw - s.values.snd_una.raw;
    const std::uint32_t mss = std::max<std::uint16_t>(s.values.mss, 1);
    const std::uint32_t segments = bytes / mss + (bytes % mss != 0 ? 1 : 0);
    return static_cast<float>(segments);
  };
  const auto window = [](const VariableSample& s) { return static_cast<float>(s.values.cwnd); };
  float top = 1;
  for (const VariableSample& sample : samples) top = std::max({top, flight(sample), window(sample)});
  // Before the first loss there is no threshold; a far one would press everything else flat.
  const auto threshold = [limit = top * 1.5F](const VariableSample& s) {
    return s.values.ssthresh >= 0x7fffffffU ? -1.0F : std::min(static_cast<float>(s.values.ssthresh), limit);
  };
  for (const VariableSample& sample : samples) top = std::max(top, threshold(sample));
  const std::uint16_t mss = samples.empty() ? std::uint16_t{0} : samples.back().values.mss;
  const Graph graph =
      make_graph(canvas, r, "Congestion window",
                 mss == 0 ? std::string("segments") : "segments of " + std::to_string(mss) + " bytes", begin, end, top,
                 {{"cwnd", colors.text}, {"in flight", colors.accent}, {"ssthresh", colors.rewrite}});
  if (samples.empty()) {
    draw_note(canvas, graph,
              model_.ends[0].inferred ? "a capture does not tell this" : "recorded at the finest detail level only");
  } else {
    stairs(canvas, graph, samples, flight, context.now(), colors.accent, false);
    stairs(canvas, graph, samples, window, context.now(), colors.text, false);
    std::vector<VariableSample> limited;
    for (const VariableSample& sample : samples)
      if (threshold(sample) >= 0) limited.push_back(sample);
    stairs(canvas, graph, limited, threshold, context.now(), colors.rewrite, true);
  }
  draw_time_line(canvas, graph, context.now());
  seek_in(ui, "tcp-windows", graph, context);
}

void TcpPanel::draw_round_trip(const Ui& ui, const Rect& r, const PanelContext& context) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const std::vector<VariableSample>& samples = model_.ends[side_of(model_, side_)].samples;
  const auto [begin, end] = time_span(model_, context);
  std::vector<VariableSample> measured;
  float top = 1;
  const auto trip = [](const VariableSample& s) { return static_cast<float>(s.values.srtt_us) / 1000; };
  const auto timer = [](const VariableSample& s) { return static_cast<float>(s.values.rto_ms); };
  for (const VariableSample& sample : samples) {
    if (sample.values.rto_ms == 0) continue;
    measured.push_back(sample);
    top = std::max({top, trip(sample), timer(sample)});
  }
  const Graph graph = make_graph(canvas, r, "Round trip and timer", "ms", begin, end, top,
                                 {{"RTO", colors.accent}, {"srtt", colors.ok}});
  if (!measured.empty()) {
    stairs(canvas, graph, measured, timer, context.now(), colors.accent, false);
    const auto first =
        std::find_if(measured.begin(), measured.end(), [](const VariableSample& s) { return s.values.srtt_us != 0; });
    measured.erase(measured.begin(), first);  // none is known before the first answer
    stairs(canvas, graph, measured, trip, context.now(), colors.ok, false);
  }
  draw_time_line(canvas, graph, context.now());
  draw_time_axis(canvas, graph, context.now());
  seek_in(ui, "tcp-round-trip", graph, context);
}

void TcpPanel::draw_variables(const Ui& ui, const Rect& r, const PanelContext& context) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(r, colors.surface, canvas.px(10));
  const TcpEnd& end = model_.ends[side_of(model_, side_)];
  draw_text(canvas, {r.x + canvas.px(16), r.y + canvas.px(26)}, style::heading, colors.text,
            fit_text(canvas, style::heading, "Variables of " + end.name, r.w - canvas.px(32)));
  Rect rest{r.x + canvas.px(8), r.y + canvas.px(40), r.w - canvas.px(16), r.h - canvas.px(48)};
  if (rest.h > canvas.px(200)) {
    // Why the connection is as it is: of its latest packet.
    const Button why{.label = "Why?", .key = "Y"};
    Rect foot = rest.take_bottom(canvas.px(36));
    if (button(ui, "tcp-why", {foot.x + canvas.px(8), foot.y, button_width(canvas, why), canvas.px(28)}, why))
      context.open(PanelKind::why);
  }
  const std::vector<VariableRow> rows = variable_rows(end, context.cursor.position());
  if (rows.empty()) {
    draw_paragraph(canvas, rest.inset(canvas.px(8), 0), style::label, colors.muted,
                   "No values at this instant: the trace was recorded without them, or the connection has not begun.",
                   4);
  }
  for (const VariableRow& row : rows) {
    if (rest.h < canvas.px(22)) break;
    const Rect line = rest.take_top(canvas.px(22));
    const bool changed = !row.before.empty();
    draw_row_back(canvas, line, {false, changed ? RowChange::changed : RowChange::none});
    const float baseline = baseline_for_middle(canvas, TextSize::small, line.center().y);
    draw_text(canvas, {line.x + canvas.px(24), baseline}, style::number, changed ? colors.text : colors.muted,
              row.name);
    const float right = line.right() - canvas.px(8);
    const Canvas own = row.name == "ca_state" ? canvas.as_written() : canvas;  // the kernel's names
    const float width = draw_text(own, {right, baseline}, changed ? style::number_strong : style::number,
                                  changed ? colors.rewrite : colors.text, row.value, Align::right);
    if (!changed) continue;
    const float arrow = right - width - canvas.px(16);
    draw_icon(canvas, Icon::arrow_right, {arrow, line.center().y}, colors.rewrite, 16);
    const float old = text_width(own, style::number, row.before);
    if (arrow - canvas.px(14) - old > line.x + canvas.px(96)) {
      draw_struck(own, {arrow - canvas.px(14), baseline}, style::number, colors.muted, colors.rewrite, row.before,
                  Align::right);
    }
  }
}

void TcpPanel::draw_graphs(const Ui& ui, Rect area, const PanelContext& context) const {
  const float gap = ui.canvas.px(4);
  const Rect trip = area.take_bottom(area.h * 0.27F);
  area.take_bottom(gap);
  const Rect windows = area.take_bottom(area.h * 0.4F);
  area.take_bottom(gap);
  draw_sequence(ui, area, context);
  draw_windows(ui, windows, context);
  draw_round_trip(ui, trip, context);
}

// Without the height for the states' diagram: who is in which state, and what was sent as wide as the panel.
void TcpPanel::draw_low(const Ui& ui, Rect rest, const PanelContext& context) const {
  const Canvas& canvas = ui.canvas;
  Rect states = rest.take_top(canvas.px(30));
  canvas.fill(states, canvas.colors().surface, canvas.px(8));
  states = states.inset(canvas.px(12), 0);
  const Rect client = states.take_left(states.w / 2);
  draw_state_words(canvas, client, 0, context);
  draw_state_words(canvas, states, 1, context);
  rest.take_top(canvas.px(12));
  draw_sequence(ui, rest, context, true);
}

void TcpPanel::draw(Ui& ui, Rect area, const PanelContext& context) {
  refresh(context);
  const Canvas& canvas = ui.canvas;
  canvas.fill(area, canvas.colors().background);
  const Clip clip(canvas, area);
  if (!model_.note.empty()) {
    draw_note_in(canvas, area, model_.note);
    return;
  }
  Rect rest = area.inset(canvas.px(16), 0);
  draw_head(ui, rest.take_top(canvas.px(60)), context);
  rest.take_bottom(canvas.px(12));
  if (rest.h < canvas.px(least_for_diagram)) return draw_low(ui, rest, context);
  const float width = area.w / canvas.theme->scale();
  const Rect states = rest.take_left(width > 1100 ? canvas.px(400) : rest.w * 0.38F);
  draw_states(ui, states, context);
  rest.take_left(canvas.px(24));
  if (width > 1240) {
    draw_variables(ui, rest.take_right(canvas.px(280)), context);
    rest.take_right(canvas.px(24));
  } else {
    Rect below = rest.take_bottom(std::min(rest.h * 0.54F, canvas.px(400)));
    // The variables beside the smaller graphs.
    draw_variables(ui, below.take_right(std::max(below.w * 0.42F, canvas.px(232))), context);
    below.take_right(canvas.px(16));
    rest.take_bottom(canvas.px(12));
    draw_sequence(ui, rest, context);
    const Rect trip = below.take_bottom(below.h * 0.5F);
    draw_windows(ui, below, context);
    draw_round_trip(ui, trip, context);
    return;
  }
  draw_graphs(ui, rest, context);
}

}  // namespace fourtuple::viz
