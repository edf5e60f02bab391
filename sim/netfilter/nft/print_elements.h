// The elements of sets in the order and form of a listing: sorted as nft sorts them, intervals as prefixes where the
// type has prefixes, neighbours joined where the set joins them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/netfilter/nft/protocols.h"
#include "sim/netfilter/nft/syntax.h"

namespace fourtuple::nft {

struct ElementPart {
  Type type = Type::invalid;
  std::uint32_t bits = 0;
  bool host_order = false;   // the kernel keeps it in the host's byte order: it sorts differently in concatenations
  bool untyped = false;      // nft lost the type: elements are "0x16 [invalid type]"
  bool hexadecimal = false;  // raw payload
};

struct ElementView {
  std::vector<ElementPart> key, data;
  bool interval = false;  // single keys are kept as intervals
  bool join = false;      // overlapping and touching intervals become one
  bool is_map = false;
  bool anonymous = false;
  std::span<const Statement> statements;  // of every element: those without one of their own show it fresh
};

struct ElementText {
  std::vector<std::uint32_t> words;  // the key's beginning, each part one word per 32 bits, most significant first
  std::string text;                  // "192.0.2.1", "80 : accept", "1.1.1.0/24 timeout 1h comment \"x\" : drop"
};

// The parts that a selector or concatenation gives, and those of a declared set. With the protocols known so far raw
// fields have the types of the fields they are.
std::vector<ElementPart> parts_of(const Expr& selector, const ProtocolContext* known = nullptr);
ElementView view_of(const Set& set);
// A set in braces in a rule: `left` is what it is compared with.
ElementView view_of_anonymous(const Expr& left, const Expr& set, const ProtocolContext* known = nullptr);

std::vector<ElementText> listed(const ElementView& view, std::span<const Expr> elements);

// One key or datum: value, prefix, range, concatenation, wildcard or verdict.
std::string print_key(std::span<const ElementPart> parts, const Expr& key);
std::string print_verdict(const Verdict& verdict);

bool has_prefixes(Type type);  // masks and aligned ranges of this type are written as prefixes
bool is_host_order(Type type);
// The prefix length of first to last when it is one, else nothing.
std::optional<std::uint32_t> prefix_length(Value first, Value last, std::uint32_t bits);

}  // namespace fourtuple::nft
