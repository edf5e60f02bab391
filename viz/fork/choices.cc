#include "viz/fork/choices.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "sim/trace/describe_netfilter.h"
#include "viz/panels/common/names.h"
#include "viz/viewer/packet_words.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t longest_way_back = 4096;  // records looked at for the rule behind a drop
constexpr std::size_t most_choices = 400;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string name_of_host(const PanelContext& context, HostId host) {
  return std::string(trace::host_name(context.trace.tables(), host));
}

// The chosen host, or that of the rule that dropped the packet, then all others.
std::vector<HostId> hosts_in_order(const PanelContext& context, HostId first) {
  std::vector<HostId> hosts;
  if (first.valid()) hosts.push_back(first);
  const auto count = static_cast<std::uint32_t>(context.trace.tables().topology.hosts.size());
  for (std::uint32_t i = 0; i < count; ++i)
    if (HostId{i} != first) hosts.push_back({i});
  return hosts;
}

// The packet that is chosen, else the last one that was dropped.
PacketId subject_packet(const PanelContext& context) {
  if (context.selection.packet.valid()) return context.selection.packet;
  const std::vector<std::uint32_t>& drops = context.indexes.marks().positions(replay::Mark::drop);
  const auto after = std::lower_bound(drops.begin(), drops.end(), context.cursor.position());
  if (after == drops.begin()) return PacketId::none();
  return {context.trace.at(*(after - 1))->subject};
}

ForkChoice rule_choice(ForkMark mark, const std::string& host, const std::string& chain, std::uint32_t number,
                       const std::string& text, Time at) {
  ForkChoice choice;
  choice.mark = mark;
  choice.detail = text;
  choice.place = host + ", " + chain;
  choice.at = at;
  switch (mark) {
    case ForkMark::remove:
      choice.title = fmt::format("Remove rule {}", number);
      choice.words = fmt::format("{}: remove rule {} of {}", host, number, chain);
      break;
    case ForkMark::edit:
      choice.title = fmt::format("Edit rule {}", number);
      choice.words = fmt::format("{}: replace rule {} of {}: {}", host, number, chain, text);
      choice.to_fill = true;
      break;
    case ForkMark::add:
      choice.title = fmt::format("Add a rule as number {}", number);
      choice.words = fmt::format("{}: insert rule {} of {}: ", host, number, chain);
      choice.to_fill = true;
      break;
  }
  return choice;
}

class Choices {
 public:
  explicit Choices(const PanelContext& context) : context_(context) {}

  std::vector<ForkChoice> make() {
    const PacketId packet = subject_packet(context_);
    const DecidingRule rule = packet.valid() ? rule_that_dropped(context_, packet) : DecidingRule{};
    if (rule.number != 0) {
      const std::string host = name_of_host(context_, rule.host);
      const Time at = std::min(rule.at, context_.now());
      add(rule_choice(ForkMark::remove, host, rule.chain, rule.number, rule.text, at));
      choices_.back().place += ": it dropped the packet";
      add(rule_choice(ForkMark::edit, host, rule.chain, rule.number, rule.text, at));
    }
    if (context_.selection.packet.valid()) add_packet(context_.selection.packet);
    const HostId first = context_.selection.host.valid() ? context_.selection.host : rule.host;
    const std::vector<HostId> hosts = hosts_in_order(context_, first);
    if (first.valid()) add_rules(first);
    if (first.valid()) add_processes(first);
    for (const HostId host : hosts)
      if (host != first) add_rules(host);
    for (const HostId host : hosts)
      if (host != first) add_processes(host);
    add_networks();
    return std::move(choices_);
  }

 private:
  void add(ForkChoice choice) {
    const auto same = [&](const ForkChoice& other) { return other.words == choice.words; };
    if (choices_.size() < most_choices && std::none_of(choices_.begin(), choices_.end(), same))
      choices_.push_back(std::move(choice));
  }

  // A packet whose way is over by now is lost where it set out.
  void add_packet(PacketId id) {
    const auto packet = context_.indexes.packets().packet(id);
    const std::vector<std::uint64_t> hops = context_.indexes.packets().hops(id);
    if (!packet || hops.empty()) return;
    const std::uint64_t end = context_.indexes.packets().end(id);
    Time at = context_.now();
    if (end != replay::PacketIndex::none && context_.trace.at(end)->at <= at) at = context_.trace.at(hops.front())->at;
    add({ForkMark::remove, "Lose this packet", headline(context_.trace.tables(), *packet), "on its next wire",
         fmt::format("drop packet {}", id.value), false, at});
  }

  void add_rules(HostId host) {
    const trace::RulesetInfo* ruleset = ruleset_in(context_, context_.cursor.state(), host);
    if (ruleset == nullptr) return;
    const std::string name = name_of_host(context_, host);
    const Time now = context_.now();
    for (const trace::RuleInfo& rule : ruleset->rules)
      add(rule_choice(ForkMark::remove, name, trace::chain_text(*ruleset, rule.chain), rule.number + 1, rule.text,
                      now));
    for (const trace::RuleInfo& rule : ruleset->rules)
      add(rule_choice(ForkMark::edit, name, trace::chain_text(*ruleset, rule.chain), rule.number + 1, rule.text, now));
    for (std::uint32_t i = 0; i < ruleset->chains.size(); ++i) {
      const std::uint32_t count = ruleset->chains[i].rule_count;
      const std::string chain = trace::chain_text(*ruleset, i);
      add(rule_choice(ForkMark::add, name, chain, 1, count == 0 ? "the chain is empty" : "before all others", now));
      if (count > 0) add(rule_choice(ForkMark::add, name, chain, count + 1, "behind all others", now));
    }
    add({ForkMark::remove, "Remove all rules", "flush ruleset", name, name + ": flush rules", false, now});
  }

  void add_processes(HostId host) {
    const state::State& state = context_.cursor.state();
    const std::string name = name_of_host(context_, host);
    for (std::uint32_t i = 0; i < state.processes.end(); ++i) {
      if (!state.processes.alive(i) || state.processes[i].host != host) continue;
      if (state.processes[i].activity == state::Activity::exited) continue;
      const std::string process(context_.trace.tables().strings[state.processes[i].name]);
      add({ForkMark::remove, "Kill " + process, fmt::format("pid {}, SIGKILL", state.processes[i].pid), name,
           fmt::format("{}: kill {}", name, process), false, context_.now()});
    }
  }

  void add_networks() {
    for (const trace::NetworkInfo& network : context_.trace.tables().topology.networks) {
      if (network.kind == trace::NetworkKind::loopback) continue;
      const std::string name(context_.trace.tables().strings[network.name]);
      const Time now = context_.now();
      add({ForkMark::remove, "Cut the network", "nothing crosses it any more", name, name + ": down", false, now});
      add({ForkMark::edit, "Lose 10 % of the packets", "by chance", name, name + ": loss 10 %", false, now});
      add({ForkMark::edit, "Change delay, rate, loss or queue", "", name,
           fmt::format("{}: delay {} ms", name, std::max<std::int64_t>(network.delay.ns / 500'000, 1)), true, now});
    }
  }

  const PanelContext& context_;
  std::vector<ForkChoice> choices_;
};

}  // namespace

const trace::RulesetInfo* ruleset_in(const PanelContext& context, const state::State& state, HostId host) {
  if (host.value >= state.rulesets.size()) return nullptr;
  const auto& rulesets = context.trace.tables().rulesets;
  const std::uint32_t number = state.rulesets[host.value];
  return number < rulesets.size() ? &rulesets[number] : nullptr;
}

DecidingRule rule_that_dropped(const PanelContext& context, PacketId packet) {
  DecidingRule deciding;
  const std::uint64_t end = context.indexes.packets().end(packet);
  if (end == replay::PacketIndex::none || context.trace.at(end)->kind != trace::Kind::packet_dropped) return deciding;
  if (trace::unpack_packet_dropped(context.trace.at(end)).reason != trace::DropReason::rule) return deciding;
  const trace::Slot& drop = *context.trace.at(end);
  std::uint64_t at = context.indexes.records().previous(end);
  for (std::size_t n = 0; n < longest_way_back && at != trace::Index::none; ++n) {
    const trace::Slot& record = *context.trace.at(at);
    if (record.kind == trace::Kind::rule_verdict && record.host == drop.host) {
      const trace::RuleVerdictReached verdict = trace::unpack_rule_verdict(&record);
      const trace::RulesetInfo* ruleset = ruleset_in(context, context.cursor.state_at(at).state, drop.host_id());
      if (verdict.packet == packet && ruleset != nullptr && verdict.rule < ruleset->rules.size()) {
        const trace::RuleInfo& rule = ruleset->rules[verdict.rule];
        return {drop.host_id(), trace::chain_text(*ruleset, rule.chain), rule.number + 1, rule.text, drop.at};
      }
      if (verdict.packet == packet) return deciding;
    }
    at = context.indexes.records().previous(at);
  }
  return deciding;
}

std::vector<ForkChoice> fork_choices(const PanelContext& context) {
  return Choices(context).make();
}

std::vector<ForkChoice> matching_choices(const std::vector<ForkChoice>& choices, const std::string& filter) {
  std::vector<ForkChoice> found;
  for (const ForkChoice& choice : choices) {
    const std::string text = lower(choice.title + " " + choice.detail + " " + choice.place + " " + choice.words);
    bool all = true;
    std::string rest = lower(filter);
    while (all && !rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      all = text.find(rest.substr(0, end)) != std::string::npos;
      rest.erase(0, end + 1);
    }
    if (all) found.push_back(choice);
  }
  return found;
}

bool is_change_text(const std::string& text) {
  return text.find(':') != std::string::npos || text.rfind("drop packet", 0) == 0;
}

}  // namespace fourtuple::viz
