#include "sim/netfilter/rules/gates.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "sim/netfilter/rules/packet_view.h"
#include "sim/netfilter/rules/program.h"

namespace fourtuple::netfilter {
namespace {

struct Candidate {
  GateField field;
  Gate gate;
};

// The range of numbers a test without `negate` asks for. `low` is the test's other end or its mask.
GateRange range_of(Test test, std::uint64_t low, std::uint64_t value) {
  constexpr std::uint64_t all = ~std::uint64_t{0};
  constexpr GateRange nothing{0, 0, 0, 63};
  switch (test) {
    case Test::equal:
    case Test::not_equal:
      return {value, 0};
    case Test::less:
      return value == 0 ? nothing : GateRange{0, value - 1};
    case Test::less_equal:
      return {0, value};
    case Test::greater:
      return value == all ? nothing : GateRange{value + 1, all - value - 1};
    case Test::greater_equal:
      return {value, all - value};
    case Test::any:
    case Test::none:
      return {0, 0};
    case Test::within:
    case Test::without:
      return low <= value ? GateRange{low, value - low} : nothing;
  }
  return {};
}

bool is_negated(Test test) {
  return test == Test::not_equal || test == Test::any || test == Test::without;
}

Candidate gate_of_small(const Op& op) {
  Candidate candidate{{op.field, false, false}, {}};
  candidate.gate.mask = is_range(op.test) ? ~std::uint64_t{0} : op.mask;
  candidate.gate.negate = is_negated(op.test);
  candidate.gate.range = range_of(op.test, op.mask, op.value);
  return candidate;
}

// Of a wide value the half that says more is enough, if the test is for equality or a range.
std::optional<Candidate> gate_of_wide(const Op& op, const Program& program) {
  if (op.test != Test::equal && op.test != Test::within) return std::nullopt;
  const nft::Value &mask = program.values[op.a], &value = program.values[op.a + 1];
  const bool high = op.words > 2 && (op.test == Test::within ? value.high != 0 : mask.high != 0);
  Candidate candidate{{op.field, true, high}, {}};
  const std::uint64_t other = high ? mask.high : mask.low;
  if (op.test == Test::equal) candidate.gate.mask = other;
  candidate.gate.range = range_of(op.test, other, high ? value.high : value.low);
  return candidate;
}

std::optional<Candidate> gate_of_lookup(const Op& op, const Program& program) {
  const SetCode& set = program.sets[op.a];
  const KeyCode& key = program.keys[op.b];
  const Term& term = program.terms[program.key_terms[key.first_term]];
  if (op.negate || set.in_state || term.kind != TermKind::field || term.flags != 0 ||
      term.field == nft::Field::raw_payload)
    return std::nullopt;
  Candidate candidate{{term.field, is_wide(term.field), key.shape.part_words[0] > 2}, {}};
  candidate.gate.range = set.leading;
  return candidate;
}

bool reads_fields_only(const Op& op, const Program& program) {
  const KeyCode& key = program.keys[op.b];
  for (std::uint8_t part = 0; part < key.shape.parts; ++part)
    if (program.terms[program.key_terms[key.first_term + part]].kind != TermKind::field) return false;
  return true;
}

// Conditions that do nothing but compare: a rule may be given up at any of them.
bool only_compares(const Op& op, const Program& program) {
  if (op.kind == OpKind::match_small || op.kind == OpKind::match_wide) return true;
  return op.kind == OpKind::lookup && reads_fields_only(op, program);
}

std::uint32_t needs_of(const Op& op, const Program& program) {
  std::uint32_t needs = bit(op.needs);
  if (op.kind != OpKind::lookup) return needs;
  const KeyCode& key = program.keys[op.b];
  for (std::uint8_t part = 0; part < key.shape.parts; ++part)
    needs |= bit(program.terms[program.key_terms[key.first_term + part]].needs);
  return needs;
}

std::optional<Candidate> gate_of(const Op& op, const Program& program) {
  if (op.kind == OpKind::match_small) return gate_of_small(op);
  return op.kind == OpKind::match_wide ? gate_of_wide(op, program) : gate_of_lookup(op, program);
}

// Fewer numbers pass, roughly; interfaces tell packets apart less than what is in their headers.
bool stricter(const Candidate& a, const Candidate& b) {
  if (a.gate.negate != b.gate.negate) return b.gate.negate;
  if (a.gate.range.span != b.gate.range.span) return a.gate.range.span < b.gate.range.span;
  return !a.field.wide && b.field.wide;
}

// The slot of a number; none when there are no more.
std::optional<std::uint8_t> slot_of(Program& program, GateField field) {
  auto& fields = program.gate_fields;
  const auto found = std::find(fields.begin(), fields.end(), field);
  if (found == fields.end() && fields.size() == gate_slots) return std::nullopt;
  const auto slot = static_cast<std::uint8_t>(found - fields.begin());
  if (found == fields.end()) fields.push_back(field);
  return slot;
}

Gate gate_of_rule(const RuleCode& rule, Program& program) {
  std::optional<Candidate> best;
  std::uint32_t needs = bit(rule.guard);
  for (std::uint32_t i = 0; i < rule.op_count; ++i) {
    const Op& op = program.ops[rule.first_op + i];
    if (!only_compares(op, program)) break;
    needs |= needs_of(op, program);
    const auto candidate = gate_of(op, program);
    if (candidate && (!best || stricter(*candidate, *best))) best = candidate;
  }
  Gate gate;
  if (best) {
    gate = best->gate;
    const auto slot = slot_of(program, best->field);
    gate.usable = slot.has_value();
    gate.slot = slot.value_or(0);
  }
  gate.needs = needs;
  return gate;
}

std::uint64_t leading_number(const state::NetfilterWords& words, const KeyShape& shape) {
  return value_of_words(words.data(), std::min<std::uint8_t>(shape.part_words[0], 2)).low;
}

}  // namespace

void GateValues::load(const PacketView& view, const GateField& field, std::uint8_t slot) {
  bool there;
  if (field.wide) {
    nft::Value value;
    there = view.read(field.field, value);
    values_[slot] = field.high ? value.high : value.low;
  } else {
    there = view.read_small(field.field, values_[slot]);
  }
  loaded_ |= 1u << slot;
  if (!there) absent_ |= 1u << slot;
}

GateRange leading_range(const std::vector<KeyRange>& elements, const KeyShape& shape) {
  GateRange range{0, 0, 0, 63};
  if (elements.empty()) return range;
  std::uint64_t low = ~std::uint64_t{0}, high = 0;
  for (const KeyRange& element : elements) {
    if (element.all) return {};
    low = std::min(low, leading_number(element.low, shape));
    high = std::max(high, leading_number(element.high, shape));
  }
  range.low = low;
  range.span = high - low;
  range.shift = static_cast<std::uint8_t>(std::max(0, static_cast<int>(std::bit_width(range.span)) - 6));
  for (const KeyRange& element : elements) {
    const std::uint64_t last = (leading_number(element.high, shape) - low) >> range.shift;
    for (std::uint64_t at = (leading_number(element.low, shape) - low) >> range.shift; at <= last; ++at)
      range.stretches |= std::uint64_t{1} << at;
  }
  return range;
}

void add_gates(Program& program) {
  program.gates.clear();
  program.gate_fields.clear();
  for (const RuleCode& rule : program.rules) program.gates.push_back(gate_of_rule(rule, program));
}

}  // namespace fourtuple::netfilter
