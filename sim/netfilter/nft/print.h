// Prints a ruleset as `nft list ruleset` of nftables 1.0.6 does, byte for byte.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sim/netfilter/nft/syntax.h"
#include "sim/trace/ruleset.h"

namespace fourtuple::nft {

// Gives the ids of what a listing leaves open. A statement is named by its address in the tables being printed.
struct ListingIds {
  std::function<std::uint32_t(const Statement&)> object_of_statement;  // anonymous counter, quota
  std::function<std::uint32_t(const Table&, const Object&)> object_of_object;
  std::function<std::uint32_t(const Table&, const Set&)> set;
};

// The listing in pieces. Static elements are in trace::RulesetInfo::elements, made by listed_elements(); a piece of
// kind `elements` stands for elements_line() of the set's elements, static and dynamic ones, in the order of
// sorts_before().
std::vector<trace::ListingPiece> print_ruleset(const std::vector<Table>& tables, const ListingIds& ids);
std::vector<trace::ListedElement> listed_elements(const std::vector<Table>& tables, const ListingIds& ids);
// The whole listing with counters, quotas and elements as they stand in the tables.
std::string print_listing(const std::vector<Table>& tables);

// One statement, rule (without its handle and comment), expression as nft prints them; counters without values. A
// statement alone knows nothing of the rest of its rule: `th dport`, `reject` print as in a rule of their own.
// The table tells what named maps hold; without it they are taken for maps to plain values.
std::string print_statement(const Statement& statement, TableFamily family, const Table* table = nullptr);
std::string print_rule(const Rule& rule, TableFamily family, const Table* table = nullptr);
std::string print_expression(const Expr& expression, TableFamily family);
std::string print_priority(const ChainHook& hook, TableFamily family);

// A key or value of a record: types and widths (bits) of its parts, each one word per 32 bits, most significant first
// ("192.0.2.1 . 80").
std::string print_words(std::span<const std::uint8_t> types, std::span<const std::uint8_t> widths,
                        std::span<const std::uint32_t> words);
// "\t\telements = { a, b,\n\t\t\t     c }\n", nothing without elements: how many stand on a line is the key's type's.
std::string elements_line(std::span<const std::uint8_t> key_types, std::span<const std::string> elements);
// Whether nft lists the element with these words before the other: single values in their order, names by their last
// letters, concatenations by their last part first. Not for sets of intervals of concatenations, which nft leaves in
// the order of insertion.
bool sorts_before(std::span<const std::uint8_t> types, std::span<const std::uint8_t> widths,
                  std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

}  // namespace fourtuple::nft
