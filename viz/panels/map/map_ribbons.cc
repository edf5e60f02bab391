// Flows as ribbons: what passed a link lately, and links on which too much moves to draw it packet by packet.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "viz/panels/common/names.h"
#include "viz/panels/map/map_parts.h"

namespace fourtuple::viz {
namespace {

using replay::Transit;
// Packets by palette position; the last stands for all flows without a colour of their own.
using FlowCounts = decltype(MapLinkLoad::flows);

constexpr double ribbon_memory_s = 2.5;
constexpr std::uint64_t most_remembered = 4000;

float memory_width(std::uint32_t count) {
  return std::min(3 + 1.5F * std::log2(static_cast<float>(count) + 1), 20.0F);
}

// All flows of one link side by side, `total` wide; the share of each is what `width_of` says.
template <class WidthOf>
void add_side_by_side(const MapRoute& route, const FlowCounts& flows, bool solid, const WidthOf& width_of,
                      MapTraffic& traffic) {
  float total = 0;
  for (const std::uint32_t count : flows) total += count == 0 ? 0 : width_of(count);
  float at = -total / 2;
  for (std::size_t flow = 0; flow < flows.size(); ++flow) {
    if (flows[flow] == 0) continue;
    const float width = width_of(flows[flow]);
    traffic.ribbons.push_back({route.shifted(at + width / 2), flow, flows[flow], width, solid});
    at += width;
  }
}

std::size_t color_of(const PanelContext& context, PacketId packet) {
  return std::min(flow_slot(context.indexes.packets().flow(packet)), named_flow_colors);
}

void add_load(const PanelContext& context, InterfaceId from, std::uint32_t count, const FlowCounts& flows,
              MapTraffic& traffic) {
  const auto& interfaces = context.trace.tables().topology.interfaces;
  if (from.value >= interfaces.size()) return;
  const NetworkId network = interfaces[from.value].network;
  auto load = std::find_if(traffic.links.begin(), traffic.links.end(),
                           [&](const MapLinkLoad& known) { return known.network == network; });
  if (load == traffic.links.end()) load = traffic.links.insert(load, MapLinkLoad{network, 0, {}});
  load->count += count;
  for (std::size_t i = 0; i < flows.size(); ++i) load->flows[i] += flows[i];
}

}  // namespace

void add_ribbons(const PanelContext& context, MapRoutes& routes, const MapGeometry& geometry, MapTraffic& traffic) {
  const replay::Lanes& lanes = context.indexes.lanes();
  const Time now = context.now(), from = now - span_of(pace_ns_per_s(context) * ribbon_memory_s);
  std::map<std::pair<std::uint32_t, std::uint32_t>, FlowCounts> links;
  std::vector<Transit> transits;
  for (std::uint32_t lane = 0; lane < lanes.size(); ++lane) {
    const replay::LaneKey key = lanes.key(lane);
    const std::uint64_t count = lanes.count(lane, from, now);
    if (count == 0 || !key.to.valid()) continue;
    FlowCounts& flows = links.try_emplace(std::minmax(key.from.value, key.to.value), FlowCounts{}).first->second;
    if (count > most_remembered) {
      flows[named_flow_colors] += static_cast<std::uint32_t>(count);
      continue;
    }
    transits.clear();
    lanes.transits(lane, from, now, transits);
    for (const Transit& transit : transits) ++flows[color_of(context, transit.packet)];
  }
  for (const auto& [link, flows] : links) {
    const std::optional<MapRoute>& route = routes.at({link.first}, {link.second});
    if (!route) continue;
    add_side_by_side(
        *route, flows, false, [&](std::uint32_t count) { return memory_width(count) * geometry.unit; }, traffic);
  }
}

void add_crowds(const PanelContext& context, MapRoutes& routes, const MapGeometry& geometry,
                const std::vector<Moving>& moving, MapTraffic& traffic) {
  for (std::size_t i = 0; i < moving.size();) {
    const replay::LaneKey link{moving[i].transit.from, moving[i].transit.to};
    FlowCounts flows{};
    const std::size_t first = i;
    for (; i < moving.size() && moving[i].transit.from == link.from && moving[i].transit.to == link.to; ++i)
      ++flows[color_of(context, moving[i].transit.packet)];
    const auto count = static_cast<std::uint32_t>(i - first);
    if (moving.size() > most_labels) add_load(context, link.from, count, flows, traffic);
    const std::optional<MapRoute>& route = routes.at(link.from, link.to);
    if (count <= ribbon_from || !route) continue;
    // The rate is what is under way on a way of this length: wider in proportion, within reason.
    const float total = std::min(20 + 6 * static_cast<float>(count) / ribbon_from, 44.0F) * geometry.unit;
    add_side_by_side(
        *route, flows, true,
        [&](std::uint32_t part) { return total * static_cast<float>(part) / static_cast<float>(count); }, traffic);
    traffic.crowds.push_back({route->point_at(0.5F), count});
    traffic.ribboned += count;
  }
  if (moving.size() <= most_labels) return;
  std::vector<bool> seen(context.indexes.flows().size(), false);
  for (const Moving& m : moving) {
    const std::uint32_t flow = context.indexes.packets().flow(m.transit.packet);
    if (flow >= seen.size() || seen[flow]) continue;
    seen[flow] = true;
    ++traffic.flows;
  }
}

}  // namespace fourtuple::viz
