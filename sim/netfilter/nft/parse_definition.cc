// include, define, redefine, undefine.
#include "sim/netfilter/nft/parse_block.h"
#include "sim/netfilter/nft/parse_expression.h"

namespace fourtuple::nft {
namespace {

// What a variable can hold: the right of a comparison, an empty set, or a negative number.
bool parse_initial_value(Parser& p, Expr& value) {
  if (p.is(TokenKind::brace_open) && p.ahead(1).kind == TokenKind::brace_close) {
    value.kind = ExprKind::anonymous_set;
    value.span.begin = p.take().begin;
    value.span.end = p.take().end;
    return true;
  }
  if (!p.is(TokenKind::dash)) return parse_right(p, value);
  const std::uint32_t begin = p.take().begin;
  std::uint64_t number = 0;
  if (!parse_number(p, number, 0x7fffffff, "a number")) return false;
  value.span = {begin, p.taken_end()};
  value.text = "-" + std::to_string(number);
  value.length = static_cast<std::uint32_t>(TokenKind::word);
  return true;
}

bool parse_define(Parser& p, bool again) {
  const Token name = p.now();
  std::string text;
  Expr value;
  return parse_name(p, text, "the name of a variable") && p.need(TokenKind::assign, "'='") &&
         parse_initial_value(p, value) && p.define(name, std::move(value), again) && p.need_separator();
}

}  // namespace

bool begins_definition(const Parser& p) {
  for (const std::string_view word : {"define", "redefine", "undefine", "include"})
    if (p.is_word(word)) return true;
  return false;
}

bool parse_definition(Parser& p) {
  const Token head = p.take();
  if (head.text == "define" || head.text == "redefine") return parse_define(p, head.text == "redefine");
  if (head.text == "undefine") {
    const Token name = p.now();
    std::string text;
    return parse_name(p, text, "the name of a variable") && p.undefine(name) && p.need_separator();
  }
  const Token path = p.now();
  if (!p.need(TokenKind::quoted, "the path of a file in quotes")) return false;
  if (!p.need_separator()) return false;
  p.include(path, {head.begin, path.end});
  return true;
}

}  // namespace fourtuple::nft
