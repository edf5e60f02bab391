// A compiled ruleset: flat arrays, constant once built and shared by all copies of a World. Everything refers to
// everything else by index. Chains, rules and ops are numbered as trace::RulesetInfo numbers chains, rules and
// expressions, so records can name them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/netfilter/nft/syntax.h"
#include "sim/netfilter/rules/gates.h"
#include "sim/netfilter/rules/sets.h"

namespace fourtuple::netfilter {

inline constexpr std::uint32_t no_index = 0xffffffffu;

enum class OpKind : std::uint8_t {
  skip,  // not simulated; `negate`: it is a condition, so the rule ends here
  // conditions
  match_small,  // (field & mask) test value, 64 bits
  match_wide,   // the same with 128 bits: mask and value are values[a], values[a + 1]
  match_term,   // terms[b] test values[a], mask as for match_wide
  lookup,       // key b is in set a, or with `negate` not
  verdict,      // verdicts[a]
  verdict_map,  // verdict of key b in set a
  // statements with an object; in the statements of a set element `a` counts from the element's first object
  counter,           // object a
  quota,             // object a, value bytes, `negate`: over
  limit,             // object a, limits[b]
  connection_limit,  // object a, value connections, `negate`: over
  // others
  log,
  notrack,
  assign,          // field = terms[b]
  reject,          // answer a (nft::RejectKind), code b; icmpx is resolved per packet
  nat,             // nats[a]
  set_update,      // updates[a]
  synproxy,        // synproxies[a]
  lookup_counted,  // as lookup, for a set whose elements have statements
};

enum class Test : std::uint8_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  any,      // value & mask is not zero
  none,     // value & mask is zero
  within,   // mask … value are the ends of a range
  without,  // outside of it
};

constexpr bool is_range(Test test) {
  return test == Test::within || test == Test::without;
}

struct Op {
  OpKind kind = OpKind::skip;
  nft::Field field = nft::Field::none;
  Test test = Test::equal;
  nft::Requires needs = nft::Requires::nothing;
  bool negate = false;
  std::uint8_t words = 1;  // of the compared value, for records
  std::uint32_t a = no_index, b = no_index;
  std::uint64_t mask = ~std::uint64_t{0}, value = 0;
};
static_assert(sizeof(Op) == 32);

// A computed value.
enum class TermKind : std::uint8_t {
  constant,  // values[a]
  field,
  fib,         // field's arguments in `flags`
  tcp_option,  // `flags`: TcpOptionPart, `number`: nft's number of the option
  route,       // `flags`: RoutePart
  bit_and,
  bit_or,
  bit_xor,
  shift_left,
  shift_right,    // terms[a] op terms[b]
  map,            // data of key b in set a
  number_inc,     // object a: counts modulo `number`, plus `number2`
  number_random,  // below `number`, plus `number2`
  hash,           // of key b with seed `seed`, or of the flow when there is no key; scaled to `number`, plus `number2`
};
enum class TcpOptionPart : std::uint8_t { present, value, second_value };
enum class RoutePart : std::uint8_t { mtu, next_hop };
// `ct original packets`: Term::flags of a counter.
enum class CountedDirection : std::uint8_t { both, original, reply };
struct FibFlag {
  static constexpr std::uint8_t source = 1, mark = 2, iif = 4, oif = 8;  // source: looks up the source address
  static constexpr std::uint8_t result_type = 16, result_name = 32, present = 64;
};
struct Term {
  TermKind kind = TermKind::constant;
  nft::Field field = nft::Field::none;
  nft::Requires needs = nft::Requires::nothing;
  std::uint8_t flags = 0;
  std::uint16_t bits = 32;
  std::uint32_t a = no_index, b = no_index;
  std::uint64_t number = 0, number2 = 0;
  std::uint32_t seed = 0;
};

// What is looked up in a set: consecutive terms of Program::key_terms.
struct KeyCode {
  std::uint32_t first_term = 0;
  KeyShape shape;
  std::array<std::uint8_t, 16> bits{};  // of each part, for hashes
  // The key is this selector's value, of one word; none: it is made part by part.
  nft::Field small = nft::Field::none;
  nft::Requires needs = nft::Requires::nothing;
};

struct VerdictCode {
  nft::VerdictKind kind = nft::VerdictKind::accept;
  std::uint32_t chain = no_index;  // jump and goto
};

struct SetCode {
  std::uint32_t id = 0;   // trace::SetInfo::id
  bool in_state = false;  // all elements live in the State
  bool ranges = false;    // in_state: keys are lowest and highest key, one after the other
  bool verdicts = false;
  KeyShape shape;
  std::uint8_t data_words = 0;
  KeyShape data_shape;
  bool data_ranges = false;  // static data is the lowest words, then the highest
  StaticElements elements;
  GateRange leading;                         // of the keys of `elements`
  RangeIndex timed;                          // `ranges`: numbers are ids of State::set_elements
  std::vector<std::uint32_t> data;           // data_words (data_ranges: twice) per static element
  std::vector<VerdictCode> verdict_data;     // per static element
  std::uint64_t timeout_ns = 0;              // default of new elements; 0: none
  std::uint64_t collect_ns = 1'000'000'000;  // how often expired elements are collected
  std::uint32_t size = 0;                    // most elements; 0: any number
  // The statements of an element (inner_ops) and how many objects it takes.
  std::uint32_t first_inner = 0, inner_count = 0;
};

struct LimitCode {
  std::uint64_t period_ns = 0, amount = 1;
  std::uint64_t most_tokens = 0;  // ns
  bool bytes = false, over = false;
};

struct NatCode {
  nft::NatKind kind = nft::NatKind::dnat;
  std::uint8_t flags = 0;        // nft::NatFlag
  std::uint8_t only_family = 0;  // 4 or 6: other packets pass by; 0: any
  bool address = false, port = false;
  IpAddress first_address, last_address;
  std::uint16_t first_port = 0, last_port = 0;
  std::uint32_t address_term = no_index, port_term = no_index;  // computed instead
  std::uint32_t map_set = no_index, map_key = no_index;         // address, or address and port, from a map
};

struct UpdateCode {
  std::uint32_t set = 0, key = 0;
  std::uint32_t data_term = no_index;
  std::uint64_t timeout_ns = 0;  // 0: the set's
  nft::SetOperation operation = nft::SetOperation::add;
};

struct SynproxyCode {
  std::uint16_t mss = 0;
  std::uint8_t window_scale = 0;
  std::uint8_t options = 0;  // TcpOption: those the SYN and ACK may have
};

struct RuleCode {
  std::uint32_t first_op = 0, op_count = 0;
  // nft tests some requirements of `reject` before the rule's first statement.
  nft::Requires guard = nft::Requires::nothing;
  std::uint32_t guard_op = 0;  // the statement that asks for it
};

struct ChainCode {
  std::uint32_t first_rule = 0, rule_count = 0;
  bool accept = true;  // policy
  bool route = false;  // type route
};

// What is registered on a hook, in the order it runs.
enum class HookKind : std::uint8_t { track, chain, nat, synproxy, confirm };
struct HookEntry {
  HookKind kind = HookKind::chain;
  std::int32_t priority = 0;
  std::uint32_t chain = no_index;
};

// What an object or a set was made for, so that the next revision of the ruleset finds its id: a named one by its own
// handle, one inside a rule by the rule's handle and its number in the rule (from 1).
struct Origin {
  std::uint64_t table = 0;  // TableState::serial
  std::uint64_t handle = 0;
  std::uint32_t number = 0;
  friend auto operator<=>(const Origin&, const Origin&) = default;
};
struct Kept {
  Origin origin;
  std::uint32_t id = 0;
};

inline constexpr std::size_t hook_points = 5;
constexpr std::size_t family_index(fourtuple::Family family) {
  return family == fourtuple::Family::ipv4 ? 0 : 1;
}

struct Program {
  std::array<std::array<std::vector<HookEntry>, hook_points>, 2> hooks;           // [family_index][HookPoint]
  std::array<std::array<std::vector<std::uint32_t>, hook_points>, 2> nat_chains;  // in the order they run
  std::array<bool, 2> tracks{};                                                   // conntrack is needed
  std::array<bool, 2> has_synproxy{};                                             // synproxy is asked for somewhere

  std::vector<ChainCode> chains;
  std::vector<RuleCode> rules;
  std::vector<Gate> gates;  // per rule
  std::vector<GateField> gate_fields;
  std::vector<Op> ops;
  std::vector<Op> inner_ops;  // statements of set elements
  std::vector<Term> terms;
  std::vector<std::uint32_t> key_terms;
  std::vector<KeyCode> keys;
  std::vector<nft::Value> values;
  std::vector<VerdictCode> verdicts;
  std::vector<SetCode> sets;
  std::vector<LimitCode> limits;
  std::vector<NatCode> nats;
  std::vector<UpdateCode> updates;
  std::vector<SynproxyCode> synproxies;

  std::vector<Kept> kept_objects, kept_sets;  // ascending
};

}  // namespace fourtuple::netfilter
