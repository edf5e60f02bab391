// Short ways to read nft text in tests.
#pragma once

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

#include "sim/netfilter/nft/parse.h"

namespace fourtuple::nft::test {

// All messages in lines: "3:9: unexpected 'dprot'; expected …".
inline std::string messages(const ParseResult& result) {
  std::string text;
  for (const Error& error : result.errors) {
    text += std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + ": " + error.message;
    if (!error.expected.empty()) text += "; expected " + error.expected;
    if (!error.suggestion.empty()) text += "; did you mean '" + error.suggestion + "'?";
    text += "\n";
  }
  return text;
}

inline Script read(const std::string& text) {
  ParseResult result = parse(text);
  EXPECT_EQ(messages(result), "") << text;
  return std::move(result.script);
}

// A rule in a chain of a table of this family.
inline std::string in_chain(const std::string& rule, const std::string& family = "inet") {
  return "table " + family + " t {\n chain c {\n" + rule + "\n }\n}\n";
}

inline Rule read_rule(const std::string& rule, const std::string& family = "inet") {
  Script script = read(in_chain(rule, family));
  if (script.commands.empty() || script.commands[0].table.chains.empty() ||
      script.commands[0].table.chains[0].rules.empty()) {
    ADD_FAILURE() << "no rule in " << rule;
    return {};
  }
  return std::move(script.commands[0].table.chains[0].rules[0]);
}

// The statement at this place of a rule.
inline Statement read_statement(const std::string& rule, std::size_t at = 0, const std::string& family = "inet") {
  Rule whole = read_rule(rule, family);
  if (at >= whole.statements.size()) {
    ADD_FAILURE() << "statement " << at << " of " << rule;
    return {};
  }
  return std::move(whole.statements[at]);
}

// The first table of the text.
inline Table read_table(const std::string& text) {
  Script script = read(text);
  if (script.commands.empty()) return {};
  return std::move(script.commands[0].table);
}

inline std::string file_text(const std::string& path) {
  std::ifstream file(std::string(FT_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace fourtuple::nft::test
