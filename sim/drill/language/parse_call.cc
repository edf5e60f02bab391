// System calls: name(arguments) = result ERRNO (note).
#include "sim/drill/language/parser.h"

namespace fourtuple::drill {

bool Parser::call(CallSpec& out) {
  const Token name = lexer_.take();
  if (name.kind != Token::Kind::word) return expected(name, "the name of a system call");
  out.where = name.where;
  out.name = name.text;
  if (!take_sign('(', "the name of the call")) return false;
  if (!expressions_until(')', out.arguments)) return false;
  return take_sign('=', "the call") && call_result(out);
}

bool Parser::call_result(CallSpec& out) {
  const Token token = lexer_.peek();
  if (token.kind != Token::Kind::integer && token.kind != Token::Kind::ellipsis)
    return expected(token, "what the call returns: a number or ...");
  if (!simple_expression(out.result)) return false;
  const Token error = lexer_.peek();
  if (error.kind == Token::Kind::word) {
    if (error.text.size() < 3 || error.text[0] != 'E')
      return expected(error, "an error such as EAGAIN, or the next event");
    out.error = lexer_.take().text;
  }
  if (!lexer_.peek().is('(')) return true;
  // A note for readers: anything up to the parenthesis that closes it.
  const Token open = lexer_.take();
  int depth = 1;
  while (depth > 0) {
    const Token token_inside = lexer_.take();
    if (token_inside.kind == Token::Kind::end) return fault(open.where, "no ')' ends the note that begins here");
    if (token_inside.is('(')) ++depth;
    if (token_inside.is(')')) --depth;
    if (depth > 0) out.note += (out.note.empty() ? "" : " ") + std::string(token_inside.raw);
  }
  return true;
}

bool Parser::expressions_until(char end, std::vector<Expression>& out) {
  if (skip_sign(end)) return true;
  do {
    if (!expression(out.emplace_back())) return false;
  } while (skip_sign(','));
  return take_sign(end, "the values");
}

// A|B
bool Parser::expression(Expression& out) {
  if (!enter(lexer_.peek().where) || !simple_expression(out)) return false;
  while (lexer_.peek().is('|')) {
    lexer_.take();
    if (out.kind != Expression::Kind::either) {
      Expression both;
      both.kind = Expression::Kind::either;
      both.where = out.where;
      both.items.push_back(std::move(out));
      out = std::move(both);
    }
    if (!simple_expression(out.items.emplace_back())) return false;
  }
  --depth_;
  return true;
}

bool Parser::simple_expression(Expression& out) {
  const Token token = lexer_.take();
  out.where = token.where;
  out.number = token.number;
  out.text = token.text;  // a message about the token may need it, too
  switch (token.kind) {
    case Token::Kind::integer:
      out.kind = Expression::Kind::integer;
      return true;
    case Token::Kind::ellipsis:
      out.kind = Expression::Kind::ellipsis;
      return true;
    case Token::Kind::string:
      out.kind = Expression::Kind::string;
      return true;
    case Token::Kind::word:
      out.kind = Expression::Kind::word;
      if (!skip_sign('(')) return true;
      out.kind = Expression::Kind::call;
      return expressions_until(')', out.items);
    default:
      break;
  }
  if (token.is('[')) {
    out.kind = Expression::Kind::list;
    return expressions_until(']', out.items);
  }
  if (token.is('{')) {
    out.kind = Expression::Kind::structure;
    return structure(out);
  }
  return expected(token, "a value: a number, a symbol, \"text\", ..., [list] or {structure}");
}

// {fd=3, events=POLLIN} and {..., 100}, which is a buffer and its length.
bool Parser::structure(Expression& out) {
  if (skip_sign('}')) return true;
  do {
    Expression::Field field;
    field.where = lexer_.peek().where;
    const std::size_t before = lexer_.mark();
    const Token name = lexer_.take();
    bool named = name.kind == Token::Kind::word && (lexer_.peek().is('=') || lexer_.peek().is('('));
    if (named && skip_sign('(')) {
      if (!expressions_until(')', field.count)) return false;
      named = lexer_.peek().is('=');
      if (!named) field.count.clear();
    }
    if (named) {
      field.name = name.text;
      lexer_.take();
    } else {
      lexer_.go_back(before);
    }
    if (!expression(field.value.emplace_back())) return false;
    out.fields.push_back(std::move(field));
  } while (skip_sign(','));
  return take_sign('}', "the fields");
}

}  // namespace fourtuple::drill
