// Prints one rule as nft lists it: from what the kernel has (LoadedRule) it leaves out again the tests that later
// selectors imply, as far as nothing but comparisons stands between.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/netfilter/nft/loaded_rule.h"
#include "sim/netfilter/nft/print_expression.h"
#include "sim/trace/ruleset.h"

namespace fourtuple::nft {

struct Set;

// How counters and quotas appear.
struct ObjectPrinting {
  Numbers numbers = Numbers::none;
  // When set, anonymous counters and quotas become pieces with this number.
  std::function<std::uint32_t(const Statement&)> id;
};

class RulePrinter {
 public:
  // `table` may be null: then named maps are taken for maps to plain values.
  RulePrinter(TableFamily family, const Table* table, const ObjectPrinting& objects);

  std::vector<trace::ListingPiece> print(const Rule& rule);

 private:
  struct Printed {
    std::vector<trace::ListingPiece> pieces;
    const Statement* statement = nullptr;
    bool dropped = false;
  };
  // A test of a protocol that a later selector may make superfluous.
  struct Dependency {
    std::size_t at;  // in printed_
    const Statement* test;
  };

  void add(const LoadedRule::Step& step);
  void add_match(const LoadedRule::Step& step);
  bool add_joined_raw(const LoadedRule::Step& step);
  bool merge_with_previous(const Statement& statement);
  void add_text(const Statement& statement, std::string text);
  void add_stateful(const Statement& statement);
  void add_reject(const Statement& statement);

  // --- superfluous tests (nft's dependency context) ---
  std::optional<Dependency>& dependency(Layer layer) { return dependencies_[static_cast<std::size_t>(layer)]; }
  std::optional<Dependency>* found(Layer layer);
  void release(Layer layer);
  void use(const Expr& expr);  // a selector was read: drops the tests it implies
  void use_header(const Expr& selector, const HeaderField& header);
  bool implied_by(const Dependency& test, const Expr& selector, const HeaderField& header) const;
  bool implied_by_key(const Dependency& test, const Statement& key) const;
  void use_operands(const Statement& statement);
  void settle(const Statement& statement);

  bool one_family() const { return family_ == TableFamily::ip || family_ == TableFamily::ip6; }

  TableFamily family_;
  const Table* table_;
  const ObjectPrinting& objects_;
  ProtocolContext context_;
  std::array<std::optional<Dependency>, 5> dependencies_{};
  std::optional<std::uint8_t> icmp_type_;  // of the stored test
  std::optional<std::size_t> previous_;    // the comparison just before, for ranges of two
  std::vector<Printed> printed_;
};

// One comparison as the listing has it; `as_number`: flags are compared with == even without the sign.
std::string print_match(const Statement& statement, const ProtocolContext* known);
// Every other statement but counters, quotas and rejects.
std::string print_action(const Statement& statement, const ProtocolContext* known, TableFamily family,
                         const Table* table);
// What `reject` prints where the network protocol is `network`.
std::string print_reject(const Statement& statement, TableFamily family, Protocol network);

}  // namespace fourtuple::nft
