// The blocks of a table: chains, sets, maps, objects and flowtables, and definitions of variables, which may stand in
// all of them.
#pragma once

#include "sim/netfilter/nft/parser.h"
#include "sim/netfilter/nft/resolve.h"

namespace fourtuple::nft {

// A block in braces: calls `item` for each line until '}'; after a fault goes on with the next. `item` takes the
// separator the language wants after it. False when the block is not closed.
template <class Item>
bool parse_block(Parser& p, Item item);

bool parse_table_block(Parser& p, Table& table);
bool parse_chain_block(Parser& p, Chain& chain);
bool parse_set_block(Parser& p, Set& set);
bool parse_object_block(Parser& p, Object& object);
// { a, "b", $c } or a variable.
bool parse_devices(Parser& p, std::vector<std::string>& devices);
bool parse_flowtable_block(Parser& p, Flowtable& flowtable);
// `counter`, `ct helper`, …, up to the name, taken.
bool begins_object(const Parser& p);
bool parse_object_kind(Parser& p, ObjectKind& kind);
// The numbers of a counter, quota, limit, synproxy or secmark without braces, on the line of `add`.
bool parse_object_line(Parser& p, Object& object);

// include, define, redefine, undefine with their separator.
bool begins_definition(const Parser& p);
bool parse_definition(Parser& p);

// Wraps every part of a set in an `element`.
std::vector<Expr> elements_of(Expr set);
// What the elements of the set have to be.
Wants key_wants(const Set& set);
Wants data_wants(const Set& set);
// Types the elements, checks that the set's flags allow them and gives them the set's statements.
bool check_elements(Faults& faults, std::vector<Expr>& elements, const Set& set);

// --- implementation ---
template <class Item>
bool parse_block(Parser& p, Item item) {
  const Parser::Nest nest(p);
  if (!nest.ok() || !p.need(TokenKind::brace_open, "'{'")) return false;
  const int depth = p.brace_depth();
  while (!p.is(TokenKind::brace_close)) {
    if (p.is(TokenKind::end) || p.stopped()) return p.unexpected("'}'");
    if (p.at_separator()) {
      p.take();
      continue;
    }
    const bool ok = begins_definition(p) ? parse_definition(p) : item();
    if (!ok) p.recover(depth);
  }
  p.take();
  return true;
}

}  // namespace fourtuple::nft
