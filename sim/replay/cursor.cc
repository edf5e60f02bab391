#include "sim/replay/cursor.h"

#include <algorithm>

namespace fourtuple::replay {
namespace {

// What a copy costs besides the pages it shares with the copy before it.
std::uint64_t bytes_beyond(const state::State& state, const state::State& before) {
  return state.hosts.size() * sizeof(state::Counters) + state.processes.bytes_unlike(before.processes) +
         state.sockets.bytes_unlike(before.sockets) + state.locals.bytes_unlike(before.locals) +
         state.descriptors.bytes_unlike(before.descriptors) + state.descriptor_index.bytes() +
         state.tcp_variables.bytes_unlike(before.tcp_variables) + state.rulesets.size() * sizeof(std::uint32_t) +
         state.conntrack.bytes_unlike(before.conntrack) + state.objects.bytes_unlike(before.objects) +
         state.set_elements.bytes_unlike(before.set_elements);
}

}  // namespace

Cursor::Cursor(const trace::Trace& trace, std::uint64_t keyframe_bytes)
    : trace_(&trace), index_(trace), now_(initial_state(trace)), frontier_(now_), budget_(keyframe_bytes) {
  index_.refresh();
  keyframes_.push_back({now_, 0});
}

void Cursor::refresh(std::uint64_t prepare_slots) {
  index_.refresh();
  // The topology of a trace that grows with its capture may have gained hosts.
  const std::size_t hosts = trace_->tables().topology.hosts.size();
  for (NetState* net : {&now_, &frontier_})
    if (net->state.hosts.size() < hosts) net->state.hosts.resize(hosts);
  for (Keyframe& keyframe : keyframes_)
    if (keyframe.net.state.hosts.size() < hosts) keyframe.net.state.hosts.resize(hosts);
  if (prepare_slots != 0 && !prepared()) extend_frontier(std::min(frontier_.position + prepare_slots, index_.end()));
}

Time Cursor::end_time() const {
  return std::max(trace_->end_time(), index_.last_time());
}

void Cursor::seek(Time time) {
  seek_position(index_.boundary_after(time));
  now_.time = time;
}

void Cursor::seek_position(std::uint64_t boundary) {
  boundary = std::min(boundary, index_.end());
  if (boundary > frontier_.position) extend_frontier(boundary);
  const Keyframe& keyframe = keyframe_before(boundary);
  // Going on from here is cheaper unless a keyframe lies between.
  if (now_.position > boundary || now_.position < keyframe.net.position) now_ = keyframe.net;
  fold_to(now_, *trace_, boundary);
  const std::uint64_t last = last_record();
  now_.time = last == trace::Index::none ? Time{0} : trace_->at(last)->at;
}

NetState Cursor::state_at(std::uint64_t boundary) const {
  boundary = std::min(boundary, index_.end());
  const Keyframe& keyframe = keyframe_before(boundary);
  const bool from_here = now_.position <= boundary && now_.position >= keyframe.net.position;
  NetState net = from_here ? now_ : keyframe.net;
  fold_to(net, *trace_, boundary);
  return net;
}

void Cursor::extend_frontier(std::uint64_t boundary) {
  while (frontier_.position < boundary) {
    const std::uint64_t due = keyframes_.back().net.position + spacing_;
    // A boundary inside a record or padding is rounded up by the fold itself.
    fold_to(frontier_, *trace_, std::min(boundary, due));
    if (frontier_.position >= due) lay_keyframe();
  }
}

void Cursor::lay_keyframe() {
  const std::uint64_t bytes = bytes_beyond(frontier_.state, keyframes_.back().net.state);
  keyframes_.push_back({frontier_, bytes});
  keyframe_bytes_ += bytes;
  while (keyframe_bytes_ > budget_ && keyframes_.size() > 1) thin();
}

void Cursor::thin() {
  std::vector<Keyframe> kept;
  keyframe_bytes_ = 0;
  for (std::size_t i = 0; i < keyframes_.size(); i += 2) {
    if (!kept.empty()) keyframes_[i].bytes = bytes_beyond(keyframes_[i].net.state, kept.back().net.state);
    keyframe_bytes_ += keyframes_[i].bytes;
    kept.push_back(std::move(keyframes_[i]));
  }
  keyframes_ = std::move(kept);
  spacing_ *= 2;
}

const Cursor::Keyframe& Cursor::keyframe_before(std::uint64_t boundary) const {
  const auto later =
      std::upper_bound(keyframes_.begin(), keyframes_.end(), boundary,
                       [](std::uint64_t at, const Keyframe& keyframe) { return at < keyframe.net.position; });
  return later == keyframes_.begin() ? keyframes_.front() : *std::prev(later);
}

}  // namespace fourtuple::replay
