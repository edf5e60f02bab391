#include "viz/panels/map/map_detours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "viz/kit/labels.h"

namespace fourtuple::viz {
namespace {

constexpr float near_card = 4, clear_of_card = 10, turn_radius = 8, clearance = 1;  // design pixels
constexpr std::size_t most_lanes = 60;
constexpr float hub_side = 40;

// What a way must not pass: cards, and what it should not: words and other hubs.
struct Obstacles {
  std::vector<Rect> cards, words;
  float unit = 1;

  static bool free(const std::vector<Rect>& of, const Path& path) {
    return std::none_of(of.begin(), of.end(), [&](const Rect& r) { return passes(path, r); });
  }
  static bool free(const std::vector<Rect>& of, Vec2 a, Vec2 b) {
    return std::none_of(of.begin(), of.end(), [&](const Rect& r) { return crosses(r, a, b); });
  }
};

// From the side of a card to a point that is reached level: the hub, or the side of another card.
struct Search {
  std::vector<Rect> blocks;  // between the two alone
  float unit;
  Rect start;
  Vec2 end;

  Search(const std::vector<Rect>& all, float one, const Rect& from, Vec2 to) : unit(one), start(from), end(to) {
    const float margin = 2 * clear_of_card * unit;  // as far as a way goes out of a card
    const float left = std::min(from.x, to.x) - margin, right = std::max(from.right(), to.x) + margin;
    for (const Rect& r : all) {
      if (r.right() >= left && r.x <= right) blocks.push_back(r);
    }
  }

  float ahead() const { return end.x >= start.center().x ? 1.0F : -1.0F; }
  Vec2 door() const { return ahead() > 0 ? start.right_middle() : start.left_middle(); }

  // Heights at which a way can pass above or below something, those that are least out of the way first.
  std::vector<float> lanes() const {
    std::vector<float> found;
    for (const Rect& r : blocks) {
      for (const float away : {clear_of_card, near_card}) {
        found.push_back(r.y - away * unit);
        found.push_back(r.bottom() + away * unit);
      }
    }
    const auto cost = [&](float y) { return std::abs(y - door().y) + std::abs(y - end.y); };
    std::stable_sort(found.begin(), found.end(),
                     [&](float a, float b) { return cost(a) != cost(b) ? cost(a) < cost(b) : a < b; });
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (found.size() > most_lanes) found.resize(most_lanes);
    return found;
  }

  // Where the way may leave its lane: at once, or behind one of what stands there.
  std::vector<float> exits(float from) const {
    std::vector<float> found{from};
    for (const Rect& r : blocks) {
      for (const float away : {clear_of_card, near_card}) {
        const float x = ahead() > 0 ? r.right() + away * unit : r.x - away * unit;
        if ((x - from) * ahead() > 0 && (end.x - x) * ahead() > 2 * clear_of_card * unit) found.push_back(x);
      }
    }
    std::sort(found.begin(), found.end(), [&](float a, float b) { return (a - b) * ahead() < 0; });
    return found;
  }

  // The curve from there to the end, in a few pieces: whether it is worth looking at.
  bool roughly_free(Vec2 from) const {
    constexpr int rough = 12;
    Vec2 before = from;
    for (int i = 1; i <= rough; ++i) {
      const float t = static_cast<float>(i) / rough, u = 1 - t, late = t * t * (3 - 2 * t);
      const float x = from.x + (end.x - from.x) * (1.5F * t * u * u + 1.5F * t * t * u + t * t * t);
      const Vec2 here{x, from.y + (end.y - from.y) * late};
      if (!Obstacles::free(blocks, before, here)) return false;
      before = here;
    }
    return true;
  }

  // `corners` lead from the card to the lane.
  std::optional<Path> along(std::vector<Vec2> corners) const {
    for (std::size_t i = 1; i < corners.size(); ++i) {
      if (!Obstacles::free(blocks, corners[i - 1], corners[i])) return std::nullopt;
    }
    const Vec2 lane = corners.back();
    for (const float x : exits(lane.x)) {
      const Vec2 leave{x, lane.y};
      if (!Obstacles::free(blocks, lane, leave)) return std::nullopt;
      if (!roughly_free(leave)) continue;
      const Path last = Path::link(leave, end);
      std::vector<Vec2> all = corners;
      if (std::abs(x - lane.x) > 1) all.push_back(leave);
      const Path path = Path::through(all, turn_radius * unit).then(last);
      if (Obstacles::free(blocks, path)) return path;
    }
    return std::nullopt;
  }

  std::optional<Path> run() const {
    for (const float lane : lanes()) {
      for (const float away : {clear_of_card, near_card}) {
        const float x = door().x + ahead() * away * unit;
        if (const auto path = along({door(), {x, door().y}, {x, lane}})) return path;
      }
      const float middle = start.center().x;
      if (lane >= start.y && lane <= start.bottom()) continue;
      if (const auto path = along({{middle, lane < start.y ? start.y : start.bottom()}, {middle, lane}})) return path;
    }
    return std::nullopt;
  }
};

std::optional<Path> around(const std::vector<Rect>& blocks, float unit, const Rect& from, const Rect& to) {
  const bool beside = from.right() + 8 * unit < to.x || to.right() + 8 * unit < from.x;
  if (beside) {
    const bool right = from.x < to.x;
    if (const auto path = Search(blocks, unit, from, right ? to.left_middle() : to.right_middle()).run()) return path;
    if (const auto path = Search(blocks, unit, to, right ? from.right_middle() : from.left_middle()).run())
      return path->reversed();
    return std::nullopt;
  }
  // One above the other: round one of the sides.
  for (const float out : {16.0F, 28.0F, 44.0F, 64.0F, 88.0F, 10.0F, 5.0F}) {
    for (const bool right : {true, false}) {
      const Vec2 a = right ? from.right_middle() : from.left_middle(), b = right ? to.right_middle() : to.left_middle();
      const float x = right ? std::max(a.x, b.x) + out * unit : std::min(a.x, b.x) - out * unit;
      const std::array corners = {a, Vec2{x, a.y}, Vec2{x, b.y}, b};
      const Path path = Path::through(corners, 2 * turn_radius * unit);
      if (Obstacles::free(blocks, path)) return path;
    }
  }
  return std::nullopt;
}

class Finder {
 public:
  Finder(const MapGraph& graph, const MapPlaces& places, const MapGeometry& geometry, const std::vector<Rect>& words)
      : graph_(graph), places_(places), geometry_(geometry), words_(words) {}

  MapDetours run() {
    for (std::uint32_t n = 0; n < graph_.members.size(); ++n) {
      const auto& members = graph_.members[n];
      if (const auto hub = geometry_.ground.hub_of(n)) {
        for (const std::uint32_t host : members) look_at_stub(host, n, *hub);
      } else if (members.size() == 2) {
        look_at_link(members[0], members[1]);
      }
    }
    return std::move(found_);
  }

 private:
  Obstacles obstacles(std::uint32_t first, std::uint32_t second, std::uint32_t network) const {
    Obstacles all;
    for (std::uint32_t i = 0; i < geometry_.hosts.size(); ++i) {
      if (i != first && i != second && !places_.in_crowd[i])
        all.cards.push_back(geometry_.hosts[i].inset(-clearance * geometry_.unit));
    }
    all.words = words_;
    for (const MapHub& hub : geometry_.ground.hubs) {
      if (!hub.at_router && hub.network != network)
        all.words.push_back(rect_around(hub.at, hub_side * geometry_.unit, hub_side * geometry_.unit));
    }
    all.unit = geometry_.unit;
    return all;
  }

  // `search` finds a way clear of what it is given.
  template <class Find>
  std::optional<Path> better(const Obstacles& all, const Path& direct, const Find& search) const {
    const bool behind_cards = !Obstacles::free(all.cards, direct);
    if (!behind_cards && Obstacles::free(all.words, direct)) return std::nullopt;
    std::vector<Rect> everything = all.cards;
    everything.insert(everything.end(), all.words.begin(), all.words.end());
    if (auto path = search(everything)) return path;
    return behind_cards ? search(all.cards) : std::nullopt;
  }

  void look_at_stub(std::uint32_t host, std::uint32_t network, Vec2 hub) {
    const Rect& own = geometry_.hosts[host];
    if (places_.in_crowd[host] || own.contains(hub)) return;
    std::uint32_t router = host;
    for (const std::uint32_t member : graph_.members[network]) {
      if (geometry_.hosts[member].contains(hub)) router = member;
    }
    const Obstacles all = obstacles(host, router, network);
    const auto path = better(all, stub(own, hub), [&](const std::vector<Rect>& blocks) {
      return Search(blocks, geometry_.unit, own, hub).run();
    });
    if (path) found_.stubs[{host, network}] = *path;
  }

  void look_at_link(std::uint32_t first, std::uint32_t second) {
    if (places_.in_crowd[first] || places_.in_crowd[second]) return;
    const MapDetours::Key key = std::minmax(first, second);
    const Obstacles all = obstacles(first, second, ~std::uint32_t{0});
    const auto path = better(all, link_between(geometry_, key.first, key.second), [&](const std::vector<Rect>& blocks) {
      return around(blocks, geometry_.unit, geometry_.hosts[key.first], geometry_.hosts[key.second]);
    });
    if (path) found_.links[key] = *path;
  }

  const MapGraph& graph_;
  const MapPlaces& places_;
  const MapGeometry& geometry_;
  const std::vector<Rect>& words_;
  MapDetours found_;
};

}  // namespace

bool passes(const Path& path, const Rect& r) {
  const auto points = path.points();
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (crosses(r, points[i - 1], points[i])) return true;
  }
  return false;
}

MapDetours find_detours(const MapGraph& graph, const MapPlaces& places, const MapGeometry& geometry,
                        const std::vector<Rect>& words) {
  if (geometry.hosts.size() > most_hosts_with_detours) return {};
  return Finder(graph, places, geometry, words).run();
}

}  // namespace fourtuple::viz
