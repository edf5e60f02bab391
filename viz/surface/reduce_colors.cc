#include "viz/surface/reduce_colors.h"

#include <algorithm>
#include <array>

namespace fourtuple::viz {
namespace {

struct Counted {
  Rgb color = 0;
  std::uint32_t count = 0;
  std::uint8_t place = 0;
};

constexpr std::array<unsigned, 3> channels = {16, 8, 0};

int level(Rgb color, unsigned shift) {
  return static_cast<int>(color >> shift & 0xFF);
}

// Ascending by colour.
std::vector<Counted> count_colors(std::span<const Rgb> pixels) {
  std::vector<Rgb> sorted(pixels.begin(), pixels.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<Counted> counted;
  for (const Rgb color : sorted) {
    if (counted.empty() || counted.back().color != color) counted.push_back({color, 0, 0});
    ++counted.back().count;
  }
  return counted;
}

// Some colours that will share one place; `worst` is the range of the channel they differ in most.
struct Box {
  std::size_t begin = 0, end = 0;
  unsigned channel = 0;
  int range = 0;
};

Box measure(const std::vector<Counted>& colors, std::size_t begin, std::size_t end) {
  Box box{begin, end, 0, -1};
  for (const unsigned shift : channels) {
    int low = 255, high = 0;
    for (std::size_t i = begin; i < end; ++i) {
      low = std::min(low, level(colors[i].color, shift));
      high = std::max(high, level(colors[i].color, shift));
    }
    if (high - low > box.range) {
      box.range = high - low;
      box.channel = shift;
    }
  }
  return box;
}

// Where half of the box' pixels lie on either side, with a colour at least on each.
std::size_t median(const std::vector<Counted>& colors, const Box& box) {
  std::uint64_t all = 0, below = 0;
  for (std::size_t i = box.begin; i < box.end; ++i) all += colors[i].count;
  std::size_t at = box.begin;
  while (at < box.end && below * 2 < all) below += colors[at++].count;
  return std::clamp(at, box.begin + 1, box.end - 1);
}

std::vector<Box> cut(std::vector<Counted>& colors, std::size_t begin, std::size_t most) {
  std::vector<Box> boxes;
  if (begin < colors.size() && most > 0) boxes.push_back(measure(colors, begin, colors.size()));
  while (!boxes.empty() && boxes.size() < most) {
    const auto widest =
        std::max_element(boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.range < b.range; });
    if (widest->range <= 0) break;
    const Box box = *widest;
    std::sort(colors.begin() + static_cast<std::ptrdiff_t>(box.begin),
              colors.begin() + static_cast<std::ptrdiff_t>(box.end), [&](const Counted& a, const Counted& b) {
                const int x = level(a.color, box.channel), y = level(b.color, box.channel);
                return x != y ? x < y : a.color < b.color;
              });
    const std::size_t middle = median(colors, box);
    *widest = measure(colors, box.begin, middle);
    boxes.push_back(measure(colors, middle, box.end));
  }
  return boxes;
}

Rgb mean(const std::vector<Counted>& colors, const Box& box) {
  Rgb result = 0;
  for (const unsigned shift : channels) {
    std::uint64_t sum = 0, all = 0;
    for (std::size_t i = box.begin; i < box.end; ++i) {
      sum += static_cast<std::uint64_t>(level(colors[i].color, shift)) * colors[i].count;
      all += colors[i].count;
    }
    result |= static_cast<Rgb>((sum + all / 2) / all) << shift;
  }
  return result;
}

}  // namespace

ReducedColors reduce_colors(std::span<const Rgb> pixels, std::size_t most) {
  std::vector<Counted> colors = count_colors(pixels);
  const std::size_t kept = colors.size() <= most ? colors.size() : most / 2;
  std::stable_sort(colors.begin(), colors.end(), [](const Counted& a, const Counted& b) { return a.count > b.count; });
  ReducedColors result;
  for (std::size_t i = 0; i < kept; ++i) {
    colors[i].place = static_cast<std::uint8_t>(i);
    result.palette.push_back(colors[i].color);
  }
  for (const Box& box : cut(colors, kept, most - kept)) {
    for (std::size_t i = box.begin; i < box.end; ++i)
      colors[i].place = static_cast<std::uint8_t>(result.palette.size());
    result.palette.push_back(mean(colors, box));
  }
  std::sort(colors.begin(), colors.end(), [](const Counted& a, const Counted& b) { return a.color < b.color; });
  result.in_place.reserve(pixels.size());
  for (const Rgb pixel : pixels) {
    const auto found = std::lower_bound(colors.begin(), colors.end(), pixel,
                                        [](const Counted& one, Rgb wanted) { return one.color < wanted; });
    result.in_place.push_back(found->place);
  }
  return result;
}

}  // namespace fourtuple::viz
