#include "app/why/story.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/replay/causes/cause_text.h"
#include "sim/replay/rule_words.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

using replay::RuleWalk;
using replay::WalkEntry;
using replay::WalkKind;
using Json = nlohmann::ordered_json;

// Lines under the name of the host where they happen, with the time where it changes.
class Page {
 public:
  explicit Page(const trace::Tables& tables) : tables_(tables) {}

  void line(Time at, HostId host, std::size_t indent, const std::string& words) {
    if (host.valid() && host != host_) {
      text_ += fmt::format("\n{}\n", trace::host_name(tables_, host));
      host_ = host;
      told_ = false;
    }
    const std::string time = told_ && at == at_ ? "" : trace::time_text(at);
    text_ += fmt::format("  {:<16}{}{}\n", time, std::string(indent, ' '), words);
    at_ = at;
    told_ = true;
  }
  void end(const std::string& words) { text_ += "\n" + words + "\n"; }
  std::string take() { return std::move(text_); }

 private:
  const trace::Tables& tables_;
  std::string text_;
  HostId host_;
  Time at_;
  bool told_ = false;
};

// The words of a step with the part of its place that the host's name does not say.
std::string step_words(const trace::Tables& tables, const replay::JourneyStep& step) {
  const std::string host(trace::host_name(tables, step.host));
  if (step.place.empty() || step.place == host) return step.words;
  if (step.place.starts_with(host + " ")) return step.place.substr(host.size() + 1) + ": " + step.words;
  return step.place + ": " + step.words;
}

std::string statement_text(const trace::RulesetInfo& ruleset, const WalkEntry& entry) {
  return entry.expression < ruleset.expressions.size() ? ruleset.expressions[entry.expression].text : "?";
}

class Story {
 public:
  Story(const trace::Tables& tables, const RuleWalk& walk) : tables_(tables), walk_(walk), page_(tables) {}

  std::string tell() {
    for (std::size_t i = 0; i < walk_.entries.size();) i = entry(i);
    page_.end("outcome: " + walk_.fate_words);
    return page_.take();
  }

 private:
  // Tells the entry and what belongs to it; the next one to tell.
  std::size_t entry(std::size_t i) {
    const WalkEntry& entry = walk_.entries[i];
    const std::size_t indent = 2 * std::size_t{entry.depth};
    switch (entry.kind) {
      case WalkKind::step:
        page_.line(entry.at, entry.host, 0, step_words(tables_, walk_.journey[entry.journey]));
        return i + 1;
      case WalkKind::rule:
        return rule(i, indent + 2);
      case WalkKind::policy:
      case WalkKind::chain_end:
      case WalkKind::logged:
        page_.line(entry.at, entry.host, indent + 2, entry.words);
        return i + 1;
      default:
        page_.line(entry.at, entry.host, indent, entry.words);
        return i + 1;
    }
  }

  std::size_t rule(std::size_t i, std::size_t indent) {
    const WalkEntry& rule = walk_.entries[i];
    std::size_t end = i + 1;
    bool decided = false;  // what follows the verdict is NAT's work
    for (; end < walk_.entries.size() && !decided && belongs(walk_.entries[end], rule); ++end)
      decided = walk_.entries[end].kind == WalkKind::verdict;
    if (rule.matched)
      matched(i, end, indent);
    else
      page_.line(rule.at, rule.host, indent, unmatched(i, end));
    return end;
  }
  // Statements and verdict of this very rule, and what its statements did.
  static bool belongs(const WalkEntry& entry, const WalkEntry& rule) {
    const bool part =
        entry.kind == WalkKind::expression || entry.kind == WalkKind::verdict || entry.kind == WalkKind::logged;
    return entry.kind == WalkKind::rewritten || (part && entry.rule == rule.rule);
  }

  void matched(std::size_t i, std::size_t end, std::size_t indent) {
    const WalkEntry& rule = walk_.entries[i];
    page_.line(rule.at, rule.host, indent, rule.words + " — matches");
    for (std::size_t k = i + 1; k < end; ++k) {
      const WalkEntry& part = walk_.entries[k];
      if (part.kind == WalkKind::expression && says_nothing(part)) continue;
      page_.line(part.at, part.host, indent + 2, part.words);
    }
  }

  // Whether the rule's text says it already: an action, or a comparison with one value that the packet has.
  bool says_nothing(const WalkEntry& part) const {
    const trace::ExpressionInfo& info = tables_.rulesets[part.ruleset].expressions[part.expression];
    return part.remark.empty() || info.text == info.subject + " " + part.value;
  }

  // "rule 2: ip saddr 10.0.0.0/8 fits, tcp dport 22 — the packet has 443: no match, next rule"
  std::string unmatched(std::size_t i, std::size_t end) {
    const WalkEntry& rule = walk_.entries[i];
    const trace::RulesetInfo& ruleset = tables_.rulesets[rule.ruleset];
    const WalkEntry* last = nullptr;
    std::string before;
    for (std::size_t k = i + 1; k < end; ++k) {
      const WalkEntry& part = walk_.entries[k];
      if (part.kind != WalkKind::expression) continue;
      if (last != nullptr && last->result == trace::ExpressionResult::matched)
        before += statement_text(ruleset, *last) + " fits, ";
      last = &part;
    }
    if (last == nullptr) return rule.words + " — no match, next rule";
    const std::uint32_t number = ruleset.rules[rule.rule].number + 1;
    return fmt::format("rule {}: {}{} — {}: no match, next rule", number, before, statement_text(ruleset, *last),
                       last->remark);
  }

  const trace::Tables& tables_;
  const RuleWalk& walk_;
  Page page_;
};

std::string_view kind_name(WalkKind kind) {
  constexpr std::string_view names[] = {"step",      "chain",         "rule",      "expression", "verdict", "policy",
                                        "chain-end", "conntrack-new", "conntrack", "rewritten",  "logged"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view fate_name(replay::Fate fate) {
  constexpr std::string_view names[] = {"under-way", "delivered", "dropped"};
  return names[static_cast<std::size_t>(fate)];
}

Json entry_json(const trace::Tables& tables, const RuleWalk& walk, const WalkEntry& entry) {
  Json json{{"time_ns", entry.at.ns},
            {"host", trace::host_name(tables, entry.host)},
            {"kind", kind_name(entry.kind)},
            {"words", entry.words}};
  if (entry.kind == WalkKind::step) {
    json["place"] = walk.journey[entry.journey].place;
    json["stage"] = trace::name_of(walk.journey[entry.journey].stage);
    return json;
  }
  if (entry.chain != WalkEntry::none && entry.ruleset < tables.rulesets.size()) {
    const trace::RulesetInfo& ruleset = tables.rulesets[entry.ruleset];
    json["depth"] = entry.depth;
    json["chain"] = replay::chain_name(ruleset, entry.chain);
    if (entry.rule < ruleset.rules.size()) {
      json["rule"] = ruleset.rules[entry.rule].number + 1;
      if (ruleset.rules[entry.rule].span.line != 0) json["line"] = ruleset.rules[entry.rule].span.line;
    }
  }
  switch (entry.kind) {
    case WalkKind::rule:
      json["matched"] = entry.matched;
      break;
    case WalkKind::expression:
      json["statement"] = statement_text(tables.rulesets[entry.ruleset], entry);
      json["result"] = trace::name_of(entry.result);
      if (!entry.value.empty()) json["value"] = entry.value;
      break;
    case WalkKind::verdict:
    case WalkKind::policy:
    case WalkKind::chain_end:
      json["verdict"] = trace::name_of(entry.verdict);
      json["ct"] = trace::name_of(entry.ct);
      json["mark"] = entry.mark;
      break;
    case WalkKind::rewritten:
      json["before"] = ends_text(tables, entry.before);
      json["after"] = ends_text(tables, entry.after);
      json["quoted"] = entry.inner;
      break;
    default:
      break;
  }
  if (entry.flow != WalkEntry::none) json["entry"] = entry.flow;
  return json;
}

Json chain_value(const trace::Tables& tables, const replay::CauseChain& chain) {
  Json json{{"title", chain.title}, {"summary", chain.summary}};
  if (!chain.error.empty()) json["error"] = chain.error;
  json["causes"] = Json::array();
  for (const replay::Cause& cause : chain.causes) {
    Json one{{"headline", cause.headline}, {"evidence", cause.evidence},
             {"time_ns", cause.at.ns},     {"host", trace::host_name(tables, cause.host)},
             {"record", cause.record},     {"inferred", cause.inferred}};
    if (cause.root != replay::CauseRoot::none) one["root"] = replay::name_of(cause.root);
    json["causes"].push_back(std::move(one));
  }
  json["not_the_reason"] = chain.not_the_reason;
  return json;
}

}  // namespace

std::string ends_text(const trace::Tables& tables, const Packet& packet) {
  const bool ports = packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp;
  const auto end = [&](AddressId address, std::uint16_t port) {
    if (address.value >= tables.addresses.size()) return std::string("?");
    return ports ? trace::endpoint_text(tables, address, port) : tables.addresses[address].to_string();
  };
  return end(packet.source, packet.source_port) + " → " + end(packet.destination, packet.destination_port);
}

std::uint32_t packet_number(const trace::Trace& trace, PacketId packet) {
  return packet.value + (trace.tables().source == trace::Source::capture ? 1 : 0);
}

PacketId packet_with_number(const trace::Trace& trace, std::uint64_t number) {
  const std::uint64_t first = trace.tables().source == trace::Source::capture ? 1 : 0;
  if (number < first || number - first >= 0xffffffffu) return PacketId::none();
  return {static_cast<std::uint32_t>(number - first)};
}

std::string story_text(const replay::Indexes& indexes, const RuleWalk& walk) {
  const trace::Trace& trace = indexes.trace();
  const Packet packet = indexes.packets().packet(walk.packet).value_or(Packet{});
  return fmt::format("packet {}: {}, {}\n", packet_number(trace, walk.packet), trace::packet_text(packet),
                     ends_text(trace.tables(), packet)) +
         Story(trace.tables(), walk).tell();
}

std::string chain_json(const trace::Tables& tables, const replay::CauseChain& chain) {
  return chain_value(tables, chain).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string story_json(const replay::Indexes& indexes, const RuleWalk& walk, const replay::CauseChain& chain) {
  const trace::Trace& trace = indexes.trace();
  const Packet packet = indexes.packets().packet(walk.packet).value_or(Packet{});
  Json json{{"packet", packet_number(trace, walk.packet)},
            {"text", trace::packet_text(packet)},
            {"ends", ends_text(trace.tables(), packet)},
            {"fate", fate_name(walk.fate)},
            {"outcome", walk.fate_words}};
  if (walk.cause != WalkEntry::none) {
    const WalkEntry& cause = walk.entries[walk.cause];
    const bool policy = cause.kind == WalkKind::policy;
    const trace::RulesetInfo& ruleset = trace.tables().rulesets[cause.ruleset];
    json["cause"] = {{"chain", replay::chain_name(ruleset, cause.chain)}, {"policy", policy}};
    if (!policy) json["cause"]["rule"] = ruleset.rules[cause.rule].number + 1;
  }
  json["steps"] = Json::array();
  for (const WalkEntry& entry : walk.entries) json["steps"].push_back(entry_json(trace.tables(), walk, entry));
  json["why"] = chain_value(trace.tables(), chain);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fourtuple::app
