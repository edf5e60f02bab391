// Statements with a state of their own (counter, quota, limit, ct count) and elements that packets add to sets.
#include "sim/netfilter/rules/objects.h"

#include <algorithm>

#include "sim/netfilter/conntrack/table.h"
#include "sim/netfilter/rules/evaluate.h"

namespace fourtuple::netfilter {

using trace::NetfilterObjectChanged;

NetfilterObjectChanged initial_value(const Program& program, const Op& op, std::uint32_t object, Time now) {
  switch (op.kind) {
    case OpKind::counter:
      return {object, op.mask, op.value};
    case OpKind::quota:
      return {object, std::min(op.mask, op.value), op.mask};
    case OpKind::limit:
      return {object, program.limits[op.b].most_tokens, static_cast<std::uint64_t>(now.ns)};
    default:
      return {object, 0, 0};
  }
}

void drop_element(Context& c, std::uint32_t id) {
  const state::SetElement element = c.visible.set_elements[id];
  c.filter.sets.erase(c.visible, id);
  if (element.object != no_element) c.filter.sets.return_object(element.set, element.object);
  change(c, trace::SetElementRemoved{id});
}

void drop_elements(Context& c, std::uint32_t set) {
  while (c.filter.sets.first(set) != no_element) drop_element(c, c.filter.sets.first(set));
}

std::uint32_t put_element(Context& c, const Program& program, const SetCode& set, trace::SetElementAdded added) {
  SetTables& tables = c.filter.sets;
  if (set.inner_count != 0) {
    added.object = tables.take_object(added.set);
    if (added.object == no_element) {
      added.object = c.filter.next_object;
      c.filter.next_object += set.inner_count;
    }
  }
  for (std::uint32_t i = 0; i < set.inner_count; ++i) {
    const Op& op = program.inner_ops[set.first_inner + i];
    change(c, initial_value(program, op, added.object + op.a, c.now));
    c.filter.counted.clear(added.object + op.a);
  }
  added.set = set.id;
  added.element = tables.next_id();
  change(c, added);
  tables.insert(c.visible, added.element);
  return added.element;
}

Evaluation::Result Evaluation::run_object(const Op& op, std::uint32_t object) {
  switch (op.kind) {
    case OpKind::counter:
      return count(object);
    case OpKind::quota:
      return use_quota(op, object);
    case OpKind::limit:
      return use_limit(program_.limits[op.b], object);
    case OpKind::connection_limit:
      return count_connection(op, object);
    default:
      return Result::skipped;
  }
}

Evaluation::Result Evaluation::count(std::uint32_t object) {
  const state::NetfilterObject before = c_.visible.objects[object];
  change(c_, NetfilterObjectChanged{object, before.first + 1, before.second + c_.environment.ip_length(walk_.packet)});
  return Result::done;
}

// nft_quota: every packet is counted; what `list` shows stops at the quota (first), the count does not (second).
Evaluation::Result Evaluation::use_quota(const Op& op, std::uint32_t object) {
  const std::uint64_t used = c_.visible.objects[object].second + c_.environment.ip_length(walk_.packet);
  change(c_, NetfilterObjectChanged{object, std::min(used, op.value), used});
  return (used > op.value) == op.negate ? Result::matched : Result::failed;
}

// nft_limit: a bucket of nanoseconds that fills as time passes; a packet costs its share of the period.
Evaluation::Result Evaluation::use_limit(const LimitCode& code, std::uint32_t object) {
  const state::NetfilterObject before = c_.visible.objects[object];
  const auto now = static_cast<std::uint64_t>(c_.now.ns);
  const std::uint64_t tokens = std::min(before.first + (now - before.second), code.most_tokens);
  const std::uint64_t cost =
      code.bytes ? code.period_ns * c_.environment.ip_length(walk_.packet) / code.amount : code.period_ns / code.amount;
  const bool within = cost <= tokens;
  change(c_, NetfilterObjectChanged{object, within ? tokens - cost : tokens, now});
  return within != code.over ? Result::matched : Result::failed;
}

// Connections that ended make room, at most a few at a time, until the packet's own one is met.
bool Evaluation::already_counted(std::vector<CountedConnection>& list, const FlowKey& own) {
  constexpr int most_collected = 8;
  int collected = 0;
  for (std::size_t i = 0; i < list.size() && collected <= most_collected;) {
    const CountedConnection& known = list[i];
    const Found found = find_entry(c_, {known.tuple, c_.host, known.protocol});
    const bool same = known.tuple == own.tuple && known.protocol == own.protocol;
    if (found.valid() && same) return true;
    const state::TcpTracking tcp = found.valid() ? c_.visible.conntrack[found.entry].tcp : state::TcpTracking::none;
    if (found.valid() && tcp != state::TcpTracking::time_wait && tcp != state::TcpTracking::close) {
      ++i;
      continue;
    }
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
    ++collected;
  }
  return false;
}

Evaluation::Result Evaluation::count_connection(const Op& op, std::uint32_t object) {
  FlowKey own;
  own.host = c_.host;
  own.protocol = walk_.packet.protocol;
  if (walk_.tracking.has_entry()) {
    own.tuple = entry_of(c_, walk_.tracking).original;
    own.protocol = entry_of(c_, walk_.tracking).protocol;
  } else {
    const auto tuple = tuple_of(walk_.packet);
    if (!tuple) return Result::absent;
    own.tuple = *tuple;
  }
  std::vector<CountedConnection>& list = c_.filter.counted.of(object);
  if (!already_counted(list, own)) list.push_back({own.tuple, own.protocol});
  const std::uint64_t count = list.size();
  if (c_.visible.objects[object].first != count) change(c_, NetfilterObjectChanged{object, count, 0});
  return (count > op.value) == op.negate ? Result::matched : Result::failed;
}

bool Evaluation::run_inner(std::uint32_t first, std::uint32_t count, std::uint32_t object) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const Op& op = program_.inner_ops[first + i];
    if (run_object(op, object + op.a) == Result::failed) return false;
  }
  return true;
}

Evaluation::Result Evaluation::set_update(const Op& op) {
  const UpdateCode& update = program_.updates[op.a];
  if (!build_key(update.key)) return Result::absent;
  const SetCode& set = program_.sets[update.set];
  std::uint32_t id = c_.filter.sets.find(c_.visible, set.id, words_.data(), word_count_);
  const bool live = id != no_element && c_.visible.set_elements[id].expires > c_.now;
  if (update.operation == nft::SetOperation::remove) {
    if (live) drop_element(c_, id);
    return Result::done;
  }
  if (id != no_element && !live) drop_element(c_, id);
  if (live) {
    const state::SetElement& element = c_.visible.set_elements[id];
    const std::uint64_t timeout = update.timeout_ns != 0 ? update.timeout_ns : set.timeout_ns;
    if (update.operation == nft::SetOperation::update && element.timeout_ns != 0 && timeout != 0) {
      trace::SetElementAdded refreshed;
      refreshed.element = id;
      refreshed.set = element.set;
      refreshed.word_count = element.word_count;
      refreshed.timeout_ns = element.timeout_ns;  // what it lists stays what it was first given
      refreshed.expires_in_ns = timeout;
      refreshed.data = element.data;
      refreshed.object = element.object;
      std::copy_n(element.words.begin(), element.word_count, refreshed.words);
      change(c_, refreshed);
    }
  } else if (!add_element(set, update, id)) {
    return Result::failed;
  }
  const std::uint32_t object = c_.visible.set_elements[id].object;
  if (object == no_element) return Result::done;
  return run_inner(set.first_inner, set.inner_count, object) ? Result::done : Result::failed;
}

// False: the set is full, or the value of a map has no such field.
bool Evaluation::add_element(const SetCode& set, const UpdateCode& update, std::uint32_t& id) {
  const std::array<std::uint32_t, 16> key = words_;
  const std::uint8_t key_words = word_count_;
  nft::Value data;
  if (update.data_term != no_index && !evaluate_term(update.data_term, data)) return false;
  words_ = key;
  word_count_ = key_words;
  collect(set);
  if (set.size != 0 && c_.filter.sets.count(set.id) >= set.size) return false;
  trace::SetElementAdded added;
  added.word_count = key_words;
  added.timeout_ns = update.timeout_ns != 0 ? update.timeout_ns : set.timeout_ns;
  added.data = data.low;
  std::copy_n(key.begin(), key_words, added.words);
  id = put_element(c_, program_, set, added);
  return true;
}

// The kernel collects expired elements from time to time; until then they count towards the set's size.
void Evaluation::collect(const SetCode& set) {
  SetTables& tables = c_.filter.sets;
  if (c_.now < tables.collected(set.id) + nanoseconds(static_cast<std::int64_t>(set.collect_ns))) return;
  tables.set_collected(set.id, c_.now);
  for (std::uint32_t id = tables.first(set.id); id != no_element;) {
    const std::uint32_t next = tables.next(id);
    if (c_.visible.set_elements[id].expires <= c_.now) drop_element(c_, id);
    id = next;
  }
}

}  // namespace fourtuple::netfilter
