// What nft checks about a rule as a whole while reading it: protocols that exclude each other, ports without a
// transport protocol, statements that are never reached. And which statements the simulator keeps but does not run.
#pragma once

#include "sim/netfilter/nft/parser.h"

namespace fourtuple::nft {

// What the statements so far say about the packet.
struct RuleProtocols {
  std::optional<TableFamily> network;  // ip, ip6 or arp
  std::optional<std::uint64_t> transport;
  bool some_transport = false;  // one of several transport protocols, which excludes fields of a single one
  bool ended = false;           // a statement before ended the rule
  Span end{};

  explicit RuleProtocols(TableFamily family);
};

// Takes in a statement that was read: its selectors, then what its comparison says.
bool check_statement(Parser& p, RuleProtocols& protocols, const Statement& statement);
// The protocols an expression needs, before its statement is complete.
bool check_selectors(Parser& p, RuleProtocols& protocols, const Expr& expr);
// A port of NAT needs to know the header it is in.
bool check_port(Parser& p, const RuleProtocols& protocols, const Expr& port);
// The address family of a nat statement, given or known from the table and the rule.
bool find_nat_family(Parser& p, const RuleProtocols& protocols, Span where, std::optional<TableFamily> given,
                     TableFamily& family);
bool check_reject(Parser& p, const RuleProtocols& protocols, const Statement& statement);

// Sets Statement::not_simulated and warns, where the simulator does not run the statement.
void note_not_simulated(Parser& p, Statement& statement);

}  // namespace fourtuple::nft
