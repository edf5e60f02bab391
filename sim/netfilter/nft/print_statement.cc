#include <algorithm>
#include <bit>
#include <fmt/core.h>

#include "sim/netfilter/nft/rule_printer.h"

namespace fourtuple::nft {
namespace {

std::string_view sign(Comparison comparison) {
  switch (comparison) {
    case Comparison::implicit:
    case Comparison::equal:
      return "==";
    case Comparison::not_equal:
      return "!=";
    case Comparison::less:
      return "<";
    case Comparison::less_equal:
      return "<=";
    case Comparison::greater:
      return ">";
    case Comparison::greater_equal:
      return ">=";
  }
  return {};
}

std::string flags_by_comma(const ElementPart& part, Value value) {
  return print_value(part.type, value, part.bits);
}

bool is_single_bit(Value value) {
  const int bits = std::popcount(value.high) + std::popcount(value.low);
  return bits == 1;
}

// (flags & mask) compared with a value: nft has three ways of its own to write it.
std::optional<std::string> print_masked_flags(const Statement& statement, const Expr& left, const ElementPart& part,
                                              const ProtocolContext* known) {
  const Comparison comparison = statement.comparison;
  if (!is_equality(comparison) && comparison != Comparison::not_equal) return std::nullopt;
  const auto value = compared_value(statement);
  if (!value || left.kind != ExprKind::bit_and || left.parts[1].kind != ExprKind::value) return std::nullopt;
  const Value mask = left.parts[1].value;
  const std::string selector = print_selector(left.parts[0], known);
  const std::string flags = flags_by_comma(part, mask);
  if (value->zero()) return selector + (comparison == Comparison::not_equal ? " " : " ! ") + flags;
  if (*value == mask && is_single_bit(mask)) return std::nullopt;
  return fmt::format("{}{}{} / {}", selector, comparison == Comparison::not_equal ? " != " : " ",
                     flags_by_comma(part, *value), flags);
}

// Flags compared as a number. Those read from a header are one number to nft; others are taken apart.
std::string print_flags_number(const Statement& statement, const Expr& left, const ElementPart& part,
                               const ProtocolContext* known) {
  const Value value = compared_value(statement).value_or(Value());
  const std::string selector = print_selector(left, known);
  const bool plain = left.kind == ExprKind::selector;
  const bool from_header = plain && header_field(resolved_field(left, known).value_or(left.field)).has_value();
  if (from_header && !is_single_bit(value))
    return fmt::format("{} {} {}", selector, sign(statement.comparison), print_number(part.type, value, part.bits));
  const bool hidden = plain && !is_single_bit(value) && !value.zero() && is_equality(statement.comparison);
  return fmt::format("{} {}{}", selector, hidden ? "" : std::string(sign(statement.comparison)) + " ",
                     print_element_value(part, value));
}

// An address of ct written without its family: nft loses the cut off bytes of a prefix of whole bytes and prints the
// rest as if they were the last ones.
void shorten_address(const Expr& left, Expr& value) {
  const bool address = left.kind == ExprKind::selector && info(left.field).words.starts_with("ct ") &&
                       (left.type == Type::ipv4_addr || left.type == Type::ipv6_addr);
  const std::uint32_t bits = width_of(left);
  if (!address || !left.text.empty() || value.kind != ExprKind::prefix || value.length % 8 != 0) return;
  if (value.length == 0 || value.length >= bits) return;
  const std::uint32_t cut = bits - value.length;
  value.kind = ExprKind::value;
  value.value = value.value & prefix_mask(value.length, bits);
  if (cut >= 64)
    value.value = Value(0, value.value.high >> (cut - 64));
  else
    value.value =
        Value(value.value.high >> cut, value.value.low >> cut | (cut == 0 ? 0 : value.value.high << (64 - cut)));
}

std::string print_nat_flags(std::uint8_t flags) {
  std::string text;
  const auto add = [&](std::uint8_t flag, std::string_view word) {
    if ((flags & flag) != 0) text += (text.empty() ? " " : ",") + std::string(word);
  };
  add(NatFlag::random, "random");
  add(NatFlag::fully_random, "fully-random");
  add(NatFlag::persistent, "persistent");
  return text;
}

// Whether the data of a map is more than one address: an interval, or an address and a port.
bool has_rich_data(const Expr& map, const Table* table) {
  const Expr& right = map.parts[1];
  if (right.kind == ExprKind::named) {
    if (table == nullptr) return false;
    for (const Set& set : table->sets)
      if (set.name == right.text) return set.data.size() > 1 || set.data_interval;
    return false;
  }
  return std::any_of(right.parts.begin(), right.parts.end(), [](const Expr& element) {
    if (element.parts.size() < 2) return false;
    const ExprKind kind = element.parts[1].kind;
    return kind == ExprKind::concatenation || kind == ExprKind::range || kind == ExprKind::prefix;
  });
}

std::string print_address(const Expr& address, bool with_port, const ProtocolContext* known) {
  if (address.kind == ExprKind::map || address.kind == ExprKind::selector) return print_selector(address, known);
  const ElementPart part{address.type, info(address.type).bits};
  const bool brackets = with_port && address.type == Type::ipv6_addr;
  const auto one = [&](Value value) {
    const std::string text = print_number(part.type, value, part.bits);
    return brackets ? "[" + text + "]" : text;
  };
  if (address.kind == ExprKind::range) {
    if (const auto prefix = prefix_length(address.value, address.value2, part.bits))
      return one(address.value) + "/" + std::to_string(*prefix);
    return one(address.value) + "-" + one(address.value2);
  }
  if (address.kind == ExprKind::prefix && address.length < part.bits)
    return one(address.value & prefix_mask(address.length, part.bits)) + "/" + std::to_string(address.length);
  return one(address.value);
}

std::string print_nat(const Statement& statement, const ProtocolContext* known, TableFamily family,
                      const Table* table) {
  constexpr std::string_view names[] = {"dnat", "snat", "masquerade", "redirect"};
  std::string text(names[static_cast<int>(statement.nat)]);
  const bool to_address = !statement.address.empty(), to_port = !statement.port.empty();
  if (to_address) {
    const Expr& address = statement.address[0];
    const bool one_family = family == TableFamily::ip || family == TableFamily::ip6;
    const bool shown = !one_family || (address.kind == ExprKind::map && has_rich_data(address, table));
    const TableFamily target =
        statement.nat_family.value_or(!one_family && known->at(Layer::network) == Protocol::ip6 ? TableFamily::ip6
                                      : one_family                                              ? family
                                                                                                : TableFamily::ip);
    if (shown) text += target == TableFamily::ip6 ? " ip6" : " ip";
    if ((statement.nat_flags & NatFlag::netmap_prefix) != 0) text += " prefix";
    text += " to " + print_address(address, to_port, known);
  } else if (to_port) {
    text += " to ";
  }
  if (to_port) {
    const Expr& port = statement.port[0];
    text +=
        ":" + (port.kind == ExprKind::map ? print_selector(port, known) : print_right({Type::inet_service, 16}, port));
  }
  return text + print_nat_flags(statement.nat_flags);
}

std::string print_tproxy(const Statement& statement, const ProtocolContext* known) {
  std::string text = "tproxy";
  if (statement.nat_family) text += *statement.nat_family == TableFamily::ip6 ? " ip6" : " ip";
  text += " to ";
  if (!statement.address.empty()) {
    const Expr& address = statement.address[0];
    const bool brackets = address.type == Type::ipv6_addr && address.kind != ExprKind::map;
    text += print_address(address, brackets, known);
  }
  if (!statement.port.empty())
    text += ":" + (statement.port[0].kind == ExprKind::map ? print_selector(statement.port[0], known)
                                                           : print_right({Type::inet_service, 16}, statement.port[0]));
  return text;
}

std::string print_log(const LogOptions& log) {
  std::string text = "log";
  if (!log.prefix.empty()) text += " prefix \"" + log.prefix + "\"";
  if (log.group) {
    text += " group " + std::to_string(*log.group);
    if (log.snaplen && *log.snaplen != 0) text += " snaplen " + std::to_string(*log.snaplen);
    if (log.queue_threshold && *log.queue_threshold != 0)
      text += " queue-threshold " + std::to_string(*log.queue_threshold);
  }
  if (!log.level.empty() && log.level != "warn") text += " level " + log.level;
  if (!log.flags.empty()) text += " flags " + log.flags;
  return text;
}

std::string print_assign(const Statement& statement, const ProtocolContext* known) {
  const Expr& target = statement.left[0];
  if (statement.right.empty()) return "reset " + target.text;
  const Expr value = simplified(statement.right[0]);
  const std::string left = print_selector(target, known) + " set ";
  if (value.kind == ExprKind::value || value.kind == ExprKind::list)
    return left + print_right(parts_of(target, known)[0], value);
  return left + print_selector(value, known);
}

// Data of a map that is a constant has the type of the map's data.
std::string print_data(const Statement& statement, const ProtocolContext* known, const Table* table) {
  const Expr& data = statement.right[0];
  if (data.kind == ExprKind::value && table != nullptr)
    for (const Set& set : table->sets)
      if (set.name == statement.text && !view_of(set).data.empty()) return print_right(view_of(set).data[0], data);
  return print_selector(simplified(data), known);
}

std::string print_set_update(const Statement& statement, const ProtocolContext* known, const Table* table) {
  constexpr std::string_view names[] = {"add", "update", "delete"};
  std::string text;
  if (statement.kind == StatementKind::meter) {
    constexpr std::uint32_t default_size = 65535;
    text = fmt::format("meter {} size {} {{ ", statement.text, statement.size == 0 ? default_size : statement.size);
  } else {
    text = fmt::format("{} @{} {{ ", names[static_cast<int>(statement.operation)], statement.text);
  }
  text += print_set_key(simplified(statement.left[0]), known);
  if (statement.timeout_ms && *statement.timeout_ms != 0) text += " timeout " + print_duration(*statement.timeout_ms);
  for (const Statement& inner : statement.inner) text += " " + print_stateful(inner, Numbers::none);
  if (!statement.right.empty()) text += " : " + print_data(statement, known, table);
  return text + " }";
}

std::string print_object_reference(const Statement& statement, const ProtocolContext* known) {
  const bool synproxy = statement.what == "synproxy";
  std::string text = synproxy ? "synproxy name "
                              : "ct " + std::string() + statement.what.substr(statement.what.find(' ') + 1) + " set ";
  if (statement.what == "secmark") text = "meta secmark set ";
  return text + (statement.left.empty() ? "\"" + statement.text + "\"" : print_selector(statement.left[0], known));
}

// mss and wscale appear together even when only one was given.
std::string print_synproxy(std::string options) {
  const bool alone = options.starts_with("mss ") && options.find("wscale") == std::string::npos;
  if (alone) options.insert(std::min(options.find(' ', 4), options.size()), " wscale 0");
  return options.empty() ? "synproxy" : "synproxy " + options;
}

std::string print_copy(const Statement& statement) {
  std::string text = statement.kind == StatementKind::dup ? "dup" : "fwd";
  if (statement.nat_family) text += *statement.nat_family == TableFamily::ip6 ? " ip6" : " ip";
  text += " to " + print_selector(statement.left[0]);
  if (!statement.right.empty()) text += " device " + print_selector(statement.right[0]);
  return text;
}

}  // namespace

std::string print_match(const Statement& statement, const ProtocolContext* known) {
  Expr left = simplified(statement.left[0]);
  const Expr& right = compared(statement);
  Statement moved;  // x ^ c == v is x == v ^ c
  const Statement* shown = &statement;
  if (left.kind == ExprKind::bit_xor && right.kind == ExprKind::value && left.parts[1].kind == ExprKind::value) {
    moved = statement;
    moved.right[0] = right;
    moved.right[0].value = right.value ^ left.parts[1].value;
    Expr inner = std::move(left.parts[0]);
    left = std::move(inner);
    shown = &moved;
    if (info(left.type).flags) moved.comparison = std::max(moved.comparison, Comparison::equal);
  }
  Expr value = compared(*shown);
  const ElementPart part = parts_of(left, known)[0];
  shorten_address(left, value);
  const bool operation = is_operation(left);
  const bool constant = value.kind == ExprKind::value || value.kind == ExprKind::list;
  if (info(part.type).flags && constant) {
    if (operation)
      if (const auto text = print_masked_flags(*shown, left, part, known)) return *text;
    const bool raw = left.kind == ExprKind::selector && left.field == Field::raw_payload;
    if (operation || raw || shown->comparison != Comparison::implicit)
      return print_flags_number(*shown, left, part, known);
  }
  const bool equality = is_equality(shown->comparison);
  const std::string selector = print_selector(left, known);
  if (left.kind == ExprKind::bit_and && has_prefixes(part.type) && value.kind == ExprKind::value &&
      (equality || shown->comparison == Comparison::not_equal)) {
    const Value ones = prefix_mask(part.bits, part.bits);
    const Value mask = left.parts[1].value;
    if (const auto length = prefix_length(Value(), ~mask & ones, part.bits))
      return fmt::format("{} {}{}/{}", print_selector(left.parts[0], known),
                         equality ? "" : "!= ", print_number(part.type, value.value, part.bits), *length);
  }
  std::string text = selector + " ";
  if (!equality || operation) text += std::string(sign(shown->comparison)) + " ";
  if (value.kind == ExprKind::anonymous_set || value.kind == ExprKind::named)
    return text + print_set(left, value, known);
  return text + print_right(part, value);
}

std::string print_reject(const Statement& statement, TableFamily family, Protocol network) {
  constexpr std::uint8_t port_unreachable = 3, port_unreachable6 = 4, port_unreachable_any = 1;
  const bool one_family = family == TableFamily::ip || family == TableFamily::ip6;
  RejectKind kind = statement.reject;
  std::uint8_t code = statement.reject_code;
  if (kind == RejectKind::tcp_reset) return "reject with tcp reset";
  if (kind == RejectKind::none) {
    if (network == Protocol::ip)
      kind = RejectKind::icmp, code = port_unreachable;
    else if (network == Protocol::ip6)
      kind = RejectKind::icmpv6, code = port_unreachable6;
    else
      return "reject";
  }
  const std::uint8_t usual = kind == RejectKind::icmp     ? port_unreachable
                             : kind == RejectKind::icmpv6 ? port_unreachable6
                                                          : port_unreachable_any;
  if (code == usual && (one_family || kind == RejectKind::icmpx)) return "reject";
  if (kind == RejectKind::icmp) return "reject with icmp " + print_value(Type::icmp_code, code, 8);
  if (kind == RejectKind::icmpv6) return "reject with icmpv6 " + print_value(Type::icmpv6_code, code, 8);
  return "reject with icmpx " + print_value(Type::icmpx_code, code, 8);
}

std::string print_action(const Statement& statement, const ProtocolContext* known, TableFamily family,
                         const Table* table) {
  switch (statement.kind) {
    case StatementKind::verdict:
      if (!statement.text.empty())
        return (statement.verdict.kind == VerdictKind::goto_ ? "goto " : "jump ") + statement.text;
      return print_verdict(statement.verdict);
    case StatementKind::log:
      return print_log(statement.log);
    case StatementKind::notrack:
      return "notrack";
    case StatementKind::assign:
      return print_assign(statement, known);
    case StatementKind::nat:
      return print_nat(statement, known, family, table);
    case StatementKind::set_update:
    case StatementKind::meter:
      return print_set_update(statement, known, table);
    case StatementKind::object:
      return print_object_reference(statement, known);
    case StatementKind::tproxy:
      return print_tproxy(statement, known);
    case StatementKind::synproxy:
      return print_synproxy(statement.what);
    case StatementKind::queue:
      return "queue " + statement.what;
    case StatementKind::dup:
    case StatementKind::fwd:
      return print_copy(statement);
    case StatementKind::flow_offload:
      return "flow add @" + statement.text;
    default:
      return print_stateful(statement, Numbers::none);
  }
}

}  // namespace fourtuple::nft
