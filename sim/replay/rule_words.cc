#include "sim/replay/rule_words.h"

#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "sim/trace/tcp_changes.h"

namespace fourtuple::replay {
namespace {

using trace::ExpressionResult;
using trace::NetfilterObjectKind;
using trace::RulesetInfo;
using trace::RuleVerdict;

const trace::RuleInfo* rule_of(const RulesetInfo& ruleset, std::uint32_t rule) {
  return rule < ruleset.rules.size() ? &ruleset.rules[rule] : nullptr;
}

std::uint32_t number_of(const RulesetInfo& ruleset, std::uint32_t rule) {
  const trace::RuleInfo* info = rule_of(ruleset, rule);
  return info == nullptr ? rule : info->number + 1;
}

std::string short_name(const RulesetInfo& ruleset, std::uint32_t chain) {
  return chain < ruleset.chains.size() ? ruleset.chains[chain].name : fmt::format("{}", chain);
}

const trace::ObjectInfo* object_of(const RulesetInfo& ruleset, std::uint32_t id) {
  for (const trace::ObjectInfo& object : ruleset.objects)
    if (object.id == id) return &object;
  return nullptr;
}

bool has_ports(Protocol protocol) {
  return protocol == Protocol::tcp || protocol == Protocol::udp;
}

// Why a packet has no such field, when that is plain: " (it is UDP)".
std::string lack_words(std::string_view subject, const Packet& packet, bool ipv6) {
  const std::string_view first = subject.substr(0, subject.find(' '));
  if (first == "ip" || first == "ip6")
    return (first == "ip6") != ipv6 ? (ipv6 ? " (it is IPv6)" : " (it is IPv4)") : "";
  const bool transport = first == "tcp" || first == "udp" || first == "udplite" || first == "sctp" || first == "dccp" ||
                         first == "th" || first == "icmp" || first == "icmpv6";
  const std::string_view protocol = trace::protocol_name(packet.protocol);
  if (!transport || protocol.empty()) return "";
  const bool same = (first == "tcp" && packet.protocol == Protocol::tcp) ||
                    (first == "udp" && packet.protocol == Protocol::udp) ||
                    (first == "icmp" && packet.protocol == Protocol::icmp) ||
                    (first == "icmpv6" && packet.protocol == Protocol::icmpv6);
  return same ? "" : fmt::format(" (it is {})", protocol);
}

// A counter's, quota's or limit's part: what it holds, or why it did not let the rule go on.
std::string object_words(NetfilterObjectKind kind, const trace::ExpressionInfo& info, const WalkEntry& entry) {
  const bool failed = entry.result == ExpressionResult::failed;
  const bool over = info.text.find(" over ") != std::string::npos;
  const std::string_view excess = failed == over ? "within" : "over";  // on which side of the bound the packet is
  switch (kind) {
    case NetfilterObjectKind::counter:
      return fmt::format("now packets {} bytes {}", entry.object.first, entry.object.second);
    case NetfilterObjectKind::quota:
      return fmt::format("{} bytes used, the packet is {} the quota", entry.object.first, excess);
    case NetfilterObjectKind::limit:
      return fmt::format("the packet is {} the limit", excess);
    case NetfilterObjectKind::connection_limit:
      return fmt::format("the connection is {} the limit", excess);
  }
  return "";
}

// What synproxy did with the packet. Its value is the MSS that a cookie tells, 0 when there is none.
std::string synproxy_words(const Packet& packet, const std::string& mss) {
  if ((packet.fragment_flags & FragmentFlag::bad_checksum) != 0) return "the checksum is wrong";
  if (packet.has(TcpFlag::syn)) return std::string(trace::synproxy_words(packet));
  if (!packet.has(TcpFlag::ack)) return "neither SYN nor ACK: nothing to do";
  if (mss == "0") return "the acknowledgement carries no valid cookie";
  return fmt::format("{} (MSS {})", trace::synproxy_words(packet), mss);
}

}  // namespace

std::string chain_name(const RulesetInfo& ruleset, std::uint32_t chain) {
  if (chain >= ruleset.chains.size()) return fmt::format("{}", chain);
  const trace::ChainInfo& info = ruleset.chains[chain];
  return fmt::format("{} {} {}", info.family, info.table, info.name);
}

std::string chain_words(const RulesetInfo& ruleset, const WalkEntry& entry) {
  std::string text = "chain " + chain_name(ruleset, entry.chain);
  if (entry.chain >= ruleset.chains.size()) return text;
  const trace::ChainInfo& info = ruleset.chains[entry.chain];
  if (entry.entered == ChainEntry::base)
    return text + (info.base ? fmt::format(" ({} hook {}, priority {}, policy {})", info.type, info.hook,
                                           info.priority_text, info.policy)
                             : "");
  return text + fmt::format(", by {} from rule {}", entry.entered == ChainEntry::jump ? "jump" : "goto",
                            number_of(ruleset, entry.target));
}

std::string rule_words(const RulesetInfo& ruleset, std::uint32_t rule) {
  const trace::RuleInfo* info = rule_of(ruleset, rule);
  if (info == nullptr) return fmt::format("rule {}", rule);
  return fmt::format("rule {}: {}", info->number + 1, info->text);
}

std::string expression_remark(const RulesetInfo& ruleset, const WalkEntry& entry, const Packet& packet, bool ipv6) {
  if (entry.expression >= ruleset.expressions.size()) return "";
  const trace::ExpressionInfo& info = ruleset.expressions[entry.expression];
  if (entry.result == ExpressionResult::skipped)
    return fmt::format("not simulated{}{}, passed over", info.not_simulated.empty() ? "" : ": ", info.not_simulated);
  if (entry.result == ExpressionResult::absent)
    return info.subject.empty()
               ? "does not apply to this packet"
               : fmt::format("the packet has no {}{}", info.subject, lack_words(info.subject, packet, ipv6));
  if (const trace::ObjectInfo* object = object_of(ruleset, info.object); object != nullptr)
    return object_words(object->kind, info, entry);
  if (info.text.starts_with("synproxy")) return synproxy_words(packet, entry.value);
  if (entry.value.empty()) return entry.result == ExpressionResult::failed ? "does not hold" : "";
  // An action that computed a value, such as `meta mark set`.
  if (entry.result == ExpressionResult::done && info.subject.empty()) return entry.value;
  return fmt::format("the packet has {}", entry.value);
}

std::string verdict_words(const RulesetInfo& ruleset, const WalkEntry& entry) {
  const bool policy = entry.kind == WalkKind::policy;
  switch (entry.verdict) {
    case RuleVerdict::accept:
      return policy ? "policy accept: no rule decided, the chain lets the packet pass"
                    : "accept: the chain lets the packet pass";
    case RuleVerdict::drop:
      return policy ? "policy drop: no rule accepted the packet" : "drop: the packet ends here";
    case RuleVerdict::jump:
      return fmt::format("jump to chain {}", short_name(ruleset, entry.target));
    case RuleVerdict::goto_:
      return fmt::format("goto chain {}, without coming back", short_name(ruleset, entry.target));
    case RuleVerdict::return_:
      return fmt::format("{}: {}", entry.kind == WalkKind::chain_end ? "end of the chain" : "return",
                         entry.depth == 0 ? "the policy decides" : "back to the rule after the jump");
    case RuleVerdict::continue_:
      return "no verdict: next rule";
    case RuleVerdict::stolen:
      return "stolen: netfilter keeps the packet";
    case RuleVerdict::queue:
      return "queue: handed to a program";
  }
  return "";
}

std::string rewrite_words(const trace::Tables& tables, const WalkEntry& entry) {
  const Packet &before = entry.before, &after = entry.after;
  const bool ports = has_ports(after.protocol);
  const auto end = [&](AddressId address, std::uint16_t port) {
    if (address.value >= tables.addresses.size()) return std::string("?");
    return ports ? trace::endpoint_text(tables, address, port) : tables.addresses[address].to_string();
  };
  std::string text;
  const auto say = [&](std::string words) { text += (text.empty() ? "" : ", ") + std::move(words); };
  if (before.source != after.source || (ports && before.source_port != after.source_port))
    say(fmt::format("source {} → {}", end(before.source, before.source_port), end(after.source, after.source_port)));
  if (before.destination != after.destination || (ports && before.destination_port != after.destination_port))
    say(fmt::format("destination {} → {}", end(before.destination, before.destination_port),
                    end(after.destination, after.destination_port)));
  if (!ports && before.destination_port != after.destination_port)
    say(fmt::format("echo identifier {} → {}", before.destination_port, after.destination_port));
  for (const trace::NumberChange& change : trace::tcp_changes(trace::tcp_numbers(before), trace::tcp_numbers(after)))
    say(trace::change_words(change));
  if (before.traffic_class != after.traffic_class)
    say(fmt::format("traffic class {:#04x} → {:#04x}", before.traffic_class, after.traffic_class));
  if (text.empty()) text = "nothing changed";
  return (entry.inner ? "quoted packet: " : "") + text;
}

std::string cause_words(const RulesetInfo& ruleset, std::uint32_t chain, std::uint32_t rule) {
  const std::string name = chain_name(ruleset, chain);
  if (rule == trace::RuleVerdictReached::policy)
    return fmt::format("the policy of chain {}: no rule accepted the packet", name);
  const trace::RuleInfo* info = rule_of(ruleset, rule);
  return info == nullptr ? fmt::format("a rule of chain {}", name)
                         : fmt::format("rule {} of chain {}: {}", info->number + 1, name, info->text);
}

std::string unknown_cause_words(const trace::Trace& trace) {
  return trace.wants(trace::Kind::rule_verdict) ? "netfilter: no address and port was free for the new flow"
                                                : "a rule; this trace does not tell which";
}

}  // namespace fourtuple::replay
