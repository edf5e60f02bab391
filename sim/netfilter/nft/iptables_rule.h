// One line of iptables-save as nft statements.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/netfilter/nft/syntax.h"

namespace fourtuple::nft {

struct IptablesWord {
  std::string text;  // without quotes
  Span span;
  bool quoted = false;
};

// The words of a line, as a shell has them; false when a quote is not closed (the last word is where it opened).
bool split_line(std::string_view line, std::uint32_t begin, std::vector<IptablesWord>& words);

// A statement in the nft language and where it came from.
struct IptablesPiece {
  std::string nft;
  Span span;
  std::string chain;       // target of a jump: any name, also one nft keeps for itself
  std::string log_prefix;  // any text
};

struct IptablesFault {
  Span where;
  std::string message, expected, suggestion;
};

// Reads the words of a rule after its chain. All functions return false after they set the fault.
class IptablesRule {
 public:
  IptablesRule(std::span<const IptablesWord> words, TableFamily family, std::span<const std::string> chains,
               unsigned number)
      : words_(words), family_(family), chains_(chains), number_(number) {}

  bool read();

  std::vector<IptablesPiece> pieces;
  std::string comment;
  IptablesFault fault;
  bool go_to = false;
  std::size_t match_count = 0;  // pieces before the target: where a counter belongs

  // --- for the readers of matches and targets ---
  bool at_end() const { return at_ >= words_.size(); }
  bool next_is(std::string_view word) const { return !at_end() && words_[at_].text == word && !words_[at_].quoted; }
  const IptablesWord& option() const { return words_[option_]; }
  bool negated() const { return negated_; }
  // The argument of the option, taken.
  bool argument(std::string& text);
  // Begins the next option when it is one of `names`, with or without '!' before it.
  bool begin_option(std::span<const std::string_view> names);
  bool fail(std::string message, std::string expected = {}, std::string suggestion = {});
  // A statement from the current option and its arguments: selector, "!=" where negated, value.
  bool add(std::string_view selector, std::string_view value);
  bool add_statement(std::string nft);
  bool no_negation();
  std::string_view ip() const { return family_ == TableFamily::ip6 ? "ip6" : "ip"; }
  bool v6() const { return family_ == TableFamily::ip6; }
  const std::string& protocol() const { return protocol_; }
  unsigned number() const { return number_; }
  std::span<const std::string> chains() const { return chains_; }
  IptablesPiece& last_piece() { return pieces.back(); }

 private:
  bool read_option();
  bool read_protocol();
  void name_protocol();
  void drop_protocol();

  std::span<const IptablesWord> words_;
  TableFamily family_;
  std::span<const std::string> chains_;
  unsigned number_;
  std::size_t at_ = 0, option_ = 0;
  bool negated_ = false;
  std::string protocol_;
  std::size_t protocol_piece_ = none;
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

// Options of matches; false in `known` when it is none of them (iptables_match.cc).
bool read_iptables_match(IptablesRule& rule, std::string_view option, bool& known);
// `-m name` with the options that belong together (iptables_module.cc).
bool read_iptables_module(IptablesRule& rule, const std::string& name);
// `-j name` and its options (iptables_target.cc).
bool read_iptables_target(IptablesRule& rule, const std::string& name);

// --- small parts ---
std::string lower_case(std::string_view text);
// "5:9" as "5-9"; open ends are 0 and `last`.
std::string dash_range(std::string_view text, std::string_view last);
bool whole_number(std::string_view text, std::uint64_t& number);  // decimal or 0x…
std::string quoted_name(std::string_view text);
std::vector<std::string> split_list(std::string_view text, char separator);
// "0x1/0xff" into value and mask.
bool value_and_mask(std::string_view text, std::uint64_t& value, std::uint64_t& mask);
std::string hex_number(std::uint64_t number);

}  // namespace fourtuple::nft
