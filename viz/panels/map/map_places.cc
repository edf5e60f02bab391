// Hosts that a person put elsewhere, and going from host to host and from packet to packet.
#include <algorithm>

#include "viz/panels/map/map_panel.h"

namespace fourtuple::viz {
namespace {

constexpr float farthest_away = 3;  // maps away; further is a mistake

// The element after (or before) `current` in `order`, round the end; the first or last when it is not there.
template <class T>
T beside(const std::vector<T>& order, T current, bool forward) {
  if (order.empty()) return T::none();
  const auto at = std::find(order.begin(), order.end(), current);
  if (at == order.end()) return forward ? order.front() : order.back();
  if (forward) return at + 1 == order.end() ? order.front() : *(at + 1);
  return at == order.begin() ? order.back() : *(at - 1);
}

}  // namespace

void MapPanel::apply_restored() {
  for (const MapPosition& position : restored_) {
    for (std::size_t i = 0; i < scene_.hosts.size(); ++i) {
      if (scene_.hosts[i].name == position.host) moved_[i] = position.at;
    }
  }
  restored_.clear();
}

std::optional<MapPositions> MapPanel::take_changed_positions() {
  if (!positions_changed_) return std::nullopt;
  positions_changed_ = false;
  MapPositions positions;
  for (std::size_t i = 0; i < std::min(moved_.size(), scene_.hosts.size()); ++i) {
    if (moved_[i]) positions.push_back({scene_.hosts[i].name, *moved_[i]});
  }
  return positions;
}

void MapPanel::reset_positions() {
  moved_.assign(moved_.size(), std::nullopt);
  positions_changed_ = true;
}

void MapPanel::move_host(HostId host, Vec2 by) {
  if (host.value >= moved_.size() || host.value >= places_.centers.size() || content_.empty()) return;
  const Vec2 laid = places_.centers[host.value];
  const Vec2 from = moved_[host.value].value_or(Vec2{laid.x / content_.w, laid.y / content_.h});
  const Vec2 to = from + by;
  moved_[host.value] = Vec2{clamped(to.x, -farthest_away, farthest_away), clamped(to.y, -farthest_away, farthest_away)};
  positions_changed_ = true;
}

HostId MapPanel::neighbour(HostId host, bool forward) const {
  std::vector<HostId> order(std::min(geometry_.hosts.size(), places_.columns.size()));
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = {i};
  std::stable_sort(order.begin(), order.end(), [&](HostId a, HostId b) {
    const std::uint32_t left = places_.columns[a.value], right = places_.columns[b.value];
    return left != right ? left < right : geometry_.hosts[a.value].y < geometry_.hosts[b.value].y;
  });
  return beside(order, host, forward);
}

PacketId MapPanel::neighbour(PacketId packet, bool forward) const {
  std::vector<PacketId> order;
  for (const MapCapsule& capsule : traffic_.capsules) order.push_back(capsule.packet);
  for (const MapSprite& sprite : traffic_.sprites) order.push_back(sprite.packet);
  std::sort(order.begin(), order.end());
  return beside(order, packet, forward);
}

}  // namespace fourtuple::viz
