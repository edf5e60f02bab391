#include "viz/panels/timeline/bookmarks.h"

#include <algorithm>

namespace fourtuple::viz {
namespace {

bool is_earlier(const Bookmark& mark, Time time) {
  return mark.at < time;
}

}  // namespace

bool Bookmarks::toggle(Time time, std::string name) {
  const auto place = std::lower_bound(marks.begin(), marks.end(), time, is_earlier);
  if (place != marks.end() && place->at == time) {
    marks.erase(place);
    return false;
  }
  marks.insert(place, {time, std::move(name)});
  return true;
}

void Bookmarks::rename(Time time, std::string name) {
  const auto place = std::lower_bound(marks.begin(), marks.end(), time, is_earlier);
  if (place != marks.end() && place->at == time) {
    place->name = std::move(name);
  } else {
    marks.insert(place, {time, std::move(name)});
  }
}

const Bookmark* Bookmarks::at(Time time) const {
  const auto place = std::lower_bound(marks.begin(), marks.end(), time, is_earlier);
  return place != marks.end() && place->at == time ? &*place : nullptr;
}

const Bookmark* Bookmarks::after(Time time) const {
  const auto place = std::lower_bound(marks.begin(), marks.end(), time + nanoseconds(1), is_earlier);
  return place != marks.end() ? &*place : nullptr;
}

const Bookmark* Bookmarks::before(Time time) const {
  const auto place = std::lower_bound(marks.begin(), marks.end(), time, is_earlier);
  return place != marks.begin() ? &*std::prev(place) : nullptr;
}

std::optional<replay::Gap> Bookmarks::loop() const {
  if (!loop_begin || !loop_end || *loop_begin == *loop_end) return std::nullopt;
  return replay::Gap{std::min(*loop_begin, *loop_end), std::max(*loop_begin, *loop_end)};
}

void Bookmarks::clear_loop() {
  loop_begin.reset();
  loop_end.reset();
}

}  // namespace fourtuple::viz
