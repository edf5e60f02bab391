#include "sim/replay/breaks.h"

#include <algorithm>

#include "sim/replay/step.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;
constexpr std::uint64_t none = trace::Index::none;

struct Listed {
  Mark mark;
  bool Breakpoints::*wanted;
};
constexpr Listed listed[] = {{Mark::drop, &Breakpoints::on_drop},
                             {Mark::reset, &Breakpoints::on_reset},
                             {Mark::retransmission, &Breakpoints::on_retransmission}};

bool scan_names(const Indexes& indexes, const Breakpoints& breakpoints, std::uint64_t position) {
  const trace::Slot& record = *indexes.trace().at(position);
  if (breakpoints.on_state_change && record.kind == Kind::socket_state) return true;
  const PacketId packet = packet_of(record);
  if (breakpoints.packet.valid() && packet == breakpoints.packet) return true;
  const bool ends = record.kind == Kind::packet_delivered || record.kind == Kind::packet_dropped;
  if (ends && breakpoints.flow != FlowTable::none && indexes.packets().flow(packet) == breakpoints.flow) return true;
  return breakpoints.matches && breakpoints.matches(position, record);
}

BreakCause cause_of(const Indexes& indexes, const Breakpoints& breakpoints, std::uint64_t position) {
  const trace::Slot& record = *indexes.trace().at(position);
  const PacketId packet = packet_of(record);
  const bool created = record.kind == Kind::packet_created;
  if (breakpoints.on_drop && record.kind == Kind::packet_dropped) return BreakCause::drop;
  if (breakpoints.on_reset && created && indexes.marks().next(Mark::reset, position) == position)
    return BreakCause::reset;
  if (breakpoints.on_retransmission && created && indexes.packets().retransmission(packet))
    return BreakCause::retransmission;
  if (breakpoints.on_state_change && record.kind == Kind::socket_state) return BreakCause::state_change;
  if (breakpoints.packet.valid() && packet == breakpoints.packet) return BreakCause::packet;
  if (breakpoints.matches && breakpoints.matches(position, record)) return BreakCause::match;
  return BreakCause::flow;
}

Break break_at(const Indexes& indexes, const Breakpoints& breakpoints, std::uint64_t position) {
  return {position, indexes.trace().at(position)->at, cause_of(indexes, breakpoints, position)};
}

// The breakpoint that playing from the cursor to `now` meets first.
std::optional<Break> passed(const Cursor& cursor, const Indexes& indexes, const Breakpoints& breakpoints, Time now,
                            const std::optional<Gap>& loop) {
  const trace::Index& records = indexes.records();
  const std::uint64_t begin = cursor.position();
  if (now > cursor.time() || !loop) return first_break(indexes, breakpoints, begin, records.boundary_after(now));
  // It began anew.
  if (const auto found = first_break(indexes, breakpoints, begin, records.boundary_after(loop->end))) return found;
  return first_break(indexes, breakpoints, records.boundary_before(loop->begin), records.boundary_after(now));
}

// To the instant of a record itself, as playing forward does.
std::optional<Break> passed_back(const Cursor& cursor, const Indexes& indexes, const Breakpoints& breakpoints, Time now,
                                 const std::optional<Gap>& loop) {
  const trace::Index& records = indexes.records();
  // Right behind a record, that one is where playback stands.
  const std::uint64_t last = cursor.last_record();
  if (last == none) return std::nullopt;
  const bool stands_at_it = indexes.trace().at(last)->at == cursor.time();
  const std::uint64_t end = stands_at_it ? last : cursor.position();
  if (now < cursor.time() || !loop) return last_break(indexes, breakpoints, records.boundary_before(now), end);
  if (const auto found = last_break(indexes, breakpoints, records.boundary_before(loop->begin), end)) return found;
  return last_break(indexes, breakpoints, records.boundary_before(now), records.boundary_after(loop->end));
}

}  // namespace

std::optional<Break> first_break(const Indexes& indexes, const Breakpoints& breakpoints, std::uint64_t from,
                                 std::uint64_t to) {
  const trace::Trace& trace = indexes.trace();
  to = std::min(to, indexes.end());
  std::uint64_t found = none;
  for (const Listed& list : listed)
    if (breakpoints.*list.wanted) found = std::min(found, indexes.marks().next(list.mark, from));
  if (found >= to) found = none;
  if (breakpoints.scans()) {
    const std::uint64_t end = std::min(found, to);
    for (std::uint64_t at = trace.skip_padding(from); at < end; at = trace.next(at))
      if (scan_names(indexes, breakpoints, at)) return break_at(indexes, breakpoints, at);
  }
  if (found == none) return std::nullopt;
  return break_at(indexes, breakpoints, found);
}

std::optional<Break> last_break(const Indexes& indexes, const Breakpoints& breakpoints, std::uint64_t from,
                                std::uint64_t to) {
  to = std::min(to, indexes.end());
  std::uint64_t found = none;
  for (const Listed& list : listed) {
    if (!(breakpoints.*list.wanted)) continue;
    const std::uint64_t last = indexes.marks().previous(list.mark, to);
    if (last != none && last >= from && (found == none || last > found)) found = last;
  }
  const trace::Trace& trace = indexes.trace();
  const std::uint64_t least = found == none ? trace.skip_padding(from) : trace.next(found);
  // Records have no length at their end: block by block from the back, forward within each.
  for (std::uint64_t limit = to; breakpoints.scans() && limit > least;) {
    const std::uint64_t begin = std::max(indexes.records().known_before(limit - 1), least);
    std::uint64_t last = none;
    for (std::uint64_t at = begin; at < limit; at = trace.next(at))
      if (scan_names(indexes, breakpoints, at)) last = at;
    if (last != none) return break_at(indexes, breakpoints, last);
    limit = begin;
  }
  if (found == none) return std::nullopt;
  return break_at(indexes, breakpoints, found);
}

std::optional<Break> play(Cursor& cursor, Playback& playback, const Indexes& indexes, const Breakpoints& breakpoints,
                          std::int64_t real_us, Time until) {
  const Time before = cursor.time();
  Time now = playback.advance(before, real_us, indexes.lanes(), cursor.end_time());
  if (!playback.reverse() && now >= until) {
    now = until;
    playback.pause();
  }
  if (now == before) return std::nullopt;
  std::optional<Break> found;
  if (breakpoints.any()) {
    found = playback.reverse() ? passed_back(cursor, indexes, breakpoints, now, playback.loop())
                               : passed(cursor, indexes, breakpoints, now, playback.loop());
  }
  if (!found) {
    cursor.seek(now);
    return std::nullopt;
  }
  playback.pause();
  cursor.seek_record(found->record);
  return found;
}

}  // namespace fourtuple::replay
