#include "viz/kit/labels.h"

#include <algorithm>

namespace fourtuple::viz {
namespace {

bool leads_clear(const LabelWish& wish, const Rect& place, const std::vector<Rect>& taken) {
  if (!wish.anchor) return true;
  const Vec2 start = *wish.anchor;
  const Vec2 end{clamped(start.x, place.x, place.right()), clamped(start.y, place.y, place.bottom())};
  return std::none_of(taken.begin(), taken.end(),
                      [&](const Rect& other) { return !other.contains(start) && crosses(other, start, end); });
}

// Rectangles by the squares of a grid they touch, so that a thousand labels do not each look at all others.
class Busy {
 public:
  Busy(const Rect& bounds, const std::vector<Rect>& taken) : bounds_(bounds) {
    across_ = cell(bounds.w, most_cells - 1) + 1;
    cells_.resize(across_ * (cell(bounds.h, most_cells - 1) + 1));
    for (const Rect& r : taken) add(r);
  }
  void add(const Rect& r) {
    if (!r.overlaps(bounds_)) return;
    rects_.push_back(r);
    const auto index = static_cast<std::uint32_t>(rects_.size() - 1);
    visit(r, [&](std::vector<std::uint32_t>& inside) {
      inside.push_back(index);
      return true;
    });
  }
  bool is_free(const Rect& r) {
    bool free = true;
    visit(r, [&](const std::vector<std::uint32_t>& inside) {
      free = std::none_of(inside.begin(), inside.end(), [&](std::uint32_t i) { return rects_[i].overlaps(r); });
      return free;
    });
    return free;
  }

 private:
  static constexpr float side = 64;
  static constexpr std::size_t most_cells = 256;

  static std::size_t cell(float at, std::size_t last) {
    return std::min(static_cast<std::size_t>(std::max(at, 0.0F) / side), last);
  }
  // Calls `take` with each cell the rectangle touches, until it returns false.
  template <class Take>
  void visit(const Rect& r, const Take& take) {
    const std::size_t down = cells_.size() / across_;
    const std::size_t right = cell(r.right() - bounds_.x, across_ - 1), low = cell(r.bottom() - bounds_.y, down - 1);
    for (std::size_t y = cell(r.y - bounds_.y, down - 1); y <= low; ++y) {
      for (std::size_t x = cell(r.x - bounds_.x, across_ - 1); x <= right; ++x) {
        if (!take(cells_[y * across_ + x])) return;
      }
    }
  }

  Rect bounds_;
  std::size_t across_ = 1;
  std::vector<Rect> rects_;
  std::vector<std::vector<std::uint32_t>> cells_;
};

}  // namespace

std::vector<std::optional<Rect>> place_labels(const std::vector<LabelWish>& wishes, const std::vector<Rect>& taken,
                                              const Rect& bounds, float gap) {
  Busy busy(bounds, taken);
  std::vector<std::optional<Rect>> result;
  result.reserve(wishes.size());
  const auto is_free = [&](const Rect& place) { return bounds.contains(place) && busy.is_free(place.inset(-gap)); };
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
    if (place) busy.add(*place);
    result.push_back(place);
  }
  return result;
}

bool crosses(const Rect& r, Vec2 a, Vec2 b) {
  // What is left of the line after a cut at each side.
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
