// Conditions of rules: comparisons, sets and maps, computed values.
#include <algorithm>

#include "sim/netfilter/rules/evaluate.h"
#include "sim/netfilter/rules/key_hash.h"
#include "sim/netfilter/rules/shift.h"

namespace fourtuple::netfilter {

bool Evaluation::evaluate_term(std::uint32_t index, nft::Value& out) {
  const Term& term = program_.terms[index];
  switch (term.kind) {
    case TermKind::constant:
      out = program_.values[term.a];
      return true;
    case TermKind::field:
      if (!view_.has(term.needs)) return false;
      if (term.field == nft::Field::raw_payload) return view_.read_raw(term.flags, term.number, term.number2, out);
      return term.flags == 0 ? view_.read(term.field, out)
                             : view_.read_counted(term.field, static_cast<CountedDirection>(term.flags), out);
    case TermKind::fib:
      return view_.read_fib(term.flags, out);
    case TermKind::tcp_option:
      return view_.read_tcp_option(static_cast<TcpOptionPart>(term.flags), term.number, out);
    case TermKind::route:
      return view_.has(term.needs) && view_.read_route(static_cast<RoutePart>(term.flags), out);
    case TermKind::hash:
      return evaluate_hash(term, out);
    case TermKind::map:
      return evaluate_map(term, out);
    case TermKind::number_inc: {
      const std::uint64_t before = c_.visible.objects[term.a].first;
      const std::uint64_t now = before + 1 < term.number ? before + 1 : 0;
      change(c_, trace::NetfilterObjectChanged{term.a, now, 0});
      out = now + term.number2;
      return true;
    }
    case TermKind::number_random:
      out = c_.mine().random.below(term.number) + term.number2;
      return true;
    default:
      return evaluate_operation(term, out);
  }
}

bool Evaluation::evaluate_operation(const Term& term, nft::Value& out) {
  nft::Value left, right;
  if (!evaluate_term(term.a, left) || !evaluate_term(term.b, right)) return false;
  switch (term.kind) {
    case TermKind::bit_and:
      out = left & right;
      break;
    case TermKind::bit_or:
      out = left | right;
      break;
    case TermKind::bit_xor:
      out = left ^ right;
      break;
    case TermKind::shift_left:
      out = shifted_left(left, right.low) & nft::prefix_mask(term.bits, term.bits);
      break;
    case TermKind::shift_right:
      out = shifted_right(left, right.low);
      break;
    default:
      return false;
  }
  return true;
}

// jhash reads the key as it lies in the kernel's registers: each part in network order, filled up to four bytes.
bool Evaluation::evaluate_hash(const Term& term, nft::Value& out) {
  std::uint32_t hash;
  if (term.b == no_index) {
    const Packet& packet = walk_.packet;
    const bool swap = packet.destination.value < packet.source.value;
    const std::uint64_t ends[2] = {(std::uint64_t{packet.source.value} << 16) | packet.source_port,
                                   (std::uint64_t{packet.destination.value} << 16) | packet.destination_port};
    hash = static_cast<std::uint32_t>(mix_bits(mix_bits(ends[swap ? 1 : 0]) ^ ends[swap ? 0 : 1]));
  } else {
    if (!build_key(term.b)) return false;
    std::array<std::uint8_t, 64> bytes{};
    const std::size_t length = register_bytes(program_.keys[term.b], words_.data(), bytes.data());
    hash = jenkins_hash(bytes.data(), length, term.seed);
  }
  out = ((std::uint64_t{hash} * term.number) >> 32) + term.number2;
  return true;
}

bool Evaluation::evaluate_map(const Term& term, nft::Value& out) {
  if (!build_key(term.b)) return false;
  const SetCode& set = program_.sets[term.a];
  const Element found = find(set);
  if (!found || !run_element(set, found)) return false;
  std::uint32_t data[32];
  const std::uint8_t count = read_data(set, found, data);
  out = value_of_words(data, std::min<std::uint8_t>(count, 4));
  return true;
}

bool Evaluation::build_key(std::uint32_t key) {
  const KeyCode& code = program_.keys[key];
  std::uint64_t small;
  if (code.small != nft::Field::none && view_.has(code.needs) && view_.read_small(code.small, small)) {
    words_[0] = static_cast<std::uint32_t>(small);
    word_count_ = 1;
    return true;
  }
  return build_long_key(code);
}

bool Evaluation::build_long_key(const KeyCode& code) {
  word_count_ = 0;
  for (std::uint8_t part = 0; part < code.shape.parts; ++part) {
    nft::Value value;
    const Term& term = program_.terms[program_.key_terms[code.first_term + part]];
    if (term.kind == TermKind::field && term.flags == 0) {
      if (!view_.has(term.needs) || !view_.read(term.field, value)) return false;
    } else {
      // A map inside a key builds its own key first.
      const std::array<std::uint32_t, 16> words = words_;
      const std::uint8_t count = word_count_;
      if (!evaluate_term(program_.key_terms[code.first_term + part], value)) return false;
      words_ = words;
      word_count_ = count;
    }
    put_words(&words_[word_count_], value, code.shape.part_words[part]);
    word_count_ = static_cast<std::uint8_t>(word_count_ + code.shape.part_words[part]);
  }
  return true;
}

Evaluation::Element Evaluation::find(const SetCode& set) const {
  if (!set.in_state) return {set.elements.find(words_.data()), false};
  if (set.ranges) return find_range(set);
  const std::uint32_t id = c_.filter.sets.find(c_.visible, set.id, words_.data(), word_count_);
  if (id == no_element || c_.visible.set_elements[id].expires <= c_.now) return {};
  return {id, true};
}

// Packets add no ranges: the index that loading made has all of them, those that have expired or gone since among them.
Evaluation::Element Evaluation::find_range(const SetCode& set) const {
  Element first{no_element, true};
  set.timed.find(words_.data(), [&](std::uint32_t id) {
    const state::SetElement& element = c_.visible.set_elements[id];
    if (element.set == set.id && element.expires > c_.now) first.element = std::min(first.element, id);
  });
  return first;
}

std::uint8_t Evaluation::read_data(const SetCode& set, Element found, std::uint32_t* words) const {
  if (found.in_state) {
    put_words(words, c_.visible.set_elements[found.element].data, set.data_words);
  } else {
    const std::size_t count = set.data_ranges ? std::size_t{set.data_words} * 2 : set.data_words;
    std::copy_n(&set.data[found.element * count], count, words);
  }
  return set.data_words;
}

// The statements of an element run when it is found. False: one of them (a limit) says no.
bool Evaluation::run_element(const SetCode& set, Element found) {
  if (!found.in_state || set.inner_count == 0) return true;
  const std::uint32_t object = c_.visible.set_elements[found.element].object;
  return object == no_element || run_inner(set.first_inner, set.inner_count, object);
}

Evaluation::Result Evaluation::lookup(const Op& op) {
  if (!build_key(op.b)) return Result::absent;
  const SetCode& set = program_.sets[op.a];
  const Element found = find(set);
  if (static_cast<bool>(found) == op.negate) return Result::failed;
  if (found && op.kind == OpKind::lookup_counted && !run_element(set, found)) return Result::failed;
  return Result::matched;
}

Evaluation::Result Evaluation::verdict_map(const Op& op) {
  if (!build_key(op.b)) return Result::absent;
  const SetCode& set = program_.sets[op.a];
  const Element found = find(set);
  if (!found) return Result::failed;
  if (!run_element(set, found)) return Result::failed;
  // Verdict maps with elements in the State hold the number of a verdict.
  const VerdictCode verdict = found.in_state
                                  ? program_.verdicts[static_cast<std::uint32_t>(
                                        c_.visible.set_elements[found.element].data % program_.verdicts.size())]
                                  : set.verdict_data[found.element];
  reach(verdict);
  return Result::matched;
}

}  // namespace fourtuple::netfilter
