#include "sim/replay/shortlist.h"

#include <algorithm>

#include "sim/state/after_image.h"
#include "sim/state/apply.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;
using trace::Slot;

enum class Effect : std::uint8_t {
  variables = Shortlist::variables,
  queues = Shortlist::queues,
  tcp_state = Shortlist::tcp_state,
  lasting,
  counts,
  none,
};

// A kind not known here lasts: that is always right.
Effect effect_of(Kind kind) {
  switch (kind) {
    case Kind::tcp_variables:
      return Effect::variables;
    case Kind::socket_queues:
      return Effect::queues;
    case Kind::socket_state:
      return Effect::tcp_state;
    case Kind::packet_sent:
    case Kind::packet_dropped:
    case Kind::packet_delivered:
      return Effect::counts;
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
    default:
      return Effect::lasting;
  }
}

// Whether what an after-image of the record's subject set may be set otherwise by it.
bool about_socket(Kind kind) {
  switch (kind) {
    case Kind::socket_created:
    case Kind::socket_bound:
    case Kind::socket_connected:
    case Kind::socket_listening:
    case Kind::socket_owner:
    case Kind::socket_error:
    case Kind::socket_closed:
      return true;
    default:
      return false;
  }
}

class Bits {
 public:
  void make_room(std::uint32_t most) {
    if (most / 64 >= words_.size()) words_.resize(std::max<std::size_t>(most / 64 + 1, words_.size() * 2));
  }
  bool test(std::uint32_t number) const {
    return number / 64 < words_.size() && (words_[number / 64] >> (number % 64) & 1) != 0;
  }
  // REQUIRES: make_room(number). Whether it was set before.
  bool set(std::uint32_t number) {
    std::uint64_t& word = words_[number / 64];
    const std::uint64_t before = word;
    word |= std::uint64_t{1} << (number % 64);
    return (before >> (number % 64) & 1) != 0;
  }

 private:
  std::vector<std::uint64_t> words_;
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
      boundary = walk(std::max(segment, from), boundary);
      take_found();
    }
  }
  // Of records before what was taken so far. Nothing that it lists follows one of its images.
  void take(const Shortlist& before) {
    for (std::size_t kind = 0; kind < Shortlist::image_kinds; ++kind) take_images(kind, before.images[kind]);
    for (auto record = before.ordered.rbegin(); record != before.ordered.rend(); ++record) {
      const Slot& slot = *trace_->at(*record);
      const auto kind = static_cast<std::size_t>(effect_of(slot.kind));
      if (kind >= Shortlist::image_kinds || !met_[kind].test(slot.subject)) left_.ordered.push_back(*record);
    }
  }
  Shortlist finish() {
    for (auto& images : left_.images) std::reverse(images.begin(), images.end());
    std::reverse(left_.ordered.begin(), left_.ordered.end());
    if (!std::is_sorted(left_.ordered.begin(), left_.ordered.end()))
      std::sort(left_.ordered.begin(), left_.ordered.end());
    return std::move(left_);
  }
  // The place behind the last record of the stretch, and the time of the latest of them.
  std::uint64_t end() const { return end_; }
  Time latest() const { return latest_; }

 private:
  static constexpr std::uint32_t nobody = 0xffffffffu;
  struct Found {
    std::uint32_t position : 30;
    std::uint32_t effect : 2;  // an image's, or Effect::lasting
    std::uint32_t socket;      // that it is about, or nobody
  };

  // Lists in found_ what has an effect on the state and begins in [from, boundary), a part of one segment. Returns
  // from.
  std::uint64_t walk(std::uint64_t from, std::uint64_t boundary) {
    found_.clear();
    std::uint32_t most = 0;
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
        const bool named = effect != Effect::lasting || about_socket(record.kind);
        const std::uint32_t socket = named && record.subject < state::max_sockets ? record.subject : nobody;
        if (socket != nobody) most = std::max(most, socket);
        found_.push_back({static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(effect) & 3u, socket});
      }
      position += 1 + std::uint64_t{record.extra};
    }
    end_ = std::max(end_, position);
    touched_.make_room(most);
    for (Bits& met : met_) met.make_room(most);
    return from;
  }

  void take_found() {
    for (auto found = found_.rbegin(); found != found_.rend(); ++found) {
      if (found->effect < Shortlist::image_kinds && found->socket != nobody) {
        take_image(found->effect, found->position, found->socket);
      } else {
        if (found->socket != nobody) touched_.set(found->socket);
        left_.ordered.push_back(found->position);
      }
    }
  }
  void take_image(std::size_t kind, std::uint32_t position, std::uint32_t socket) {
    if (met_[kind].set(socket)) return;
    (touched_.test(socket) ? left_.ordered : left_.images[kind]).push_back(position);
  }
  void take_images(std::size_t kind, const std::vector<std::uint32_t>& images) {
    constexpr std::size_t ahead = 48;
    for (std::size_t i = images.size(); i-- > 0;) {
      if (i >= ahead) __builtin_prefetch(trace_->at(images[i - ahead]));
      const std::uint32_t socket = trace_->at(images[i])->subject;
      met_[kind].make_room(socket);
      take_image(kind, images[i], socket);
    }
  }

  const trace::Trace* trace_;
  state::State* counted_;
  std::array<Bits, Shortlist::image_kinds> met_;
  Bits touched_;  // sockets that a lasting record is about
  std::vector<Found> found_;
  Shortlist left_;  // descending
  std::uint64_t end_ = 0;
  Time latest_{0};
};

// How far ahead memory is asked: first for the record, then for what it changes.
constexpr std::size_t record_ahead = 48, state_ahead = 24;

template <class Prefetch, class Put>
void for_each_listed(const trace::Trace& trace, const std::vector<std::uint32_t>& list, Prefetch prefetch, Put put) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i + record_ahead < list.size()) prefetch_record(trace, list[i + record_ahead]);
    if (i + state_ahead < list.size()) prefetch(*trace.at(list[i + state_ahead]));
    put(trace.at(list[i]));
  }
}

}  // namespace

std::size_t Shortlist::size() const {
  std::size_t sum = ordered.size();
  for (const auto& image : images) sum += image.size();
  return sum;
}

Shortlist shorten(const trace::Trace& trace, const Shortlist& before, std::uint64_t from, std::uint64_t boundary) {
  Shortener shortener(trace, nullptr);
  shortener.take_stretch(from, boundary);
  shortener.take(before);
  return shortener.finish();
}

void apply_listed(NetState& net, const trace::Trace& trace, const Shortlist& list) {
  state::State& state = net.state;
  const auto& images = list.images;
  for_each_listed(
      trace, list.ordered, [&](const Slot& soon) { prefetch_changed(state, soon); },
      [&](const Slot* record) { net.refused += state::apply_record(state, record) ? 0 : 1; });
  for_each_listed(
      trace, images[Shortlist::variables], [&](const Slot& soon) { state.tcp_variables.prefetch(soon.subject); },
      [&](const Slot* record) { state::put(state, trace::unpack_tcp_variables(record)); });
  const auto prefetch_socket = [&](const Slot& soon) { state.sockets.prefetch(soon.subject); };
  for_each_listed(trace, images[Shortlist::queues], prefetch_socket,
                  [&](const Slot* record) { state::put(state, trace::unpack_socket_queues(record)); });
  for_each_listed(trace, images[Shortlist::tcp_state], prefetch_socket,
                  [&](const Slot* record) { state::put(state, trace::unpack_socket_state(record)); });
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
