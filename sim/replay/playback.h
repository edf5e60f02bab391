// The clock of the viewer: real time in, simulated time out. Integers only, so that the same calls give the same
// instants; fractions of a nanosecond are carried over. No drawing, no real clock in it.
//
// Two modes. True time: simulated time runs at a speed between 1/10000 and 1000. Equal hops: while packets are in
// flight the shortest of them takes one hop time on screen, so no packet ever jumps; a stretch with nothing in flight
// takes one pause, however long it was. Both directions cover the same stretches in the same real time.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/replay/lanes.h"

namespace fourtuple::replay {

enum class SpeedMode : std::uint8_t { true_time, equal_hops };

class Playback {
 public:
  // Speeds of true time in steps 1, 2, 5: speed_steps of them from 0.0001 to 1000.
  static constexpr int speed_steps = 22;
  static constexpr int normal_speed = 12;

  bool playing() const { return playing_; }
  void play() { playing_ = true; }
  void pause() { playing_ = false; }
  void toggle() { playing_ = !playing_; }
  bool reverse() const { return reverse_; }
  void set_reverse(bool reverse);

  SpeedMode mode() const { return mode_; }
  void set_mode(SpeedMode mode);
  // Index of the speed; equal hops uses the same steps around its normal hop time. Clamped.
  int speed() const { return speed_; }
  void set_speed(int step);
  void faster() { set_speed(speed_ + 1); }
  void slower() { set_speed(speed_ - 1); }
  // The factor of true time: {1, 10} is a tenth.
  static Ratio factor(int step);
  // Real time one hop takes in equal hops, 20 ms to 20 s: 800 ms at normal speed.
  Duration hop_time() const;

  bool skip_idle() const { return skip_idle_; }
  // A stretch with nothing in flight then takes at most a quarter of a second, in both modes.
  void set_skip_idle(bool skip);

  // Plays [begin, end] over and over. REQUIRES: begin < end.
  void set_loop(Time begin, Time end) { loop_ = Gap{begin, end}; }
  void clear_loop() { loop_.reset(); }
  const std::optional<Gap>& loop() const { return loop_; }

  // Where simulated time is after `real_us` microseconds of real time, from `now`. Returns `now` when paused. Pauses
  // itself at `end` (backward: at 0) unless it loops.
  Time advance(Time now, std::int64_t real_us, const Lanes& lanes, Time end);

 private:
  // `sim_ns` simulated nanoseconds in `real_us` real microseconds; holds as far as `until`.
  struct Pace {
    std::int64_t sim_ns;
    std::int64_t real_us;
    Time until;
  };

  Pace pace(Time now, const Lanes& lanes, Time end) const;
  Time run(Time now, std::int64_t& real_us, const Lanes& lanes, Time stop, Time end);

  SpeedMode mode_ = SpeedMode::equal_hops;
  int speed_ = normal_speed;
  bool playing_ = false;
  bool reverse_ = false;
  bool skip_idle_ = false;
  std::optional<Gap> loop_;
  std::int64_t carry_ = 0;  // simulated time owed, in units of 1 / carry_unit_ ns
  std::int64_t carry_unit_ = 1;
};

}  // namespace fourtuple::replay
