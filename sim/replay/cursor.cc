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

// A stretch shorter than this, in slots, is folded record by record.
constexpr std::uint64_t far = 32768;

}  // namespace

Cursor::Cursor(const trace::Trace& trace, std::uint64_t keyframe_bytes)
    : trace_(&trace),
      index_(trace),
      now_(initial_state(trace)),
      frontier_(now_),
      keyframes_(trace, now_, keyframe_bytes - keyframe_bytes / near_part),
      near_budget_(keyframe_bytes / near_part) {
  index_.refresh();
}

void Cursor::refresh(std::uint64_t prepare_slots) {
  index_.refresh();
  // The topology of a trace that grows with its capture may have gained hosts.
  const std::size_t hosts = trace_->tables().topology.hosts.size();
  for (NetState* net : {&now_, &frontier_})
    if (net->state.hosts.size() < hosts) net->state.hosts.resize(hosts);
  for (Copy& copy : near_)
    if (copy.net.state.hosts.size() < hosts) copy.net.state.hosts.resize(hosts);
  keyframes_.widen(hosts);
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
  const bool walks = boundary < now_.position && now_.position - boundary <= walking;
  if (walks) {
    fold_leaving_copies(boundary);
  } else {
    go(now_, boundary);
  }
  const std::uint64_t last = last_record();
  now_.time = last == trace::Index::none ? Time{0} : trace_->at(last)->at;
}

NetState Cursor::state_at(std::uint64_t boundary) const {
  boundary = std::min(boundary, index_.end());
  NetState net = now_;
  go(net, boundary);
  return net;
}

void Cursor::go(NetState& net, std::uint64_t boundary) const {
  const bool here = net.position <= boundary;
  const std::size_t number = keyframes_.last_before(boundary);
  const std::uint64_t keyframe = keyframes_.position(number);
  const NetState* copy = nullptr;
  for (const Copy& near : near_)
    if (near.net.position <= boundary) copy = &near.net;
  if (frontier_.position <= boundary) copy = &frontier_;
  if (copy != nullptr && copy->position >= keyframe) {
    if (!here || net.position < copy->position) assign(net, *copy);
  } else if (!here || net.position + keyframes_.cost(number) < keyframe) {
    keyframes_.restore(net, number);
  }
  if (boundary > net.position + far && frontier_.state.sockets.end() > crowd && consistent(net, boundary)) {
    fold_far(net, *trace_, boundary);
  } else {
    fold_to(net, *trace_, boundary);
  }
}

bool Cursor::consistent(const NetState& net, std::uint64_t boundary) const {
  return boundary <= frontier_.position && net.refused == frontier_.refused;
}

void Cursor::fold_leaving_copies(std::uint64_t boundary) {
  while (!near_.empty() && near_.back().net.position >= boundary) {
    near_bytes_ -= near_.back().bytes;
    near_.pop_back();
  }
  // First to where the copies begin, so that these only pay for what changes between them.
  std::uint64_t start = std::max(boundary, walking) - walking;
  start = std::max(start, keyframes_.position(keyframes_.last_before(boundary)));
  if (!near_.empty()) start = std::max(start, near_.back().net.position);
  go(now_, start);
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
    // A boundary inside a record or padding is rounded up by the fold itself.
    fold_to(frontier_, *trace_, std::min(boundary, keyframes_.due()));
    if (frontier_.position >= keyframes_.due()) keyframes_.lay(frontier_);
  }
}

}  // namespace fourtuple::replay
