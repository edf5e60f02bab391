// Places of a trace from which a fold may start, within a budget of memory. A keyframe is a copy of the state, which
// shares the pages that did not change since the copy before it; or, where a copy would be dear because a crowd of
// sockets changes everywhere, the shortlist of records that leads there from the copy before it: four bytes a socket
// instead of hundreds. When they exceed the budget, every second one of the kind that takes too much goes.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/replay/net_state.h"
#include "sim/replay/shortlist.h"

namespace fourtuple::replay {

class Keyframes {
 public:
  // The first keyframe is `start`; it is always kept.
  Keyframes(const trace::Trace& trace, const NetState& start, std::uint64_t budget);

  // Where lay() is wanted next.
  std::uint64_t due() const { return due_; }
  // Takes in a state at or behind due(). REQUIRES: the fold of the trace up to its position.
  void lay(const NetState& net);
  // The topology has that many hosts now.
  void widen(std::size_t hosts);

  // Number of the last keyframe at or before `boundary`, or of the first.
  std::size_t last_before(std::uint64_t boundary) const;
  std::uint64_t position(std::size_t number) const { return frames_[number].net.position; }
  // What restore() of it costs, in slots that could be folded meanwhile; copies cost nothing.
  std::uint64_t cost(std::size_t number) const;
  void restore(NetState& net, std::size_t number) const;

  std::uint64_t bytes() const { return copy_bytes_ + list_bytes_; }
  std::size_t size() const { return frames_.size(); }

 private:
  struct Frame {
    NetState net;         // not whole: only where it is, its counters, and what was refused
    std::uint64_t bytes;  // a copy: of pages not shared with the copy before it
    Shortlist list;       // since the copy before it
    bool whole = true;
  };

  std::size_t copy_before(std::size_t number) const;
  bool is_base(std::size_t number) const;
  bool lay_list(const NetState& net, const NetState& base);
  void fit_budget();
  bool thin(bool whole);
  void count_bytes();

  const trace::Trace* trace_;
  std::vector<Frame> frames_;
  std::uint64_t budget_;
  std::uint64_t copy_bytes_ = 0, list_bytes_ = 0;
  std::uint64_t copy_spacing_ = 16384;  // slots
  std::uint64_t list_spacing_ = 65536;
  std::uint64_t due_;
};

}  // namespace fourtuple::replay
