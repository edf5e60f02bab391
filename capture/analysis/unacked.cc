#include "capture/analysis/unacked.h"

#include <algorithm>

namespace fourtuple::capture {

std::span<Unacked::Sent> Unacked::waiting() {
  if (more_ == nullptr) return {near_.data(), near_count_};
  return std::span(more_->sent).subspan(more_->acknowledged);
}

void Unacked::insert(std::size_t at, const Sent& sent) {
  if (more_ == nullptr && near_count_ < in_place) {
    std::copy_backward(near_.begin() + at, near_.begin() + near_count_, near_.begin() + near_count_ + 1);
    near_[at] = sent;
    ++near_count_;
    return;
  }
  if (more_ == nullptr) {
    constexpr std::size_t first_room = 32;
    more_ = std::make_unique<More>();
    more_->sent.reserve(first_room);
    more_->sent.assign(near_.begin(), near_.end());
  }
  more_->sent.insert(more_->sent.begin() + static_cast<std::ptrdiff_t>(more_->acknowledged + at), sent);
}

void Unacked::remove_front(std::size_t count) {
  if (count == 0) return;
  if (more_ == nullptr) {
    std::copy(near_.begin() + count, near_.begin() + near_count_, near_.begin());
    near_count_ = static_cast<std::uint8_t>(near_count_ - count);
    return;
  }
  more_->acknowledged += count;
  std::vector<Sent>& sent = more_->sent;
  if (more_->acknowledged == sent.size()) {
    more_.reset();
    near_count_ = 0;
  } else if (more_->acknowledged > sent.size() / 2) {
    sent.erase(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(more_->acknowledged));
    more_->acknowledged = 0;
  }
}

void Unacked::add(SeqNumber seq, SeqNumber end, std::int64_t time_ns) {
  std::span<Sent> all = waiting();
  std::size_t at = all.size();
  if (at >= most) return;
  if (at != 0 && !end.after(all.back().end)) {
    const auto ends_before = [](const Sent& sent, SeqNumber number) { return sent.end.before(number); };
    at = static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), end, ends_before) - all.begin());
  }
  const SeqNumber behind = at < all.size() && all[at].seq.before(seq) ? all[at].seq : seq;
  for (std::size_t i = at; i > 0 && all[i - 1].seq.after(behind); --i) all[i - 1].seq = behind;
  if (at < all.size() && all[at].end == end)
    all[at].seq = behind;
  else
    insert(at, {time_ns, behind, end});
}

std::int64_t Unacked::acknowledge(SeqNumber ack, std::int64_t time_ns) {
  const std::span<Sent> all = waiting();
  std::int64_t rtt_ns = no_rtt;
  std::size_t done = 0;
  for (; done < all.size() && !all[done].end.after(ack); ++done)
    if (all[done].end == ack && time_ns > all[done].time_ns) rtt_ns = time_ns - all[done].time_ns;
  for (std::size_t i = done; i < all.size() && all[i].seq.before(ack); ++i) all[i].seq = ack;
  remove_front(done);
  return rtt_ns;
}

std::uint32_t Unacked::bytes() const {
  if (more_ == nullptr)
    return near_count_ == 0 ? 0u : static_cast<std::uint32_t>(near_[near_count_ - 1u].end - near_[0].seq);
  return static_cast<std::uint32_t>(more_->sent.back().end - more_->sent[more_->acknowledged].seq);
}

}  // namespace fourtuple::capture
