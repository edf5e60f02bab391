#include "viz/panels/common/filter_words.h"

#include <fmt/format.h>

#include "sim/replay/rule_walk.h"
#include "sim/replay/step.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

using trace::RulesetInfo;
using trace::RuleVerdictReached;

constexpr int search_limit_of_drop = 512;  // records between the verdict that drops a packet and its end

std::string end_text(const trace::Tables& tables, Protocol protocol, AddressId address, std::uint16_t port) {
  const bool ports = protocol == Protocol::tcp || protocol == Protocol::udp;
  return ports ? trace::endpoint_text(tables, address, port) : address_text(tables, address);
}

// The ruleset the host had at a record. Where it never changed, the state at the cursor knows.
const RulesetInfo* ruleset_at(const PanelContext& context, HostId host, std::uint64_t position) {
  const auto& rulesets = context.trace.tables().rulesets;
  const RulesetInfo* only = nullptr;
  int count = 0;
  for (const RulesetInfo& ruleset : rulesets) {
    if (ruleset.host != host) continue;
    only = &ruleset;
    ++count;
  }
  if (count < 2) return only;
  const state::State state = context.cursor.state_at(position).state;
  const std::uint32_t number = host.value < state.rulesets.size() ? state.rulesets[host.value] : state::no_ruleset;
  return number < rulesets.size() ? &rulesets[number] : nullptr;
}

std::string short_chain(const RulesetInfo& ruleset, std::uint32_t chain) {
  return chain < ruleset.chains.size() ? ruleset.chains[chain].table + " " + ruleset.chains[chain].name : "a chain";
}

}  // namespace

std::string source_text(const trace::Tables& tables, const Packet& packet) {
  return end_text(tables, packet.protocol, packet.source, packet.source_port);
}

std::string destination_text(const trace::Tables& tables, const Packet& packet) {
  return end_text(tables, packet.protocol, packet.destination, packet.destination_port);
}

std::string rewrite_text(const trace::Tables& tables, const Packet& before, const Packet& after) {
  std::string text;
  const auto add = [&](std::string_view word, bool address, bool port, const std::string& whole, std::uint16_t number) {
    if (!address && !port) return;
    if (!text.empty()) text += ", ";
    text += address ? fmt::format("{} {}", word, whole) : fmt::format("{} port {}", word, number);
  };
  add("from", before.source != after.source, before.source_port != after.source_port, source_text(tables, after),
      after.source_port);
  add("to", before.destination != after.destination, before.destination_port != after.destination_port,
      destination_text(tables, after), after.destination_port);
  return text;
}

std::optional<std::string> rule_cause(const PanelContext& context, std::uint64_t drop) {
  const trace::Slot* end = context.trace.at(drop);
  const trace::PacketDropped dropped = trace::unpack_packet_dropped(end);
  if (dropped.reason != trace::DropReason::rule) return std::nullopt;
  const trace::Index& index = context.indexes.records();
  std::uint64_t at = index.previous(drop);
  for (int count = 0; count < search_limit_of_drop && at != trace::Index::none; ++count, at = index.previous(at)) {
    const trace::Slot* record = context.trace.at(at);
    if (record->host != end->host || replay::packet_of(*record) != dropped.packet) continue;
    if (record->kind == trace::Kind::packet_created || record->kind == trace::Kind::packet_sent) break;
    if (record->kind != trace::Kind::rule_verdict) continue;
    const RuleVerdictReached event = trace::unpack_rule_verdict(record);
    const RulesetInfo* ruleset = ruleset_at(context, end->host_id(), at);
    if (event.verdict != trace::RuleVerdict::drop || ruleset == nullptr) break;
    const std::string chain = short_chain(*ruleset, event.chain);
    if (event.rule >= ruleset->rules.size()) return chain + ": policy drop";
    const trace::RuleInfo& rule = ruleset->rules[event.rule];
    return fmt::format("{} rule {}: {}", chain, rule.number + 1, rule.text);
  }
  return std::nullopt;
}

std::string drop_words(const PanelContext& context, std::uint64_t drop) {
  if (const auto cause = rule_cause(context, drop)) return *cause;
  return std::string(words_of(trace::unpack_packet_dropped(context.trace.at(drop)).reason));
}

std::map<trace::Stage, HookNote> hook_notes(const PanelContext& context, PacketId packet, HostId host) {
  std::map<trace::Stage, HookNote> notes;
  const auto& rulesets = context.trace.tables().rulesets;
  const bool any =
      std::any_of(rulesets.begin(), rulesets.end(), [&](const auto& ruleset) { return ruleset.host == host; });
  if (!any) return notes;
  const replay::RuleWalk walk = replay::walk_of(context.indexes, context.cursor, packet, context.value_text);
  trace::Stage hook = trace::Stage::interface_in;
  for (const replay::WalkEntry& entry : walk.entries) {
    if (entry.record >= context.cursor.position()) break;
    if (entry.host != host) continue;
    if (entry.kind == replay::WalkKind::step) hook = walk.journey[entry.journey].stage;
    if (entry.kind == replay::WalkKind::rewritten)
      notes[hook].rewrite = rewrite_text(context.trace.tables(), entry.before, entry.after);
    const RulesetInfo* ruleset = entry.ruleset < rulesets.size() ? &rulesets[entry.ruleset] : nullptr;
    if (ruleset == nullptr || entry.chain >= ruleset->chains.size()) continue;
    if (entry.kind == replay::WalkKind::chain && entry.entered == replay::ChainEntry::base)
      trace::from_name(ruleset->chains[entry.chain].hook, hook);
    const bool verdict = entry.kind == replay::WalkKind::verdict &&
                         (entry.verdict == trace::RuleVerdict::accept || entry.verdict == trace::RuleVerdict::drop);
    if (verdict && entry.rule < ruleset->rules.size())
      notes[hook].decision = fmt::format("{}, rule {} of {}", name_of(entry.verdict),
                                         ruleset->rules[entry.rule].number + 1, ruleset->chains[entry.chain].name);
    if (entry.kind == replay::WalkKind::policy) notes[hook].decision = fmt::format("policy {}", name_of(entry.verdict));
  }
  return notes;
}

}  // namespace fourtuple::viz
