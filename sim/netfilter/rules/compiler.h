// The working state of a compilation (compile.h). Internal to sim/netfilter/rules.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/netfilter/rules/compile.h"
#include "sim/netfilter/rules/elements.h"

namespace fourtuple::netfilter {

class Compiler {
 public:
  Compiler(const Model& model, Netfilter& filter, const CompileOptions& options);
  Compiled run();

 private:
  // compile.cc: tables, chains, rules, hooks
  void number_chains();
  void add_table(std::size_t table);
  void add_chain(const nft::Chain& chain);
  void add_rule(const nft::Rule& rule);
  void register_hooks();
  std::uint32_t object_id(const Origin& origin, trace::NetfilterObjectKind kind, std::string name, bool& fresh);
  std::uint32_t set_id(const Origin& origin);

  // compile_sets.cc
  std::uint32_t add_set(const nft::Set& set, const Origin& origin);
  void fill_set(SetCode& code, const std::vector<nft::Expr>& elements, const SetTypes& keys, const SetTypes& data);
  void add_inner(std::uint32_t number, const std::vector<nft::Statement>& statements);
  std::optional<std::uint32_t> anonymous_set(const nft::Expr& set, const nft::Expr& key, const nft::Expr* map);
  std::optional<std::uint32_t> set_of(const nft::Expr& set, const nft::Expr& key, const nft::Expr* map);
  VerdictCode verdict_code(const nft::Verdict& verdict) const;

  // compile_terms.cc
  std::optional<std::uint32_t> add_term(const nft::Expr& expression);
  static Term fib_term(const nft::Expr& expression);
  static std::optional<Term> tcp_option_term(const nft::Expr& expression);
  static std::optional<Term> route_term(const nft::Expr& expression);
  static std::optional<Term> selector_term(const nft::Expr& expression);
  std::optional<Term> hash_term(const nft::Expr& expression);
  std::optional<Term> map_term(const nft::Expr& expression);
  std::optional<Term> number_term(const nft::Expr& expression);
  std::optional<std::uint32_t> add_key(const nft::Expr& expression, const KeyShape& shape);
  std::uint32_t add_value(nft::Value value);
  std::uint32_t store(const Term& term);
  // A constant, with interface names looked up.
  std::optional<nft::Value> constant(const nft::Expr& expression) const;

  // compile_match.cc: conditions
  Op match(const nft::Statement& statement);
  Op lookup(const nft::Statement& statement, const nft::Expr& left, const nft::Expr& right);
  Op verdict_map(const nft::Statement& statement);

  // compile_statement.cc
  Op compile_statement(const nft::Statement& statement, std::uint32_t number);
  Op object_statement(const nft::Statement& statement, std::uint32_t number);
  Op object_op(const nft::Statement& statement);
  Op assign(const nft::Statement& statement);
  Op reject(const nft::Statement& statement) const;
  Op nat(const nft::Statement& statement);
  bool nat_address(const nft::Expr& expression, NatCode& code);
  bool nat_port(const nft::Expr& expression, NatCode& code);
  Op set_update(const nft::Statement& statement, std::uint32_t number);
  std::uint32_t add_limit(const nft::Rate& rate);
  Op synproxy(const nft::SynproxyOptions& options);
  void note_need(const nft::Statement& statement);
  void note_synproxy();

  const Model& model_;
  Netfilter& filter_;
  const CompileOptions& options_;
  Compiled out_;
  Program& program_ = out_.program;

  std::map<Origin, std::uint32_t> old_objects_, old_sets_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> chain_numbers_;  // by serial and handle
  // of the table being compiled
  const nft::Table* table_ = nullptr;
  std::uint64_t serial_ = 0;
  std::uint32_t first_chain_ = 0;
  std::map<std::string, std::uint32_t, std::less<>> chains_, sets_;
  // of the rule being compiled
  std::uint64_t rule_handle_ = 0;
  std::uint32_t inner_number_ = 0;  // names objects of expressions (numgen)
  nft::Requires guard_ = nft::Requires::nothing;
};

// A statement that is passed over, or when it is a condition lets the rule fail.
Op skipped(const nft::Statement& statement);

}  // namespace fourtuple::netfilter
