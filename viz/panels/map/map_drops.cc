// Where packets were lost lately, and why: drops of one place and cause are one mark.
#include <algorithm>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/map/map_parts.h"

namespace fourtuple::viz {
namespace {

using replay::Transit;

constexpr double drop_memory_s = 1.6;
constexpr std::size_t longest_reason = 56;  // a rule may be long; the rules panel has all of it
constexpr int most_drops_shown = 12, most_drops_scanned = 400;

std::string drop_title(const trace::Tables& tables, const trace::PacketDropped& drop, HostId host) {
  if (drop.network.valid() && !host.valid()) return "Lost on " + std::string(trace::network_name(tables, drop.network));
  const std::string where(trace::host_name(tables, host));
  switch (drop.reason) {
    case trace::DropReason::link_loss:
    case trace::DropReason::link_fault:
    case trace::DropReason::link_failed:
      return "Lost on " + std::string(trace::network_name(tables, drop.network));
    case trace::DropReason::no_socket:
    case trace::DropReason::no_process:
      return "Refused by " + where;
    default:
      return "Dropped at " + where;
  }
}

MapDrop drop_at(const PanelContext& context, MapRoutes& routes, const MapGeometry& geometry, std::uint64_t position) {
  const trace::Slot* slot = context.trace.at(position);
  const trace::PacketDropped event = trace::unpack_packet_dropped(slot);
  const trace::Tables& tables = context.trace.tables();
  MapDrop drop;
  drop.packet = event.packet;
  drop.title = drop_title(tables, event, slot->host_id());
  drop.reason = drop_words(context, position);
  if (drop.reason.size() > longest_reason) drop.reason = drop.reason.substr(0, longest_reason) + "…";
  if (const std::optional<Packet> packet = context.indexes.packets().packet_at(event.packet, position)) {
    drop.ports = capsule_text(*packet);
    if (const std::string flags = flag_words(*packet); !flags.empty()) drop.ports += "  " + flags;
  }
  if (slot->host < geometry.hosts.size()) {
    const Rect& card = geometry.hosts[slot->host];
    drop.at = {card.center().x, card.y};
  }
  const std::uint64_t hop = context.indexes.packets().last_hop(event.packet);
  if (hop == replay::PacketIndex::none || hop > position) return drop;
  const Transit transit = context.indexes.lanes().transit(hop);
  drop.trail = routes.at(transit.from, transit.to);
  if (!drop.trail) return drop;
  if (transit.lost) drop.trail_end = part_of(transit.dies, transit.departs, transit.arrives);
  drop.at = drop.trail->point_at(drop.trail_end);
  return drop;
}

}  // namespace

void add_drops(const PanelContext& context, MapRoutes& routes, const MapGeometry& geometry, MapTraffic& traffic) {
  const auto& positions = context.indexes.marks().positions(replay::Mark::drop);
  const Time since = context.now() - span_of(pace_ns_per_s(context) * drop_memory_s);
  const auto add = [&](std::uint64_t position) {
    const PacketId packet{context.trace.at(position)->subject};
    if (packet != context.selection.packet && !context.shows(packet)) return;
    MapDrop drop = drop_at(context, routes, geometry, position);
    for (MapDrop& other : traffic.drops) {
      if (other.title == drop.title && other.reason == drop.reason &&
          distance(other.at, drop.at) < 24 * geometry.unit) {
        ++other.count;
        return;
      }
    }
    if (traffic.drops.size() < most_drops_shown) traffic.drops.push_back(std::move(drop));
  };
  const std::uint64_t chosen = context.indexes.packets().end(context.selection.packet);
  const bool died = context.indexes.packets().fate(context.selection.packet) == replay::Fate::dropped;
  if (context.selection.packet.valid() && died && chosen < context.cursor.position()) add(chosen);
  auto at = std::lower_bound(positions.begin(), positions.end(), context.cursor.position());
  for (int scanned = 0; at != positions.begin() && scanned < most_drops_scanned; ++scanned) {
    const std::uint64_t position = *--at;
    if (context.trace.at(position)->at < since) break;
    if (position != chosen || !died) add(position);
  }
}

}  // namespace fourtuple::viz
