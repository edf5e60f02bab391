// counter, limit, quota and ct count.
#include <array>

#include "sim/netfilter/nft/parse_expression.h"
#include "sim/netfilter/nft/parse_statement.h"
#include "sim/netfilter/nft/resolve.h"

namespace fourtuple::nft {
namespace {

constexpr std::uint64_t any_number = ~std::uint64_t{0};

bool byte_unit(std::string_view word, std::uint64_t& factor) {
  if (word == "bytes")
    factor = 1;
  else if (word == "kbytes")
    factor = 1024;
  else if (word == "mbytes")
    factor = 1024 * 1024;
  else
    return false;
  return true;
}

bool time_unit(std::string_view word, std::uint64_t& seconds) {
  struct Unit {
    std::string_view word;
    std::uint64_t seconds;
  };
  constexpr Unit units[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}, {"week", 604800}};
  for (const Unit& unit : units)
    if (unit.word == word) return seconds = unit.seconds, true;
  return false;
}

bool need_time_unit(Parser& p, std::uint64_t& seconds) {
  constexpr std::string_view words[] = {"second", "minute", "hour", "day", "week"};
  if (!p.is(TokenKind::word) || !time_unit(p.now().text, seconds))
    return p.unexpected("second, minute, hour, day or week", words);
  p.take();
  return true;
}

// "5 mbytes": in bytes, with the unit as written.
bool parse_bytes(Parser& p, std::uint64_t& bytes, std::string& unit) {
  const Token number = p.now();
  if (!parse_number(p, bytes, any_number, "a number of bytes")) return false;
  constexpr std::string_view words[] = {"bytes", "kbytes", "mbytes"};
  std::uint64_t factor = 0;
  if (!p.is(TokenKind::word) || !byte_unit(p.now().text, factor)) return p.unexpected("bytes, kbytes or mbytes", words);
  unit = p.take().text;
  if (bytes > any_number / factor) return p.fail({number.begin, number.end}, shortened(number.text) + " is too large");
  bytes *= factor;
  return true;
}

// After the number: "/second", or "kbytes/second" in one word, or "kbytes / second".
bool parse_rate_unit(Parser& p, Rate& rate, const Token& number) {
  if (p.take_if(TokenKind::slash)) return need_time_unit(p, rate.period_s);
  const Token word = p.now();
  const std::size_t slash = word.text.find('/');
  std::uint64_t factor = 0;
  constexpr std::string_view words[] = {"bytes/second", "kbytes/second", "mbytes/second"};
  const bool known = word.kind == TokenKind::word && byte_unit(word.text.substr(0, slash), factor);
  if (!known) return p.unexpected("'/' and a unit of time, or bytes, kbytes or mbytes", words);
  p.take();
  rate.unit = RateUnit::bytes;
  if (rate.amount > any_number / factor)
    return p.fail({number.begin, number.end}, shortened(number.text) + " is too large");
  rate.amount *= factor;
  if (slash == std::string_view::npos)
    return p.need(TokenKind::slash, "'/' and a unit of time") && need_time_unit(p, rate.period_s);
  return time_unit(word.text.substr(slash + 1), rate.period_s) ||
         p.fail({word.begin + static_cast<std::uint32_t>(slash) + 1, word.end},
                "unknown unit of time '" + shortened(word.text.substr(slash + 1)) + "'",
                "second, minute, hour, day or week");
}

bool parse_burst(Parser& p, Rate& rate) {
  const std::uint32_t begin = p.now().begin;
  if (!p.take_word("burst")) return true;
  rate.burst_given = true;
  if (rate.unit == RateUnit::bytes) {
    std::string unit;
    if (!parse_bytes(p, rate.burst, unit)) return false;
  } else if (!parse_number(p, rate.burst, 0xffffffff, "a number of packets") || !p.need_word("packets")) {
    return false;
  }
  return rate.burst > 0 || rate.unit == RateUnit::bytes || p.fail({begin, p.taken_end()}, "a burst of 0", "1 or more");
}

}  // namespace

bool parse_counter_numbers(Parser& p, Statement& statement) {
  for (;;) {
    const bool packets = p.is_word("packets");
    if (!packets && !p.is_word("bytes")) return true;
    p.take();
    if (!parse_number(p, packets ? statement.packets : statement.bytes, any_number, "a number")) return false;
  }
}

bool parse_quota_numbers(Parser& p, Statement& statement) {
  statement.over = p.take_word("over");
  if (!statement.over) p.take_word("until");
  if (!parse_bytes(p, statement.amount, statement.unit)) return false;
  std::string unit;
  return !p.take_word("used") || parse_bytes(p, statement.bytes, unit);
}

bool parse_limit_numbers(Parser& p, Statement& statement) {
  Rate& rate = statement.rate;
  if (!p.need_word("rate")) return false;
  rate.over = p.take_word("over");
  const Token number = p.now();
  if (!parse_number(p, rate.amount, any_number, "a number")) return false;
  if (!parse_rate_unit(p, rate, number) || !parse_burst(p, rate)) return false;
  return rate.amount > 0 || p.fail({number.begin, number.end}, "a rate of 0", "1 or more");
}

bool begins_stateful(const Parser& p) {
  if (p.is_word("ct")) return p.ahead(1).kind == TokenKind::word && p.ahead(1).text == "count";
  return p.is_word("counter") || p.is_word("limit") || p.is_word("quota");
}

bool parse_stateful(Parser& p, Statement& statement) {
  statement.span.begin = p.now().begin;
  const std::string_view word = p.take().text;
  bool ok = true;
  if (word == "ct") {
    p.take();
    statement.kind = StatementKind::connection_limit;
    statement.over = p.take_word("over");
    ok = parse_number(p, statement.amount, 0xffffffff, "a number of connections");
  } else {
    statement.kind = word == "counter" ? StatementKind::counter
                     : word == "quota" ? StatementKind::quota
                                       : StatementKind::limit;
    if (p.take_word("name"))
      ok = parse_object_choice(p, statement);
    else if (word == "counter")
      ok = parse_counter_numbers(p, statement);
    else
      ok = word == "quota" ? parse_quota_numbers(p, statement) : parse_limit_numbers(p, statement);
  }
  statement.span.end = p.taken_end();
  return ok;
}

bool parse_object_choice(Parser& p, Statement& statement) {
  Expr choice;
  if (!parse_statement_value(p, choice)) return false;
  if (is_literal(choice)) {
    statement.text = choice.text;
    return true;
  }
  const Want name[] = {{Type::string, 0}};
  if (choice.kind != ExprKind::map) return p.fail(choice.span, "this names no object", "a name or a map");
  if (!resolve(p, choice, name)) return false;
  statement.left.push_back(std::move(choice));
  return true;
}

}  // namespace fourtuple::nft
