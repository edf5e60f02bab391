#include "sim/replay/step.h"

#include <algorithm>

#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;
constexpr std::uint64_t nowhere = trace::Index::none;

bool is_hop(Kind kind) {
  return kind == Kind::packet_sent || kind == Kind::packet_delivered || kind == Kind::packet_dropped;
}

// The statement at which a rule ended without matching.
bool fails(const trace::Slot& record) {
  const trace::ExpressionResult result = trace::unpack_rule_expression(&record).result;
  return result == trace::ExpressionResult::failed || result == trace::ExpressionResult::absent;
}

// What befalls a packet outside of rules, on a host that has some: its way from one to the next.
bool leads_between_rules(const Indexes& indexes, const trace::Slot& record) {
  switch (record.kind) {
    case Kind::stage:
    case Kind::packet_sent:
    case Kind::packet_dropped:
    case Kind::packet_delivered:
    case Kind::packet_rewritten:
    case Kind::conntrack_created: {
      const auto& rulesets = indexes.trace().tables().rulesets;
      return std::any_of(rulesets.begin(), rulesets.end(),
                         [&](const trace::RulesetInfo& ruleset) { return ruleset.host == record.host_id(); });
    }
    default:
      return false;
  }
}

bool matches(const Indexes& indexes, Grain grain, const Selection& selection, const trace::Slot& record) {
  const bool about = !selection.packet.valid() || packet_of(record) == selection.packet;
  switch (grain) {
    case Grain::record:
      return true;
    case Grain::stage:
      return about && packet_of(record).valid();
    case Grain::hop:
      return about && is_hop(record.kind);
    case Grain::packet:
      return record.kind == Kind::packet_created;
    case Grain::flow:
      return record.kind == Kind::packet_created && indexes.packets().flow({record.subject}) == selection.flow;
    case Grain::drop:
      return record.kind == Kind::packet_dropped;
    case Grain::reset:
      return record.kind == Kind::packet_created && trace::unpack_packet_created(&record).packet.has(TcpFlag::rst);
    case Grain::state_change:
      return record.kind == Kind::socket_state && (!selection.host.valid() || record.host_id() == selection.host);
    case Grain::same_kind:
      return record.kind == selection.kind;
    case Grain::rule:
    case Grain::expression: {
      const bool finest = grain == Grain::expression;
      const bool statement = record.kind == Kind::rule_expression && (finest || fails(record));
      const bool between = finest && leads_between_rules(indexes, record);
      if (!statement && !between && record.kind != Kind::rule_verdict) return false;
      return about && (!selection.host.valid() || record.host_id() == selection.host);
    }
  }
  return false;
}

std::uint64_t scan_forward(const Indexes& indexes, Grain grain, const Selection& selection, std::uint64_t from) {
  const trace::Trace& trace = indexes.trace();
  for (std::uint64_t at = trace.skip_padding(from); at < indexes.end(); at = trace.next(at))
    if (matches(indexes, grain, selection, *trace.at(at))) return at;
  return nowhere;
}

// The last match before `limit`, block by block from the back.
std::uint64_t scan_backward(const Indexes& indexes, Grain grain, const Selection& selection, std::uint64_t limit) {
  const trace::Trace& trace = indexes.trace();
  const trace::Index& index = indexes.records();
  while (limit > index.first()) {
    const std::uint64_t begin = index.known_before(limit - 1);
    std::uint64_t found = nowhere;
    for (std::uint64_t at = begin; at < limit; at = trace.next(at))
      if (matches(indexes, grain, selection, *trace.at(at))) found = at;
    if (found != nowhere) return found;
    limit = begin;
  }
  return nowhere;
}

// Grains whose records are listed already.
bool listed(Grain grain, Mark& mark) {
  if (grain == Grain::packet) mark = Mark::packet;
  if (grain == Grain::drop) mark = Mark::drop;
  if (grain == Grain::reset) mark = Mark::reset;
  return grain == Grain::packet || grain == Grain::drop || grain == Grain::reset;
}

// Among the packets of a filter.
std::uint64_t search_matches(const Indexes& indexes, Grain grain, Direction direction, std::uint64_t boundary,
                             const Selection& selection) {
  const auto& list = *selection.matches;
  const auto fits = [&](std::uint64_t at) {
    return grain == Grain::packet || matches(indexes, grain, selection, *indexes.trace().at(at));
  };
  const bool forward = direction == Direction::forward;
  const std::uint64_t from = forward ? boundary : indexes.records().previous(boundary);
  if (from == nowhere) return nowhere;
  auto at = std::lower_bound(list.begin(), list.end(), from);
  if (forward) {
    while (at != list.end() && !fits(*at)) ++at;
    return at == list.end() ? nowhere : *at;
  }
  while (at != list.begin())
    if (fits(*--at)) return *at;
  return nowhere;
}

std::uint64_t search(const Indexes& indexes, Grain grain, Direction direction, std::uint64_t boundary,
                     const Selection& selection) {
  if (selection.matches != nullptr && (grain == Grain::packet || grain == Grain::flow))
    return search_matches(indexes, grain, direction, boundary, selection);
  Mark mark = Mark::packet;
  if (direction == Direction::forward) {
    return listed(grain, mark) ? indexes.marks().next(mark, boundary)
                               : scan_forward(indexes, grain, selection, boundary);
  }
  const std::uint64_t current = indexes.records().previous(boundary);
  if (current == nowhere) return nowhere;
  return listed(grain, mark) ? indexes.marks().previous(mark, current)
                             : scan_backward(indexes, grain, selection, current);
}

}  // namespace

PacketId packet_of(const trace::Slot& record) {
  switch (record.kind) {
    case Kind::packet_created:
    case Kind::packet_sent:
    case Kind::packet_dropped:
    case Kind::packet_delivered:
    case Kind::packet_quoted:
    case Kind::packet_rewritten:
    case Kind::stage:
    case Kind::lookup:
    case Kind::tcp_segment_judged:
    case Kind::packet_logged:
    case Kind::rule_verdict:
    case Kind::rule_expression:
      return {record.subject};
    case Kind::conntrack_created:
    case Kind::conntrack_seen:
      return {record.a};
    default:
      return PacketId::none();
  }
}

std::optional<Step> step(const Indexes& indexes, Grain grain, Direction direction, std::uint64_t boundary,
                         const Selection& selection) {
  const std::uint64_t found = search(indexes, grain, direction, boundary, selection);
  if (found == nowhere) return std::nullopt;
  return Step{found, indexes.trace().at(found)->at};
}

}  // namespace fourtuple::replay
