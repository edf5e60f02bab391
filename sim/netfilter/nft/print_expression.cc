#include "sim/netfilter/nft/print_expression.h"

#include <algorithm>
#include <fmt/core.h>

namespace fourtuple::nft {
namespace {

int precedence(ExprKind kind) {
  switch (kind) {
    case ExprKind::bit_or:
      return 1;
    case ExprKind::bit_xor:
      return 2;
    case ExprKind::bit_and:
      return 3;
    case ExprKind::shift_left:
    case ExprKind::shift_right:
      return 4;
    default:
      return 5;
  }
}

std::string_view sign(ExprKind kind) {
  switch (kind) {
    case ExprKind::bit_or:
      return " | ";
    case ExprKind::bit_xor:
      return " ^ ";
    case ExprKind::bit_and:
      return " & ";
    case ExprKind::shift_left:
      return " << ";
    default:
      return " >> ";
  }
}

bool is_bit_operation(const Expr& expr) {
  return expr.kind == ExprKind::bit_and || expr.kind == ExprKind::bit_or || expr.kind == ExprKind::bit_xor;
}

// A field that is no whole number of bytes, as nft shows it inside an operation: its bytes, then mask and shift.
struct Unpacked {
  Expr raw;
  Value mask;
  std::uint32_t shift = 0;
};
std::optional<Unpacked> unpacked(const Expr& expr) {
  const auto header = expr.kind == ExprKind::selector ? header_field(expr.field) : std::nullopt;
  if (!header || header->bits % 8 == 0 || header->layer == Layer::none) return std::nullopt;
  constexpr std::string_view bases[] = {"", "ll", "nh", "th", "ih"};
  const auto layer = static_cast<std::size_t>(header->layer);
  const std::uint32_t inside = header->offset % 8;
  const std::uint32_t width = (inside + header->bits + 7) / 8 * 8;
  Unpacked result;
  result.raw.kind = ExprKind::selector;
  result.raw.field = Field::raw_payload;
  result.raw.type = Type::integer;
  result.raw.length = static_cast<std::uint32_t>(layer - 1);
  result.raw.number = header->offset - inside;
  result.raw.number2 = width;
  result.raw.text = fmt::format("@{},{},{}", bases[layer], result.raw.number, width);
  result.shift = width - inside - header->bits;
  result.mask = Value(((std::uint64_t{1} << header->bits) - 1) << result.shift);
  return result;
}

Expr binary(ExprKind kind, Expr left, Value constant) {
  Expr expr;
  expr.kind = kind;
  expr.type = left.type;
  Expr value;
  value.type = left.type;
  value.value = constant;
  expr.parts.push_back(std::move(left));
  expr.parts.push_back(std::move(value));
  return expr;
}

Expr with_shift(Expr expr) {
  auto field = unpacked(expr);
  if (!field || field->shift == 0) return expr;
  return binary(ExprKind::shift_right, binary(ExprKind::bit_and, std::move(field->raw), field->mask), field->shift);
}

// The constant on the right of an operation.
std::string print_constant(const ElementPart& part, const Expr& expr, ExprKind operation) {
  if (operation == ExprKind::shift_left || operation == ExprKind::shift_right) return std::to_string(expr.value.low);
  const std::string text = print_element_value(part, expr.value);
  const bool several = text.find(" | ") != std::string::npos;
  return several && operation != ExprKind::bit_or ? "(" + text + ")" : text;
}

std::string print_operation(const Expr& expr, const ProtocolContext* known) {
  const Expr& left = expr.parts[0];
  std::string text = print_selector(left, known);
  if (precedence(left.kind) < precedence(expr.kind)) text = "(" + text + ")";
  text += sign(expr.kind);
  if (expr.parts[1].kind != ExprKind::value) return text + print_selector(expr.parts[1], known);
  return text + print_constant(parts_of(left, known)[0], expr.parts[1], expr.kind);
}

std::string print_hash(const Expr& expr, const ProtocolContext* known) {
  std::string text = expr.text;
  if (!expr.parts.empty()) text += " " + print_selector(expr.parts[0], known);
  text += " mod " + std::to_string(expr.number);
  if (expr.length != 0) text += fmt::format(" seed 0x{:x}", expr.value.low);
  if (expr.number2 != 0) text += " offset " + std::to_string(expr.number2);
  return text;
}

std::string print_concatenation(const Expr& expr, const ProtocolContext* known) {
  std::string text;
  for (const Expr& part : expr.parts) text += (text.empty() ? "" : " . ") + print_set_key(part, known);
  return text;
}

std::string print_field(const Expr& expr, const ProtocolContext* known) {
  if (const auto found = resolved_field(expr, known)) return std::string(info(*found).words);
  const std::string_view words = info(expr.field).words;
  if (expr.field == Field::rt && expr.text == "rt nexthop")
    return expr.type == Type::ipv6_addr ? "rt ip6 nexthop" : "rt ip nexthop";
  if (words.empty()) return expr.text;
  if (!words.starts_with("ct ")) return std::string(words);
  const std::string_view key = words.substr(words.rfind(' ') + 1);
  if (key == "saddr" || key == "daddr")
    return fmt::format("{} {} {}", words.substr(0, words.rfind(' ')), expr.type == Type::ipv6_addr ? "ip6" : "ip", key);
  const bool counts = expr.field == Field::ct_packets || expr.field == Field::ct_bytes ||
                      expr.field == Field::ct_avgpkt || expr.field == Field::ct_zone;
  if (counts && !expr.text.empty()) return "ct " + expr.text + " " + std::string(key);
  return std::string(words);
}

}  // namespace

std::uint32_t width_of(const Expr& expr) {
  if (expr.kind == ExprKind::hash || expr.kind == ExprKind::number_generator) return 32;
  if (expr.kind != ExprKind::selector) {
    const bool nested = is_operation(expr) && !expr.parts.empty();
    return nested ? width_of(expr.parts[0]) : info(expr.type).bits;
  }
  if (expr.field == Field::raw_payload) return static_cast<std::uint32_t>(expr.number2);
  if (expr.type == Type::ipv4_addr) return 32;
  if (expr.type == Type::ipv6_addr) return 128;
  if (info(expr.field).bits != 0) return info(expr.field).bits;
  return expr.length != 0 ? expr.length : info(expr.type).bits;
}

bool is_tuple_port(Field field) {
  return field == Field::ct_original_sport || field == Field::ct_original_dport || field == Field::ct_reply_sport ||
         field == Field::ct_reply_dport;
}

bool is_operation(const Expr& expr) {
  return is_bit_operation(expr) || expr.kind == ExprKind::shift_left || expr.kind == ExprKind::shift_right;
}

bool is_by_name(const Expr& expr) {
  const bool named = expr.type == Type::iface_index || expr.type == Type::string || expr.type == Type::cgroupsv2;
  return expr.kind == ExprKind::value && named && !expr.text.empty();
}

std::optional<Field> resolved_field(const Expr& selector, const ProtocolContext* known) {
  if (known == nullptr || selector.kind != ExprKind::selector) return std::nullopt;
  if (selector.field == Field::th_sport || selector.field == Field::th_dport)
    return field_at(known->at(Layer::transport), selector.field == Field::th_sport ? 0 : 16, 16);
  if (selector.field != Field::raw_payload) return std::nullopt;
  constexpr Layer bases[] = {Layer::link, Layer::network, Layer::transport, Layer::none};
  return field_at(known->at(bases[selector.length & 3]), selector.number, selector.number2);
}

std::string print_name_prefix(Value name, std::uint32_t bits) {
  std::string text = print_number(Type::ifname, name & prefix_mask(bits, 128), 128);
  text.insert(text.size() - 1, "*");
  return text;
}

std::string print_element_value(const ElementPart& part, Value value) {
  if (part.untyped) return fmt::format("0x{:x} [invalid type]", value.low);
  if (part.hexadecimal) return print_number(Type::bitmask, value, part.bits);
  if (!info(part.type).flags || value.zero()) return print_value(part.type, value, part.bits);
  std::string text;
  for (const std::string& name : flag_names(part.type, value)) text += (text.empty() ? "" : " | ") + name;
  return text;
}

std::string print_right(const ElementPart& part, const Expr& expr) {
  if (expr.type == Type::boolean && part.type != Type::boolean) return print_right({Type::boolean, 1}, expr);
  switch (expr.kind) {
    case ExprKind::value:
      if (is_by_name(expr)) return '"' + expr.text + '"';
      return part.hexadecimal ? print_number(Type::bitmask, expr.value, part.bits)
                              : print_value(part.type, expr.value, part.bits);
    case ExprKind::prefix:
      if (part.type == Type::ifname) return print_name_prefix(expr.value, expr.length);
      if (expr.length == part.bits) return print_value(part.type, expr.value, part.bits);
      return print_number(part.type, expr.value & prefix_mask(expr.length, part.bits), part.bits) + "/" +
             std::to_string(expr.length);
    case ExprKind::range:
      return print_number(part.type, expr.value, part.bits) + "-" + print_number(part.type, expr.value2, part.bits);
    case ExprKind::list: {
      Value sum;
      for (const Expr& flag : expr.parts) sum = sum | flag.value;
      return print_value(part.type, sum, part.bits);
    }
    case ExprKind::named:
      return "@" + expr.text;
    case ExprKind::wildcard:
      return "*";
    case ExprKind::verdict:
      return print_verdict(expr.verdict);
    default:
      return print_selector(expr);
  }
}

std::string print_set_key(const Expr& expr, const ProtocolContext* known) {
  const auto field = unpacked(expr);
  const std::string text = print_selector(expr, known);
  return field && field->shift != 0 ? text + " >> " + std::to_string(field->shift) : text;
}

std::string print_set(const Expr& left, const Expr& set, const ProtocolContext* known) {
  if (set.kind == ExprKind::named) return "@" + set.text;
  std::string text;
  for (const ElementText& element : listed(view_of_anonymous(left, set, known), set.parts))
    text += (text.empty() ? "{ " : ", ") + element.text;
  return text + " }";
}

std::string print_selector(const Expr& expr, const ProtocolContext* known) {
  switch (expr.kind) {
    case ExprKind::selector:
      return print_field(expr, known);
    case ExprKind::concatenation:
      return print_concatenation(expr, known);
    case ExprKind::map: {
      const Expr left = simplified_key(expr.parts[0], expr.parts[1]);
      return print_selector(left, known) + " map " + print_set(left, expr.parts[1], known);
    }
    case ExprKind::number_generator:
    case ExprKind::hash:
      return (expr.kind == ExprKind::hash ? "" : "numgen ") + print_hash(expr, known);
    case ExprKind::element:
      return print_selector(expr.parts[0], known);
    case ExprKind::anonymous_set: {
      std::string text;
      for (const Expr& part : expr.parts) text += (text.empty() ? "{ " : ", ") + print_selector(part, known);
      return text + " }";
    }
    default:
      if (is_operation(expr)) return print_operation(expr, known);
      return print_right({expr.type, width_of(expr)}, expr);
  }
}

Expr simplified_key(const Expr& left, const Expr& map) {
  Expr key = simplified(left);
  return map.kind == ExprKind::named ? with_shift(std::move(key)) : key;
}

Expr simplified(const Expr& expr) {
  if (!is_operation(expr)) {
    Expr copy = expr;
    if (expr.kind == ExprKind::concatenation)
      for (Expr& part : copy.parts) part = simplified(part);
    if (expr.kind == ExprKind::hash)
      for (Expr& part : copy.parts) part = with_shift(simplified(part));
    return copy;
  }
  if (!is_bit_operation(expr)) {
    Expr copy = expr;
    copy.parts[0] = simplified(expr.parts[0]);
    return copy;
  }
  // The kernel keeps (x & mask) ^ flip.
  std::vector<const Expr*> chain;
  const Expr* base = &expr;
  for (; is_bit_operation(*base) && base->parts[1].kind == ExprKind::value; base = &base->parts[0])
    chain.push_back(base);
  if (chain.empty()) return expr;
  Expr result = simplified(*base);
  std::uint32_t bits = width_of(*base);
  Value start = prefix_mask(bits, bits);
  if (auto field = unpacked(*base)) {
    bits = width_of(field->raw);
    start = field->shift == 0 ? field->mask : prefix_mask(bits, bits);
    result = field->shift == 0 ? std::move(field->raw) : with_shift(std::move(result));
  }
  const Value ones = prefix_mask(bits, bits);
  Value mask = start, flip;
  for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
    const Value constant = (*at)->parts[1].value;
    if ((*at)->kind == ExprKind::bit_and) mask = mask & constant, flip = flip & constant;
    if ((*at)->kind == ExprKind::bit_or) mask = mask & ~constant, flip = flip | constant;
    if ((*at)->kind == ExprKind::bit_xor) flip = flip ^ constant;
  }
  const Value set_bits = flip & ~mask;
  flip = flip & mask;
  mask = (mask | set_bits) & ones;
  if (mask != ones) result = binary(ExprKind::bit_and, std::move(result), mask);
  if (!flip.zero()) result = binary(ExprKind::bit_xor, std::move(result), flip);
  if (!set_bits.zero()) result = binary(ExprKind::bit_or, std::move(result), set_bits);
  return result;
}

std::string print_bytes(std::uint64_t bytes) {
  constexpr std::string_view units[] = {"bytes", "kbytes", "mbytes"};
  std::size_t unit = 0;
  while (unit < 2 && bytes != 0 && bytes % 1024 == 0) bytes /= 1024, ++unit;
  return std::to_string(bytes) + " " + std::string(units[unit]);
}

std::string print_rate(const Rate& rate) {
  constexpr std::uint64_t default_burst = 5;
  const std::string_view period = rate.period_s == 1       ? "second"
                                  : rate.period_s == 60    ? "minute"
                                  : rate.period_s == 3600  ? "hour"
                                  : rate.period_s == 86400 ? "day"
                                                           : "week";
  const bool bytes = rate.unit == RateUnit::bytes;
  std::string text = fmt::format("rate {}{}/{}", rate.over ? "over " : "",
                                 bytes ? print_bytes(rate.amount) : std::to_string(rate.amount), period);
  if (bytes && rate.burst != 0) text += " burst " + print_bytes(rate.burst);
  if (!bytes && rate.burst_given && rate.burst != default_burst) text += fmt::format(" burst {} packets", rate.burst);
  return text;
}

std::string print_stateful(const Statement& statement, Numbers numbers) {
  constexpr std::string_view names[] = {"counter", "quota", "limit"};
  if (statement.kind == StatementKind::connection_limit)
    return fmt::format("ct count {}{}", statement.over ? "over " : "", statement.amount);
  const std::string name(names[static_cast<int>(statement.kind) - static_cast<int>(StatementKind::counter)]);
  if (!statement.left.empty()) return name + " name " + print_selector(statement.left[0]);
  if (!statement.text.empty()) return name + " name \"" + statement.text + "\"";
  if (statement.kind == StatementKind::limit) return name + " " + print_rate(statement.rate);
  if (statement.kind == StatementKind::counter)
    return numbers == Numbers::none ? name
                                    : fmt::format("counter packets {} bytes {}", statement.packets, statement.bytes);
  std::string text = name + (statement.over ? " over " : " ") + print_bytes(statement.amount);
  if (numbers == Numbers::as_written && statement.bytes != 0) text += " used " + print_bytes(statement.bytes);
  return text;
}

}  // namespace fourtuple::nft
