#include "viz/panels/map/map_traffic.h"

#include <algorithm>
#include <cmath>

#include "sim/trace/codec.h"
#include "viz/kit/labels.h"
#include "viz/panels/host/visit.h"
#include "viz/panels/map/map_parts.h"

namespace fourtuple::viz {
namespace {

constexpr double glow_memory_s = 0.5;

MapCapsule capsule_for(const PanelContext& context, const Moving& moving, const MapRoute& route,
                       const CapsuleMeasure& size_of) {
  const replay::PacketIndex& packets = context.indexes.packets();
  MapCapsule capsule;
  capsule.packet = moving.transit.packet;
  capsule.from = moving.transit.from;
  capsule.to = moving.transit.to;
  capsule.inferred = from_capture(context);
  capsule.selected = context.selection.packet == capsule.packet;
  // As sent on this link.
  if (const std::optional<Packet> packet = packets.packet_at(capsule.packet, moving.transit.record)) {
    capsule.look = capsule_of(packets, capsule.packet, *packet);
  }
  // A capsule travels from where it just clears one card to where it touches the next, so it can always be read. A link
  // too short for that is travelled from card to card, with the capsule beside it.
  constexpr float most_inset = 0.3F, margin = 8;
  const float length = std::max(route.length(), 1.0F);
  const float readable = (size_of(capsule.look.look()).x / 2 + margin) / length;
  const float inset = readable <= most_inset ? readable : std::min(margin / length, most_inset);
  const float part = inset + (1 - 2 * inset) * clamped(moving.part, 0.0F, 1.0F);
  capsule.on_route = capsule.at = route.point_at(part);
  capsule.direction = route.direction_at(part);
  return capsule;
}

// One of many: a stream of them has a width.
MapSprite sprite_for(const PanelContext& context, const Moving& moving, const MapRoute& route, float unit) {
  const replay::PacketIndex& packets = context.indexes.packets();
  const PacketId id = moving.transit.packet;
  const float part = clamped(moving.part, 0.0F, 1.0F);
  const float scatter = static_cast<float>((id.value * 2654435761u) >> 28) - 7.5F;
  const Vec2 along = route.direction_at(part);
  const std::uint64_t created = packets.created(id);
  const Protocol protocol = created == replay::PacketIndex::none
                                ? Protocol::none
                                : trace::unpack_packet_created(context.trace.at(created)).packet.protocol;
  return {id, route.point_at(part) + Vec2{-along.y, along.x} * (scatter * 0.6F * unit),
          static_cast<std::uint8_t>(std::min(flow_slot(packets.flow(id)), named_flow_colors)), shape_of(protocol),
          moving.transit.from};
}

// At the upper edge of the card, else at the lower one, where it covers no words.
Vec2 place_inside(const Rect& card, Vec2 size, const MapSpace& space, float unit) {
  const float right = card.right() - size.x / 2 - 10 * unit, left = card.x + size.x / 2 + 10 * unit;
  const float top = card.y - 8 * unit, bottom = card.bottom() + 8 * unit;
  for (const Vec2 at : {Vec2{right, top}, Vec2{right, bottom}, Vec2{left, bottom}, Vec2{left, top}}) {
    const Rect r = rect_around(at, size.x, size.y);
    if (space.bounds.contains(r) &&
        std::none_of(space.taken.begin(), space.taken.end(), [&](const Rect& other) { return other.overlaps(r); }))
      return at;
  }
  return {right, top};
}

// The packet that a kernel is busy with, at the edge of its host's card, clear of the names there.
void add_inside(const PanelContext& context, const MapGeometry& geometry, const MapSpace& space, MapTraffic& traffic) {
  const std::optional<Inside> inside = packet_inside(context);
  if (!inside || inside->host.value >= geometry.hosts.size()) return;
  const replay::PacketIndex& packets = context.indexes.packets();
  const std::optional<Packet> packet = packets.packet_at(inside->packet, context.cursor.last_record());
  if (!packet) return;
  const Rect& card = geometry.hosts[inside->host.value];
  MapCapsule capsule;
  capsule.packet = inside->packet;
  capsule.look = capsule_of(packets, inside->packet, *packet);
  capsule.on_route = capsule.at = place_inside(card, space.size_of(capsule.look.look()), space, geometry.unit);
  capsule.direction = {1, 0};
  capsule.selected = context.selection.packet == inside->packet;
  capsule.inside = true;
  traffic.capsules.push_back(std::move(capsule));
}

// Where a capsule may stand: on its way, or beside it. Of few the line that leads there crosses no other's words.
LabelWish wish_for(const MapCapsule& capsule, bool few, float unit, const CapsuleMeasure& size_of) {
  const Vec2 size = size_of(capsule.look.look());
  const float mark = capsule.look.rewritten ? 2 * nat_mark_room * unit : 0;
  LabelWish wish{{}, capsule.selected, {}};
  const auto add = [&](Vec2 shift) {
    wish.places.push_back(rect_around(capsule.on_route + shift, size.x, size.y + mark));
  };
  add({0, 0});
  const float row = size.y + 8 * unit;
  // Aside means up or down on a flat link, left or right on a steep one.
  const bool flat = std::abs(capsule.direction.x) >= std::abs(capsule.direction.y);
  const auto add_aside = [&](Vec2 away) {
    for (const float step : {-1.0F, 1.0F, -2.0F, 2.0F, -3.0F, 3.0F, -4.0F, 4.0F}) add(away * step);
  };
  if (flat) add_aside({0, row});
  if (few) {
    wish.anchor = capsule.on_route;
    const float beside = size.x / 2 + 10 * unit;
    for (const float step : {0.0F, -1.0F, 1.0F, -2.0F, 2.0F, -3.0F, 3.0F, -4.0F, 4.0F}) {
      add({-beside, step * row});
      add({beside, step * row});
    }
  }
  if (!flat) add_aside({size.x + 8 * unit, 0});
  return wish;
}

// Those without a place yet get one that covers none of `taken` and none of the places given before.
void place_missing(const std::vector<LabelWish>& wishes, std::vector<Rect> taken, const MapSpace& space, float gap,
                   std::vector<std::optional<Rect>>& places) {
  std::vector<std::size_t> missing;
  std::vector<LabelWish> left;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i]) {
      taken.push_back(*places[i]);
    } else {
      missing.push_back(i);
      left.push_back(wishes[i]);
    }
  }
  const auto found = place_labels(left, taken, space.bounds, gap);
  for (std::size_t i = 0; i < missing.size(); ++i) places[missing[i]] = found[i];
}

// Few capsules keep clear of whole cards, at first with a line to them that crosses nothing; where that cannot be, and
// when they are many, of the words on cards alone.
void find_places(const std::vector<LabelWish>& wishes, const MapSpace& space, const MapGeometry& geometry, bool few,
                 std::vector<std::optional<Rect>>& places) {
  const float gap = 4 * geometry.unit;
  if (few) {
    std::vector<Rect> cards = space.taken;
    for (const Rect& host : geometry.hosts) cards.push_back(host.inset(6 * geometry.unit));
    // The chosen one covers something only when there is no other way.
    std::vector<LabelWish> polite = wishes;
    for (LabelWish& wish : polite) wish.must_show = false;
    place_missing(polite, cards, space, gap, places);
    for (LabelWish& wish : polite) wish.anchor.reset();
    place_missing(polite, std::move(cards), space, gap, places);
  }
  place_missing(wishes, space.taken, space, gap, places);
}

void place_capsules(std::vector<MapCapsule>& capsules, const MapSpace& space, const MapGeometry& geometry) {
  std::vector<LabelWish> wishes;
  std::vector<std::optional<Rect>> places;
  std::vector<std::size_t> which;
  const bool few = capsules.size() <= most_aside;
  for (const bool selected : {true, false}) {
    for (std::size_t i = 0; i < capsules.size(); ++i) {
      if (capsules[i].selected != selected) continue;
      wishes.push_back(wish_for(capsules[i], few, geometry.unit, space.size_of));
      places.push_back(capsules[i].inside ? std::optional(wishes.back().places.front()) : std::nullopt);
      which.push_back(i);
    }
  }
  find_places(wishes, space, geometry, few, places);
  for (std::size_t i = 0; i < places.size(); ++i) {
    MapCapsule& capsule = capsules[which[i]];
    if (places[i]) {
      capsule.at = places[i]->center();
    } else {
      capsule.form = MapForm::sign;
    }
  }
}

// With more packets than can have a label, those nearest to the pointer have theirs first.
void sort_by_distance(std::vector<const Moving*>& moving, MapRoutes& routes, Vec2 pointer) {
  std::vector<std::pair<float, const Moving*>> far;
  far.reserve(moving.size());
  for (const Moving* m : moving) {
    const std::optional<MapRoute>& route = routes.at(m->transit.from, m->transit.to);
    far.push_back({distance(route->point_at(m->part), pointer), m});
  }
  std::stable_sort(far.begin(), far.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < far.size(); ++i) moving[i] = far[i].second;
}

// The packets that are drawn one by one: all that have a way and are on no link that became a ribbon, and the chosen
// one in any case.
std::vector<const Moving*> single_ones(const PanelContext& context, MapRoutes& routes,
                                       const std::vector<Moving>& moving) {
  std::vector<const Moving*> single;
  single.reserve(moving.size());
  for (std::size_t i = 0; i < moving.size();) {
    const replay::LaneKey link{moving[i].transit.from, moving[i].transit.to};
    std::size_t end = i;
    while (end < moving.size() && moving[end].transit.from == link.from && moving[end].transit.to == link.to) ++end;
    const bool crowd = end - i > ribbon_from;
    const bool known = routes.at(link.from, link.to).has_value();
    for (; i < end; ++i) {
      if (known && (!crowd || moving[i].transit.packet == context.selection.packet)) single.push_back(&moving[i]);
    }
  }
  return single;
}

// What the filter does not take is a dot on its link, and goes from `single`.
void add_left_out(const PanelContext& context, MapRoutes& routes, std::vector<const Moving*>& single,
                  MapTraffic& traffic) {
  if (context.filter == nullptr) return;
  const auto left_out = std::stable_partition(single.begin(), single.end(), [&](const Moving* m) {
    return m->transit.packet == context.selection.packet || context.shows(m->transit.packet);
  });
  for (auto m = left_out; m != single.end() && traffic.dots.size() < most_sprites; ++m) {
    const MapRoute& route = *routes.at((*m)->transit.from, (*m)->transit.to);
    traffic.dots.push_back(sprite_for(context, **m, route, 0));
  }
  single.erase(left_out, single.end());
}

void add_packets(const PanelContext& context, MapRoutes& routes, const MapGeometry& geometry, const MapSpace& space,
                 const std::vector<Moving>& moving, MapTraffic& traffic) {
  std::vector<const Moving*> single = single_ones(context, routes, moving);
  add_left_out(context, routes, single, traffic);
  const bool sprites = single.size() > most_labels;
  if (!sprites && single.size() > most_aside && space.pointer) {
    sort_by_distance(single, routes, *space.pointer);
  } else if (!sprites) {
    std::stable_sort(single.begin(), single.end(),
                     [](const Moving* a, const Moving* b) { return a->transit.packet < b->transit.packet; });
  }
  for (const Moving* m : single) {
    const MapRoute& route = *routes.at(m->transit.from, m->transit.to);
    if (sprites && m->transit.packet != context.selection.packet) {
      if (traffic.sprites.size() < most_sprites)
        traffic.sprites.push_back(sprite_for(context, *m, route, geometry.unit));
    } else {
      traffic.capsules.push_back(capsule_for(context, *m, route, space.size_of));
    }
  }
  add_inside(context, geometry, space, traffic);
  MapSpace free = space;
  for (const MapDrop& drop : traffic.drops)
    free.taken.push_back(rect_around(drop.at, 24 * geometry.unit, 24 * geometry.unit));
  place_capsules(traffic.capsules, free, geometry);
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
        traffic.glows.push_back({event.process, slot->host_id(), clamped(strength, 0.0F, 1.0F)});
    }
    at = context.cursor.index().previous(at);
  }
}

}  // namespace

MapTraffic build_traffic(const PanelContext& context, const MapGeometry& geometry, const MapSpace& space) {
  MapTraffic traffic;
  MapRoutes routes(context, geometry);
  const std::vector<Moving> moving = all_moving(context);
  traffic.in_flight = moving.size();
  if (moving.size() <= most_aside) add_ribbons(context, routes, geometry, traffic);
  add_crowds(context, routes, geometry, moving, traffic);
  add_drops(context, routes, geometry, traffic);
  add_packets(context, routes, geometry, space, moving, traffic);
  add_glows(context, traffic);
  return traffic;
}

}  // namespace fourtuple::viz
