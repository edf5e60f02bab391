#include "viz/panels/map/map_panel.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sim/trace/describe.h"
#include "viz/kit/capsule.h"
#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/strokes.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/map/map_detours.h"

namespace fourtuple::viz {
namespace {

// From this zoom on cards show their sockets, where there is room.
constexpr float rich_from = 1.9F;
constexpr std::size_t few_hosts = 24;

std::ptrdiff_t missing(const std::vector<std::optional<Rect>>& places) {
  return std::count(places.begin(), places.end(), std::nullopt);
}

// How bright things stay that the light does not fall on; each thing is wholly in it or not.
constexpr float dimmed = 0.4F;

Canvas in_light(const Canvas& canvas, const Rect& light, const Rect& thing) {
  return light.empty() || light.overlaps(thing) ? canvas : canvas.faded(dimmed);
}

}  // namespace

void MapPanel::fit() {
  entrance_.reset();
  zoom_ = 1;
  pan_ = {};
}

void MapPanel::lay_out(const Canvas& canvas, const PanelContext& context, const Rect& content) {
  const std::size_t hosts = context.trace.tables().topology.hosts.size();
  const float unit = canvas.px(1);
  // The scene is made from the whole trace: of one that grows only now and then, and when it has come to rest.
  const std::uint64_t end = context.indexes.end();
  const bool rests = std::exchange(seen_, end) == end;
  const bool grown = hosts != hosts_ || (records_ != end && (rests || end > records_ + records_ / 8));
  if (trace_ != &context.trace) {
    moved_.clear();
    fit();
  }
  if (trace_ != &context.trace || grown) {
    scene_ = build_scene(context.trace, context.indexes.flows());
    moved_.resize(hosts);
    apply_restored();
  } else if (content_ == content && unit_ == unit && fonts_ == canvas.theme->generation()) {
    return;
  }
  fonts_ = canvas.theme->generation();
  ++layout_;
  trace_ = &context.trace;
  hosts_ = hosts;
  records_ = context.indexes.end();
  content_ = content;
  unit_ = unit;
  sizes_ = measure_hosts(canvas, scene_);
  measure_titles(canvas, scene_);
  places_ = place_hosts(scene_.graph, sizes_, {content.w, content.h}, unit);
}

// Positions of this frame, from the layout, what was dragged, and the view. Cards keep their size, so that text stays
// sharp: zooming changes distances, and how much each host shows follows from the room there is.
void MapPanel::place(const Rect& content, float unit) {
  const PlaceKey key{content, unit, zoom_, pan_, layout_};
  const bool same_hosts = placed_moved_ == moved_;
  if (key == place_key_ && same_hosts) return;
  PlaceKey panned = place_key_;
  panned.pan = pan_;
  const bool only_panned = same_hosts && panned == key;
  const Vec2 by = pan_ - place_key_.pan;
  place_key_ = key;
  placed_moved_ = moved_;
  ++geometry_version_;
  const Vec2 middle = content.center();
  std::vector<Vec2> centers(places_.centers.size());
  for (std::size_t i = 0; i < centers.size(); ++i) {
    Vec2 at = content.min() + places_.centers[i];
    if (moved_[i]) at = {content.x + moved_[i]->x * content.w, content.y + moved_[i]->y * content.h};
    centers[i] = middle + (at - middle) * zoom_ + pan_;
  }
  const MapDetail limit = zoom_ >= rich_from ? MapDetail::rich
                          : zoom_ > 1.05F    ? std::min(MapDetail::full, places_.detail)
                                             : places_.detail;
  const bool as_laid = zoom_ == 1;
  geometry_.detail = as_laid ? places_.detail : detail_for(sizes_, centers, places_.in_crowd, limit, 8 * unit);
  geometry_.unit = unit;
  geometry_.hosts.clear();
  for (std::size_t i = 0; i < centers.size(); ++i) {
    const float squeeze = geometry_.detail == MapDetail::dot ? places_.squeeze : 1;
    Vec2 size = sizes_[static_cast<std::size_t>(geometry_.detail)][i] * squeeze;
    if (places_.in_crowd[i]) size = Vec2{places_.crowd_square, places_.crowd_square} * zoom_;
    const Vec2 corner = centers[i] - size * 0.5F;
    geometry_.hosts.push_back({std::round(corner.x), std::round(corner.y), size.x, size.y});
  }
  MapPlaces now = places_;
  now.detail = geometry_.detail;
  geometry_.ground = lay_ground(scene_.graph, now, geometry_.hosts, unit);
  if (only_panned) {
    for (auto* ways : {&geometry_.detours.links, &geometry_.detours.stubs})
      for (auto& way : *ways) way.second = way.second.moved(by);
    return;
  }
  geometry_.detours = {};
  geometry_.detours = find_detours(scene_.graph, now, geometry_, region_words(scene_, geometry_));
}

// All letters of a capsule are equally wide, so its size follows from how many there are; measured once for each count.
Vec2 MapPanel::capsule_room(const Canvas& canvas, const CapsuleLook& look) {
  if (room_unit_ != canvas.px(1)) rooms_.clear();
  room_unit_ = canvas.px(1);
  const std::size_t kind = (look.badge != 0 ? 4U : 0U) + static_cast<std::size_t>(look.shape);
  const std::size_t key = look.text.size() * 8 + kind;
  if (key >= rooms_.size()) rooms_.resize(key + 1);
  if (rooms_[key]) return *rooms_[key];
  Vec2 size = capsule_size(canvas, look);
  // The words of a diamond stand beside it.
  if (look.shape == PacketShape::icmp && !look.text.empty())
    size.x += 2 * (canvas.px(8) + text_width(canvas, style::number_strong, look.text));
  rooms_[key] = size;
  return size;
}

// Makes what depends on the instant, the selection, the filter or where things stand, and only when one of them
// changed.
void MapPanel::refresh(const Canvas& canvas, const PanelContext& context, const Rect& area,
                       const std::vector<Rect>& above) {
  const Rect bounds = area.inset(canvas.px(4));
  const LabelKey labels{geometry_version_, canvas.theme->generation(), bounds, above};
  if (labels != label_key_) {
    label_key_ = labels;
    labels_ = place_map_labels(canvas, scene_, geometry_, bounds);
    words_ = words_on_map(canvas, geometry_);
    for (const MapLabel& label : labels_) words_.push_back(label.r);
    words_.insert(words_.end(), above.begin(), above.end());
  }
  // The pointer matters where not everything has a label.
  const bool many = traffic_.in_flight > most_aside;
  const TrafficKey key{labels,
                       context.cursor.position(),
                       context.indexes.end(),
                       context.filter == nullptr ? 0 : context.filter->version(),
                       context.now(),
                       Time{0} + context.playback.hop_time(),
                       context.selection.packet,
                       context.filter,
                       context.playback.speed(),
                       context.playback.mode(),
                       many ? pointer_ : std::nullopt};
  const bool moved = key != traffic_key_;
  if (moved) {
    traffic_key_ = key;
    ++traffic_version_;
    const MapSpace space{bounds, words_, [&](const CapsuleLook& look) { return capsule_room(canvas, look); }, pointer_};
    traffic_ = build_traffic(context, geometry_, space);
  }
  refresh_cards(context, moved);
}

void MapPanel::refresh_cards(const PanelContext& context, bool moved) {
  if (!moved && cards_detail_ == geometry_.detail) return;
  cards_detail_ = geometry_.detail;
  // With a million sockets this takes milliseconds: not while time passes and nothing happens.
  if (ports_position_ != context.cursor.position() || ports_end_ != context.indexes.end()) {
    ports_position_ = context.cursor.position();
    ports_end_ = context.indexes.end();
    ports_ = ports_by_process(context);
  }
  cards_ = build_cards(context, scene_, traffic_.glows, ports_);
  if (geometry_.detail == MapDetail::rich) add_sockets(context, cards_);
}

void MapPanel::draw(Ui& ui, Rect area, const PanelContext& context, const MapSurroundings& around) {
  const Canvas& canvas = ui.canvas;
  const Clip clip(canvas, area);
  lay_out(canvas, context, around.content);
  place(around.content, canvas.px(1));
  if (around.interactive) react(ui, area, context, around);
  place(around.content, canvas.px(1));
  refresh(canvas, context, area, around.words);
  keep_in_view(ui, around.follow, around.content);
  const Canvas around_light = around.light.empty() ? canvas : canvas.faded(dimmed);
  draw_ground(around_light, area);
  draw_links(around_light);
  draw_hubs(around_light);
  draw_trails(canvas);
  draw_leaders(canvas);
  draw_sprites(around_light);
  draw_hosts(canvas, context, around.light);
  for (const MapLabel& label : labels_) draw_map_label(in_light(canvas, around.light, label.r), label);
  draw_capsules(canvas, around.light);
  draw_chosen_name(canvas, context, area);
  draw_drops(canvas, context, around.content);
  lens_ = build_lens(context, geometry_, traffic_, hover_host_ || drag_ != Drag::none ? std::nullopt : pointer_);
  if (lens_) draw_lens(canvas, *lens_, context.selection.packet);
  if (around.zoom_buttons) draw_zoom(ui, area);
  draw_link_card(ui, area, context);
  draw_hint(ui, context);
}

void MapPanel::draw_ground(const Canvas& canvas, const Rect& area) const {
  const Palette& colors = canvas.colors();
  const float step = canvas.px(48);
  draw_dots(canvas, area, step);
  for (const MapRegion& region : geometry_.ground.regions) {
    canvas.fill(region.r, colors.region, canvas.px(12));
    draw_region_title(canvas, region, scene_.networks[region.network]);
  }
}

void MapPanel::draw_links(const Canvas& canvas) const {
  const Palette& colors = canvas.colors();
  for (const MapRibbon& ribbon_now : traffic_.ribbons) {
    const Color color = ribbon_now.flow >= named_flow_colors ? colors.link : flow_color(ribbon_now.flow);
    const RibbonLook look = ribbon_now.solid ? RibbonLook::solid : RibbonLook::pale;
    ribbon(canvas, ribbon_now.route.first, color, ribbon_now.width, look);
    if (ribbon_now.route.bent) ribbon(canvas, ribbon_now.route.second, color, ribbon_now.width, look);
  }
  for (std::uint32_t n = 0; n < scene_.graph.members.size(); ++n) {
    const auto& members = scene_.graph.members[n];
    const bool guessed = scene_.networks[n].speed.empty();
    const bool chosen = (open_link_ && open_link_->network == n) || (!open_link_ && hover_link_ == n);
    const Color color = chosen ? colors.outline : colors.link;
    const auto stroke = [&](const Path& path) {
      if (guessed) {
        dashed_path(canvas, path, color, canvas.px(1.5F), {4, 4});
      } else {
        path_stroke(canvas, path, color, chosen ? canvas.px(2.5F) : 1.5F);
      }
    };
    if (const auto hub = geometry_.ground.hub_of(n)) {
      for (const std::uint32_t host : members) {
        if (!places_.in_crowd[host]) stroke(stub(geometry_, host, n, *hub));
      }
      for (const MapRegion& region : geometry_.ground.regions) {
        if (region.crowd && region.network == n) stroke(stub(region.r, *hub));
      }
    } else if (members.size() == 2) {
      stroke(link_between(geometry_, members[0], members[1]));
    }
  }
}

// From where a packet is to its capsule, when neighbours pushed that aside.
void MapPanel::draw_leaders(const Canvas& canvas) const {
  const Palette& colors = canvas.colors();
  for (const MapCapsule& capsule : traffic_.capsules) {
    if (capsule.form != MapForm::labelled || distance(capsule.at, capsule.on_route) <= canvas.px(6)) continue;
    const Color color = capsule.look.flow >= named_flow_colors ? colors.muted : flow_color(capsule.look.flow);
    canvas.line(capsule.at, capsule.on_route, color, canvas.px(1.5F));
    canvas.disc(capsule.on_route, canvas.px(4), color);
  }
}

void MapPanel::draw_hubs(const Canvas& canvas) const {
  const Palette& colors = canvas.colors();
  for (const MapHub& hub : geometry_.ground.hubs) {
    if (hub.at_router) continue;
    const float radius = canvas.px(geometry_.detail <= MapDetail::header ? 18 : 14);
    canvas.disc(hub.at, radius + canvas.px(3), colors.background);
    canvas.disc(hub.at, radius, colors.surface);
    canvas.circle(hub.at, radius, colors.link, canvas.px(1.5F));
    // A switch: two arrows that pass each other.
    const float w = canvas.px(7), d = canvas.px(3.5F);
    canvas.line(hub.at + Vec2{-w, -d}, hub.at + Vec2{w, -d}, colors.muted, canvas.px(1.5F));
    canvas.line(hub.at + Vec2{-w, d}, hub.at + Vec2{w, d}, colors.muted, canvas.px(1.5F));
    arrow_head(canvas, hub.at + Vec2{w, -d}, {1, 0}, colors.muted, 3);
    arrow_head(canvas, hub.at + Vec2{-w, d}, {-1, 0}, colors.muted, 3);
  }
}

void MapPanel::draw_hosts(const Canvas& bright, const PanelContext& context, const Rect& light) const {
  for (std::size_t i = 0; i < geometry_.hosts.size(); ++i) {
    const bool selected = context.selection.host.value == i;
    const bool hovered = hover_host_ && *hover_host_ == i;
    const Canvas canvas = in_light(bright, light, geometry_.hosts[i]);
    if (places_.in_crowd[i]) {
      draw_in_crowd(canvas, geometry_.hosts[i], {selected, hovered});
      continue;
    }
    draw_map_host(canvas, geometry_.hosts[i], geometry_.detail, scene_.hosts[i], cards_[i],
                  {selected, hovered, geometry_.hosts.size() > few_hosts});
  }
}

void MapPanel::draw_capsule_of(const Canvas& canvas, const MapCapsule& capsule) {
  const Palette& colors = canvas.colors();
  if (capsule.form == MapForm::sign) {
    const Color color = capsule.look.flow >= named_flow_colors ? colors.muted : flow_color(capsule.look.flow);
    if (traffic_.in_flight > most_aside && capsule.look.shape != PacketShape::icmp) {
      // Of many, without round ends: a tenth of the corners.
      const float wide = capsule.look.shape == PacketShape::tcp ? 12 : 8;
      canvas.fill(rect_around(capsule.on_route, canvas.px(wide), canvas.px(8)), color);
    } else {
      draw_flow_sign(canvas, capsule.on_route, capsule.look.shape, color);
    }
    if (capsule.look.ring) canvas.circle(capsule.on_route, canvas.px(10), colors.again, canvas.px(1.5F));
    packets_hit_.add(rect_around(capsule.on_route, canvas.px(16), canvas.px(10)), capsule.packet.value, canvas.px(2));
    return;
  }
  CapsuleLook look = capsule.look.look();
  look.selected = capsule.selected;
  look.inferred = capsule.inferred;
  packets_hit_.add(draw_capsule(canvas, capsule.at, look), capsule.packet.value, canvas.px(3));
}

// What has no label passes below hosts and words.
void MapPanel::draw_sprites(const Canvas& canvas) {
  const Palette& colors = canvas.colors();
  packets_hit_.clear();
  draw_sprite_quads(canvas, traffic_.sprites.size(), [&](std::size_t i) {
    const MapSprite& sprite = traffic_.sprites[i];
    const Color color = sprite.flow >= named_flow_colors ? colors.muted : flow_color(sprite.flow);
    return SpriteQuad{sprite.at, color, sprite.shape != PacketShape::tcp};
  });
  for (const MapSprite& dot : traffic_.dots) {
    const Color color = dot.flow >= named_flow_colors ? colors.muted : flow_color(dot.flow);
    canvas.disc(dot.at, canvas.px(3.5F), with_alpha(color, 0.6F));
    packets_hit_.add(rect_around(dot.at, canvas.px(7), canvas.px(7)), dot.packet.value, canvas.px(2));
  }
  for (const MapSprite& sprite : traffic_.sprites)
    packets_hit_.add(rect_around(sprite.at, canvas.px(4), canvas.px(4)), sprite.packet.value, canvas.px(2));
  for (const MapCapsule& capsule : traffic_.capsules) {
    if (!capsule.selected && capsule.form == MapForm::sign) draw_capsule_of(canvas, capsule);
  }
}

void MapPanel::draw_capsules(const Canvas& canvas, const Rect& light) {
  const Palette& colors = canvas.colors();
  for (const MapCapsule& capsule : traffic_.capsules) {
    if (capsule.selected || capsule.form != MapForm::labelled) continue;
    draw_capsule_of(in_light(canvas, light, rect_around(capsule.at, canvas.px(64), canvas.px(24))), capsule);
  }
  for (const MapCrowd& crowd : traffic_.crowds) {
    const std::string words = grouped(crowd.count);
    const float width = text_width(canvas, style::number_strong, words) + canvas.px(20);
    const Rect pill = rect_around(crowd.at, width, canvas.px(24));
    canvas.fill(pill, colors.surface, canvas.px(12));
    draw_text_in(canvas, pill, style::number_strong, colors.text, words, Align::center);
  }
  for (const MapCapsule& capsule : traffic_.capsules) {
    if (capsule.selected) draw_capsule_of(canvas, capsule);
  }
}

// From where a lost packet was sent to where it ended.
void MapPanel::draw_trails(const Canvas& canvas) const {
  const Color color = with_alpha(canvas.colors().drop, 0.7F);
  for (const MapDrop& drop : traffic_.drops) {
    if (!drop.trail) continue;
    const MapRoute& route = *drop.trail;
    const float end = drop.trail_end * route.length();
    const float first = std::max(route.first.length(), 1.0F);
    dotted_path(canvas, route.first, color, 2, 0, std::min(end / first, 1.0F));
    if (route.bent && end > first) {
      const float rest = std::max(route.second.length(), 1.0F);
      dotted_path(canvas, route.second, color, 2, 0, std::min((end - first) / rest, 1.0F));
    }
  }
}

// How often, beside the sign: where no card, word or packet is, if there is such a place.
void MapPanel::draw_drop_count(const Canvas& canvas, const MapDrop& drop, std::vector<Rect> taken) const {
  const std::string words = fmt::format("×{}", drop.count);
  const Vec2 size{text_width(canvas, style::number_strong, words) + canvas.px(8), canvas.px(16)};
  taken.insert(taken.end(), geometry_.hosts.begin(), geometry_.hosts.end());
  taken.push_back(rect_around(drop.at, canvas.px(22), canvas.px(22)));
  LabelWish wish{places_around(drop.at, size, canvas.px(9)), true, std::nullopt};
  std::rotate(wish.places.begin(), wish.places.begin() + 2, wish.places.begin() + 4);  // beside before above
  const Rect everywhere{drop.at.x - canvas.px(200), drop.at.y - canvas.px(200), canvas.px(400), canvas.px(400)};
  const Rect place = place_labels({wish}, taken, everywhere, 0).front().value_or(wish.places.front());
  canvas.fill(place, with_alpha(canvas.colors().background, 0.85F), canvas.px(4));
  draw_text_in(canvas, place, style::number_strong, canvas.colors().drop, words, Align::center);
}

void MapPanel::draw_drops(const Canvas& canvas, const PanelContext& context, const Rect& bounds) const {
  const Palette& colors = canvas.colors();
  std::vector<Callout> callouts;
  std::vector<LabelWish> wishes;
  std::vector<Rect> taken;
  // Where there is no way around the cards, their names and those of networks stay readable.
  taken.insert(taken.end(), words_.begin(), words_.end());
  for (const MapCapsule& capsule : traffic_.capsules) {
    if (capsule.form == MapForm::labelled) taken.push_back(rect_around(capsule.at, canvas.px(104), canvas.px(28)));
  }
  for (const MapDrop& drop : traffic_.drops) {
    taken.push_back(rect_around(drop.at, canvas.px(24), canvas.px(24)));
    Callout callout{drop.title,
                    {{{{style::number, colors.text, drop.ports}}}, {{{style::label, colors.muted, drop.reason}}}},
                    colors.drop};
    const Vec2 size = callout_size(canvas, callout);
    LabelWish wish{{}, false, drop.at};
    for (const float far : {1.0F, 2.2F, 3.4F}) {
      for (const Vec2 way : {Vec2{1, 1}, Vec2{-1, 1}, Vec2{1, -1}, Vec2{-1, -1}, Vec2{0, 1}, Vec2{0, -1}}) {
        const Vec2 away{size.x / 2 + canvas.px(18), (size.y / 2 + canvas.px(22)) * far};
        wish.places.push_back(rect_around(drop.at + Vec2{way.x * away.x, way.y * away.y}, size.x, size.y));
      }
    }
    wishes.push_back(std::move(wish));
    callouts.push_back(std::move(callout));
  }
  // Callouts keep clear of the cards where they can.
  std::vector<Rect> strict = taken;
  strict.insert(strict.end(), geometry_.hosts.begin(), geometry_.hosts.end());
  auto places = place_labels(wishes, strict, bounds);
  for (LabelWish& wish : wishes) wish.anchor.reset();
  // A crowd of capsules may leave no way for a leader that crosses nothing.
  if (auto crossing = place_labels(wishes, strict, bounds); missing(crossing) < missing(places))
    places = std::move(crossing);
  // That of the chosen packet, the first, shows in any case.
  if (!wishes.empty()) wishes.front().must_show = context.selection.packet == traffic_.drops.front().packet;
  const auto loose = place_labels(wishes, taken, bounds);
  for (std::size_t i = 0; i < traffic_.drops.size(); ++i) {
    if (!places[i] && i == 0) places[i] = loose[i];
    if (places[i]) {
      // The one that must show stays inside even when nothing is free.
      places[i]->x = clamped(places[i]->x, bounds.x, std::max(bounds.right() - places[i]->w, bounds.x));
      places[i]->y = clamped(places[i]->y, bounds.y, std::max(bounds.bottom() - places[i]->h, bounds.y));
    }
    if (places[i]) draw_leader(canvas, *places[i], traffic_.drops[i].at, colors.drop);
    draw_drop_disc(canvas, traffic_.drops[i].at);
    if (traffic_.drops[i].count > 1) draw_drop_count(canvas, traffic_.drops[i], taken);
    if (places[i]) draw_callout(canvas, *places[i], callouts[i]);
  }
}

void MapPanel::draw_zoom(const Ui& ui, const Rect& area) {
  const Canvas& canvas = ui.canvas;
  const Rect body{area.right() - canvas.px(16 + 104), area.bottom() - canvas.px(16 + 28), canvas.px(104),
                  canvas.px(28)};
  Rect rest = body;
  const Rect less = rest.take_left(canvas.px(28)), more = rest.take_right(canvas.px(28));
  canvas.fill(body, canvas.colors().raised, canvas.px(7));
  if (button(ui, "zoom out", less, {.label = "", .look = ButtonLook::quiet})) zoom_by(1 / 1.25F);
  if (button(ui, "fit", rest, {.label = "fit", .look = ButtonLook::quiet})) fit();
  if (button(ui, "zoom in", more, {.label = "", .look = ButtonLook::quiet})) zoom_by(1.25F);
  draw_icon(canvas, Icon::minus, less.center(), canvas.colors().text, 14);
  draw_icon(canvas, Icon::plus, more.center(), canvas.colors().text, 14);
}

}  // namespace fourtuple::viz
