// The side table of a ruleset made from its text, for tests: one rule a line, its statements parted by " | ". No
// parser: the text must be as simple as the tests' own.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/ruleset.h"

namespace fourtuple::viz::test {

// Counters get the object ids from `first_object` on, in order.
trace::RulesetInfo ruleset_from(std::string_view marked, HostId host, std::uint32_t first_object = 0);

// The rule in whose text `part` stands, or the number of rules.
std::uint32_t rule_with(const trace::RulesetInfo& ruleset, std::string_view part);
std::uint32_t chain_named(const trace::RulesetInfo& ruleset, std::string_view name);

// Compared values as nft prints them, for the few types the tests use.
std::string words_of_value(HostId host, const std::vector<std::uint8_t>& types, const std::vector<std::uint8_t>& widths,
                           std::span<const std::uint32_t> words);

}  // namespace fourtuple::viz::test
