// Netfilter's records in words and as fields (trace/describe.h).
#include "sim/trace/describe_netfilter.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "sim/trace/expression_words.h"
#include "sim/trace/tcp_changes.h"

namespace fourtuple::trace {
namespace {

constexpr std::string_view tracking_names[] = {"",           "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "FIN_WAIT",
                                               "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",       "SYN_SENT2"};

bool has_ports(Protocol protocol) {
  return protocol == Protocol::tcp || protocol == Protocol::udp;
}

std::string end(const Tables& tables, Protocol protocol, AddressId address, std::uint16_t port) {
  if (has_ports(protocol)) return endpoint_text(tables, address, port);
  return address.value < tables.addresses.size() ? tables.addresses[address].to_string() : "?";
}

// Against the packet as it was made: an earlier rewriting is told once more.
std::string tcp_words(const PacketRewritten& event, const Names& names) {
  Packet made;
  if (!names.packet(event.packet, made)) return "its TCP header is changed";
  std::string text;
  for (const NumberChange& change : tcp_changes(tcp_numbers(made), event.tcp))
    text += (text.empty() ? "" : ", ") + change_words(change);
  return text.empty() ? "its TCP header is as it was made again" : text;
}

std::string rewritten(const Tables& tables, const PacketRewritten& event, const Names& names) {
  Packet packet;
  const Protocol protocol = !event.inner && names.packet(event.packet, packet) ? packet.protocol : Protocol::tcp;
  if (event.has_tcp) return packet_words(event.packet, names) + ": " + tcp_words(event, names);
  return fmt::format("{}: {} now {} → {}", packet_words(event.packet, names),
                     event.inner ? "the quoted packet is" : "addresses are",
                     end(tables, protocol, event.source, event.source_port),
                     end(tables, protocol, event.destination, event.destination_port));
}

std::string created(const Tables& tables, const ConntrackCreated& event) {
  std::string text =
      fmt::format("conntrack entry {}: {} {} → {}", event.entry, protocol_name(event.protocol),
                  end(tables, event.protocol, event.original_source, event.original_source_port),
                  end(tables, event.protocol, event.original_destination, event.original_destination_port));
  const bool plain = event.reply_source == event.original_destination &&
                     event.reply_destination == event.original_source &&
                     event.reply_source_port == event.original_destination_port &&
                     event.reply_destination_port == event.original_source_port;
  if (!plain)
    text += fmt::format(", answers {} → {}", end(tables, event.protocol, event.reply_source, event.reply_source_port),
                        end(tables, event.protocol, event.reply_destination, event.reply_destination_port));
  return text;
}

std::string seen(const ConntrackSeen& event) {
  std::string text = fmt::format("conntrack entry {}: {} packet", event.entry, event.reply ? "answering" : "original");
  if (event.tcp != 0) text += fmt::format(", {}", tracking_name(event.tcp));
  if (event.timeout_s != ConntrackSeen::keep_timeout) text += fmt::format(", forgotten after {} s", event.timeout_s);
  return text;
}

// A damaged file may claim more words than a record has room for.
std::string words_of_key(const std::uint32_t (&words)[16], std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < std::min(count, std::size(words)); ++i)
    text += fmt::format("{}{:08x}", i == 0 ? "" : " ", words[i]);
  return text;
}

const RuleInfo* rule_of(const RulesetInfo* ruleset, std::uint32_t rule) {
  return ruleset != nullptr && rule < ruleset->rules.size() ? &ruleset->rules[rule] : nullptr;
}

std::string verdict_words(const RulesetInfo* ruleset, const RuleVerdictReached& event) {
  std::string words(name_of(event.verdict));
  const bool goes = event.verdict == RuleVerdict::jump || event.verdict == RuleVerdict::goto_;
  if (goes && ruleset != nullptr && event.target < ruleset->chains.size())
    words += " " + ruleset->chains[event.target].name;
  return words;
}

// "'tcp dport 8080' does not match: 80 ≠ 8080"
std::string outcome_words(const ExpressionInfo& info, ExpressionResult result, const std::string& value) {
  const std::string_view text = info.text;
  switch (result) {
    case ExpressionResult::matched:
      // What fitted one plain value is that value.
      if (value.empty() || text.ends_with(value)) return fmt::format("'{}' matches", text);
      return fmt::format("'{}' matches: {}", text, value);
    case ExpressionResult::failed:
      if (value.empty()) return fmt::format("'{}' does not match", text);
      [[fallthrough]];
    case ExpressionResult::absent:
      return fmt::format("'{}' does not match: {}", text, mismatch_words(info, result, value, {}));
    case ExpressionResult::done:
      return fmt::format("'{}' is done", text);
    case ExpressionResult::skipped:
      return fmt::format("'{}' is not simulated, passed over", text);
  }
  return {};
}

std::string expression(const RulesetInfo* ruleset, HostId host, const RuleExpressionEvaluated& event,
                       const Names& names) {
  const RuleInfo* rule = rule_of(ruleset, event.rule);
  const std::string packet = packet_words(event.packet, names);
  const std::size_t words = std::min<std::size_t>(event.word_count, std::size(event.words));
  if (rule == nullptr || event.expression >= rule->expression_count)
    return fmt::format("{}: rule {} expression {}: {}", packet, event.rule, event.expression, name_of(event.result));
  const ExpressionInfo& info = ruleset->expressions[rule->first_expression + event.expression];
  std::string value = words == 0 ? "" : names.value(host, info.types, info.widths, {event.words, words});
  if (words != 0 && value.empty()) value = words_of_key(event.words, words);
  return fmt::format("{}: {}", packet, outcome_words(info, event.result, value));
}

std::string element_added(const RulesetInfo* ruleset, HostId host, const SetElementAdded& event, const Names& names) {
  const std::size_t words = std::min<std::size_t>(event.word_count, std::size(event.words));
  for (std::size_t i = 0; ruleset != nullptr && i < ruleset->sets.size(); ++i) {
    const SetInfo& set = ruleset->sets[i];
    if (set.id != event.set) continue;
    const std::string value = names.value(host, set.types, set.widths, {event.words, words});
    if (!value.empty()) return fmt::format("set {}: element {} added", set.name, value);
  }
  return fmt::format("set {}: element {} added", event.set, words_of_key(event.words, words));
}

}  // namespace

std::string_view tracking_name(std::uint8_t tcp) {
  return tcp < std::size(tracking_names) ? tracking_names[tcp] : "?";
}

std::string chain_text(const RulesetInfo& ruleset, std::uint32_t chain) {
  if (chain >= ruleset.chains.size()) return fmt::format("chain {}", chain);
  const ChainInfo& info = ruleset.chains[chain];
  return fmt::format("{} {} {}", info.family, info.table, info.name);
}

bool describe_netfilter(const Tables& tables, const Slot* slots, const Names& names, std::string& text) {
  const RulesetInfo* ruleset = names.ruleset(slots->host_id());
  switch (slots->kind) {
    case Kind::packet_rewritten:
      text = rewritten(tables, unpack_packet_rewritten(slots), names);
      return true;
    case Kind::ruleset_loaded:
      text = "ruleset loaded";
      return true;
    case Kind::conntrack_created:
      text = created(tables, unpack_conntrack_created(slots));
      return true;
    case Kind::conntrack_seen:
      text = seen(unpack_conntrack_seen(slots));
      return true;
    case Kind::conntrack_marked:
      text = fmt::format("conntrack entry {}: mark {:#x}", slots->subject, unpack_conntrack_marked(slots).mark);
      return true;
    case Kind::conntrack_destroyed:
      text = fmt::format("conntrack entry {} gone", slots->subject);
      return true;
    case Kind::netfilter_object: {
      const NetfilterObjectChanged event = unpack_netfilter_object(slots);
      text = fmt::format("counter, quota or limit {}: {} {}", event.object, event.first, event.second);
      return true;
    }
    case Kind::set_element_added:
      text = element_added(ruleset, slots->host_id(), unpack_set_element_added(slots), names);
      return true;
    case Kind::set_element_removed:
      text = fmt::format("set element {} removed", slots->subject);
      return true;
    case Kind::packet_logged: {
      const PacketLogged event = unpack_packet_logged(slots);
      const RuleInfo* rule = rule_of(ruleset, event.rule);
      text =
          packet_words(event.packet, names) + ", logged" + (rule == nullptr ? "" : fmt::format(" by '{}'", rule->text));
      return true;
    }
    case Kind::rule_verdict: {
      const RuleVerdictReached event = unpack_rule_verdict(slots);
      std::string where = ruleset == nullptr ? fmt::format("chain {}", event.chain) : chain_text(*ruleset, event.chain);
      if (event.rule == RuleVerdictReached::policy)
        where += " policy";
      else if (event.rule == RuleVerdictReached::chain_end)
        where += " end";
      else if (const RuleInfo* rule = rule_of(ruleset, event.rule); rule != nullptr)
        where += fmt::format(" rule {} '{}'", rule->number + 1, rule->text);
      text = fmt::format("{}: {}: {}", packet_words(event.packet, names), where, verdict_words(ruleset, event));
      return true;
    }
    case Kind::rule_expression:
      text = expression(ruleset, slots->host_id(), unpack_rule_expression(slots), names);
      return true;
    default:
      return false;
  }
}

namespace {

struct NetfilterWriter {
  const Tables& tables;
  Fields& out;

  void number(std::string_view key, std::uint64_t value) const { out.number(key, static_cast<std::int64_t>(value)); }
  void text(std::string_view key, std::string_view value) const {
    if (!value.empty()) out.text(key, value);
  }
  void end(std::string_view prefix, AddressId address, std::uint16_t port) const {
    if (address.value < tables.addresses.size())
      out.text(fmt::format("{}_address", prefix), tables.addresses[address].to_string());
    out.number(fmt::format("{}_port", prefix), port);
  }
};

void created_fields(const NetfilterWriter& to, const ConntrackCreated& event) {
  to.number("packet", event.packet.value);
  to.text("protocol", protocol_name(event.protocol));
  to.end("original_source", event.original_source, event.original_source_port);
  to.end("original_destination", event.original_destination, event.original_destination_port);
  to.end("reply_source", event.reply_source, event.reply_source_port);
  to.end("reply_destination", event.reply_destination, event.reply_destination_port);
  to.number("status", event.status);
  to.text("state", tracking_name(event.tcp));
  to.number("timeout_s", event.timeout_s);
  to.number("mark", event.mark);
}

void tcp_fields(const NetfilterWriter& to, const TcpNumbers& tcp) {
  to.number("seq", tcp.seq.raw);
  to.number("ack", tcp.ack.raw);
  to.number("window", tcp.window);
  to.number("mss", tcp.mss);
  to.number("flags", tcp.flags);
  to.number("ts_value", tcp.ts_value);
  to.number("ts_echo", tcp.ts_echo);
}

void verdict_fields(const NetfilterWriter& to, const RulesetInfo* ruleset, const RuleVerdictReached& event) {
  if (ruleset != nullptr) to.text("chain", chain_text(*ruleset, event.chain));
  if (event.rule == RuleVerdictReached::policy)
    to.text("rule", "policy");
  else if (event.rule == RuleVerdictReached::chain_end)
    to.text("rule", "end");
  else if (const RuleInfo* rule = rule_of(ruleset, event.rule); rule != nullptr) {
    to.number("rule", rule->number + 1);
    to.text("text", rule->text);
  }
  to.text("verdict", verdict_words(ruleset, event));
  to.text("ct", name_of(event.ct));
  to.number("mark", event.mark);
}

}  // namespace

bool netfilter_fields(const Tables& tables, const Slot* slots, const Names& names, Fields& fields) {
  const RulesetInfo* ruleset = names.ruleset(slots->host_id());
  const NetfilterWriter to{tables, fields};
  switch (slots->kind) {
    case Kind::packet_rewritten: {
      const PacketRewritten event = unpack_packet_rewritten(slots);
      to.end("source", event.source, event.source_port);
      to.end("destination", event.destination, event.destination_port);
      if (event.inner) fields.flag("inner", true);
      if (event.has_tcp) tcp_fields(to, event.tcp);
      if (event.entry != 0xffffffffu) to.number("entry", event.entry);
      return true;
    }
    case Kind::conntrack_created:
      created_fields(to, unpack_conntrack_created(slots));
      return true;
    case Kind::conntrack_seen: {
      const ConntrackSeen event = unpack_conntrack_seen(slots);
      to.number("packet", event.packet.value);
      to.text("direction", event.reply ? "reply" : "original");
      to.number("bytes", event.bytes);
      to.number("status", event.status);
      to.text("state", tracking_name(event.tcp));
      if (event.timeout_s != ConntrackSeen::keep_timeout) to.number("timeout_s", event.timeout_s);
      return true;
    }
    case Kind::conntrack_marked:
      to.number("mark", unpack_conntrack_marked(slots).mark);
      return true;
    case Kind::netfilter_object: {
      const NetfilterObjectChanged event = unpack_netfilter_object(slots);
      to.number("first", event.first);
      to.number("second", event.second);
      return true;
    }
    case Kind::set_element_added: {
      const SetElementAdded event = unpack_set_element_added(slots);
      to.number("set", event.set);
      to.text("key", words_of_key(event.words, event.word_count));
      to.number("timeout_ns", event.timeout_ns);
      if (event.expires_in_ns != 0) to.number("expires_in_ns", event.expires_in_ns);
      return true;
    }
    case Kind::packet_logged:
    case Kind::rule_expression: {
      const bool logged = slots->kind == Kind::packet_logged;
      const std::uint32_t number = logged ? unpack_packet_logged(slots).rule : unpack_rule_expression(slots).rule;
      if (const RuleInfo* rule = rule_of(ruleset, number); rule != nullptr) {
        to.text("chain", chain_text(*ruleset, rule->chain));
        to.number("rule", rule->number + 1);
      }
      if (logged) return true;
      const RuleExpressionEvaluated event = unpack_rule_expression(slots);
      to.number("expression", event.expression);
      to.text("result", name_of(event.result));
      to.text("value", words_of_key(event.words, event.word_count));
      return true;
    }
    case Kind::rule_verdict:
      verdict_fields(to, ruleset, unpack_rule_verdict(slots));
      return true;
    case Kind::ruleset_loaded:
    case Kind::conntrack_destroyed:
    case Kind::set_element_removed:
      return true;
    default:
      return false;
  }
}

}  // namespace fourtuple::trace
