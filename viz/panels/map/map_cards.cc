#include "viz/panels/map/map_cards.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/wire/tcp_state.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float program_height = 28, program_gap = 6, card_row_height = 22, socket_height = 19;

std::string port_words(const ProcessPorts& ports) {
  if (ports.rank == 0) return {};
  std::string words = fmt::format("{}:{}", ports.loopback_only ? "lo " : "", ports.best);
  if (ports.more > 0) words += fmt::format(" +{}", ports.more);
  return words;
}

float header_width(const Canvas& canvas, const MapHost& host) {
  float width = canvas.px(58) + host_name_width(canvas, host.name);
  if (!host.address.empty()) width += canvas.px(14) + text_width(canvas, style::number, host.address);
  return std::ceil(width);
}

Vec2 full_size(const Canvas& canvas, const MapHost& host) {
  HostCard card{host.icon, host.name, host.address, {}};
  for (const MapProcess& process : host.processes) {
    if (card.chips.size() < most_chips) card.chips.push_back({process.name, process.pid, ":65535"});
  }
  const float width = host_card_size(canvas, card).x;
  const std::size_t lines = std::min({host.processes.size(), host.most_processes + 1, most_chips});
  float height = host_card_header + 1;
  if (!host.rows.empty()) height += 12 + card_row_height * static_cast<float>(host.rows.size());
  if (lines > 0) height += 14 + static_cast<float>(lines) * (program_height + program_gap);
  return {width, canvas.px(height)};
}

Vec2 rich_size(const Canvas& canvas, const MapHost& host, Vec2 full) {
  float height = full.y;
  if (host.rows.empty()) height += canvas.px(12 + card_row_height * static_cast<float>(host.interfaces.size()));
  height += canvas.px(36 + socket_height * static_cast<float>(most_socket_rows));
  return {std::max(full.x, canvas.px(348)), height};
}

void draw_rows(const Canvas& canvas, const Rect& r, float& y, const std::vector<MapHost::Row>& rows) {
  if (rows.empty()) return;
  const Palette& colors = canvas.colors();
  y += canvas.px(6);
  for (const MapHost::Row& row : rows) {
    const Rect line{r.x, y, r.w, canvas.px(card_row_height)};
    draw_text_in(canvas, line, style::number, colors.muted, row.interface, Align::left, 16);
    draw_text_in(canvas, line, style::number, colors.text, row.address, Align::right, 16);
    y += line.h;
  }
  y += canvas.px(6);
}

void draw_sockets(const Canvas& canvas, const Rect& r, float y, const MapCardModel& model) {
  const Palette& colors = canvas.colors();
  const Rect title{r.x, y, r.w, canvas.px(24)};
  canvas.hline(r.x + 1, r.right() - 1, y, colors.line);
  draw_text_in(canvas, title, style::label_medium, colors.muted, "Sockets", Align::left, 16);
  const std::size_t count = model.sockets.size() + model.hidden_sockets;
  draw_text_in(canvas, title, style::number, colors.muted, std::to_string(count), Align::right, 16);
  y += title.h;
  for (const MapCardModel::SocketRow& row : model.sockets) {
    Rect line{r.x + canvas.px(16), y, r.w - canvas.px(32), canvas.px(socket_height)};
    draw_text_in(canvas, line.take_right(canvas.px(92)), style::number, colors.muted, row.state, Align::right);
    draw_text_in(canvas, line, style::number, colors.text, row.words);
    y += canvas.px(socket_height);
  }
}

void draw_chip(const Canvas& canvas, const Rect& place, const MapChip& chip) {
  const Palette& colors = canvas.colors();
  if (chip.glow > 0) canvas.halo(place, colors.ok, canvas.px(4), canvas.px(9), 0.35F * chip.glow);
  draw_process_chip(chip.ended ? canvas.faded(0.5F) : canvas, place, chip.chip);
  if (chip.glow > 0) canvas.stroke(place, with_alpha(colors.ok, chip.glow), canvas.px(1.5F), canvas.px(6));
  if (!chip.ended) return;
  const float width = std::min(text_width(canvas, style::name, chip.chip.name), place.w - canvas.px(40));
  canvas.hline(place.x + canvas.px(26), place.x + canvas.px(30) + width, place.center().y, colors.muted);
}

void draw_full(const Canvas& canvas, const Rect& r, const MapHost& host, const MapCardModel& model, MapCardLook look,
               bool rich) {
  draw_host_card(canvas, r, {host.icon, host.name, host.address, {}, look.selected, look.hovered});
  if (!rich && host.rows.empty() && model.chips.empty()) return;
  float y = r.y + canvas.px(host_card_header);
  canvas.hline(r.x + 1, r.right() - 1, y, canvas.colors().line);
  draw_rows(canvas, r, y, rich ? host.interfaces : host.rows);
  y += canvas.px(8);
  const std::vector<Rect> places = chip_places(canvas.px(1), r, rich ? MapDetail::rich : MapDetail::full, host, model);
  for (std::size_t i = 0; i < places.size(); ++i) {
    draw_chip(canvas, places[i], model.chips[i]);
    y = places[i].bottom() + canvas.px(program_gap);
  }
  if (rich) draw_sockets(canvas, r, y + canvas.px(2), model);
  if (model.hidden > 0) {
    draw_text(canvas, {r.right() - canvas.px(12), r.bottom() + canvas.px(14)}, style::label, canvas.colors().muted,
              fmt::format("{} more programs", model.hidden), Align::right);
  }
}

// The sign of a host of many, in few strokes: a screen, or the two bars of a server.
void draw_plain_sign(const Canvas& canvas, Vec2 at, Icon icon) {
  const Color color = canvas.colors().muted;
  const float line = std::max(1.0F, canvas.px(1)), wide = canvas.px(10);
  if (icon == Icon::server || icon == Icon::database) {
    for (const float y : {-2.0F, 2.0F})
      canvas.fill(rect_around(at + Vec2{0, canvas.px(y)}, wide, std::max(line, canvas.px(1.6F))), color);
  } else {
    canvas.stroke(rect_around(at, wide, canvas.px(7)), color, line);
  }
}

// A host of hundreds.
void draw_dot(const Canvas& canvas, const Rect& r, const MapHost& host, MapCardLook look) {
  const Palette& colors = canvas.colors();
  if (look.selected) canvas.stroke(r.inset(-canvas.px(3)), colors.outline, canvas.px(2), canvas.px(5));
  canvas.fill(r, look.hovered ? colors.link : colors.line);
  canvas.fill(r.inset(std::max(1.0F, canvas.px(1))), look.hovered ? colors.hover : colors.raised);
  if (r.w > canvas.px(16)) draw_plain_sign(canvas, r.center(), host.icon);
}

void draw_small(const Canvas& canvas, const Rect& r, MapDetail detail, const MapHost& host, MapCardLook look) {
  const Palette& colors = canvas.colors();
  const bool round = detail == MapDetail::dot && host.icon == Icon::router;
  const float radius = round ? r.h / 2 : canvas.px(detail == MapDetail::dot ? 4 : 6);
  if (detail == MapDetail::dot && !round) return draw_dot(canvas, r, host, look);
  if (look.selected) canvas.stroke(r.inset(-canvas.px(3)), colors.outline, canvas.px(2), radius + canvas.px(3));
  canvas.fill(r, look.hovered ? colors.hover : colors.raised, radius);
  canvas.stroke(r, look.hovered ? colors.link : colors.line, std::max(1.0F, canvas.px(1)), radius);
  if (detail == MapDetail::dot) {
    draw_icon(canvas, host.icon, r.center(), colors.muted, 13);
    return;
  }
  const Vec2 sign{r.x + canvas.px(18), r.center().y};
  if (look.many && host.icon != Icon::router) {
    draw_plain_sign(canvas, sign, host.icon);
  } else {
    draw_icon(canvas, host.icon, sign, colors.muted, 16);
  }
  Rect words = r;
  words.take_left(canvas.px(32));
  words.take_right(canvas.px(8));
  draw_text_in(canvas.as_written(), words, style::label_medium, colors.text, host.name);
}

}  // namespace

std::vector<MapCardModel> build_cards(const PanelContext& context, const MapScene& scene,
                                      const std::vector<MapGlow>& glows, const std::vector<ProcessPorts>& ports) {
  std::vector<MapCardModel> cards(scene.hosts.size());
  for (std::size_t h = 0; h < scene.hosts.size(); ++h) {
    const MapHost& host = scene.hosts[h];
    MapCardModel& card = cards[h];
    for (const MapProcess& process : host.processes) {
      if (process.from > context.now()) continue;
      const bool ended = process.to <= context.now();
      MapChip chip{{process.name, process.pid, {}, {}}, process.id, ended};
      if (!ended && process.id.value < ports.size()) {
        const ProcessPorts& own = ports[process.id.value];
        chip.chip.port = port_words(own);
        chip.chip.loopback_only = own.rank > 0 && own.loopback_only;
        if (own.flow != replay::FlowTable::none) chip.chip.flow = flow_slot(own.flow);
      }
      for (const MapGlow& glow : glows) {
        if (!ended && glow.process == process.id) chip.glow = std::max(chip.glow, glow.strength);
      }
      card.chips.push_back(std::move(chip));
    }
    // Ended programs make room first.
    while (card.chips.size() > most_chips) {
      const auto gone = std::find_if(card.chips.begin(), card.chips.end(), [](const MapChip& c) { return c.ended; });
      if (gone == card.chips.end()) break;
      card.chips.erase(gone);
    }
    if (card.chips.size() > most_chips) {
      card.hidden = card.chips.size() - most_chips;
      card.chips.resize(most_chips);
    }
  }
  return cards;
}

void add_sockets(const PanelContext& context, std::vector<MapCardModel>& cards) {
  const state::State& state = context.cursor.state();
  const trace::Tables& tables = context.trace.tables();
  for (std::uint32_t i = 0; i < state.sockets.end(); ++i) {
    if (!state.sockets.alive(i)) continue;
    const state::Socket& socket = state.sockets[i];
    if (socket.host.value >= cards.size() || socket.tuple.local_port == 0) continue;
    MapCardModel& card = cards[socket.host.value];
    if (card.sockets.size() == most_socket_rows) {
      ++card.hidden_sockets;
      continue;
    }
    const bool tcp = socket.protocol == Protocol::tcp;
    std::string words =
        fmt::format("{} {}", tcp ? "tcp" : "udp", endpoint_words(tables, socket.tuple.local, socket.tuple.local_port));
    if (socket.tuple.remote_port != 0) words += fmt::format(" → {}", socket.tuple.remote_port);
    card.sockets.push_back({std::move(words), tcp ? std::string(name_of(socket.tcp_state)) : ""});
  }
}

std::vector<Rect> chip_places(float unit, const Rect& r, MapDetail detail, const MapHost& host,
                              const MapCardModel& model) {
  std::vector<Rect> places;
  if (detail > MapDetail::full) return places;
  const auto& rows = detail == MapDetail::rich ? host.interfaces : host.rows;
  const float above = rows.empty() ? 0 : 12 + card_row_height * static_cast<float>(rows.size());
  float y = r.y + (host_card_header + above + 8) * unit;
  for (std::size_t i = 0; i < model.chips.size(); ++i) {
    const Rect place{r.x + 8 * unit, y, r.w - 16 * unit, program_height * unit};
    if (place.bottom() > r.bottom()) break;
    places.push_back(place);
    y += (program_height + program_gap) * unit;
  }
  return places;
}

MapSizes measure_hosts(const Canvas& canvas, const MapScene& scene) {
  MapSizes sizes;
  for (const MapHost& host : scene.hosts) {
    const float header = std::max(header_width(canvas, host), canvas.px(120));
    const float chip =
        clamped(text_width(canvas, style::label_medium, host.name) + canvas.px(44), canvas.px(72), canvas.px(150));
    const Vec2 full = full_size(canvas, host);
    sizes[0].push_back(rich_size(canvas, host, full));
    sizes[1].push_back(full);
    sizes[2].push_back({header, canvas.px(host_card_header + 1)});
    sizes[3].push_back({std::ceil(chip), canvas.px(28)});
    const bool router = host.icon == Icon::router;
    sizes[4].push_back({canvas.px(router ? 26 : 24), canvas.px(router ? 26 : 16)});
  }
  return sizes;
}

void draw_in_crowd(const Canvas& canvas, const Rect& r, MapCardLook look) {
  const Palette& colors = canvas.colors();
  if (look.selected) canvas.stroke(r.inset(-canvas.px(3)), colors.outline, canvas.px(2), canvas.px(3));
  canvas.fill(r, look.selected || look.hovered ? colors.outline : colors.link);
}

void draw_map_host(const Canvas& canvas, const Rect& r, MapDetail detail, const MapHost& host,
                   const MapCardModel& model, MapCardLook look) {
  switch (detail) {
    case MapDetail::rich:
    case MapDetail::full:
      return draw_full(canvas, r, host, model, look, detail == MapDetail::rich);
    case MapDetail::header:
      draw_host_card(canvas, r, {host.icon, host.name, host.address, {}, look.selected, look.hovered});
      return;
    case MapDetail::chip:
    case MapDetail::dot:
      return draw_small(canvas, r, detail, host, look);
  }
}

}  // namespace fourtuple::viz
