#include "sim/drill/language/parse.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/base/nearest.h"
#include "sim/drill/language/parser.h"

namespace fourtuple::drill {
namespace {

constexpr int deepest = 32;  // expressions within expressions
constexpr std::size_t most_events = 1'000'000;

constexpr std::string_view option_names[] = {
    "ip_version",
    "bind_port",
    "connect_port",
    "local_ip",
    "remote_ip",
    "gateway_ip",
    "netmask_ip",
    "mtu",
    "mss",
    "speed",
    "tolerance_usecs",
    "tolerance_percent",
    "tcp_ts_tick_usecs",
    "tcp_ts_ecr_scaled",
    "strict_segments",
    "non_fatal",
    "define",
    "init_scripts",
    "is_anyip",
    "send_omit_free",
};

std::string words_for(const Token& token) {
  switch (token.kind) {
    case Token::Kind::end:
      return "the end of the script";
    case Token::Kind::string:
    case Token::Kind::command:
    case Token::Kind::code:
      return "a text";
    default:
      return fmt::format("'{}'", token.raw);
  }
}

std::string without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '`') && text.back() == text.front();
  return std::string(quoted ? text.substr(1, text.size() - 2) : text);
}

}  // namespace

bool Parser::fault(Place where, std::string message, std::string expectation, std::string suggestion) {
  if (!error_)
    error_ =
        Error{{file_, where.line, where.column}, std::move(message), std::move(expectation), std::move(suggestion)};
  return false;
}

bool Parser::expected(const Token& found, std::string expectation, std::string suggestion) {
  if (found.kind == Token::Kind::fault) return fault(found.where, found.text);
  const bool end = found.kind == Token::Kind::end;
  return fault(found.where, end ? "the script ends here" : words_for(found) + " does not belong here",
               std::move(expectation), std::move(suggestion));
}

bool Parser::take_sign(char sign, std::string_view behind) {
  const Token token = lexer_.take();
  return token.is(sign) || expected(token, fmt::format("'{}' behind {}", sign, behind));
}

bool Parser::skip_sign(char sign) {
  if (!lexer_.peek().is(sign)) return false;
  lexer_.take();
  return true;
}

bool Parser::skip_word(std::string_view word) {
  if (!lexer_.peek().is_word(word)) return false;
  lexer_.take();
  return true;
}

bool Parser::number(std::int64_t& out, std::int64_t least, std::int64_t most, std::string_view name) {
  const Token token = lexer_.take();
  if (token.kind != Token::Kind::integer) return expected(token, fmt::format("{}, a whole number", name));
  out = token.number;
  if (out >= least && out <= most) return true;
  return fault(token.where, fmt::format("{} is no {}", token.raw, name), fmt::format("{} to {}", least, most));
}

bool Parser::one_of(std::span<const std::string_view> words, std::size_t& index, const std::string& expectation) {
  const Token token = lexer_.take();
  if (token.kind != Token::Kind::word) return expected(token, expectation);
  const auto found = std::find(words.begin(), words.end(), token.text);
  if (found == words.end()) return expected(token, expectation, nearest(token.text, words));
  index = static_cast<std::size_t>(found - words.begin());
  return true;
}

bool Parser::enter(Place where) {
  if (++depth_ <= deepest) return true;
  return fault(where, "this is nested too deeply", fmt::format("at most {} levels", deepest));
}

Outcome<Script> Parser::run() {
  Script out;
  out.file = file_;
  if (!script(out)) return tl::unexpected<Error>(std::move(*error_));
  return out;
}

bool Parser::script(Script& out) {
  if (!options(out)) return false;
  if (Token token = lexer_.peek(); token.kind == Token::Kind::command) {
    lexer_.take();
    out.before = CommandSpec{token.where, std::move(token.text)};
  }
  for (;;) {
    const Token token = lexer_.peek();
    if (token.kind == Token::Kind::end) break;
    if (token.kind == Token::Kind::command && !out.events.empty()) {
      out.after = CommandSpec{token.where, token.text};
      lexer_.take();
      if (const Token more = lexer_.peek(); more.kind != Token::Kind::end)
        return expected(more, "nothing behind the last command");
      break;
    }
    if (out.events.size() == most_events) return fault(token.where, "there are too many events");
    Event next;
    if (!event(next)) return false;
    out.events.push_back(std::move(next));
  }
  if (out.events.empty())
    return expected(lexer_.peek(), "an event, such as 0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3");
  return true;
}

// --name=value, at the beginning.
bool Parser::options(Script& out) {
  while (lexer_.look(0) == '-' && lexer_.look(1) == '-') {
    const Place where = lexer_.place_of(lexer_.mark());
    const std::string_view text = lexer_.take_until_blank().substr(2);
    const std::size_t equals = std::min(text.find('='), text.size());
    ScriptOption option{where, std::string(text.substr(0, equals)), {}};
    if (equals < text.size()) option.value = without_quotes(text.substr(equals + 1));
    if (std::find(std::begin(option_names), std::end(option_names), option.name) == std::end(option_names))
      return fault(where, fmt::format("there is no option --{}", option.name), {}, nearest(option.name, option_names));
    if (option.name == "define") {
      const std::string_view definition = text.substr(std::min(equals + 1, text.size()));
      const std::size_t value = definition.find('=');
      if (value == std::string_view::npos || value == 0)
        return fault(where, "--define without a value", "--define=NAME=VALUE");
      definitions_.emplace(definition.substr(0, value), definition.substr(value + 1));
    }
    out.options.push_back(std::move(option));
  }
  return true;
}

bool Parser::event(Event& out) {
  return time(out.time) && action(out);
}

bool Parser::point_in_time(Duration& out, bool& relative) {
  relative = skip_sign('+');
  const Token token = lexer_.take();
  const bool whole = token.kind == Token::Kind::integer;
  if (!whole && token.kind != Token::Kind::decimal) return expected(token, "a time in seconds, such as +0.1, 1.5 or *");
  if (token.number < 0 || (whole && token.number > 1'000'000'000))
    return fault(token.where, fmt::format("{} is no time", token.raw), "seconds from 0 to 1000000000");
  out = whole ? seconds(token.number) : nanoseconds(token.number);
  return true;
}

bool Parser::time(EventTime& out) {
  out.where = lexer_.peek().where;
  if (skip_sign('*')) {
    out.kind = EventTime::Kind::any;
    return true;
  }
  bool relative = false;
  if (!point_in_time(out.first, relative)) return false;
  out.kind = relative ? EventTime::Kind::relative : EventTime::Kind::absolute;
  if (!skip_sign('~')) return true;
  bool second = false;
  if (!point_in_time(out.last, second)) return false;
  if (relative != second) return fault(out.where, "one end of the range has a '+' and the other has none");
  if (out.last < out.first) return fault(out.where, "the range ends before it begins");
  out.kind = relative ? EventTime::Kind::relative_range : EventTime::Kind::absolute_range;
  return true;
}

bool Parser::action(Event& out) {
  Token token = lexer_.peek();
  const bool outbound = token.is('>');
  if ((out.time.is_range() || out.time.kind == EventTime::Kind::any) && !outbound)
    return fault(out.time.where, "only a packet of the kernel may come at any time or within a range", "'>' behind it");
  if (token.is('<') || outbound) return packet(out.action.emplace<PacketSpec>());
  if (token.kind == Token::Kind::command) {
    lexer_.take();
    out.action = CommandSpec{token.where, std::move(token.text)};
    return true;
  }
  if (token.kind == Token::Kind::code) {
    lexer_.take();
    CodeSpec code{token.where, std::move(token.text), {}, {}};
    parse_code(code);
    out.action = std::move(code);
    return true;
  }
  if (token.kind == Token::Kind::word || token.kind == Token::Kind::ellipsis) {
    CallSpec& spec = out.action.emplace<CallSpec>();
    if (token.kind == Token::Kind::ellipsis) {
      lexer_.take();
      EventTime end;
      end.where = lexer_.peek().where;
      bool relative = false;
      if (!point_in_time(end.first, relative)) return false;
      end.kind = relative ? EventTime::Kind::relative : EventTime::Kind::absolute;
      spec.end = end;
    }
    return call(spec);
  }
  return expected(token, "a packet ('<' or '>'), a system call, a `command` or %{ code }%");
}

Outcome<Script> parse_script(std::string_view text, const std::string& file, const Definitions& definitions) {
  return Parser(text, file, definitions).run();
}

}  // namespace fourtuple::drill
