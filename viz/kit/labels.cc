#include "viz/kit/labels.h"

#include <algorithm>

namespace fourtuple::viz {
namespace {

// Whether the line from a to b passes through the rectangle: what is left of it after a cut at each side.
bool crosses(const Rect& r, Vec2 a, Vec2 b) {
  float from = 0, to = 1;
  const auto cut = [&](float start, float change, float low, float high) {
    if (change == 0) return start > low && start < high;
    const float first = (low - start) / change, second = (high - start) / change;
    from = std::max(from, std::min(first, second));
    to = std::min(to, std::max(first, second));
    return from < to;
  };
  return cut(a.x, b.x - a.x, r.x, r.right()) && cut(a.y, b.y - a.y, r.y, r.bottom());
}

bool leads_clear(const LabelWish& wish, const Rect& place, const std::vector<Rect>& taken) {
  if (!wish.anchor) return true;
  const Vec2 start = *wish.anchor;
  const Vec2 end{std::clamp(start.x, place.x, place.right()), std::clamp(start.y, place.y, place.bottom())};
  return std::none_of(taken.begin(), taken.end(),
                      [&](const Rect& other) { return !other.contains(start) && crosses(other, start, end); });
}

}  // namespace

std::vector<std::optional<Rect>> place_labels(const std::vector<LabelWish>& wishes, const std::vector<Rect>& taken,
                                              const Rect& bounds, float gap) {
  std::vector<Rect> busy = taken;
  std::vector<std::optional<Rect>> result;
  result.reserve(wishes.size());
  const auto is_free = [&](const Rect& place) {
    const Rect wide = place.inset(-gap);
    return bounds.contains(place) &&
           std::none_of(busy.begin(), busy.end(), [&](const Rect& other) { return wide.overlaps(other); });
  };
  for (const LabelWish& wish : wishes) {
    const auto found = std::find_if(wish.places.begin(), wish.places.end(), [&](const Rect& place) {
      return is_free(place) && leads_clear(wish, place, taken);
    });
    std::optional<Rect> place;
    if (found != wish.places.end()) {
      place = *found;
    } else if (wish.must_show && !wish.places.empty()) {
      place = wish.places.front();
    }
    if (place) busy.push_back(*place);
    result.push_back(place);
  }
  return result;
}

std::vector<Rect> places_around(Vec2 point, Vec2 size, float offset) {
  const float dx = size.x / 2 + offset, dy = size.y / 2 + offset;
  std::vector<Rect> places;
  for (const Vec2 shift : {Vec2{0, -dy}, Vec2{0, dy}, Vec2{dx, 0}, Vec2{-dx, 0}, Vec2{dx, -dy}, Vec2{-dx, -dy},
                           Vec2{dx, dy}, Vec2{-dx, dy}}) {
    places.push_back(rect_around(point + shift, size.x, size.y));
  }
  return places;
}

std::optional<std::uint64_t> HitList::at(Vec2 point) const {
  for (auto item = items_.rbegin(); item != items_.rend(); ++item) {
    if (item->r.contains(point)) return item->id;
  }
  return std::nullopt;
}

}  // namespace fourtuple::viz
