#include "sim/netfilter/nft/resolve.h"

#include "sim/netfilter/nft/parse_selector.h"

namespace fourtuple::nft {
namespace {

bool is_operation(ExprKind kind) {
  return kind == ExprKind::bit_and || kind == ExprKind::bit_or || kind == ExprKind::bit_xor ||
         kind == ExprKind::shift_left || kind == ExprKind::shift_right;
}

Value shifted(Value value, bool left, std::uint64_t by, std::uint32_t bits) {
  if (by >= 128) return {};
  const auto n = static_cast<unsigned>(by);
  if (n >= 64) value = left ? Value(value.low, 0) : Value(0, value.high);
  const unsigned rest = n % 64;
  if (rest > 0)
    value = left ? Value(value.high << rest | value.low >> (64 - rest), value.low << rest)
                 : Value(value.high >> rest, value.low >> rest | value.high << (64 - rest));
  return value & prefix_mask(bits, bits);
}

// Both parts are values: the operation becomes one.
void fold(Expr& expr, Want want) {
  const Value a = expr.parts[0].value, b = expr.parts[1].value;
  switch (expr.kind) {
    case ExprKind::bit_and:
      expr.value = a & b;
      break;
    case ExprKind::bit_or:
      expr.value = a | b;
      break;
    case ExprKind::bit_xor:
      expr.value = a ^ b;
      break;
    default:
      expr.value = shifted(a, expr.kind == ExprKind::shift_left, b.low, bits_of(want));
      break;
  }
  expr.kind = ExprKind::value;
  expr.parts.clear();
}

class Resolver {
 public:
  // `port_optional`: data is an address and a port, which elements may leave out.
  Resolver(Faults& faults, std::span<const Want> data, bool port_optional = false)
      : faults_(faults), data_(data), port_optional_(port_optional) {}

  bool any(Expr& expr, std::span<const Want> wants) {
    switch (expr.kind) {
      case ExprKind::value:
        return value(expr, wants);
      case ExprKind::prefix:
        return prefix(expr, wants);
      case ExprKind::range:
        return range(expr, wants);
      case ExprKind::anonymous_set:
        return all_of(expr, wants);
      case ExprKind::element:
        return element(expr, wants);
      case ExprKind::concatenation:
        return concatenation(expr, wants);
      case ExprKind::list:
        return list(expr, wants);
      case ExprKind::selector:
      case ExprKind::number_generator:
      case ExprKind::hash:
        return read(expr, wants);
      case ExprKind::map:
        return map(expr, wants);
      case ExprKind::verdict:
        return (wants.size() == 1 && wants[0].type == Type::verdict) ||
               faults_.fault(expr.span, "a verdict cannot stand here", name_of(wants), {});
      case ExprKind::wildcard:
      case ExprKind::named:
        return true;
      default:
        return operation(expr, wants);
    }
  }

 private:
  bool one(const Expr& expr, std::span<const Want> wants) {
    if (wants.size() == 1) return true;
    if (wants.empty()) return faults_.fault(expr.span, "the type of this value is not known here", {}, {});
    return faults_.fault(expr.span, "one value where a concatenation belongs", name_of(wants), {});
  }

  bool value(Expr& expr, std::span<const Want> wants) {
    if (!is_literal(expr)) return true;
    return one(expr, wants) && resolve_value(faults_, expr, wants[0]);
  }

  bool prefix(Expr& expr, std::span<const Want> wants) {
    if (expr.parts.empty()) return true;
    if (!one(expr, wants)) return false;
    const Want want = wants[0];
    if (info(want.type).flags || want.type == Type::ifname || want.type == Type::string || want.type == Type::boolean)
      return faults_.fault(expr.span, "a prefix is not possible for " + std::string(info(want.type).name), {}, {});
    Expr base = std::move(expr.parts[0]);
    if (!any(base, wants)) return false;
    if (base.kind != ExprKind::value) return faults_.fault(base.span, "a prefix needs one value", {}, {});
    const std::uint32_t bits = bits_of(want);
    if (expr.length > bits)
      return faults_.fault(expr.span, "the prefix length " + std::to_string(expr.length) + " is too large",
                           "0 to " + std::to_string(bits), {});
    expr.type = want.type;
    expr.value = base.value & prefix_mask(expr.length, bits);
    expr.parts.clear();
    return true;
  }

  bool range(Expr& expr, std::span<const Want> wants) {
    if (expr.parts.empty()) return true;
    if (!one(expr, wants)) return false;
    const Want want = wants[0];
    if (info(want.type).flags || want.type == Type::ifname || want.type == Type::string)
      return faults_.fault(expr.span, "a range is not possible for " + std::string(info(want.type).name), {}, {});
    if (!any(expr.parts[0], wants) || !any(expr.parts[1], wants)) return false;
    for (const Expr& part : expr.parts)
      if (part.kind != ExprKind::value) return faults_.fault(part.span, "a range needs two values", {}, {});
    expr.type = want.type;
    expr.value = expr.parts[0].value;
    expr.value2 = expr.parts[1].value;
    expr.parts.clear();
    // A range of hours may go over midnight.
    return expr.value <= expr.value2 || want.type == Type::hour ||
           faults_.fault(expr.span, "the range ends before it begins", "the smaller value first", {});
  }

  bool all_of(Expr& expr, std::span<const Want> wants) {
    bool ok = true;
    for (Expr& part : expr.parts) {
      const bool mapped = part.kind == ExprKind::element && part.parts.size() == 2;
      if (mapped && data_.empty())
        ok = faults_.fault(part.parts[1].span, "data in a set that is no map", "',' or '}' instead of ':'", {});
      else if (!mapped && !data_.empty())
        ok = faults_.fault(part.span, "an element of a map needs data", "':' and the data after it", {});
      else
        ok = any(part, wants) && ok;
      if (part.kind == ExprKind::list && expr.parts.size() > 1) {  // among others, a,b is both flags
        part.kind = ExprKind::value;
        part.parts.clear();
      }
    }
    return ok;
  }

  bool element(Expr& expr, std::span<const Want> wants) {
    if (!any(expr.parts[0], wants)) return false;
    if (expr.parts.size() < 2) return true;
    const bool alone = port_optional_ && expr.parts[1].kind != ExprKind::concatenation;
    return any(expr.parts[1], alone ? data_.first(1) : data_);
  }

  bool concatenation(Expr& expr, std::span<const Want> wants) {
    if (wants.size() < 2)
      return faults_.fault(expr.span, "a concatenation where one value belongs", name_of(wants), {});
    if (wants.size() != expr.parts.size())
      return faults_.fault(expr.span, expr.parts.size() < wants.size() ? "parts are missing" : "too many parts",
                           name_of(wants), {});
    bool ok = true;
    for (std::size_t i = 0; i < expr.parts.size(); ++i) ok = any(expr.parts[i], wants.subspan(i, 1)) && ok;
    return ok;
  }

  bool list(Expr& expr, std::span<const Want> wants) {
    if (!one(expr, wants)) return false;
    if (!info(wants[0].type).flags && wants[0].type != Type::bitmask)
      return faults_.fault(expr.span, "a list of " + std::string(info(wants[0].type).name) + " needs braces",
                           "{ a, b }", {});
    bool ok = true;
    for (Expr& part : expr.parts) {
      ok = any(part, wants) && ok;
      expr.value = expr.value | part.value;
    }
    expr.type = wants[0].type;
    return ok;
  }

  // A selector whose value a statement uses.
  bool read(Expr& expr, std::span<const Want> wants) {
    if (!one(expr, wants)) return false;
    const bool same = expr.type == wants[0].type || expr.type == Type::integer || wants[0].type == Type::integer;
    return same || faults_.fault(expr.span, "this is a value of type " + std::string(info(expr.type).name),
                                 std::string(info(wants[0].type).name), {});
  }

  bool map(Expr& expr, std::span<const Want> wants) {
    const Wants key = wants_of(expr.parts[0]);
    if (key.empty()) return faults_.fault(expr.parts[0].span, "a map needs a selector to look up", {}, {});
    if (!resolve(faults_, expr.parts[0], key)) return false;
    if (wants.size() == 1) expr.type = wants[0].type;
    if (expr.parts[1].kind == ExprKind::named) return true;
    return no_statements(expr.parts[1]) && Resolver(faults_, wants, port_optional_).any(expr.parts[1], key);
  }

  // Elements of a map inside a rule have no state.
  bool no_statements(const Expr& set) {
    for (const Expr& part : set.parts)
      if (part.kind == ExprKind::element && !part.attributes.statements.empty())
        return faults_.fault(part.span, "the elements of this map have no statements", "a named map with them", {});
    return true;
  }

  bool operation(Expr& expr, std::span<const Want> wants) {
    if (!is_operation(expr.kind) || expr.parts.size() != 2)
      return faults_.fault(expr.span, "this cannot stand here", name_of(wants), {});
    if (!one(expr, wants)) return false;
    const bool shift = expr.kind == ExprKind::shift_left || expr.kind == ExprKind::shift_right;
    const Want count{Type::integer, 32};
    if (!any(expr.parts[0], wants) || !any(expr.parts[1], shift ? std::span<const Want>(&count, 1) : wants))
      return false;
    expr.type = wants[0].type;
    if (expr.parts[0].kind == ExprKind::value && expr.parts[1].kind == ExprKind::value) fold(expr, wants[0]);
    return true;
  }

  Faults& faults_;
  std::span<const Want> data_;
  bool port_optional_;
};

}  // namespace

Wants wants_of(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::selector:
      return {{expr.type, selector_bits(expr)}};
    case ExprKind::number_generator:
    case ExprKind::hash:
      return {{Type::integer, 32}};
    case ExprKind::concatenation: {
      Wants wants;
      for (const Expr& part : expr.parts) {
        const Wants inner = wants_of(part);
        if (inner.size() != 1) return {};
        wants.push_back(inner[0]);
      }
      return wants;
    }
    default:
      return is_operation(expr.kind) && !expr.parts.empty() ? wants_of(expr.parts[0]) : Wants();
  }
}

Wants wants_of(std::span<const Type> types) {
  Wants wants;
  // As the type of a set, time is a duration.
  for (const Type type : types) wants.push_back({type, static_cast<std::uint16_t>(type == Type::time ? 32 : 0)});
  return wants;
}

std::string name_of(std::span<const Want> wants) {
  std::string text;
  for (const Want& want : wants) text += (text.empty() ? "" : " . ") + std::string(info(want.type).name);
  return text;
}

bool resolve(Faults& faults, Expr& expr, std::span<const Want> wants, std::span<const Want> data) {
  return Resolver(faults, data).any(expr, wants);
}

bool resolve(Parser& p, Expr& expr, std::span<const Want> wants, std::span<const Want> data) {
  ParserFaults faults(p);
  return resolve(faults, expr, wants, data);
}

bool resolve_address(Parser& p, Expr& expr, Type address) {
  ParserFaults faults(p);
  const Want wants[] = {{address, 0}, {Type::inet_service, 0}};
  if (expr.kind != ExprKind::map) return resolve(faults, expr, std::span(wants).first(1));
  return Resolver(faults, {}, true).any(expr, wants);
}

}  // namespace fourtuple::nft
