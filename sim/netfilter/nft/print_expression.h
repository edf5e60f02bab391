// Prints expressions and the small statements that stand inside sets; the rest of the printer builds on it.
#pragma once

#include <cstdint>
#include <string>

#include "sim/netfilter/nft/print_elements.h"
#include "sim/netfilter/nft/protocols.h"
#include "sim/netfilter/nft/syntax.h"

namespace fourtuple::nft {

// Bits of a selector, an operation on one, or a value.
std::uint32_t width_of(const Expr& expr);
bool is_tuple_port(Field field);  // ct original proto-src and its like
bool is_operation(const Expr& expr);

// Values that only a host or the ruleset knows by number are kept and printed by name: interfaces, objects.
bool is_by_name(const Expr& expr);
// The field a raw expression or `th` really is, once the protocol of its layer is settled.
std::optional<Field> resolved_field(const Expr& selector, const ProtocolContext* known);

// Everything that reads a packet: selectors, concatenations, operations, maps, numgen, jhash. With the protocols known
// so far nft names raw fields and `th`.
std::string print_selector(const Expr& expr, const ProtocolContext* known = nullptr);
// As part of a concatenation or as the key of an element made by a rule: a field that does not end at a byte's end
// shows the shift that brings it there.
std::string print_set_key(const Expr& expr, const ProtocolContext* known);
// What it is compared with or set to, but sets in braces: value, prefix, range, flags joined by commas, @name.
std::string print_right(const ElementPart& part, const Expr& expr);
// { … }; `left` is what is looked up in it.
std::string print_set(const Expr& left, const Expr& set, const ProtocolContext* known = nullptr);
// One element's value: flags joined by " | ".
std::string print_element_value(const ElementPart& part, Value value);
std::string print_name_prefix(Value name, std::uint32_t bits);  // "eth*" with its quotes

// `expr` with chains of & | ^ with constants as the kernel gives them back: one mask, then ^, then |.
Expr simplified(const Expr& expr);
// The same for what is looked up in a map: in a declared one nft shows some fields as their bytes, mask and shift.
Expr simplified_key(const Expr& left, const Expr& map);

enum class Numbers : std::uint8_t { none, as_written };
// counter, quota, limit, ct count; numbers of counters and quotas are left out with `none`.
std::string print_stateful(const Statement& statement, Numbers numbers);
std::string print_rate(const Rate& rate);      // "rate over 5/second burst 10 packets"
std::string print_bytes(std::uint64_t bytes);  // "10 mbytes", "1025 bytes"

}  // namespace fourtuple::nft
