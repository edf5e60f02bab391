#include "sim/netfilter/rules/elements.h"

#include <algorithm>

#include "sim/netfilter/nft/parse_selector.h"

namespace fourtuple::netfilter {

using nft::Expr;
using nft::ExprKind;
using nft::SetFlag;
using nft::Type;
using nft::Value;

std::uint32_t bits_of(const Expr& expression) {
  switch (expression.kind) {
    case ExprKind::selector:
      return nft::selector_bits(expression);
    case ExprKind::bit_and:
    case ExprKind::bit_or:
    case ExprKind::bit_xor:
    case ExprKind::shift_left:
    case ExprKind::shift_right:
      if (!expression.parts.empty()) return bits_of(expression.parts[0]);
      break;
    default:
      break;
  }
  return info(expression.type).bits;
}

namespace {

SetTypes types_of(const std::vector<Type>& types, const std::vector<Expr>& written) {
  SetTypes result;
  // `typeof ip saddr . tcp dport` may be one concatenation or a row of selectors.
  const std::vector<Expr>* parts = &written;
  if (written.size() == 1 && written[0].kind == ExprKind::concatenation) parts = &written[0].parts;
  for (std::size_t i = 0; i < types.size(); ++i) {
    std::uint32_t bits = info(types[i]).bits;
    if (i < parts->size()) {
      const std::uint32_t own = bits_of((*parts)[i]);
      if (own != 0) bits = own;
    }
    result.types.push_back(types[i]);
    result.bits.push_back(static_cast<std::uint8_t>(bits == 0 ? 32 : bits));
  }
  return result;
}

Value after_last(Value low, std::uint32_t host_bits) {
  Value high = low;
  if (host_bits >= 64) {
    high.low = ~std::uint64_t{0};
    if (host_bits > 64) high.high |= host_bits >= 128 ? ~std::uint64_t{0} : (std::uint64_t{1} << (host_bits - 64)) - 1;
  } else if (host_bits > 0) {
    high.low |= (std::uint64_t{1} << host_bits) - 1;
  }
  return high;
}

std::optional<Value> folded(const Expr& expression) {
  if (expression.parts.size() != 2) return std::nullopt;
  const auto left = constant_value(expression.parts[0]), right = constant_value(expression.parts[1]);
  if (!left || !right) return std::nullopt;
  switch (expression.kind) {
    case ExprKind::bit_and:
      return *left & *right;
    case ExprKind::bit_or:
      return *left | *right;
    case ExprKind::bit_xor:
      return *left ^ *right;
    case ExprKind::shift_left:
      return right->low < 64 ? Value{left->low << right->low} : Value{};
    case ExprKind::shift_right:
      return right->low < 64 ? Value{left->low >> right->low} : Value{};
    default:
      return std::nullopt;
  }
}

}  // namespace

SetTypes key_types(const nft::Set& set) {
  return types_of(set.key, set.key_typeof);
}

SetTypes data_types(const nft::Set& set) {
  return types_of(set.data, set.data_typeof);
}

KeyShape shape_of(const SetTypes& types) {
  KeyShape shape;
  for (const std::uint8_t bits : types.bits)
    if (!shape.add(bits)) break;
  return shape;
}

bool lives_in_state(const nft::Set& set) {
  const bool verdicts = set.is_map && !set.data.empty() && set.data[0] == Type::verdict;
  // What a map's element in the State can hold is 64 bits.
  if (verdicts || (set.is_map && (!set.data_object.empty() || shape_of(data_types(set)).words > 2))) return false;
  if ((set.flags & (SetFlag::dynamic | SetFlag::timeout | updated_by_rules)) != 0 || !set.statements.empty())
    return true;
  return std::any_of(set.elements.begin(), set.elements.end(),
                     [](const Expr& element) { return !element.attributes.statements.empty(); });
}

std::optional<Value> constant_value(const Expr& expression) {
  switch (expression.kind) {
    case ExprKind::value:
      return expression.value;
    case ExprKind::list: {
      Value all;
      for (const Expr& part : expression.parts) {
        const auto value = constant_value(part);
        if (!value) return std::nullopt;
        all = all | *value;
      }
      return all;
    }
    default:
      return folded(expression);
  }
}

std::optional<ValueRange> value_range(const Expr& expression, std::uint32_t bits) {
  switch (expression.kind) {
    case ExprKind::prefix: {
      const Value mask = nft::prefix_mask(std::min(expression.length, bits), bits);
      const Value low = expression.value & mask;
      return ValueRange{low, after_last(low, bits - std::min(expression.length, bits))};
    }
    case ExprKind::range:
      return ValueRange{expression.value, expression.value2};
    case ExprKind::wildcard:
      return ValueRange{{}, after_last({}, bits)};
    default: {
      const auto value = constant_value(expression);
      if (!value) return std::nullopt;
      return ValueRange{*value, *value};
    }
  }
}

const Expr& key_of(const Expr& element) {
  return element.kind == ExprKind::element && !element.parts.empty() ? element.parts[0] : element;
}

const Expr* data_of(const Expr& element) {
  return element.kind == ExprKind::element && element.parts.size() > 1 ? &element.parts[1] : nullptr;
}

namespace {

std::optional<KeyRange> row_range(const Expr& expression, const SetTypes& types, const KeyShape& shape) {
  const bool row = expression.kind == ExprKind::concatenation;
  if ((row ? expression.parts.size() : 1) != shape.parts) return std::nullopt;
  KeyRange range;
  std::size_t at = 0;
  for (std::uint8_t part = 0; part < shape.parts; ++part) {
    const auto ends = value_range(row ? expression.parts[part] : expression, types.bits[part]);
    if (!ends) return std::nullopt;
    put_words(&range.low[at], ends->low, shape.part_words[part]);
    put_words(&range.high[at], ends->high, shape.part_words[part]);
    at += shape.part_words[part];
  }
  return range;
}

}  // namespace

std::optional<KeyRange> key_range(const Expr& element, const SetTypes& types, const KeyShape& shape) {
  const Expr& key = key_of(element);
  if (key.kind != ExprKind::wildcard) return row_range(key, types, shape);
  KeyRange range;
  range.all = true;
  return range;
}

std::optional<KeyRange> data_range(const Expr& data, const SetTypes& types, const KeyShape& shape) {
  return row_range(data, types, shape);
}

}  // namespace fourtuple::netfilter
