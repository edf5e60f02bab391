#include "sim/replay/shortlist.h"

#include <algorithm>
#include <array>

#include "sim/state/apply.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;
using trace::Slot;

enum class Effect : std::uint8_t { none, counts, after_image, lasting };

// A kind not known here lasts: that is always right.
Effect effect_of(Kind kind) {
  switch (kind) {
    case Kind::padding:
    case Kind::packet_created:
    case Kind::packet_quoted:
    case Kind::packet_rewritten:
    case Kind::packet_logged:
    case Kind::syscall:
    case Kind::stream_written:
    case Kind::command:
    case Kind::note:
    case Kind::stage:
    case Kind::lookup:
    case Kind::stream_read:
    case Kind::data_call:
    case Kind::rule_verdict:
    case Kind::local_read:
    case Kind::tcp_segment_judged:
    case Kind::rule_expression:
      return Effect::none;
    case Kind::packet_sent:
    case Kind::packet_dropped:
    case Kind::packet_delivered:
      return Effect::counts;
    // Each sets the same fields of its subject whatever they were; no other record's effect depends on them.
    case Kind::tcp_variables:
    case Kind::socket_queues:
    case Kind::socket_state:
    case Kind::process_activity:
    case Kind::local_queues:
      return Effect::after_image;
    default:
      return Effect::lasting;
  }
}

// Which after-images were met, going backwards: one bit for each kind and subject.
class Met {
 public:
  // Notes it; whether a later one of this kind and subject had been met.
  bool again(const Slot& record) {
    std::vector<std::uint64_t>& bits = bits_[kind_number(record.kind)];
    const std::size_t word = record.subject / 64;
    if (word >= bits.size()) {
      if (record.subject >= state::max_sockets) return false;
      bits.resize(std::max(word + 1, bits.size() * 2));
    }
    const std::uint64_t bit = std::uint64_t{1} << (record.subject % 64);
    const bool before = (bits[word] & bit) != 0;
    bits[word] |= bit;
    return before;
  }

 private:
  static std::size_t kind_number(Kind kind) {
    switch (kind) {
      case Kind::tcp_variables:
        return 0;
      case Kind::socket_queues:
        return 1;
      case Kind::socket_state:
        return 2;
      case Kind::process_activity:
        return 3;
      default:
        return 4;
    }
  }

  std::array<std::vector<std::uint64_t>, 5> bits_;
};

// Walks a stretch backwards, a segment at a time, since records can only be found going forwards.
class Shortener {
 public:
  // `counted`: whose counters the packets met are added to, or null.
  Shortener(const trace::Trace& trace, state::State* counted) : trace_(&trace), counted_(counted) {}

  void take_stretch(std::uint64_t from, std::uint64_t boundary) {
    end_ = from;
    while (boundary > from) {
      const std::uint64_t segment = (boundary - 1) / trace::Trace::segment_slots * trace::Trace::segment_slots;
      walk(std::max(segment, from), boundary);
      take(here_);
      boundary = std::max(segment, from);
    }
  }
  // Of records before what was taken so far; newest last.
  void take(const Shortlist& records) {
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
      const Slot& slot = *trace_->at(*record);
      if (effect_of(slot.kind) == Effect::after_image && met_.again(slot)) continue;
      left_.push_back(*record);
    }
  }
  Shortlist finish() {
    std::reverse(left_.begin(), left_.end());
    return std::move(left_);
  }
  // The place behind the last record of the stretch, and the time of the latest of them.
  std::uint64_t end() const { return end_; }
  Time latest() const { return latest_; }

 private:
  // Lists in here_ what has an effect on the state and begins in [from, boundary), a part of one segment.
  void walk(std::uint64_t from, std::uint64_t boundary) {
    here_.clear();
    std::uint64_t position = from;
    while (position < boundary) {
      const Slot& record = *trace_->at(position);
      if (record.kind == Kind::padding) {
        position += 1 + std::uint64_t{record.subject};
        continue;
      }
      latest_ = std::max(latest_, record.at);
      const Effect effect = effect_of(record.kind);
      if (effect == Effect::counts) {
        if (counted_ != nullptr) state::apply_record(*counted_, &record);
      } else if (effect != Effect::none) {
        here_.push_back(static_cast<std::uint32_t>(position));
      }
      position += 1 + std::uint64_t{record.extra};
    }
    end_ = std::max(end_, position);
  }

  const trace::Trace* trace_;
  state::State* counted_;
  Met met_;
  Shortlist here_, left_;  // left_: descending
  std::uint64_t end_ = 0;
  Time latest_{0};
};

}  // namespace

Shortlist shorten(const trace::Trace& trace, const Shortlist& before, std::uint64_t from, std::uint64_t boundary) {
  Shortener shortener(trace, nullptr);
  shortener.take_stretch(from, boundary);
  shortener.take(before);
  return shortener.finish();
}

void apply_listed(NetState& net, const trace::Trace& trace, const Shortlist& list) {
  // Far enough ahead for memory to answer: first for the record, then for what it changes.
  constexpr std::size_t record_ahead = 48, state_ahead = 24;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i + record_ahead < list.size()) prefetch_record(trace, list[i + record_ahead]);
    if (i + state_ahead < list.size()) prefetch_changed(net.state, *trace.at(list[i + state_ahead]));
    if (!state::apply_record(net.state, trace.at(list[i]))) ++net.refused;
  }
}

void fold_far(NetState& net, const trace::Trace& trace, std::uint64_t boundary) {
  boundary = std::min(boundary, trace.published());
  if (boundary <= net.position) return;
  Shortener shortener(trace, &net.state);
  shortener.take_stretch(net.position, boundary);
  apply_listed(net, trace, shortener.finish());
  net.position = trace.skip_padding(shortener.end());
  net.time = std::max(net.time, shortener.latest());
}

}  // namespace fourtuple::replay
