// Statements and rules.
#pragma once

#include "sim/netfilter/nft/check_rule.h"
#include "sim/netfilter/nft/parser.h"

namespace fourtuple::nft {

// Up to the separator or '}' after the rule, which is not taken.
bool parse_rule(Parser& p, Rule& rule);
// The word that can begin a statement nearest to this one, or "".
std::string suggest_statement(std::string_view word);

// counter, limit, quota, ct count: statements with a state, also of elements and sets (parse_stateful.cc).
bool begins_stateful(const Parser& p);
bool parse_stateful(Parser& p, Statement& statement);
// The numbers alone, as in named objects: `packets 1 bytes 2`, `over 5 mbytes used 1 bytes`, `rate 5/second`.
bool parse_counter_numbers(Parser& p, Statement& statement);
bool parse_quota_numbers(Parser& p, Statement& statement);
bool parse_limit_numbers(Parser& p, Statement& statement);

// snat, dnat, masquerade, redirect, tproxy, dup, fwd (parse_nat.cc).
bool begins_nat(const Parser& p);
bool parse_nat(Parser& p, Statement& statement, RuleProtocols& protocols);

// log, reject, queue, synproxy, notrack, flow, reset (parse_action.cc).
bool begins_action(const Parser& p);
bool parse_action(Parser& p, Statement& statement, RuleProtocols& protocols);
// mss, wscale, timestamp and sack-perm as nft prints them: in one line, for an object in lines.
// Both append the numbers to `text` as nft lists them.
bool parse_synproxy_numbers(Parser& p, SynproxyOptions& options, std::string& text);
bool parse_synproxy_object(Parser& p, SynproxyOptions& options, std::string& text);
// A named object of this kind for the packet: `ct helper set "ftp"`, `counter name "x"`, or a map that chooses one.
bool parse_object_choice(Parser& p, Statement& statement);

}  // namespace fourtuple::nft
