// Elements of sets and maps as written, turned into keys and data of words (sets.h).
#pragma once

#include <optional>

#include "sim/netfilter/nft/syntax.h"
#include "sim/netfilter/rules/sets.h"

namespace fourtuple::netfilter {

// A bit of nft::Set::flags beyond nft's own: rules update the set although it was not declared dynamic.
inline constexpr std::uint8_t updated_by_rules = 0x80;

// Bits of the value an expression gives: of a selector, or of its type.
std::uint32_t bits_of(const nft::Expr& expression);

// The parts of a set's keys and of its data, with their widths.
struct SetTypes {
  std::vector<nft::Type> types;
  std::vector<std::uint8_t> bits;
};
SetTypes key_types(const nft::Set& set);
SetTypes data_types(const nft::Set& set);
// Words of those parts. More than 16 of either are cut off.
KeyShape shape_of(const SetTypes& types);

// Whether the elements of this set change while packets flow, so that they live in the State and not in the Program.
bool lives_in_state(const nft::Set& set);

// A constant: a value, flags in a list, or operations on constants.
std::optional<nft::Value> constant_value(const nft::Expr& expression);
// Lowest and highest value of one part; a value is its own range. Nothing when it is not constant.
struct ValueRange {
  nft::Value low, high;
};
std::optional<ValueRange> value_range(const nft::Expr& expression, std::uint32_t bits);

// The key of an element (or the bare key, without element around it).
const nft::Expr& key_of(const nft::Expr& element);
// Its data; null for elements of sets.
const nft::Expr* data_of(const nft::Expr& element);
std::optional<KeyRange> key_range(const nft::Expr& element, const SetTypes& types, const KeyShape& shape);
// The lowest and highest words of a value, range, prefix or concatenation.
std::optional<KeyRange> data_range(const nft::Expr& data, const SetTypes& types, const KeyShape& shape);

}  // namespace fourtuple::netfilter
