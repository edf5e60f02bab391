#include "viz/panels/map/map_traffic.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "viz/kit/labels.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/host/visit.h"

namespace fourtuple::viz {
namespace {

using replay::Transit;

constexpr double observed_way_s = 0.8;  // real time a captured packet takes on screen
constexpr double ribbon_memory_s = 2.5, glow_memory_s = 0.5, drop_memory_s = 1.6;
constexpr std::uint64_t most_remembered = 4000;
constexpr std::size_t longest_reason = 56;  // a rule may be long; the rules panel has all of it
constexpr int most_drops_shown = 12, most_drops_scanned = 400;

bool from_capture(const PanelContext& context) {
  return context.trace.tables().source == trace::Source::capture;
}

Duration span_of(double ns) {
  return nanoseconds(static_cast<std::int64_t>(std::clamp(ns, 1.0, 1e18)));
}

float part_of(Time now, Time from, Time to) {
  return to <= from ? 1
                    : static_cast<float>(static_cast<double>((now - from).ns) / static_cast<double>((to - from).ns));
}

// A packet on the map before it has a form.
struct Moving {
  Transit transit;
  float part = 0;
};

// A capture says when a packet was seen, not how long it travelled: it is shown on its way for a while after that.
std::vector<Moving> observed_moving(const PanelContext& context) {
  const replay::Lanes& lanes = context.indexes.lanes();
  const Time now = context.now();
  Duration span = span_of(pace_ns_per_s(context) * observed_way_s);
  Time from = now - span;
  if (context.playback.mode() == replay::SpeedMode::equal_hops) {
    from = lanes.change(now + nanoseconds(1), true).value_or(now);
    const Time next = lanes.change(now, false).value_or(from + span);
    span = std::max(next - from, nanoseconds(1));
  }
  std::vector<Transit> transits;
  lanes.in_window(from, now, transits);
  std::vector<Moving> moving;
  for (const Transit& transit : transits) {
    const float part = part_of(now, transit.departs, transit.departs + span);
    if (transit.departs >= from && part < 1) moving.push_back({transit, part});
  }
  return moving;
}

std::vector<Moving> all_moving(const PanelContext& context) {
  if (from_capture(context)) return observed_moving(context);
  std::vector<Transit> transits;
  context.indexes.lanes().in_flight(context.now(), transits);
  std::vector<Moving> moving;
  moving.reserve(transits.size());
  const std::optional<Inside> inside = packet_inside(context);
  for (const Transit& transit : transits) {
    // At the instant it passes a host, the link before and the one behind both hold it.
    if (transit.record >= context.cursor.position() || (inside && inside->packet == transit.packet)) continue;
    moving.push_back({transit, part_of(context.now(), transit.departs, transit.arrives)});
  }
  return moving;
}

// Routes are asked for once per pair of interfaces.
class Routes {
 public:
  Routes(const PanelContext& context, const MapGeometry& geometry)
      : topology_(context.trace.tables().topology), geometry_(geometry) {}
  const std::optional<MapRoute>& at(InterfaceId from, InterfaceId to) {
    const auto [entry, fresh] = known_.try_emplace({from.value, to.value});
    if (fresh) entry->second = route_between(topology_, geometry_, from, to);
    return entry->second;
  }

 private:
  const trace::Topology& topology_;
  const MapGeometry& geometry_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::optional<MapRoute>> known_;
};

MapCapsule capsule_for(const PanelContext& context, const Moving& moving, const MapRoute& route, MapForm form,
                       const CapsuleMeasure& size_of) {
  const replay::PacketIndex& packets = context.indexes.packets();
  MapCapsule capsule;
  capsule.packet = moving.transit.packet;
  capsule.from = moving.transit.from;
  capsule.to = moving.transit.to;
  capsule.form = form;
  capsule.inferred = from_capture(context);
  capsule.selected = context.selection.packet == capsule.packet;
  // As sent on this link.
  if (const std::optional<Packet> packet = packets.packet_at(capsule.packet, moving.transit.record)) {
    capsule.look = capsule_of(packets, capsule.packet, *packet);
  }
  // A capsule travels from where it just clears one card to where it touches the next, so it can always be read.
  const float length = std::max(route.length(), 1.0F);
  const float half = form == MapForm::labelled ? size_of(capsule.look.look()).x / 2 + 8 : 0;
  const float inset = std::min(half / length, 0.42F);
  const float part = inset + (1 - 2 * inset) * std::clamp(moving.part, 0.0F, 1.0F);
  capsule.on_route = capsule.at = route.point_at(part);
  capsule.direction = route.direction_at(part);
  return capsule;
}

// The packet that a kernel is busy with, at the upper edge of its host's card, clear of the names there.
void add_inside(const PanelContext& context, const MapGeometry& geometry, MapTraffic& traffic) {
  const std::optional<Inside> inside = packet_inside(context);
  if (!inside || inside->host.value >= geometry.hosts.size()) return;
  const replay::PacketIndex& packets = context.indexes.packets();
  const std::optional<Packet> packet = packets.packet_at(inside->packet, context.cursor.last_record());
  if (!packet) return;
  const Rect& card = geometry.hosts[inside->host.value];
  MapCapsule capsule;
  capsule.packet = inside->packet;
  capsule.look = capsule_of(packets, inside->packet, *packet);
  capsule.on_route = capsule.at = {card.right() - 56 * geometry.unit, card.y - 8 * geometry.unit};
  capsule.direction = {1, 0};
  capsule.selected = context.selection.packet == inside->packet;
  traffic.capsules.push_back(std::move(capsule));
}

void place_capsules(std::vector<MapCapsule>& capsules, const Rect& bounds, const std::vector<Rect>& taken, float unit,
                    const CapsuleMeasure& size_of) {
  std::vector<LabelWish> wishes;
  std::vector<std::size_t> which;
  const auto wish = [&](std::size_t i) {
    const MapCapsule& capsule = capsules[i];
    const Vec2 size = size_of(capsule.look.look());
    // Aside means up or down on a flat link, left or right on a steep one.
    const bool flat = std::abs(capsule.direction.x) >= std::abs(capsule.direction.y);
    const Vec2 aside = flat ? Vec2{0, size.y + 8 * unit} : Vec2{size.x + 8 * unit, 0};
    LabelWish entry{{}, capsule.selected, capsule.on_route};
    const float mark = capsule.look.rewritten ? 2 * nat_mark_room * unit : 0;
    for (const float step : {0.0F, -1.0F, 1.0F, -2.0F, 2.0F, -3.0F, 3.0F, -4.0F, 4.0F}) {
      entry.places.push_back(rect_around(capsule.on_route + aside * step, size.x, size.y + mark));
    }
    wishes.push_back(std::move(entry));
    which.push_back(i);
  };
  for (std::size_t i = 0; i < capsules.size(); ++i) {
    if (capsules[i].form == MapForm::labelled && capsules[i].selected) wish(i);
  }
  for (std::size_t i = 0; i < capsules.size(); ++i) {
    if (capsules[i].form == MapForm::labelled && !capsules[i].selected) wish(i);
  }
  const auto places = place_labels(wishes, taken, bounds, 4 * unit);
  for (std::size_t i = 0; i < places.size(); ++i) {
    MapCapsule& capsule = capsules[which[i]];
    if (places[i]) {
      capsule.at = places[i]->center();
    } else {
      capsule.form = MapForm::sign;
    }
  }
}

void add_capsules(const PanelContext& context, Routes& routes, const Rect& bounds, const std::vector<Rect>& taken,
                  const MapGeometry& geometry, const CapsuleMeasure& size_of, MapTraffic& traffic) {
  std::vector<Moving> moving = all_moving(context);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> on_link;
  for (const Moving& m : moving) ++on_link[{m.transit.from.value, m.transit.to.value}];
  std::stable_sort(moving.begin(), moving.end(),
                   [](const Moving& a, const Moving& b) { return a.transit.packet < b.transit.packet; });
  const auto taken_by_filter = static_cast<std::size_t>(
      std::count_if(moving.begin(), moving.end(), [&](const Moving& m) { return context.shows(m.transit.packet); }));
  const MapForm form = taken_by_filter <= most_labels  ? MapForm::labelled
                       : taken_by_filter <= most_signs ? MapForm::sign
                                                       : MapForm::sprite;
  for (const Moving& m : moving) {
    const std::optional<MapRoute>& route = routes.at(m.transit.from, m.transit.to);
    if (!route) continue;
    const bool selected = m.transit.packet == context.selection.packet;
    if (!selected && on_link[{m.transit.from.value, m.transit.to.value}] > ribbon_from) continue;
    const bool faded = !selected && !context.shows(m.transit.packet);
    const MapForm own = selected ? MapForm::labelled : faded ? MapForm::sprite : form;
    traffic.capsules.push_back(capsule_for(context, m, *route, own, size_of));
    traffic.capsules.back().faded = faded;
    if (form == MapForm::sprite && !selected) {
      // A stream of many has a width.
      const auto scatter = static_cast<float>((m.transit.packet.value * 2654435761u) >> 28) - 7.5F;
      const Vec2 along = traffic.capsules.back().direction;
      traffic.capsules.back().at =
          traffic.capsules.back().on_route + Vec2{-along.y, along.x} * (scatter * 0.6F * geometry.unit);
    }
  }
  for (const auto& [link, count] : on_link) {
    const std::optional<MapRoute>& route = routes.at({link.first}, {link.second});
    if (route && count > ribbon_from) traffic.crowds.push_back({route->point_at(0.5F), count});
  }
  add_inside(context, geometry, traffic);
  place_capsules(traffic.capsules, bounds, taken, geometry.unit, size_of);
}

// Flows that passed a link lately, side by side, as wide as they were busy.
void add_ribbons(const PanelContext& context, Routes& routes, const MapGeometry& geometry, MapTraffic& traffic) {
  const replay::Lanes& lanes = context.indexes.lanes();
  const Time now = context.now(), from = now - span_of(pace_ns_per_s(context) * ribbon_memory_s);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::map<std::size_t, std::uint32_t>> links;
  std::vector<Transit> transits;
  for (std::uint32_t lane = 0; lane < lanes.size(); ++lane) {
    const replay::LaneKey key = lanes.key(lane);
    const std::uint64_t count = lanes.count(lane, from, now);
    if (count == 0 || !key.to.valid()) continue;
    auto& flows = links[std::minmax(key.from.value, key.to.value)];
    if (count > most_remembered) {
      flows[named_flow_colors] += static_cast<std::uint32_t>(count);
      continue;
    }
    transits.clear();
    lanes.transits(lane, from, now, transits);
    for (const Transit& transit : transits) {
      const std::size_t slot = flow_slot(context.indexes.packets().flow(transit.packet));
      ++flows[std::min(slot, named_flow_colors)];
    }
  }
  for (const auto& [link, flows] : links) {
    const std::optional<MapRoute>& route = routes.at({link.first}, {link.second});
    if (!route) continue;
    float total = 0;
    const auto width_of = [&](std::uint32_t count) {
      return std::min(3 + 1.5F * std::log2(static_cast<float>(count) + 1), 20.0F) * geometry.unit;
    };
    for (const auto& [flow, count] : flows) total += width_of(count);
    float at = -total / 2;
    for (const auto& [flow, count] : flows) {
      const float width = width_of(count);
      traffic.ribbons.push_back({route->shifted(at + width / 2), flow, count, width});
      at += width;
    }
  }
}

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

MapDrop drop_at(const PanelContext& context, Routes& routes, const MapGeometry& geometry, std::uint64_t position) {
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

void add_drops(const PanelContext& context, Routes& routes, const MapGeometry& geometry, MapTraffic& traffic) {
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

void add_glows(const PanelContext& context, MapTraffic& traffic) {
  const double memory = pace_ns_per_s(context) * glow_memory_s;
  const Time now = context.now(), since = now - span_of(memory);
  std::uint64_t at = context.cursor.last_record();
  for (int scanned = 0; at != trace::Index::none && scanned < 200; ++scanned) {
    const trace::Slot* slot = context.trace.at(at);
    if (slot->at < since) break;
    if (slot->kind == trace::Kind::packet_delivered) {
      const trace::PacketDelivered event = trace::unpack_packet_delivered(slot);
      const auto strength = static_cast<float>(1 - static_cast<double>((now - slot->at).ns) / std::max(memory, 1.0));
      if (event.process.valid())
        traffic.glows.push_back({event.process, slot->host_id(), std::clamp(strength, 0.0F, 1.0F)});
    }
    at = context.cursor.index().previous(at);
  }
}

}  // namespace

double pace_ns_per_s(const PanelContext& context) {
  const replay::Playback& playback = context.playback;
  const Ratio factor = replay::Playback::factor(playback.speed());
  if (playback.mode() == replay::SpeedMode::true_time) {
    return 1e9 * static_cast<double>(factor.numerator) / static_cast<double>(factor.denominator);
  }
  const replay::Lanes& lanes = context.indexes.lanes();
  const Time now = context.now();
  const double hop_s = static_cast<double>(playback.hop_time().ns) / 1e9;
  if (const std::optional<Duration> hop = lanes.shortest(now, false); hop && hop->ns > 0) {
    return static_cast<double>(hop->ns) / hop_s;
  }
  const Time before = lanes.change(now + nanoseconds(1), true).value_or(Time{0});
  const Time after = lanes.change(now, false).value_or(std::max(context.cursor.end_time(), now));
  return std::max(static_cast<double>((after - before).ns), 1e3) / hop_s;
}

MapTraffic build_traffic(const PanelContext& context, const MapGeometry& geometry, const Rect& bounds,
                         const std::vector<Rect>& taken, const CapsuleMeasure& size_of) {
  MapTraffic traffic;
  Routes routes(context, geometry);
  add_ribbons(context, routes, geometry, traffic);
  add_drops(context, routes, geometry, traffic);
  std::vector<Rect> busy = taken;
  for (const MapDrop& drop : traffic.drops)
    busy.push_back(rect_around(drop.at, 24 * geometry.unit, 24 * geometry.unit));
  add_capsules(context, routes, bounds, busy, geometry, size_of, traffic);
  add_glows(context, traffic);
  return traffic;
}

}  // namespace fourtuple::viz
