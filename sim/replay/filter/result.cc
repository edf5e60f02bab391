#include "sim/replay/filter/result.h"

#include <algorithm>

#include "sim/replay/filter/names.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;

constexpr std::uint32_t no_ruleset = 0xffffffffu;

}  // namespace

FilterResult::FilterResult(const Indexes& indexes, FilterExpression expression)
    : indexes_(&indexes), expression_(std::move(expression)), end_(indexes.trace().first()) {
  for (const FilterAtom& atom : expression_.atoms()) asks_[static_cast<std::size_t>(atom.word)] = true;
  if (expression_.asks(FilterWord::state) || expression_.asks(FilterWord::process)) ends_.emplace(indexes);
  rulesets_.assign(indexes.trace().tables().topology.hosts.size(), no_ruleset);
}

bool FilterResult::advance(std::uint64_t max_slots) {
  const trace::Trace& trace = indexes_->trace();
  const std::uint64_t known = indexes_->end();
  if (end_ >= known) return true;
  const std::uint64_t limit = known - end_ > max_slots ? end_ + max_slots : known;
  while (end_ < limit) {
    take(end_, trace.at(end_));
    end_ = trace.next(end_);
  }
  return finished();
}

void FilterResult::take(std::uint64_t position, const trace::Slot* record) {
  if (ends_) ends_->take(position, record);
  const PacketId packet{record->subject};
  switch (record->kind) {
    case Kind::packet_created:
      return take_created(position, record);
    case Kind::packet_sent: {
      const trace::PacketSent sent = trace::unpack_packet_sent(record);
      const auto& interfaces = indexes_->trace().tables().topology.interfaces;
      ask_host(packet, record->host_id());
      if (sent.to.value < interfaces.size()) ask_host(packet, interfaces[sent.to.value].host);
      return ask_ends(packet);
    }
    case Kind::packet_delivered:
    case Kind::packet_dropped:
      return take_end(packet, record);
    case Kind::packet_rewritten:
      answer(packet, FilterWord::nat);
      return ask_bpf(packet, position);
    case Kind::packet_quoted:
      answer(packet, FilterWord::flow, indexes_->packets().flow(packet));
      return ask_bpf(packet, position);
    case Kind::ruleset_loaded:
      if (record->host < rulesets_.size()) rulesets_[record->host] = trace::unpack_ruleset_loaded(record).ruleset;
      return;
    case Kind::rule_verdict:
      return take_verdict(record);
    default:
      return;
  }
}

void FilterResult::take_created(std::uint64_t position, const trace::Slot* record) {
  const PacketId id{record->subject};
  if (id.value >= indexes_->packets().size()) return;
  if (masks_.size() <= id.value) {
    masks_.resize(id.value + 1);
    shown_.resize(id.value + 1);
  }
  ++packets_;
  const Packet packet = trace::unpack_packet_created(record).packet;
  if (packet.protocol == Protocol::tcp && packet.has(TcpFlag::rst)) answer(id, FilterWord::reset);
  if (indexes_->packets().retransmission(id)) answer(id, FilterWord::again);
  answer(id, FilterWord::flow, indexes_->packets().flow(id));
  ask_host(id, record->host_id());
  ask_bpf(id, position);
  ask_ends(id);
  update(id);
}

void FilterResult::take_end(PacketId packet, const trace::Slot* record) {
  ask_host(packet, record->host_id());
  if (record->kind == Kind::packet_delivered) {
    answer(packet, FilterWord::delivered);
    return ask_ends(packet);
  }
  const trace::DropReason reason = trace::unpack_packet_dropped(record).reason;
  answer(packet, FilterWord::dropped);
  answer(packet, FilterWord::reason, static_cast<std::uint32_t>(reason));
  // Traces of the lowest level have no verdicts, but tell this much.
  if (reason == trace::DropReason::rule)
    answer(packet, FilterWord::verdict, static_cast<std::uint32_t>(trace::RuleVerdict::drop));
}

bool FilterResult::is_wanted(const RuleWanted& wanted, HostId host, const trace::RuleVerdictReached& event) const {
  const auto& rulesets = indexes_->trace().tables().rulesets;
  const std::uint32_t number = host.value < rulesets_.size() ? rulesets_[host.value] : no_ruleset;
  if (number >= rulesets.size()) return false;
  const trace::RulesetInfo& ruleset = rulesets[number];
  if (event.chain >= ruleset.chains.size()) return false;
  if (!wanted.chain.empty() && ruleset.chains[event.chain].name != wanted.chain) return false;
  if (wanted.number == RuleWanted::policy) return event.rule == trace::RuleVerdictReached::policy;
  return event.rule < ruleset.rules.size() && ruleset.rules[event.rule].number + 1 == wanted.number;
}

void FilterResult::take_verdict(const trace::Slot* record) {
  const PacketId packet{record->subject};
  const trace::RuleVerdictReached event = trace::unpack_rule_verdict(record);
  answer(packet, FilterWord::verdict, static_cast<std::uint32_t>(event.verdict));
  if (!asks_[static_cast<std::size_t>(FilterWord::rule)]) return;
  for (std::size_t i = 0; i < expression_.atoms().size(); ++i) {
    const auto& rules = expression_.atoms()[i].rules;
    if (std::any_of(rules.begin(), rules.end(),
                    [&](const RuleWanted& wanted) { return is_wanted(wanted, record->host_id(), event); }))
      set(packet, i);
  }
}

void FilterResult::answer(PacketId packet, FilterWord word) {
  if (!asks_[static_cast<std::size_t>(word)]) return;
  for (std::size_t i = 0; i < expression_.atoms().size(); ++i)
    if (expression_.atoms()[i].word == word) set(packet, i);
}

void FilterResult::answer(PacketId packet, FilterWord word, std::uint32_t number) {
  if (!asks_[static_cast<std::size_t>(word)]) return;
  for (std::size_t i = 0; i < expression_.atoms().size(); ++i)
    if (expression_.atoms()[i].word == word && expression_.atoms()[i].has(number)) set(packet, i);
}

void FilterResult::ask_host(PacketId packet, HostId host) {
  if (host.valid()) answer(packet, FilterWord::host, host.value);
}

void FilterResult::ask_bpf(PacketId packet, std::uint64_t position) {
  if (!asks_[static_cast<std::size_t>(FilterWord::bpf)] || packet.value >= masks_.size()) return;
  for (std::size_t i = 0; i < expression_.atoms().size(); ++i) {
    const FilterAtom& atom = expression_.atoms()[i];
    if (atom.word != FilterWord::bpf || (masks_[packet.value] >> i & 1) != 0) continue;
    if (atom.program(packet, position)) set(packet, i);
  }
}

void FilterResult::ask_ends(PacketId packet) {
  if (!ends_) return;
  const auto* ends = ends_->of(packet);
  if (ends == nullptr) return;
  const trace::Tables& tables = indexes_->trace().tables();
  for (const PacketEnd& end : *ends) {
    if (!end.known) continue;
    if (const auto state = ends_->tcp_state(end)) answer(packet, FilterWord::state, static_cast<std::uint32_t>(*state));
    for (std::size_t i = 0; i < expression_.atoms().size(); ++i) {
      const FilterAtom& atom = expression_.atoms()[i];
      if (atom.word != FilterWord::process || !end.program.valid()) continue;
      const std::string_view program = tables.strings[end.program];
      if (atom.has(end.pid) || std::any_of(atom.names.begin(), atom.names.end(),
                                           [&](const std::string& name) { return same_name(name, program); }))
        set(packet, i);
    }
  }
}

void FilterResult::set(PacketId packet, std::size_t atom) {
  if (packet.value >= masks_.size()) return;
  std::uint32_t& mask = masks_[packet.value];
  const std::uint32_t bit = std::uint32_t{1} << atom;
  if ((mask & bit) != 0) return;
  mask |= bit;
  update(packet);
}

void FilterResult::update(PacketId packet) {
  const bool holds = expression_.holds(masks_[packet.value]);
  if (holds == shown_[packet.value]) return;
  const std::uint64_t created = indexes_->packets().created(packet);
  if (created == PacketIndex::none) return;
  shown_[packet.value] = holds;
  ++version_;
  // Nearly always at the end: packets under way are young.
  const auto place = std::lower_bound(positions_.begin(), positions_.end(), created);
  if (holds) {
    positions_.insert(place, created);
  } else {
    positions_.erase(place);
  }
}

}  // namespace fourtuple::replay
