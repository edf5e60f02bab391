// What records of netfilter refer to by number: the chains, rules, expressions, sets and stateful objects of one
// revision of a host's ruleset, with their places in the text its author wrote. Filled by sim/netfilter when a ruleset
// is loaded or changed; constant afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/ids.h"

namespace fourtuple::trace {

// Bytes [begin, end) of RulesetInfo::text and where they begin in the file it came from (from 1; 0: unknown).
struct TextSpan {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t line = 0, column = 0;
};

struct ChainInfo {
  std::string family, table, name;  // "inet", "filter", "input"
  bool base = false;
  std::string type, hook;  // base chains: "filter", "input"
  std::int32_t priority = 0;
  std::string priority_text;                     // as nft prints it: "filter", "dstnat + 10", "-5"
  std::string policy;                            // "accept" or "drop"
  std::uint32_t first_rule = 0, rule_count = 0;  // in RulesetInfo::rules
  TextSpan span;
};

struct RuleInfo {
  std::uint32_t chain = 0;   // in RulesetInfo::chains
  std::uint32_t number = 0;  // in its chain, from 0; people count from 1
  std::string text;          // as nft prints it, without counters' values
  std::string comment;
  std::uint32_t first_expression = 0, expression_count = 0;
  TextSpan span;
};

// One statement of a rule: the unit of stepping ("tcp dport 22", "counter", "accept").
struct ExpressionInfo {
  std::string text;
  TextSpan span;
  std::string subject;                 // the selector that is compared: "tcp dport"; empty for actions
  std::vector<std::uint8_t> types;     // nft::Type of each part of the compared value
  std::vector<std::uint8_t> widths;    // bits of each part
  std::uint32_t object = 0xffffffffu;  // stateful object this statement changes, a State object id
  std::string not_simulated;           // why it has no effect; empty: it is evaluated
};

enum class NetfilterObjectKind : std::uint8_t { counter, quota, limit, connection_limit };

struct ObjectInfo {
  std::uint32_t id = 0;  // State object id
  NetfilterObjectKind kind = NetfilterObjectKind::counter;
  std::string name;  // named objects: "ip hot walled"; empty for one inside a rule
};

// The text of `nft list ruleset` in pieces: literal text, or a value that the State at an instant supplies.
struct ListingPiece {
  enum class Kind : std::uint8_t {
    text,
    counter,     // "packets 3 bytes 120"; id: object
    quota_used,  // " used 66 bytes", nothing while unused; id: object
    elements,    // the set's "elements = { … }" line with its indent and end, nothing when empty; id: SetInfo::id
  };
  Kind kind = Kind::text;
  std::string text;  // kind text
  std::uint32_t id = 0;
};

struct SetInfo {
  std::uint32_t id = 0;  // of SetElement records
  std::string family, table, name;
  bool is_map = false;
  std::vector<std::uint8_t> types, widths;  // of the key's parts
  std::vector<std::uint8_t> data_types, data_widths;
  std::uint64_t timeout_ns = 0;  // of elements that have none of their own; 0: they stay
  // Behind every element's key, " counter packets 3 bytes 120": the statements each element has; a counter's id counts
  // from the element's object.
  std::vector<ListingPiece> attached;
};

// An element of a set that packets do not change, in the order in which nft lists them. A set's other elements are in
// State::set_elements.
struct ListedElement {
  std::uint32_t set = 0;                  // SetInfo::id
  std::array<std::uint32_t, 16> words{};  // the key, as SetElementAdded::words; of an interval its beginning
  std::string text;                       // "192.0.2.1", "80 : accept"
};

// Where a part of RulesetInfo::text stands for people.
struct TextSource {
  std::string name;         // of the file; of a listing, the command that prints it
  std::uint32_t begin = 0;  // byte of RulesetInfo::text; the part ends where the next begins
  std::uint32_t line = 1;   // its first line in that file; 0: the program wrote it, it stands in no file
};

struct RulesetInfo {
  HostId host;
  std::string source_name;
  std::string text;
  std::vector<TextSource> sources;  // in order of their begin
  std::vector<ChainInfo> chains;
  std::vector<RuleInfo> rules;
  std::vector<ExpressionInfo> expressions;
  std::vector<SetInfo> sets;
  std::vector<ObjectInfo> objects;
  std::vector<ListingPiece> listing;
  std::vector<ListedElement> elements;
  std::vector<std::string> notes;  // what is not simulated, with its line
};

}  // namespace fourtuple::trace
