// The packet's way through the host as stops of a line: interfaces, the base chains of each hook, routing.
#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "viz/panels/rules/rules_model.h"

namespace fourtuple::viz {
namespace {

using replay::WalkEntry;
using replay::WalkKind;
using trace::RulesetInfo;
using trace::Stage;

// Where the kernel runs what is registered besides chains (linux/netfilter_ipv4.h).
constexpr std::int32_t conntrack_priority = -200, nat_destination = -100, nat_source = 100;

constexpr std::uint64_t never = trace::Index::none;

bool speaks(const trace::ChainInfo& chain, bool ipv6) {
  return chain.family == "inet" || chain.family == (ipv6 ? "ip6" : "ip");
}

// NAT chains run where the kernel has NAT on the hook, whatever priority they name; that only orders them.
std::int32_t place_of(const trace::ChainInfo& chain) {
  if (chain.type != "nat") return chain.priority;
  return chain.hook == "prerouting" || chain.hook == "output" ? nat_destination : nat_source;
}

// The base chains of a hook in the order they run. At equal priority the later one comes first.
std::vector<std::uint32_t> chains_of(const RulesetInfo& ruleset, std::string_view hook, bool ipv6) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < ruleset.chains.size(); ++i) {
    const trace::ChainInfo& chain = ruleset.chains[i];
    if (chain.base && chain.hook == hook && speaks(chain, ipv6)) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const trace::ChainInfo &one = ruleset.chains[a], &other = ruleset.chains[b];
    if (place_of(one) != place_of(other)) return place_of(one) < place_of(other);
    if (one.priority != other.priority) return one.priority < other.priority;
    return a > b;
  });
  return order;
}

class Line {
 public:
  Line(const RulesInput& input, const RulesetInfo& ruleset, const Visit& visit)
      : input_(input), ruleset_(ruleset), visit_(visit), tracks_(needs_tracking(ruleset)) {
    const trace::Tables& tables = input.context.trace.tables();
    const AddressId source = visit.header.source;
    ipv6_ = source.value < tables.addresses.size() && tables.addresses[source].family == Family::ipv6;
    for (const WalkEntry& entry : input.walk.entries) {
      if (entry.host == input.host && entry.kind == WalkKind::tracked) known_flow_ = true;
    }
  }

  std::vector<HookStop> lay() {
    const std::string in = interface_at(Stage::interface_in), out = interface_at(Stage::interface_out);
    if (visit_.passage == Passage::outgoing) {
      add("program", "sends", visit_.begin);
      add("routing", routing_words(input_.context, visit_), record_of(Stage::routing_output));
      hook("output", Stage::output);
    } else {
      add(in.empty() ? "interface" : in, "packet arrives", first_of(Stage::interface_in, visit_.begin));
      hook("prerouting", Stage::prerouting);
      add("routing", routing_words(input_.context, visit_), record_of(Stage::routing));
    }
    if (visit_.passage == Passage::incoming) {
      hook("input", Stage::input);
      add("program", "looks for a socket", record_of(Stage::transport_lookup));
    } else {
      if (visit_.passage == Passage::forwarded) hook("forward", Stage::forward);
      hook("postrouting", Stage::postrouting);
      add(out.empty() ? "interface" : out, "packet leaves", record_of(Stage::interface_out));
    }
    set_states();
    return std::move(stops_);
  }

 private:
  std::uint64_t record_of(Stage stage) const {
    for (const StageMark& mark : visit_.stages) {
      if (mark.stage == stage) return mark.record;
    }
    return never;
  }
  std::uint64_t first_of(Stage stage, std::uint64_t otherwise) const {
    const std::uint64_t record = record_of(stage);
    return record == never ? otherwise : record;
  }
  std::string interface_at(Stage stage) const {
    const trace::Tables& tables = input_.context.trace.tables();
    for (const StageMark& mark : visit_.stages) {
      if (mark.stage == stage && mark.interface.valid()) return trace::interface_name(tables, mark.interface);
    }
    return {};
  }
  HookStop& add(std::string title, std::string remark, std::uint64_t record, std::string_view group = {}) {
    HookStop stop;
    stop.title = std::move(title);
    stop.remark = std::move(remark);
    stop.group = group;
    stop.record = record;
    stops_.push_back(std::move(stop));
    return stops_.back();
  }

  void hook(std::string_view name, Stage stage) {
    const bool first_hook = name == "prerouting" || name == "output";
    const bool last_hook = name == "postrouting" || name == "input";
    bool placed = !tracks_ || !first_hook;
    for (const std::uint32_t chain : chains_of(ruleset_, name, ipv6_)) {
      if (!placed && ruleset_.chains[chain].priority > conntrack_priority) {
        conntrack(name, stage);
        placed = true;
      }
      chain_stop(chain, name);
    }
    if (!placed) conntrack(name, stage);
    if (tracks_ && last_hook && !known_flow_) confirm(name);
  }

  void conntrack(std::string_view group, Stage stage) {
    const bool after_chains = !stops_.empty() && stops_.back().group == group;
    const std::uint64_t record = after_chains ? record_behind(stops_.back().chain) : record_of(stage);
    HookStop& stop = add("conntrack", known_flow_ ? "known flow" : "new flow, not stored yet", record, group);
    stop.detail = "Looks the packet's tuple up among the flows this host knows (priority -200).";
  }

  // The first record here behind those of a base chain: what comes next has its turn then. Never for a packet that
  // ended in the chain.
  std::uint64_t record_behind(std::uint32_t base) const {
    bool inside = false, seen = false;
    for (const WalkEntry& entry : input_.walk.entries) {
      if (entry.host != input_.host) continue;
      const bool begins = entry.kind == WalkKind::chain && entry.entered == replay::ChainEntry::base;
      const bool outside = begins || entry.kind == WalkKind::step || entry.kind == WalkKind::tracked;
      if (begins) inside = entry.chain == base;
      if (outside && !begins) inside = false;
      seen = seen || inside;
      if (seen && !inside) return entry.record < visit_.end ? entry.record : never;
    }
    return never;
  }

  // A new flow enters the table last of all, so a packet dropped before leaves no trace.
  void confirm(std::string_view group) {
    std::uint64_t record = never;
    for (const WalkEntry& entry : input_.walk.entries) {
      if (entry.host == input_.host && entry.kind == WalkKind::tracked_new) record = entry.record;
    }
    add("conntrack", "stores the flow", record, group).detail =
        "A new flow is stored only when its first packet has passed everything.";
  }

  void chain_stop(std::uint32_t number, std::string_view group) {
    const trace::ChainInfo& chain = ruleset_.chains[number];
    std::uint64_t first = never;
    std::string remark;
    bool inside = false;
    const std::uint64_t now = input_.context.cursor.position();
    for (const WalkEntry& entry : input_.walk.entries) {
      if (entry.host != input_.host) continue;
      if (entry.kind == WalkKind::chain && entry.entered == replay::ChainEntry::base) inside = entry.chain == number;
      if (entry.kind == WalkKind::step) inside = false;
      if (!inside) continue;
      if (first == never) first = entry.record;
      if (entry.record < now) remark = remark_of(entry, number, remark);
    }
    const bool reached = first < now;
    if (!reached) remark = "policy " + chain.policy;
    HookStop& stop = add(chain.table + " " + chain.name, std::move(remark), first, group);
    stop.chain = number;
    stop.detail = fmt::format("chain {} {} {}: type {} hook {} priority {}; policy {}", chain.family, chain.table,
                              chain.name, chain.type, chain.hook, chain.priority_text, chain.policy);
  }

  std::string remark_of(const WalkEntry& entry, std::uint32_t base, const std::string& before) const {
    if (entry.kind == WalkKind::policy) return fmt::format("policy {}", name_of(entry.verdict));
    if (entry.rule >= ruleset_.rules.size()) return before.empty() ? "first rule" : before;
    const std::string where = input_.code.name_of_rule(ruleset_, entry.rule);
    const bool decided = entry.kind == WalkKind::verdict &&
                         (entry.verdict == trace::RuleVerdict::accept || entry.verdict == trace::RuleVerdict::drop);
    const std::string_view telling = telling_statement(ruleset_, entry.rule);
    if (decided) return fmt::format("{}: {}", where, telling.empty() ? name_of(entry.verdict) : telling);
    const std::uint32_t chain = ruleset_.rules[entry.rule].chain;
    return chain == base ? where : fmt::format("{}, in {}", where, ruleset_.chains[chain].name);
  }

  void set_states() {
    const std::uint64_t now = input_.context.cursor.position();
    int last = -1;
    for (std::size_t i = 0; i < stops_.size(); ++i) {
      if (stops_[i].record < now) last = static_cast<int>(i);
    }
    const bool ended = visit_.end < now;
    for (std::size_t i = 0; i < stops_.size(); ++i) {
      HookStop& stop = stops_[i];
      const int at = static_cast<int>(i);
      if (at < last) {
        stop.state = StageState::passed;
        // Nobody asked it: the flow's first packet settled NAT for all that follow.
        if (stop.record >= now && stop.chain != WalkEntry::none)
          stop.remark = ruleset_.chains[stop.chain].type == "nat" ? "skipped: flow known" : "no rules";
      } else if (at == last) {
        stop.state = !ended ? StageState::current : visit_.dropped ? StageState::dropped : StageState::passed;
        if (stop.state == StageState::dropped && stop.chain == WalkEntry::none)
          stop.remark = words_of(visit_.dropped->reason);
      }
    }
    if (!ended || visit_.dropped || last < 0) return;
    for (HookStop& stop : stops_) stop.state = StageState::passed;
  }

  const RulesInput& input_;
  const RulesetInfo& ruleset_;
  const Visit& visit_;
  bool tracks_;
  bool ipv6_ = false, known_flow_ = false;
  std::vector<HookStop> stops_;
};

}  // namespace

bool needs_tracking(const RulesetInfo& ruleset) {
  const bool nat = std::any_of(ruleset.rules.begin(), ruleset.rules.end(), [&](const trace::RuleInfo& rule) {
    return rule.chain < ruleset.chains.size() && ruleset.chains[rule.chain].type == "nat";
  });
  return nat || std::any_of(ruleset.expressions.begin(), ruleset.expressions.end(),
                            [](const trace::ExpressionInfo& info) { return info.text.starts_with("ct "); });
}

std::vector<HookStop> build_stops(const RulesInput& input, const RulesetInfo& ruleset, const Visit& visit) {
  return Line(input, ruleset, visit).lay();
}

}  // namespace fourtuple::viz
