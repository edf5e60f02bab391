// Conditions: comparisons and lookups.
#include "sim/netfilter/rules/compiler.h"
#include "sim/netfilter/rules/packet_view.h"

namespace fourtuple::netfilter {

using nft::Comparison;
using nft::Expr;
using nft::ExprKind;
using nft::Field;
using nft::Value;

namespace {

// What a comparison comes down to.
struct Comparand {
  Test test = Test::equal;
  Value mask = ~Value{}, value;  // of ranges: the ends
};

Test test_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::implicit:
    case Comparison::equal:
      return Test::equal;
    case Comparison::not_equal:
      return Test::not_equal;
    case Comparison::less:
      return Test::less;
    case Comparison::less_equal:
      return Test::less_equal;
    case Comparison::greater:
      return Test::greater;
    case Comparison::greater_equal:
      return Test::greater_equal;
  }
  return Test::equal;
}

}  // namespace

Op skipped(const nft::Statement& statement) {
  Op op;
  op.kind = OpKind::skip;
  switch (statement.kind) {
    case nft::StatementKind::match:
    case nft::StatementKind::verdict_map:
    case nft::StatementKind::connection_limit:
    case nft::StatementKind::limit:
    case nft::StatementKind::quota:
      op.negate = true;
      break;
    default:
      break;
  }
  return op;
}

Op Compiler::match(const nft::Statement& statement) {
  if (statement.left.empty() || statement.right.empty()) return skipped(statement);
  const Expr &left = statement.left[0], &right = statement.right[0];
  if (right.kind == ExprKind::anonymous_set || right.kind == ExprKind::named || right.kind == ExprKind::concatenation)
    return lookup(statement, left, right);
  const std::uint32_t bits = bits_of(left);
  const bool flags = statement.comparison == Comparison::implicit && info(left.type).flags;
  Comparand with{test_of(statement.comparison), ~Value{}, {}};
  const bool negated = with.test == Test::not_equal;
  if (right.kind == ExprKind::range) {
    with = {negated ? Test::without : Test::within, right.value, right.value2};
  } else if (right.kind == ExprKind::prefix || right.kind == ExprKind::wildcard) {
    with.mask = right.kind == ExprKind::prefix ? nft::prefix_mask(std::min(right.length, bits), bits) : Value{};
    with.value = right.value & with.mask;
  } else {
    const auto value = constant(right);
    if (!value) return skipped(statement);
    with.value = *value;
    // Flags without operator ask for any of them; a mask on the left makes it an ordinary comparison.
    if (flags && left.kind != ExprKind::bit_and) with = {Test::any, *value, {}};
  }
  Op op;
  op.test = with.test;
  op.words = words_of_bits(bits);
  const bool range = with.test == Test::within || with.test == Test::without;
  const Expr* selector = &left;
  if (!range && left.kind == ExprKind::bit_and && left.parts.size() == 2 && with.test != Test::any) {
    if (const auto mask = constant(left.parts[1]); mask && left.parts[0].kind == ExprKind::selector) {
      with.mask = with.mask & *mask;
      selector = &left.parts[0];
    }
  }
  const auto term = selector->kind == ExprKind::selector ? selector_term(*selector) : std::nullopt;
  if (term && term->kind == TermKind::field && term->flags == 0) {
    op.kind = is_wide(selector->field) ? OpKind::match_wide : OpKind::match_small;
    op.field = term->field;
    op.needs = term->needs;
  } else {
    // `fib … oif exists` asks for an answer, not for its value.
    Expr asked = left;
    if (left.field == Field::fib && right.type == nft::Type::boolean) asked.type = nft::Type::boolean;
    const auto computed = add_term(asked);
    if (!computed) return skipped(statement);
    op.kind = OpKind::match_term;
    op.b = *computed;
  }
  if (op.kind == OpKind::match_small) {
    op.mask = with.mask.low;
    op.value = with.value.low;
  } else {
    op.a = add_value(with.mask);
    add_value(with.value);
  }
  return op;
}

Op Compiler::lookup(const nft::Statement& statement, const Expr& left, const Expr& right) {
  std::optional<std::uint32_t> set;
  if (right.kind == ExprKind::concatenation) {
    Expr one;
    one.kind = ExprKind::anonymous_set;
    one.parts.push_back(right);
    set = anonymous_set(one, left, nullptr);
  } else {
    set = set_of(right, left, nullptr);
  }
  if (!set) return skipped(statement);
  const auto key = add_key(left, program_.sets[*set].shape);
  if (!key) return skipped(statement);
  Op op;
  op.kind = program_.sets[*set].in_state ? OpKind::lookup_counted : OpKind::lookup;
  op.a = *set;
  op.b = *key;
  op.negate = statement.comparison == Comparison::not_equal;
  return op;
}

Op Compiler::verdict_map(const nft::Statement& statement) {
  if (statement.left.empty() || statement.right.empty()) return skipped(statement);
  const auto set = set_of(statement.right[0], statement.left[0], nullptr);
  if (!set || !program_.sets[*set].verdicts) return skipped(statement);
  const auto key = add_key(statement.left[0], program_.sets[*set].shape);
  if (!key) return skipped(statement);
  Op op;
  op.kind = OpKind::verdict_map;
  op.a = *set;
  op.b = *key;
  return op;
}

}  // namespace fourtuple::netfilter
