#include "sim/replay/keyframes.h"

#include <algorithm>
#include <utility>

namespace fourtuple::replay {
namespace {

// A copy that takes more than this part of the budget is dear.
constexpr std::uint64_t dear_part = 10;
// Shortlists give way to copies only when they take more than this of the budget.
constexpr std::uint64_t lists_part(std::uint64_t budget) {
  return budget / 8 * 3;
}
// A longer shortlist takes more time than it saves.
constexpr std::size_t longest_list = std::size_t{4} << 20;
// Applying one listed record takes the time of folding over so many slots (measured with a million sockets).
constexpr std::uint64_t slots_per_listed = 4;

}  // namespace

Keyframes::Keyframes(const trace::Trace& trace, const NetState& start, std::uint64_t budget)
    : trace_(&trace), budget_(budget), due_(start.position + copy_spacing_) {
  frames_.push_back({start, 0, {}});
}

void Keyframes::widen(std::size_t hosts) {
  for (Frame& frame : frames_)
    if (frame.net.state.hosts.size() < hosts) frame.net.state.hosts.resize(hosts);
}

std::size_t Keyframes::last_before(std::uint64_t boundary) const {
  const auto later = std::upper_bound(frames_.begin(), frames_.end(), boundary,
                                      [](std::uint64_t at, const Frame& frame) { return at < frame.net.position; });
  return later == frames_.begin() ? 0 : static_cast<std::size_t>(later - frames_.begin()) - 1;
}

std::size_t Keyframes::copy_before(std::size_t number) const {
  while (!frames_[number].whole) --number;
  return number;
}

// Whether a shortlist starts from this copy.
bool Keyframes::is_base(std::size_t number) const {
  return frames_[number].whole && number + 1 < frames_.size() && !frames_[number + 1].whole;
}

std::uint64_t Keyframes::cost(std::size_t number) const {
  return frames_[number].list.size() * slots_per_listed;
}

void Keyframes::restore(NetState& net, std::size_t number) const {
  const Frame& frame = frames_[number];
  if (frame.whole) return assign(net, frame.net);
  assign(net, frames_[copy_before(number)].net);
  net.state.hosts = frame.net.state.hosts;
  apply_listed(net, *trace_, frame.list);
  net.position = frame.net.position;
  net.time = frame.net.time;
}

void Keyframes::lay(const NetState& net) {
  const Frame& base = frames_[copy_before(frames_.size() - 1)];
  const std::uint64_t bytes = bytes_beyond(net.state, base.net.state);
  const bool dear = net.state.sockets.end() > crowd && bytes > budget_ / dear_part;
  // A shortlist is right only if nothing was refused on the way.
  if (!dear || net.refused != base.net.refused || !lay_list(net, base.net)) {
    frames_.push_back({net, bytes, {}});
    copy_bytes_ += bytes;
  }
  fit_budget();
  due_ = net.position + copy_spacing_;
}

// False when it would be so long that a copy is better. Lays nothing while the last one is close.
bool Keyframes::lay_list(const NetState& net, const NetState& base) {
  const Frame& last = frames_.back();
  if (net.position - last.net.position < list_spacing_) return true;
  Shortlist list = shorten(*trace_, last.list, last.net.position, net.position);
  if (list.size() > longest_list) return false;
  list.ordered.shrink_to_fit();
  for (auto& images : list.images) images.shrink_to_fit();
  const std::uint64_t bytes = list.bytes();
  list_bytes_ += bytes;
  NetState place;
  place.state.hosts = net.state.hosts;
  place.position = net.position;
  place.time = net.time;
  place.refused = base.refused;
  frames_.push_back({std::move(place), bytes, std::move(list), false});
  return true;
}

void Keyframes::fit_budget() {
  while (bytes() > budget_ && frames_.size() > 1) {
    const bool lists_first = list_bytes_ > lists_part(budget_);
    if (!thin(!lists_first)) thin(lists_first);
  }
}

// Every second one goes, of the copies only those from which no shortlist starts. Whether any went.
bool Keyframes::thin(bool whole) {
  std::vector<Frame> kept;
  bool goes = false;
  for (std::size_t i = 0; i < frames_.size(); ++i) {
    if (i != 0 && frames_[i].whole == whole && !is_base(i)) {
      goes = !goes;
      if (goes) continue;
    }
    kept.push_back(std::move(frames_[i]));
  }
  const bool any = kept.size() < frames_.size();
  frames_ = std::move(kept);
  if (!any) return false;
  (whole ? copy_spacing_ : list_spacing_) *= 2;
  count_bytes();
  return true;
}

void Keyframes::count_bytes() {
  copy_bytes_ = list_bytes_ = 0;
  const Frame* copy = nullptr;
  for (Frame& frame : frames_) {
    if (!frame.whole) {
      list_bytes_ += frame.bytes;
      continue;
    }
    if (copy != nullptr) frame.bytes = bytes_beyond(frame.net.state, copy->net.state);
    copy_bytes_ += frame.bytes;
    copy = &frame;
  }
}

}  // namespace fourtuple::replay
