// Sets and maps: declared ones, those written inside rules, and their elements.
#include <algorithm>

#include "sim/netfilter/rules/compiler.h"

namespace fourtuple::netfilter {

using nft::Expr;
using nft::ExprKind;
using nft::SetFlag;

namespace {

constexpr std::uint64_t set_unit_ns = 1'000'000;

}  // namespace

VerdictCode Compiler::verdict_code(const nft::Verdict& verdict) const {
  VerdictCode code{verdict.kind, no_index};
  const auto chain = chains_.find(verdict.chain);
  if (chain != chains_.end()) code.chain = chain->second;
  return code;
}

std::uint32_t Compiler::add_set(const nft::Set& set, const Origin& origin) {
  const SetTypes keys = key_types(set), data = data_types(set);
  SetCode code;
  code.id = set_id(origin);
  code.in_state = lives_in_state(set);
  code.ranges = code.in_state && (set.flags & SetFlag::interval) != 0;
  code.timeout_ns = set.timeout_ms.value_or(0) * set_unit_ns;
  if (set.gc_interval_ms && *set.gc_interval_ms != 0) code.collect_ns = *set.gc_interval_ms * set_unit_ns;
  code.size = set.size;
  code.shape = shape_of(keys);
  // A range in the State is its two ends, one after the other.
  if (code.ranges && code.shape.words * 2 > static_cast<int>(state::NetfilterWords{}.size())) code.ranges = false;
  if (set.is_map && !set.data.empty()) {
    code.verdicts = set.data[0] == nft::Type::verdict;
    code.data_shape = shape_of(data);
    code.data_words = code.data_shape.words;
  }
  fill_set(code, code.in_state ? std::vector<Expr>{} : set.elements, keys, data);
  program_.sets.push_back(std::move(code));
  const auto number = static_cast<std::uint32_t>(program_.sets.size() - 1);
  add_inner(number, set.statements);
  return number;
}

void Compiler::fill_set(SetCode& code, const std::vector<Expr>& elements, const SetTypes& keys, const SetTypes& data) {
  std::vector<KeyRange> ranges, mapped_ranges;
  ranges.reserve(elements.size());
  for (const Expr& element : elements) {
    Expr named = element;
    // Interfaces are written by name.
    Expr& key = named.kind == ExprKind::element && !named.parts.empty() ? named.parts[0] : named;
    const bool row = key.kind == ExprKind::concatenation;
    for (std::size_t part = 0; part < (row ? key.parts.size() : 1); ++part) {
      Expr& value = row ? key.parts[part] : key;
      if (value.type == nft::Type::iface_index)
        if (const auto index = constant(value)) value.value = *index;
    }
    const auto range = key_range(named, keys, code.shape);
    if (!range) continue;
    const Expr* mapped = data_of(named);
    if (code.verdicts) {
      if (mapped == nullptr) continue;
      code.verdict_data.push_back(verdict_code(mapped->verdict));
    } else if (code.data_words != 0) {
      const auto words = mapped != nullptr ? data_range(*mapped, data, code.data_shape) : std::nullopt;
      if (!words) continue;
      mapped_ranges.push_back(*words);
      code.data_ranges = code.data_ranges || !words->exact(code.data_shape);
    }
    ranges.push_back(*range);
  }
  code.elements = StaticElements(code.shape, ranges);
  code.leading = leading_range(ranges, code.shape);
  for (const KeyRange& words : mapped_ranges) {
    code.data.insert(code.data.end(), words.low.begin(), words.low.begin() + code.data_words);
    if (code.data_ranges) code.data.insert(code.data.end(), words.high.begin(), words.high.begin() + code.data_words);
  }
}

// Statements of every element; their objects lie one after the other.
void Compiler::add_inner(std::uint32_t number, const std::vector<nft::Statement>& statements) {
  if (statements.empty()) return;
  SetCode& code = program_.sets[number];
  out_.attached[number] = &statements;
  code.first_inner = static_cast<std::uint32_t>(program_.inner_ops.size());
  for (const nft::Statement& statement : statements) {
    Op op = object_op(statement);
    if (op.kind == OpKind::skip) continue;
    op.a = code.inner_count++;
    program_.inner_ops.push_back(op);
  }
}

// A set without name. `map`: the expression whose value the map gives; null for sets and verdict maps.
std::optional<std::uint32_t> Compiler::anonymous_set(const Expr& set, const Expr& key, const Expr* map) {
  SetTypes keys, data;
  const auto add_part = [](SetTypes& types, const Expr& part) {
    const std::uint32_t bits = bits_of(part);
    types.types.push_back(part.type);
    types.bits.push_back(static_cast<std::uint8_t>(bits == 0 ? 32 : bits));
  };
  if (key.kind == ExprKind::concatenation)
    for (const Expr& part : key.parts) add_part(keys, part);
  else
    add_part(keys, key);
  SetCode code;
  code.id = no_index;
  code.shape = shape_of(keys);
  for (const Expr& element : set.parts) {
    const Expr* mapped = data_of(element);
    if (mapped == nullptr) continue;
    code.verdicts = mapped->kind == ExprKind::verdict;
    if (mapped->kind == ExprKind::concatenation)
      for (const Expr& part : mapped->parts) add_part(data, part);
    else
      add_part(data, *mapped);
    break;
  }
  if (!code.verdicts) {
    code.data_shape = shape_of(data);
    code.data_words = code.data_shape.words;
    if (map != nullptr && code.data_words == 0) return std::nullopt;
  }
  fill_set(code, set.parts, keys, data);
  program_.sets.push_back(std::move(code));
  return static_cast<std::uint32_t>(program_.sets.size() - 1);
}

std::optional<std::uint32_t> Compiler::set_of(const Expr& set, const Expr& key, const Expr* map) {
  if (set.kind == ExprKind::anonymous_set) return anonymous_set(set, key, map);
  const auto named = sets_.find(set.text);
  if (set.kind != ExprKind::named || named == sets_.end()) return std::nullopt;
  return named->second;
}

}  // namespace fourtuple::netfilter
