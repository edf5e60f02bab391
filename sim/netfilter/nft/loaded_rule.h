// A rule as nft hands it to the kernel. The tests that selectors imply are spelled out before the statement that needs
// them (`tcp dport 22` becomes `meta l4proto tcp`, `tcp dport 22`), and comparisons of neighbouring header fields with
// at most 32 bits together become one comparison, at one of their places, even across other statements:
// `tcp dport 80 counter tcp sport 5` tests both ports after the counter. In such a comparison flags are compared as
// numbers: `tcp flags syn tcp window 5` is `tcp flags == syn tcp window 5`.
#pragma once

#include <deque>
#include <vector>

#include "sim/netfilter/nft/protocols.h"
#include "sim/netfilter/nft/syntax.h"

namespace fourtuple::nft {

class LoadedRule {
 public:
  struct Step {
    // One statement, or the parts of one comparison in the order of the header: all of them have to hold.
    std::vector<const Statement*> parts;
    bool implied = false;
  };

  // Statements that are neither implied nor joined are those of `rule`, which must outlive this.
  LoadedRule(const Rule& rule, TableFamily family);
  LoadedRule(const LoadedRule&) = delete;
  LoadedRule& operator=(const LoadedRule&) = delete;

  const std::vector<Step>& steps() const { return steps_; }

 private:
  void need(const Statement& statement);
  void need(const Expr& expr);
  void need_header(const HeaderField& header);
  void need_network(Protocol protocol);
  void need_for_extension(Protocol protocol);
  void need_transport(Protocol protocol);
  void need_icmp_type(Field field, std::uint8_t type);
  void need_for_reject(const Statement& statement);
  void learn(const Statement& statement);
  const Statement* test(Field field, std::uint64_t value);
  void imply(const Statement* statement) { steps_.push_back({{statement}, true}); }
  // A comparison that may be joined with its neighbours, and where it reads.
  struct Candidate {
    std::size_t step;
    HeaderField header;
  };
  void join_neighbours();
  void join(std::vector<Candidate>& candidates);
  const Statement* as_number(const Statement& statement);

  TableFamily family_;
  ProtocolContext context_;
  std::vector<Step> steps_;
  std::vector<Step> head_;      // tests that nft puts first in the rule
  std::deque<Statement> made_;  // implied or changed statements; their addresses stay
};

// The protocol's number in `ip protocol`; 0 for those without.
std::uint8_t protocol_number(Protocol protocol);

// The one value a comparison is with: a plain value, a list of flags as their sum, or the only element of a set in
// braces. Nothing for prefixes, ranges, larger sets and named sets.
std::optional<Value> compared_value(const Statement& statement);
// The right side as the kernel has it: a set in braces with one plain element is that element.
const Expr& compared(const Statement& statement);
bool is_equality(Comparison comparison);  // implicit or ==

}  // namespace fourtuple::nft
