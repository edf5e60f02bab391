// A position in a trace with the state there. Going back, or far ahead, starts from a keyframe (keyframes.h); together
// they hold at most a budget of memory. Walking back leaves a few more copies close behind the cursor, so that the next
// step back is short whatever lies between two keyframes. Far folds through a crowd pass over what is overwritten on
// the way (shortlist.h).
//
// Law (tested): however the cursor got to a place, its state equals a fresh fold up to there. The trace may grow
// meanwhile: refresh(). One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/replay/keyframes.h"
#include "sim/replay/net_state.h"
#include "sim/trace/index.h"

namespace fourtuple::replay {

class Cursor {
 public:
  static constexpr std::uint64_t default_keyframe_bytes = 200u << 20;

  explicit Cursor(const trace::Trace& trace, std::uint64_t keyframe_bytes = default_keyframe_bytes);

  // Takes in newly published records. With `prepare_slots`, also lays keyframes ahead over at most that many slots, so
  // that a later jump is quick; call it once a frame until prepared().
  void refresh(std::uint64_t prepare_slots = 0);
  bool prepared() const { return frontier_.position >= index_.end(); }

  // State after all records at or before `time`; time() becomes `time` even between records.
  void seek(Time time);
  // State with all records before `boundary`; time() becomes that of the last of them. Beyond the end means the end.
  void seek_position(std::uint64_t boundary);
  // State right after the record at `position` happened.
  void seek_record(std::uint64_t position) { seek_position(index_.next(position)); }

  const state::State& state() const { return now_.state; }
  const NetState& net_state() const { return now_; }
  Time time() const { return now_.time; }
  // Boundary: the position of the next record to happen.
  std::uint64_t position() const { return now_.position; }
  // The record that happened last, or trace::Index::none at the start.
  std::uint64_t last_record() const { return index_.previous(now_.position); }
  // Later of the trace's declared end and its last record.
  Time end_time() const;

  // The state at another place, without moving the cursor.
  NetState state_at(std::uint64_t boundary) const;

  const trace::Trace& trace() const { return *trace_; }
  const trace::Index& index() const { return index_; }
  // Memory of all copies beyond what they share with each other.
  std::uint64_t keyframe_bytes() const { return keyframes_.bytes() + near_bytes_; }
  std::size_t keyframes() const { return keyframes_.size(); }

 private:
  struct Copy {
    NetState net;
    std::uint64_t bytes;  // not shared with the copy before it
  };

  void extend_frontier(std::uint64_t boundary);
  // Makes `net` the state at `boundary`, from the place from which that is quickest; it may be where it is.
  void go(NetState& net, std::uint64_t boundary) const;
  // Whether records up to there may be passed over: the frontier met none behind `net` that contradicts the state.
  bool consistent(const NetState& net, std::uint64_t boundary) const;
  void fold_leaving_copies(std::uint64_t boundary);

  const trace::Trace* trace_;
  trace::Index index_;
  NetState now_;
  NetState frontier_;  // the farthest fold, from which keyframes are laid
  Keyframes keyframes_;
  std::vector<Copy> near_;  // ascending, all behind the place last gone back to
  std::uint64_t near_budget_;
  std::uint64_t near_bytes_ = 0;
};

}  // namespace fourtuple::replay
