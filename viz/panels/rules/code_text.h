// A ruleset's text as lines of coloured words, and where its rules and statements stand in them. Built once per
// ruleset. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/trace/ruleset.h"

namespace fourtuple::viz {

// What a word of a ruleset is, which says how it is drawn.
enum class WordKind : std::uint8_t { plain, quiet, text, accept, drop, rewrite, comment };

struct CodeWord {
  std::uint32_t begin = 0, end = 0;  // bytes of CodeLine::text
  WordKind kind = WordKind::plain;
};

struct CodeLine {
  std::uint32_t begin = 0, end = 0;  // bytes of RulesetInfo::text
  std::string text;                  // tabs as spaces
  std::vector<std::uint32_t> tabs;   // bytes of RulesetInfo::text
  std::vector<CodeWord> words;
  std::vector<std::uint32_t> rules;  // that begin here
  std::uint32_t number = 0;          // in its author's file, from 1; 0: it stands in no file
};

struct CodePlace {
  std::size_t line = 0;
  std::uint32_t begin = 0, end = 0;  // bytes of CodeLine::text; a span of several lines ends with the first
};

struct CodeText {
  static constexpr std::size_t nowhere = ~std::size_t{0};
  std::vector<CodeLine> lines;
  std::vector<std::size_t> line_of_rule;  // by number of the rule; nowhere
  std::vector<std::size_t> last_line_of_rule;
  std::vector<std::size_t> line_of_chain;   // its head
  std::vector<std::size_t> line_of_policy;  // the line that says its hook and policy, else its head

  // The line that holds this byte, or nowhere.
  std::size_t line_at(std::uint32_t byte) const;
  CodePlace place(const trace::TextSpan& span) const;
  // Where a rule stands, as people say it: "line 25"; "rule 3" when that is in no file.
  std::string name_of_rule(const trace::RulesetInfo& ruleset, std::uint32_t rule) const;
};

CodeText read_code(const trace::RulesetInfo& ruleset);

}  // namespace fourtuple::viz
