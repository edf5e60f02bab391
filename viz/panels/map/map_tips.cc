// What the map says about a thing: below the pointer, and beside a chosen host that has no name of its own.
#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "sim/wire/tcp_state.h"
#include "viz/kit/labels.h"
#include "viz/kit/text.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/common/names.h"
#include "viz/panels/map/map_panel.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t most_told = 4;
constexpr float name_pad = 8;

std::string comma_joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ", ") + part;
  return all;
}

// "tcp 192.168.1.10:50432 → 203.0.113.80:80, ESTAB": what a program has open, at most four and how many more.
std::string open_sockets(const PanelContext& context, ProcessId process) {
  const state::State& state = context.cursor.state();
  const trace::Tables& tables = context.trace.tables();
  std::vector<std::string> told;
  std::size_t more = 0;
  for (std::uint32_t i = 0; i < state.sockets.end(); ++i) {
    if (!state.sockets.alive(i) || state.sockets[i].owner != process) continue;
    const state::Socket& socket = state.sockets[i];
    if (told.size() == most_told) {
      ++more;
      continue;
    }
    const bool tcp = socket.protocol == Protocol::tcp;
    std::string words =
        fmt::format("{} {}", tcp ? "tcp" : "udp", endpoint_words(tables, socket.tuple.local, socket.tuple.local_port));
    if (socket.tuple.remote_port != 0)
      words += " → " + endpoint_words(tables, socket.tuple.remote, socket.tuple.remote_port);
    if (tcp) words += fmt::format(" {}", name_of(socket.tcp_state));
    told.push_back(std::move(words));
  }
  if (more > 0) told.push_back(fmt::format("and {} more", more));
  return comma_joined(told);
}

std::string addresses_of(const MapHost& host) {
  std::vector<std::string> told;
  for (const MapHost::Row& row : host.interfaces) told.push_back(row.interface + " " + row.address);
  return comma_joined(told);
}

}  // namespace

void MapPanel::tell_packet(const Ui& ui, const PanelContext& context) const {
  const replay::PacketIndex& packets = context.indexes.packets();
  const std::uint64_t now = context.cursor.position();
  const std::optional<Packet> packet = packets.packet_at(*hover_packet_, now == 0 ? 0 : now - 1);
  if (!packet) return;
  const trace::Tables& tables = context.trace.tables();
  std::string way = source_text(tables, *packet) + " → " + destination_text(tables, *packet);
  const std::string changed = rewrite_text(tables, *packet, *packets.packet(*hover_packet_));
  if (!changed.empty()) way += ", by NAT; before: " + changed;
  show_tooltip(ui, trace::packet_text(*packet), way);
}

// A program when the pointer is on one; else the host, with its addresses, or its programs where the card shows none.
void MapPanel::tell_host(const Ui& ui, const PanelContext& context, std::uint32_t index) const {
  const MapHost& host = scene_.hosts[index];
  const MapCardModel& card = cards_[index];
  if (!places_.in_crowd[index]) {
    const std::vector<Rect> chips = chip_places(geometry_.unit, geometry_.hosts[index], geometry_.detail, host, card);
    for (std::size_t i = 0; i < chips.size(); ++i) {
      const MapChip& chip = card.chips[i];
      if (!pointer_ || !chips[i].contains(*pointer_)) continue;
      const std::string pid = chip.chip.pid.empty() ? "" : ", pid " + chip.chip.pid;
      const std::string sockets = chip.ended ? "" : open_sockets(context, chip.process);
      return show_tooltip(ui, chip.chip.name + pid,
                          chip.ended        ? "has ended"
                          : sockets.empty() ? "has no socket open"
                                            : sockets);
    }
  }
  if (geometry_.detail <= MapDetail::full && !places_.in_crowd[index])
    return show_tooltip(ui, host.name, addresses_of(host));
  std::string programs;
  for (const MapChip& chip : card.chips) programs += (programs.empty() ? "" : ", ") + chip.chip.name;
  show_tooltip(ui, host.name + (host.address.empty() ? "" : "  " + host.address),
               programs.empty() ? addresses_of(host) : programs);
}

void MapPanel::draw_hint(const Ui& ui, const PanelContext& context) const {
  if (drag_ != Drag::none || lens_) return;
  if (hover_packet_) return tell_packet(ui, context);
  if (hover_host_ && *hover_host_ < cards_.size()) return tell_host(ui, context, *hover_host_);
  if (!hover_link_ || open_link_) return;
  const MapNetwork& network = scene_.networks[*hover_link_];
  show_tooltip(ui, network.name + (network.speed.empty() ? "" : "  " + network.speed), "click: about this link");
}

// Small boxes have no name: that of the chosen one stands beside it, with its address.
void MapPanel::draw_chosen_name(const Canvas& canvas, const PanelContext& context, const Rect& area) const {
  const std::uint32_t index = context.selection.host.value;
  if (index >= scene_.hosts.size() || (geometry_.detail != MapDetail::dot && !places_.in_crowd[index])) return;
  const MapHost& host = scene_.hosts[index];
  const Rect& own = geometry_.hosts[index];
  const Canvas plain = canvas.as_written();
  const std::string& address =
      host.address.empty() && !host.interfaces.empty() ? host.interfaces.front().address : host.address;
  const float name = text_width(plain, style::label_strong, host.name), gap = canvas.px(name_pad);
  const Vec2 size{name + text_width(canvas, style::number, address) + 3 * gap, canvas.px(24)};
  const LabelWish wish{places_around(own.center(), size, std::max(own.w, own.h) / 2 + canvas.px(6)), true, {}};
  // Never on the box itself; on its neighbours when there is no other way, then on words; never outside the map.
  std::vector<Rect> titles = region_words(scene_, geometry_);
  titles.push_back(own);
  const Rect bounds = area.inset(canvas.px(4));
  auto place = place_labels({LabelWish{wish.places}}, words_, bounds, canvas.px(1)).front();
  if (!place) place = place_labels({wish}, titles, bounds, canvas.px(1)).front();
  if (!place) return;
  place->x = clamped(place->x, area.x + gap, area.right() - gap - place->w);
  if (place->y < area.y) place->y = own.bottom() + canvas.px(6);
  draw_card(canvas, *place, canvas.colors().outline, 6);
  Rect inner = place->inset(gap, 0);
  draw_text_in(plain, inner, style::label_strong, canvas.colors().text, host.name);
  draw_text_in(canvas, inner, style::number, canvas.colors().muted, address, Align::right);
}

}  // namespace fourtuple::viz
