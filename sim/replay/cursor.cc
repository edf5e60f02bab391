#include "sim/replay/cursor.h"

#include <algorithm>

namespace fourtuple::replay {
namespace {

// Slots from the place gone back to, to each copy left behind it; and how far back a jump still counts as walking.
constexpr std::uint64_t near_distances[] = {4096, 1024, 256, 64, 16};
constexpr std::uint64_t walking = 8192;
constexpr std::size_t most_near = 24;
// The part of the budget that copies close behind the cursor may take.
constexpr std::uint64_t near_part = 8;

// What a copy costs besides the pages it shares with the copy before it.
std::uint64_t bytes_beyond(const state::State& state, const state::State& before) {
  return state.hosts.size() * sizeof(state::Counters) + state.processes.bytes_unlike(before.processes) +
         state.sockets.bytes_unlike(before.sockets) + state.locals.bytes_unlike(before.locals) +
         state.descriptors.bytes_unlike(before.descriptors) +
         state.descriptor_index.bytes_unlike(before.descriptor_index) +
         state.tcp_variables.bytes_unlike(before.tcp_variables) + state.rulesets.size() * sizeof(std::uint32_t) +
         state.conntrack.bytes_unlike(before.conntrack) + state.objects.bytes_unlike(before.objects) +
         state.set_elements.bytes_unlike(before.set_elements);
}

void assign(NetState& to, const NetState& from) {
  state::assign(to.state, from.state);
  to.position = from.position;
  to.time = from.time;
  to.refused = from.refused;
}

template <class Frames>
auto frame_before(const Frames& frames, std::uint64_t boundary) {
  const auto later = std::upper_bound(frames.begin(), frames.end(), boundary,
                                      [](std::uint64_t at, const auto& frame) { return at < frame.net.position; });
  return later == frames.begin() ? nullptr : &std::prev(later)->net;
}

}  // namespace

Cursor::Cursor(const trace::Trace& trace, std::uint64_t keyframe_bytes)
    : trace_(&trace),
      index_(trace),
      now_(initial_state(trace)),
      frontier_(now_),
      budget_(keyframe_bytes - keyframe_bytes / near_part),
      near_budget_(keyframe_bytes / near_part) {
  index_.refresh();
  keyframes_.push_back({now_, 0});
}

void Cursor::refresh(std::uint64_t prepare_slots) {
  index_.refresh();
  // The topology of a trace that grows with its capture may have gained hosts.
  const std::size_t hosts = trace_->tables().topology.hosts.size();
  for (NetState* net : {&now_, &frontier_})
    if (net->state.hosts.size() < hosts) net->state.hosts.resize(hosts);
  for (auto* frames : {&keyframes_, &near_})
    for (Keyframe& keyframe : *frames)
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
  const NetState& start = nearest_before(boundary);
  const bool back = boundary < now_.position, walks = back && now_.position - boundary <= walking;
  // Going on from here is cheaper unless a copy lies between.
  if (back || now_.position < start.position) assign(now_, start);
  if (walks) {
    fold_leaving_copies(boundary);
  } else {
    fold_to(now_, *trace_, boundary);
  }
  const std::uint64_t last = last_record();
  now_.time = last == trace::Index::none ? Time{0} : trace_->at(last)->at;
}

NetState Cursor::state_at(std::uint64_t boundary) const {
  boundary = std::min(boundary, index_.end());
  const NetState& start = nearest_before(boundary);
  const bool from_here = now_.position <= boundary && now_.position >= start.position;
  NetState net = from_here ? now_ : start;
  fold_to(net, *trace_, boundary);
  return net;
}

void Cursor::fold_leaving_copies(std::uint64_t boundary) {
  while (!near_.empty() && near_.back().net.position >= boundary) {
    near_bytes_ -= near_.back().bytes;
    near_.pop_back();
  }
  for (const std::uint64_t distance : near_distances) {
    if (boundary < distance || boundary - distance <= now_.position) continue;
    const NetState before = now_;
    fold_to(now_, *trace_, boundary - distance);
    near_.push_back({now_, bytes_beyond(now_.state, before.state)});
    near_bytes_ += near_.back().bytes;
    while (!near_.empty() && (near_bytes_ > near_budget_ || near_.size() > most_near)) {
      near_bytes_ -= near_.front().bytes;
      near_.erase(near_.begin());
    }
  }
  fold_to(now_, *trace_, boundary);
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

const NetState& Cursor::nearest_before(std::uint64_t boundary) const {
  const NetState* best = frame_before(keyframes_, boundary);
  if (best == nullptr) best = &keyframes_.front().net;
  const NetState* near = frame_before(near_, boundary);
  if (near != nullptr && near->position > best->position) best = near;
  return frontier_.position <= boundary ? frontier_ : *best;
}

}  // namespace fourtuple::replay
