// Places labels so that they never cover each other or what must stay visible, and finds what is under the
// pointer. Deterministic; no ImGui; plain data, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "viz/kit/geometry.h"

namespace fourtuple::viz {

// A label wants the first of its places that is free; earlier labels win.
struct LabelWish {
  std::vector<Rect> places;
  bool must_show = false;  // overlaps rather than hides (the selected packet)
  // A line leads from here to the label, to its nearest point: it crosses nothing of `taken` that it does not begin in.
  std::optional<Vec2> anchor = std::nullopt;
};

// For each wish, in order: where it goes, or nothing when it must hide. `bounds` limits all places; `taken` are
// areas no label may cover; `gap` is kept free around every label.
std::vector<std::optional<Rect>> place_labels(const std::vector<LabelWish>& wishes, const std::vector<Rect>& taken,
                                              const Rect& bounds, float gap = 4);

// Whether the line from a to b passes through the rectangle.
bool crosses(const Rect& r, Vec2 a, Vec2 b);

// The usual places of a label around a point: above, below, right, left, then the four corners.
std::vector<Rect> places_around(Vec2 point, Vec2 size, float offset);

// Things on screen in the order drawn; the topmost under a point is found last to first.
class HitList {
 public:
  void clear() { items_.clear(); }
  // `slack` widens small targets for the pointer.
  void add(const Rect& r, std::uint64_t id, float slack = 0) { items_.push_back({r.inset(-slack), id}); }
  std::optional<std::uint64_t> at(Vec2 point) const;
  std::size_t size() const { return items_.size(); }

 private:
  struct Item {
    Rect r;
    std::uint64_t id = 0;
  };
  std::vector<Item> items_;
};

}  // namespace fourtuple::viz
