#include "viz/viewer/dense_sheet.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "viz/kit/controls.h"
#include "viz/kit/table.h"
#include "viz/kit/text.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/common/names.h"
#include "viz/viewer/packet_words.h"

namespace fourtuple::viz {
namespace {

constexpr float sheet_padding = 20, dense_row = 22;
constexpr std::size_t most_links = 5, most_causes = 3, most_drops_told = 5000;

Color color_of(const Palette& colors, std::size_t flow) {
  return flow >= named_flow_colors ? colors.muted : flow_color(flow);
}

// Positions of one kind of mark in the second before the cursor.
std::pair<std::size_t, std::size_t> last_second(const PanelContext& context, replay::Mark mark) {
  const auto& positions = context.indexes.marks().positions(mark);
  const Time since = context.now() - seconds(1);
  const auto end = std::lower_bound(positions.begin(), positions.end(), context.cursor.position());
  const auto begin = std::lower_bound(positions.begin(), end, since,
                                      [&](std::uint32_t at, Time t) { return context.trace.at(at)->at < t; });
  return {static_cast<std::size_t>(begin - positions.begin()), static_cast<std::size_t>(end - positions.begin())};
}

void add_drops(const PanelContext& context, std::vector<DenseTrouble>& trouble) {
  const auto& positions = context.indexes.marks().positions(replay::Mark::drop);
  auto [begin, end] = last_second(context, replay::Mark::drop);
  if (end - begin > most_drops_told) begin = end - most_drops_told;
  // By place and cause: the words of one stand for all of them.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<std::uint64_t, std::uint64_t>> causes;
  for (std::size_t i = begin; i < end; ++i) {
    const trace::Slot* slot = context.trace.at(positions[i]);
    const trace::PacketDropped drop = trace::unpack_packet_dropped(slot);
    auto& cause = causes[{slot->host, static_cast<std::uint32_t>(drop.reason)}];
    ++cause.first;
    cause.second = positions[i];
  }
  for (const auto& [key, cause] : causes) {
    const std::string place(trace::host_name(context.trace.tables(), {key.first}));
    trouble.push_back({fmt::format("dropped at {}: {}", place, drop_words(context, cause.second)), cause.first,
                       DenseTrouble::Sign::drop});
  }
  std::stable_sort(trouble.begin(), trouble.end(),
                   [](const DenseTrouble& a, const DenseTrouble& b) { return a.count > b.count; });
  if (trouble.size() > most_causes) trouble.resize(most_causes);
}

Rect heading(const Canvas& canvas, Rect& rest, std::string_view title, std::string_view words) {
  const Rect line = rest.take_top(canvas.px(30));
  draw_text_in(canvas, line, style::heading, canvas.colors().text, title);
  draw_text_in(canvas, line, style::label, canvas.colors().muted, words, Align::right);
  return line;
}

void separate(const Canvas& canvas, Rect& rest) {
  rest.take_top(canvas.px(10));
  canvas.hline(rest.x, rest.right(), rest.y, canvas.colors().line);
  rest.take_top(canvas.px(8));
}

void draw_in_flight(const Canvas& canvas, Rect& rest, const MapPanel& map) {
  const Palette& colors = canvas.colors();
  const MapTraffic& traffic = map.traffic();
  draw_text_in(canvas, rest.take_top(canvas.px(28)), style::heading, colors.text, "In flight now");
  Rect line = rest.take_top(canvas.px(34));
  line.take_left(draw_text_in(canvas, line, style::clock, colors.text, grouped(traffic.in_flight)) + canvas.px(10));
  draw_text_in(canvas, line, style::label, colors.muted,
               fmt::format("packets, {} flows, {} hosts", grouped(traffic.flows), map.geometry().hosts.size()));
  struct Part {
    Color color;
    std::size_t count;
    std::string_view name;
  };
  const Part parts[] = {{colors.accent, traffic.sprites.size(), "sprites"},
                        {mix(colors.accent, colors.surface, 0.55F), traffic.ribboned, "ribbons"},
                        {colors.text, traffic.capsules.size(), "labels"}};
  Rect bar = rest.take_top(canvas.px(8));
  const float whole = bar.w;
  for (const Part& part : parts) {
    const auto share = static_cast<float>(part.count) / static_cast<float>(std::max<std::size_t>(traffic.in_flight, 1));
    canvas.fill(bar.take_left(whole * share), part.color);
  }
  rest.take_top(canvas.px(4));
  Rect legend = rest.take_top(canvas.px(24));
  for (const Part& part : parts) {
    canvas.fill(rect_around({legend.x + canvas.px(5), legend.center().y}, canvas.px(9), canvas.px(9)), part.color,
                canvas.px(2));
    legend.take_left(canvas.px(15));
    legend.take_left(draw_text_in(canvas, legend, style::number, colors.text, grouped(part.count)) + canvas.px(5));
    legend.take_left(draw_text_in(canvas, legend, style::label, colors.muted, part.name) + canvas.px(12));
  }
}

void draw_below_pointer(const Ui& ui, Rect& rest, const PanelContext& context, const std::optional<MapLens>& lens) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  heading(canvas, rest, "Under the cursor", lens ? lens->place : std::string());
  if (!lens) {
    draw_text_in(canvas, rest.take_top(canvas.px(dense_row)), style::label, colors.muted,
                 "Point at the map to read what is there.");
    return;
  }
  for (const MapLens::Label& label : lens->nearest) {
    const std::optional<Packet> packet = context.indexes.packets().packet(label.packet);
    const Rect r = rest.take_top(canvas.px(dense_row));
    if (!packet) continue;
    if (table_row(ui, "near" + std::to_string(label.packet.value), r, {}).clicked) context.select(label.packet);
    Rect cells = r;
    const Rect sign = cells.take_left(canvas.px(26));
    draw_flow_sign(canvas, {sign.x + canvas.px(8), sign.center().y}, label.look.shape,
                   color_of(colors, label.look.flow));
    const PacketRemark end = remark(context.indexes.packets(), *packet, context.cursor.position());
    cells.take_left(draw_text_in(canvas, cells, style::number, colors.text, label.look.text) + canvas.px(10));
    draw_text_in(canvas, cells, style::label, label.look.ring ? colors.again : colors.muted, end.words, Align::right);
  }
  if (lens->count > lens->nearest.size()) {
    draw_text_in(canvas, rest.take_top(canvas.px(dense_row)), style::label, colors.muted,
                 fmt::format("and {} more within the circle", grouped(lens->count - lens->nearest.size())));
  }
}

void draw_links(const Canvas& canvas, Rect& rest, const DenseModel& model) {
  const Palette& colors = canvas.colors();
  heading(canvas, rest, "Busiest links", "packets in flight");
  const std::uint64_t most = model.busiest.empty() ? 1 : std::max<std::uint64_t>(model.busiest.front().count, 1);
  for (std::size_t i = 0; i < model.busiest.size(); ++i) {
    const MapLinkLoad& link = model.busiest[i];
    Rect line = rest.take_top(canvas.px(dense_row));
    draw_text_in(canvas, line.take_right(canvas.px(56)), style::number, colors.text, grouped(link.count), Align::right);
    Rect bar = line.take_right(canvas.px(118));
    line.take_right(canvas.px(8));
    draw_text_in(canvas, line, style::label, colors.text, model.names[i]);
    bar = rect_around(bar.center(), bar.w, canvas.px(10));
    canvas.fill(bar, colors.raised, canvas.px(2));
    for (std::size_t flow = 0; flow < link.flows.size(); ++flow) {
      const float wide = canvas.px(118) * static_cast<float>(link.flows[flow]) / static_cast<float>(most);
      canvas.fill(bar.take_left(wide), color_of(colors, flow));
    }
  }
}

void draw_trouble(const Canvas& canvas, Rect& rest, const DenseModel& model) {
  const Palette& colors = canvas.colors();
  heading(canvas, rest, "Trouble", "last second");
  if (model.trouble.empty())
    draw_text_in(canvas, rest.take_top(canvas.px(dense_row)), style::label, colors.muted, "none: all is well");
  for (const DenseTrouble& trouble : model.trouble) {
    Rect line = rest.take_top(canvas.px(24));
    const Vec2 at{line.x + canvas.px(6), line.center().y};
    switch (trouble.sign) {
      case DenseTrouble::Sign::drop:
        draw_icon(canvas, Icon::cross, at, colors.drop, 16);
        break;
      case DenseTrouble::Sign::again:
        draw_icon(canvas, Icon::ring, at, colors.again, 14);
        break;
      case DenseTrouble::Sign::reset:
        draw_icon(canvas, Icon::triangle, at, colors.rewrite, 14);
        break;
    }
    line.take_left(canvas.px(22));
    draw_text_in(canvas, line.take_right(canvas.px(56)), style::number, colors.text, grouped(trouble.count),
                 Align::right);
    draw_text_in(canvas, line, style::label, colors.text, trouble.words);
  }
}

}  // namespace

DenseModel build_dense(const PanelContext& context, const MapTraffic& traffic) {
  DenseModel model;
  model.busiest = traffic.links;
  std::stable_sort(model.busiest.begin(), model.busiest.end(),
                   [](const MapLinkLoad& a, const MapLinkLoad& b) { return a.count > b.count; });
  if (model.busiest.size() > most_links) model.busiest.resize(most_links);
  const trace::Tables& tables = context.trace.tables();
  for (const MapLinkLoad& link : model.busiest) model.names.emplace_back(trace::network_name(tables, link.network));
  add_drops(context, model.trouble);
  const auto [again_from, again_to] = last_second(context, replay::Mark::retransmission);
  if (again_to > again_from) model.trouble.push_back({"sent again", again_to - again_from, DenseTrouble::Sign::again});
  const auto [reset_from, reset_to] = last_second(context, replay::Mark::reset);
  if (reset_to > reset_from) model.trouble.push_back({"resets", reset_to - reset_from, DenseTrouble::Sign::reset});
  return model;
}

bool DenseSheet::draw(const Ui& ui, const Rect& area, const PanelContext& context, const MapPanel& map) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(area, colors.surface);
  canvas.vline(area.x, area.y, area.bottom(), colors.line);
  const Clip clip(canvas, area);
  if (made_of_ != map.traffic_version()) model_ = build_dense(context, map.traffic());
  made_of_ = map.traffic_version();
  Rect rest = area.inset(canvas.px(sheet_padding), canvas.px(16));
  draw_in_flight(canvas, rest, map);
  separate(canvas, rest);
  draw_below_pointer(ui, rest, context, map.lens());
  separate(canvas, rest);
  draw_links(canvas, rest, model_);
  separate(canvas, rest);
  draw_trouble(canvas, rest, model_);
  rest.take_top(canvas.px(14));
  const Button next{.label = "Next drop", .key = "X"};
  const Rect line = rest.take_top(canvas.px(28));
  return line.h >= canvas.px(28) && button(ui, "next drop", {line.x, line.y, button_width(canvas, next), line.h}, next);
}

}  // namespace fourtuple::viz
