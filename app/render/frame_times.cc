#include "app/render/frame_times.h"

#include <algorithm>

#include "sim/replay/playback.h"

namespace fourtuple::app {
namespace {

constexpr std::int64_t usual_length_us = 5'000'000;
constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t longest_natural_us = 3'600 * second_us;  // of what is pressed into a chosen length

// The stretch with equal hops, a picture for each `step_us` on screen; at most `most` pictures.
std::vector<Time> play(const Animation& animation, const replay::Lanes& lanes, std::int64_t step_us, std::size_t most) {
  replay::Playback playback;
  playback.set_skip_idle(true);
  playback.play();
  std::vector<Time> times = {animation.from};
  while (times.back() < animation.to && times.size() < most)
    times.push_back(playback.advance(times.back(), step_us, lanes, animation.to));
  return times;
}

tl::unexpected<Error> too_long() {
  return fail({"--to", 0, 0}, "the animation would last longer than 60 s",
              "a shorter stretch from --from to --to, or its length as --seconds");
}

}  // namespace

Outcome<std::vector<Time>> frame_times(const Animation& animation, const replay::Lanes& lanes) {
  const std::int64_t step = second_us / animation.fps;
  const std::int64_t length = animation.length_us.value_or(usual_length_us);
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(length / step, 2));
  if (length > longest_animation_us) return too_long();
  std::vector<Time> times;
  if (animation.pace == Pace::time) {
    const std::int64_t span = (animation.to - animation.from).ns, parts = static_cast<std::int64_t>(count) - 1;
    for (std::int64_t i = 0; i <= parts; ++i)
      times.push_back(animation.from + Duration{span / parts * i + span % parts * i / parts});
    return times;
  }
  if (!animation.length_us) {
    const auto most = static_cast<std::size_t>(longest_animation_us / step);
    times = play(animation, lanes, step, most + 1);
    if (times.size() > most) return too_long();
    return times;
  }
  // As many pictures as fit into the chosen length, taken from all that equal hops would give.
  const std::vector<Time> all = play(animation, lanes, step / 4, static_cast<std::size_t>(longest_natural_us / step));
  if (all.back() < animation.to) return too_long();
  for (std::size_t i = 0; i < count; ++i) times.push_back(all[i * (all.size() - 1) / (count - 1)]);
  return times;
}

int hundredths_of(std::size_t i, std::uint32_t fps) {
  const std::size_t until = (i + 1) * 100 / fps, since = i * 100 / fps;
  return static_cast<int>(until - since);
}

}  // namespace fourtuple::app
