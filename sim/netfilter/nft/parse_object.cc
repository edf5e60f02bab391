// Named objects and flowtables.
#include <algorithm>

#include "sim/netfilter/nft/parse_block.h"
#include "sim/netfilter/nft/parse_statement.h"

namespace fourtuple::nft {
namespace {

struct Kind {
  std::string_view first, second;
  ObjectKind kind;
};
constexpr Kind kinds[] = {{"counter", "", ObjectKind::counter},      {"quota", "", ObjectKind::quota},
                          {"limit", "", ObjectKind::limit},          {"ct", "helper", ObjectKind::ct_helper},
                          {"ct", "timeout", ObjectKind::ct_timeout}, {"ct", "expectation", ObjectKind::ct_expectation},
                          {"secmark", "", ObjectKind::secmark},      {"synproxy", "", ObjectKind::synproxy}};

// Lines of an object by what they begin with, so that they can be printed in the order nft has them.
struct Lines {
  std::string type, protocol, dport, timeout, size, l3proto, policy;
};

void add_line(std::string& body, const std::string& line) {
  if (line.empty()) return;
  if (!body.empty()) body += '\n';
  body += line;
}

bool parse_protocol(Parser& p, std::string& protocol) {
  constexpr std::string_view words[] = {"tcp", "udp"};
  if (!p.is_word("tcp") && !p.is_word("udp")) return p.unexpected("tcp or udp", words);
  protocol = p.take().text;
  return true;
}

bool parse_l3proto(Parser& p, std::string& line) {
  constexpr std::string_view words[] = {"ip", "ip6", "inet"};
  if (!p.is_word("ip") && !p.is_word("ip6") && !p.is_word("inet")) return p.unexpected("ip, ip6 or inet", words);
  line = "l3proto " + std::string(p.take().text);
  return p.need_separator();
}

bool parse_timeout_policy(Parser& p, std::string& line, std::string_view protocol) {
  static constexpr std::string_view tcp_states[] = {"close",   "close_wait", "established", "fin_wait",  "last_ack",
                                                    "retrans", "syn_recv",   "syn_sent",    "time_wait", "unack"};
  static constexpr std::string_view udp_states[] = {"replied", "unreplied"};
  const std::span<const std::string_view> states_known =
      protocol.ends_with("udp") ? std::span<const std::string_view>(udp_states) : tcp_states;
  if (!p.need(TokenKind::assign, "'='") || !p.need(TokenKind::brace_open, "'{'")) return false;
  std::string states;
  do {
    std::string state;
    std::uint64_t seconds = 0;
    if (std::find(states_known.begin(), states_known.end(), p.now().text) == states_known.end())
      return p.unexpected("a state of the protocol such as " + std::string(states_known[0]), states_known);
    if (!parse_name(p, state, "a state such as established") || !p.need(TokenKind::colon, "':'") ||
        !parse_number(p, seconds, 0xffffffff, "a number of seconds"))
      return false;
    states += (states.empty() ? "" : ", ") + state + " : " + std::to_string(seconds);
  } while (p.take_if(TokenKind::comma));
  line = "policy = { " + states + " }";
  return p.need(TokenKind::brace_close, "',' or '}'") && p.need_separator();
}

bool parse_numbered_line(Parser& p, std::string_view word, std::string& line, std::uint64_t largest) {
  std::uint64_t number = 0;
  if (!parse_number(p, number, largest, "a number")) return false;
  line = std::string(word) + " " + std::to_string(number);
  return p.need_separator();
}

bool parse_helper_type(Parser& p, std::string& line) {
  const Token name = p.now();
  std::string protocol;
  if (!p.need(TokenKind::quoted, "the name of a helper in quotes") || !p.need_word("protocol") ||
      !parse_protocol(p, protocol))
    return false;
  if (name.text.size() > 15) return p.fail({name.begin, name.end}, "the name is too long", "at most 15 characters");
  line = "type \"" + std::string(name.text) + "\" protocol " + protocol;
  return p.need_separator();
}

bool parse_ct_line(Parser& p, ObjectKind kind, Lines& lines) {
  if (p.take_word("l3proto")) return parse_l3proto(p, lines.l3proto);
  if (kind == ObjectKind::ct_helper) return p.need_word("type") && parse_helper_type(p, lines.type);
  if (p.take_word("protocol")) {
    std::string protocol;
    if (!parse_protocol(p, protocol)) return false;
    lines.protocol = "protocol " + protocol;
    return p.need_separator();
  }
  if (kind == ObjectKind::ct_timeout)
    return p.need_word("policy") && parse_timeout_policy(p, lines.policy, lines.protocol);
  if (p.take_word("dport")) return parse_numbered_line(p, "dport", lines.dport, 0xffff);
  if (p.take_word("size")) return parse_numbered_line(p, "size", lines.size, 0xff);
  std::uint64_t timeout = 0;
  if (!p.need_word("timeout") || !parse_duration(p, timeout)) return false;
  lines.timeout = "timeout " + print_duration(timeout);
  return p.need_separator();
}

bool parse_ct_block(Parser& p, Object& object) {
  Lines lines;
  const bool closed = parse_block(p, [&] {
    if (p.take_word("comment")) return parse_comment(p, object.comment);
    return parse_ct_line(p, object.kind, lines);
  });
  if (lines.l3proto.empty())
    lines.l3proto = p.family == TableFamily::ip    ? "l3proto ip"
                    : p.family == TableFamily::ip6 ? "l3proto ip6"
                                                   : "l3proto inet";
  for (const std::string* line :
       {&lines.type, &lines.protocol, &lines.dport, &lines.timeout, &lines.size, &lines.l3proto, &lines.policy})
    add_line(object.body, *line);
  return closed;
}

bool parse_flowtable_item(Parser& p, Flowtable& flowtable) {
  constexpr std::string_view words[] = {"hook", "devices", "counter", "flags"};
  if (p.take_word("hook")) {
    if (!p.need_word("ingress") || !p.need_word("priority")) return false;
    const bool filter = p.take_word("filter");
    const bool sign = p.is(TokenKind::dash) || (filter && p.is(TokenKind::plus));
    const bool negative = sign && p.take().kind == TokenKind::dash;
    std::uint64_t number = 0;
    if ((!filter || sign) && !parse_number(p, number, 0x3fffffff, "filter or a number")) return false;
    flowtable.priority = static_cast<std::int32_t>(number) * (negative ? -1 : 1);
    return p.need_separator();
  }
  if (p.take_word("devices"))
    return p.need(TokenKind::assign, "'='") && parse_devices(p, flowtable.devices) && p.need_separator();
  if (p.take_word("counter")) return flowtable.counter = true;
  if (!p.take_word("flags")) return p.unexpected("hook, devices, counter or flags", words);
  flowtable.offload = true;
  return p.need_word("offload") && p.need_separator();
}

void warn_not_simulated(Parser& p, ObjectKind kind, Span where) {
  if (kind == ObjectKind::ct_timeout) p.warn(where, "ct timeout is not simulated: the object has no effect");
  if (kind == ObjectKind::ct_expectation) p.warn(where, "ct expectation is not simulated: the object has no effect");
  if (kind == ObjectKind::secmark) p.warn(where, "secmark is not simulated: the object has no effect");
}

}  // namespace

bool begins_object(const Parser& p) {
  return p.is(TokenKind::word) &&
         std::any_of(std::begin(kinds), std::end(kinds), [&](const Kind& kind) { return kind.first == p.now().text; });
}

bool parse_object_kind(Parser& p, ObjectKind& kind) {
  constexpr std::string_view of_ct[] = {"helper", "timeout", "expectation"};
  const Token first = p.take();
  for (const Kind& entry : kinds) {
    if (entry.first != first.text || (!entry.second.empty() && !p.is_word(entry.second))) continue;
    if (!entry.second.empty()) p.take();
    kind = entry.kind;
    return true;
  }
  return p.unexpected("helper, timeout or expectation", of_ct);
}

bool parse_object_line(Parser& p, Object& object) {
  Statement& value = object.value;
  switch (object.kind) {
    case ObjectKind::counter:
      value.kind = StatementKind::counter;
      return parse_counter_numbers(p, value);
    case ObjectKind::quota:
      value.kind = StatementKind::quota;
      return parse_quota_numbers(p, value);
    case ObjectKind::limit:
      value.kind = StatementKind::limit;
      return parse_limit_numbers(p, value);
    case ObjectKind::synproxy:
      return parse_synproxy_object(p, value.synproxy, object.body);
    case ObjectKind::secmark: {
      std::string context;
      if (!parse_string(p, context, "a security context in quotes")) return false;
      object.body = "\"" + context + "\"";
      return true;
    }
    default:
      return p.unexpected("'{'");
  }
}

bool parse_object_block(Parser& p, Object& object) {
  const std::uint32_t begin = p.now().begin;
  switch (object.kind) {
    case ObjectKind::counter:
      object.value.kind = StatementKind::counter;
      break;
    case ObjectKind::quota:
      object.value.kind = StatementKind::quota;
      break;
    case ObjectKind::limit:
      object.value.kind = StatementKind::limit;
      break;
    default:
      break;
  }
  warn_not_simulated(p, object.kind, {begin, begin + 1});
  if (object.kind == ObjectKind::ct_helper || object.kind == ObjectKind::ct_timeout ||
      object.kind == ObjectKind::ct_expectation)
    return parse_ct_block(p, object);
  return parse_block(p, [&] {
    if (p.take_word("comment")) return parse_comment(p, object.comment);
    const std::uint32_t before = p.now().begin;
    if (!parse_object_line(p, object)) return false;
    return p.now().begin != before || p.unexpected("the object's numbers");
  });
}

bool parse_flowtable_block(Parser& p, Flowtable& flowtable) {
  const Token open = p.now();
  p.warn({open.begin, open.end}, "flowtables are not simulated: this one has no effect");
  return parse_block(p, [&] { return parse_flowtable_item(p, flowtable); });
}

}  // namespace fourtuple::nft
