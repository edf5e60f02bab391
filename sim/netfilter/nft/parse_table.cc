// Tables and chains.
#include <algorithm>

#include "sim/base/nearest.h"
#include "sim/netfilter/nft/parse_block.h"
#include "sim/netfilter/nft/parse_expression.h"
#include "sim/netfilter/nft/parse_statement.h"

namespace fourtuple::nft {
namespace {

struct Hook {
  std::string_view word;
  HookPoint point;
};
constexpr Hook hooks[] = {{"prerouting", HookPoint::prerouting},
                          {"input", HookPoint::input},
                          {"forward", HookPoint::forward},
                          {"output", HookPoint::output},
                          {"postrouting", HookPoint::postrouting},
                          {"ingress", HookPoint::ingress},
                          {"egress", HookPoint::egress}};
constexpr std::string_view hook_words[] = {"prerouting",  "input",   "forward", "output",
                                           "postrouting", "ingress", "egress"};

bool hook_in_family(HookPoint point, TableFamily family) {
  const bool device_hook = point == HookPoint::ingress || point == HookPoint::egress;
  switch (family) {
    case TableFamily::netdev:
      return device_hook;
    case TableFamily::arp:
      return point == HookPoint::input || point == HookPoint::output;
    case TableFamily::inet:
      return point != HookPoint::egress;
    default:
      return !device_hook;
  }
}

bool hook_in_type(HookPoint point, ChainType type) {
  if (type == ChainType::route) return point == HookPoint::output;
  if (type != ChainType::nat) return true;
  return point == HookPoint::prerouting || point == HookPoint::input || point == HookPoint::output ||
         point == HookPoint::postrouting;
}

// --- priority ---
struct Priority {
  std::string_view word;
  std::int32_t value, in_bridge;
};
constexpr std::int32_t unknown = -0x7fffffff;
constexpr Priority priorities[] = {{"raw", -300, unknown}, {"mangle", -150, unknown}, {"dstnat", -100, -300},
                                   {"filter", 0, -200},    {"security", 50, unknown}, {"srcnat", 100, 300},
                                   {"out", unknown, 100}};

// The number a priority's name stands for on this hook, or `unknown`.
std::int32_t named_priority(std::string_view word, TableFamily family, HookPoint point) {
  if (word == "dstnat" && point != HookPoint::prerouting) return unknown;
  if (word == "srcnat" && point != HookPoint::postrouting) return unknown;
  if (word == "out" && point != HookPoint::output) return unknown;
  const bool only_filter = family == TableFamily::netdev || family == TableFamily::arp;
  if (only_filter && word != "filter") return unknown;
  for (const Priority& priority : priorities)
    if (priority.word == word) return family == TableFamily::bridge ? priority.in_bridge : priority.value;
  return unknown;
}

bool whole_number(std::string_view text, std::int64_t& number) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 10 || text.find_first_not_of("0123456789") != std::string_view::npos) return false;
  number = 0;
  for (const char c : text) number = number * 10 + (c - '0');
  if (negative) number = -number;
  return true;
}

bool unknown_priority(Parser& p, Span where, std::string_view word, TableFamily family, HookPoint point) {
  std::vector<std::string_view> known;
  std::string expected = "a number or one of:";
  for (const Priority& priority : priorities)
    if (named_priority(priority.word, family, point) != unknown) {
      known.push_back(priority.word);
      expected += ' ' + std::string(priority.word);
    }
  return p.fail(where, "'" + shortened(word) + "' is no priority on this hook", expected, nearest(word, known));
}

bool set_priority(Parser& p, Span where, std::int32_t& priority, std::int64_t value) {
  priority = static_cast<std::int32_t>(value);
  return priority == value || p.fail(where, std::to_string(value) + " is no priority", "-2147483648 to 2147483647");
}

// "filter", "filter + 10", "-150" in a variable.
bool priority_text(Parser& p, const Expr& value, ChainHook& hook) {
  std::int64_t number = 0;
  if (value.kind == ExprKind::value && whole_number(value.text, number))
    return set_priority(p, value.span, hook.priority, number);
  const std::string_view text = value.text;
  const std::size_t sign = text.find_first_of("+-");
  std::string_view word = text.substr(0, sign);
  while (word.ends_with(' ')) word.remove_suffix(1);
  std::string offset = sign == std::string_view::npos ? "0" : text[sign] == '-' ? "-" : "";
  if (sign != std::string_view::npos)
    for (const char c : text.substr(sign + 1))
      if (c != ' ') offset += c;
  const std::int32_t base = named_priority(word, p.family, hook.point);
  if (base == unknown || !whole_number(offset, number))
    return unknown_priority(p, value.span, text, p.family, hook.point);
  return set_priority(p, value.span, hook.priority, base + number);
}

bool parse_priority_number(Parser& p, std::int32_t& priority, std::int32_t base, bool negative) {
  const Token token = p.now();
  std::uint64_t number = 0;
  if (!parse_number(p, number, 0xffffffff, "a number")) return false;
  const auto offset = static_cast<std::int64_t>(number);
  return set_priority(p, {token.begin, token.end}, priority, base + (negative ? -offset : offset));
}

bool parse_priority(Parser& p, ChainHook& hook) {
  if (!p.need_word("priority")) return false;
  if (p.is(TokenKind::dollar)) {
    p.take();
    const Token name = p.now();
    const Expr* value = p.variable();
    if (value == nullptr) return false;
    Expr copy = *value;
    copy.span = {name.begin, name.end};
    return priority_text(p, copy, hook);
  }
  if (p.is(TokenKind::dash) || p.is(TokenKind::number)) {
    const bool negative = p.take_if(TokenKind::dash);
    return parse_priority_number(p, hook.priority, 0, negative);
  }
  const Token word = p.now();
  std::string name;
  if (!parse_name(p, name, "a priority")) return false;
  hook.priority = named_priority(name, p.family, hook.point);
  if (hook.priority == unknown) return unknown_priority(p, {word.begin, word.end}, name, p.family, hook.point);
  if (!p.is(TokenKind::plus) && !p.is(TokenKind::dash)) return true;
  const bool negative = p.take().kind == TokenKind::dash;
  return parse_priority_number(p, hook.priority, hook.priority, negative);
}

// --- hook ---
bool add_device(Parser& p, std::vector<std::string>& devices) {
  if (!p.take_if(TokenKind::dollar)) return parse_string(p, devices.emplace_back(), "the name of a device");
  const Token name = p.now();
  const Expr* value = p.variable();
  if (value == nullptr) return false;
  if (value->kind == ExprKind::value) {
    devices.push_back(value->text);
    return true;
  }
  if (value->kind != ExprKind::anonymous_set) return p.fail({name.begin, name.end}, "this variable holds no device");
  for (const Expr& part : value->parts) devices.push_back(part.text);
  return true;
}

bool parse_hook_point(Parser& p, ChainHook& hook) {
  const Token word = p.now();
  const auto* found = word.kind == TokenKind::word ? std::find_if(std::begin(hooks), std::end(hooks),
                                                                  [&](const Hook& h) { return h.word == word.text; })
                                                   : std::end(hooks);
  if (found == std::end(hooks))
    return p.unexpected("a hook: prerouting input forward output postrouting ingress egress", hook_words);
  p.take();
  hook.point = found->point;
  const Span at{word.begin, word.end};
  if (!hook_in_family(hook.point, p.family))
    return p.fail(at,
                  "there is no hook " + std::string(word.text) + " in the family " + std::string(name_of(p.family)));
  if (!hook_in_type(hook.point, hook.type))
    return p.fail(at, "a chain of this type cannot be on the hook " + std::string(word.text),
                  hook.type == ChainType::route ? "output" : "prerouting, input, output or postrouting");
  return true;
}

// type T hook H [device D | devices = { … }] priority P
bool parse_hook(Parser& p, Chain& chain) {
  const std::uint32_t begin = p.take().begin;
  constexpr std::string_view types[] = {"filter", "nat", "route"};
  ChainHook hook;
  if (chain.hook) {
    hook.accept = chain.hook->accept;
    hook.policy_given = chain.hook->policy_given;
  }
  const auto* type =
      p.is(TokenKind::word) ? std::find(std::begin(types), std::end(types), p.now().text) : std::end(types);
  if (type == std::end(types)) return p.unexpected("a type of chain: filter, nat or route", types);
  const Token type_word = p.take();
  hook.type = static_cast<ChainType>(type - std::begin(types));
  const bool filter_only =
      p.family == TableFamily::arp || p.family == TableFamily::bridge || p.family == TableFamily::netdev;
  if (filter_only && hook.type != ChainType::filter)
    return p.fail({type_word.begin, type_word.end}, "tables of this family have filter chains only", "filter");
  if (!p.need_word("hook") || !parse_hook_point(p, hook)) return false;
  const Token device = p.now();
  if (p.take_word("device")) {
    if (!add_device(p, hook.devices)) return false;
  } else if (p.take_word("devices")) {
    if (!p.need(TokenKind::assign, "'='") || !parse_devices(p, hook.devices)) return false;
  }
  const bool on_device = hook.point == HookPoint::ingress || hook.point == HookPoint::egress;
  if (!hook.devices.empty() && !on_device)
    return p.fail({device.begin, device.end}, "a chain on this hook is not bound to a device");
  if (hook.devices.empty() && on_device) return p.unexpected("device and a name before the priority");
  if (!parse_priority(p, hook)) return false;
  if (on_device && p.family != TableFamily::netdev)
    p.warn({begin, p.taken_end()}, "the hooks ingress and egress are not simulated: this chain has no effect");
  chain.hook = std::move(hook);
  return p.need_separator();
}

bool parse_policy(Parser& p, Chain& chain, bool& given) {
  const Token head = p.take();
  if (given) return p.fail({head.begin, head.end}, "the chain has a policy already");
  std::string word(p.now().text);
  if (p.take_if(TokenKind::dollar)) {
    const Token name = p.now();
    const Expr* value = p.variable();
    if (value == nullptr) return false;
    word = value->text;
    if (word != "accept" && word != "drop")
      return p.fail({name.begin, name.end}, "this variable holds no policy", "accept or drop");
  } else if (word == "accept" || word == "drop") {
    p.take();
  } else {
    constexpr std::string_view words[] = {"accept", "drop"};
    return p.unexpected("accept or drop", words);
  }
  if (!chain.hook) chain.hook.emplace();  // the hook may follow; its absence is found at the end
  chain.hook->accept = word == "accept";
  chain.hook->policy_given = given = true;
  return p.need_separator();
}

bool parse_chain_item(Parser& p, Chain& chain, bool& has_hook, bool& has_policy) {
  if (p.is_word("type")) return has_hook = true, parse_hook(p, chain);
  if (p.is_word("policy")) return parse_policy(p, chain, has_policy);
  if (p.is_word("flags")) {
    const Token head = p.take();
    if (!p.need_word("offload")) return false;
    p.warn({head.begin, p.taken_end()}, "offload to hardware is not simulated: the chain runs without it");
    return p.need_separator();
  }
  if (p.take_word("comment")) return parse_comment(p, chain.comment) && p.need_separator();
  Rule rule;
  if (!parse_rule(p, rule) || !p.need_separator()) return false;
  chain.rules.push_back(std::move(rule));
  return true;
}

// --- table ---
bool parse_named_block(Parser& p, Table& table) {
  const Token head = p.now();
  const auto finish = [&](bool ok, Span& span) {
    span = {head.begin, p.taken_end()};
    return ok && p.need_separator();
  };
  if (p.take_word("chain")) {
    Chain& chain = table.chains.emplace_back();
    return parse_name(p, chain.name, "the name of a chain") && finish(parse_chain_block(p, chain), chain.span);
  }
  if (p.is_word("set") || p.is_word("map")) {
    Set& set = table.sets.emplace_back();
    set.is_map = p.take().text == "map";
    return parse_name(p, set.name, "a name") && finish(parse_set_block(p, set), set.span);
  }
  if (p.take_word("flowtable")) {
    Flowtable& flowtable = table.flowtables.emplace_back();
    return parse_name(p, flowtable.name, "the name of a flowtable") &&
           finish(parse_flowtable_block(p, flowtable), flowtable.span);
  }
  Object& object = table.objects.emplace_back();
  return parse_object_kind(p, object.kind) && parse_name(p, object.name, "a name") &&
         finish(parse_object_block(p, object), object.span);
}

bool parse_table_flags(Parser& p, Table& table) {
  constexpr std::string_view words[] = {"dormant", "owner"};
  const Token flag = p.now();
  if (!p.is_word("dormant") && !p.is_word("owner")) return p.unexpected("dormant or owner", words);
  table.flags.emplace_back(p.take().text);
  if (flag.text == "owner")
    p.warn({flag.begin, flag.end}, "ownership of tables is not simulated: the table stays when its owner ends");
  return p.need_separator();
}

}  // namespace

bool parse_devices(Parser& p, std::vector<std::string>& devices) {
  if (p.is(TokenKind::dollar)) return add_device(p, devices);
  if (!p.need(TokenKind::brace_open, "'{'")) return false;
  do {
    if (!devices.empty()) p.line_break();
    if (!devices.empty() && p.is(TokenKind::brace_close)) break;
    if (!add_device(p, devices)) return false;
  } while (p.take_if(TokenKind::comma));
  return p.need(TokenKind::brace_close, "',' or '}'");
}

bool parse_chain_block(Parser& p, Chain& chain) {
  bool has_hook = false, has_policy = false;
  p.open_scope();
  const bool closed = parse_block(p, [&] { return parse_chain_item(p, chain, has_hook, has_policy); });
  p.close_scope();
  if (closed && has_policy && !has_hook) {
    chain.policy = chain.hook->accept;
    chain.hook.reset();
  }
  return closed;
}

bool parse_table_block(Parser& p, Table& table) {
  static constexpr std::string_view words[] = {"chain", "set",     "map",      "flowtable", "counter", "quota", "limit",
                                               "ct",    "secmark", "synproxy", "flags",     "comment", "define"};
  p.open_scope();
  const bool closed = parse_block(p, [&] {
    if (p.take_word("flags")) return parse_table_flags(p, table);
    if (p.take_word("comment")) return parse_comment(p, table.comment) && p.need_separator();
    const bool named = p.is_word("chain") || p.is_word("set") || p.is_word("map") || p.is_word("flowtable");
    if (named || begins_object(p)) return parse_named_block(p, table);
    return p.unexpected("chain, set, map or another part of a table", words);
  });
  p.close_scope();
  return closed;
}

}  // namespace fourtuple::nft
