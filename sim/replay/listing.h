// `nft list ruleset` at an instant: the text of a host's ruleset with the counters, quotas and set elements of a State.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sim/replay/value_text.h"
#include "sim/state/state.h"
#include "sim/trace/ruleset.h"

namespace fourtuple::replay {

using KeyWords = std::span<const std::uint32_t>;

// What the nft language decides about elements. The defaults are good enough for a reader, not byte for byte nft's.
struct ListingStyle {
  ValueText value = hex_value;
  // "10.0.0.0/8", "1-5 . 10.0.0.1": everything from one key to another.
  std::function<std::string(const trace::SetInfo& set, KeyWords low, KeyWords high)> interval;
  std::function<std::string(std::uint64_t milliseconds)> duration;  // "1m30s"
  // Whether a key stands before another one in a listing.
  std::function<bool(const trace::SetInfo& set, KeyWords a, KeyWords b)> before;
  // "\t\telements = { a, b }\n" of texts. REQUIRES: there are some.
  std::function<std::string(const trace::SetInfo& set, const std::vector<std::string>& texts)> line;
};

// The ruleset a host has in a State, or null.
const trace::RulesetInfo* ruleset_of(const std::vector<trace::RulesetInfo>& rulesets, const state::State& state,
                                     HostId host);

// One element of a set as listed: "10.0.0.1 timeout 1h expires 59m59s : 0x00000010".
struct ElementText {
  std::string text;
  std::vector<std::uint32_t> words;  // its key; of an interval the lowest and then the highest one
  Time expires = Time::never();
};
// The elements that a set has at `now`, in the order of a listing; expired ones are gone.
std::vector<ElementText> elements_of(const trace::RulesetInfo& ruleset, const trace::SetInfo& set,
                                     const state::State& state, Time now, const ListingStyle& style);
std::string listing_text(const trace::RulesetInfo& ruleset, const state::State& state, Time now,
                         const ListingStyle& style);
// What a counter piece says: "packets 3 bytes 120".
std::string counter_text(const state::NetfilterObject& counter);

}  // namespace fourtuple::replay
