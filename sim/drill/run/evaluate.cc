#include "sim/drill/run/evaluate.h"

#include <fmt/format.h>

namespace fourtuple::drill {
namespace {

struct Constant {
  std::string_view name;
  std::int64_t value;
};
// States of a connection and of its congestion control, and bits of tcpi_options (include/uapi/linux/tcp.h).
constexpr Constant constants[] = {
    {"TCP_ESTABLISHED", 1}, {"TCP_SYN_SENT", 2},        {"TCP_SYN_RECV", 3},
    {"TCP_FIN_WAIT1", 4},   {"TCP_FIN_WAIT2", 5},       {"TCP_TIME_WAIT", 6},
    {"TCP_CLOSE", 7},       {"TCP_CLOSE_WAIT", 8},      {"TCP_LAST_ACK", 9},
    {"TCP_LISTEN", 10},     {"TCP_CLOSING", 11},        {"TCP_CA_Open", 0},
    {"TCP_CA_Disorder", 1}, {"TCP_CA_CWR", 2},          {"TCP_CA_Recovery", 3},
    {"TCP_CA_Loss", 4},     {"TCPI_OPT_TIMESTAMPS", 1}, {"TCPI_OPT_SACK", 2},
    {"TCPI_OPT_WSCALE", 4}, {"TCPI_OPT_ECN", 8},        {"True", 1},
    {"False", 0},
};

struct Value {
  std::int64_t number = 0;
  std::string text;
  bool is_text = false;
};

class Evaluator {
 public:
  Evaluator(const Names& names, const ValueOf& others) : names_(names), others_(others) {}

  std::string unknown;

  Value value(const CodeExpression& expression) {
    switch (expression.kind) {
      case CodeKind::number:
        return {expression.number, {}, false};
      case CodeKind::text:
        return {0, expression.text, true};
      case CodeKind::name:
        return {named(expression.text), {}, false};
      case CodeKind::format:
        return {0, formatted(expression), true};
      case CodeKind::binary:
        return {binary(expression), {}, false};
    }
    return {};
  }

 private:
  std::int64_t named(const std::string& name) {
    if (const auto own = names_.find(name); own != names_.end()) return own->second;
    for (const Constant& constant : constants)
      if (constant.name == name) return constant.value;
    if (const auto found = others_(name)) return *found;
    if (unknown.empty()) unknown = name;
    return 0;
  }

  // %d, %u, %i, %x: the one value behind the text.
  std::string formatted(const CodeExpression& expression) {
    std::string text = value(expression.parts[0]).text;
    const Value given = value(expression.parts[1]);
    const std::size_t place = text.find('%');
    if (place == std::string::npos || place + 1 >= text.size()) return text;
    const std::string shown = given.is_text            ? given.text
                              : text[place + 1] == 'x' ? fmt::format("{:x}", given.number)
                                                       : std::to_string(given.number);
    return text.replace(place, 2, shown);
  }

  std::int64_t binary(const CodeExpression& expression) {
    const Value left = value(expression.parts[0]), right = value(expression.parts[1]);
    const std::string& sign = expression.text;
    if (left.is_text || right.is_text) return (left.text == right.text) == (sign == "==") ? 1 : 0;
    const std::int64_t a = left.number, b = right.number;
    if (sign == "==") return a == b ? 1 : 0;
    if (sign == "!=") return a != b ? 1 : 0;
    if (sign == "<=") return a <= b ? 1 : 0;
    if (sign == ">=") return a >= b ? 1 : 0;
    if (sign == "<") return a < b ? 1 : 0;
    if (sign == ">") return a > b ? 1 : 0;
    if (sign == "and") return a != 0 && b != 0 ? 1 : 0;
    if (sign == "&") return a & b;
    // Unsigned, so that no sum is undefined.
    const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    if (sign == "+") return static_cast<std::int64_t>(x + y);
    if (sign == "-") return static_cast<std::int64_t>(x - y);
    if (sign == "*") return static_cast<std::int64_t>(x * y);
    if (sign == "%" && b > 0) return ((a % b) + b) % b;
    if (unknown.empty()) unknown = "the operator " + sign;
    return 0;
  }

  const Names& names_;
  const ValueOf& others_;
};

std::string text_of(const CodeExpression& expression) {
  switch (expression.kind) {
    case CodeKind::number:
      return std::to_string(expression.number);
    case CodeKind::text:
      return "'" + expression.text + "'";
    case CodeKind::name:
      return expression.text;
    default:
      return fmt::format("{} {} {}", text_of(expression.parts[0]), expression.text, text_of(expression.parts[1]));
  }
}

// "tcpi_snd_cwnd is 5" for each name in the claim.
void actual_values(const CodeExpression& expression, Evaluator& evaluator, std::string& out) {
  if (expression.kind == CodeKind::name) {
    const std::string text = fmt::format("{} is {}", expression.text, evaluator.value(expression).number);
    if (out.find(text) == std::string::npos) out += (out.empty() ? "" : ", ") + text;
  }
  for (const CodeExpression& part : expression.parts) actual_values(part, evaluator, out);
}

std::string shown(const Value& value) {
  return value.is_text ? value.text : std::to_string(value.number);
}

}  // namespace

Evaluated evaluate(const CodeStatement& statement, Names& names, const ValueOf& others) {
  Evaluated result;
  Evaluator evaluator(names, others);
  const Value value = evaluator.value(statement.value[0]);
  const bool adds = statement.kind == CodeStatement::Kind::add;
  if (adds && names.count(statement.name) == 0) evaluator.unknown = statement.name;
  if (!evaluator.unknown.empty()) {
    result.unknown = evaluator.unknown;
    return result;
  }
  switch (statement.kind) {
    case CodeStatement::Kind::assertion: {
      const bool holds = value.is_text ? !value.text.empty() : value.number != 0;
      if (holds) break;
      result.expected = text_of(statement.value[0]);
      actual_values(statement.value[0], evaluator, result.failed);
      if (result.failed.empty()) result.failed = "the assertion does not hold";
      break;
    }
    case CodeStatement::Kind::print:
      result.text = "print: " + shown(value);
      break;
    case CodeStatement::Kind::assign:
      names[statement.name] = value.number;
      break;
    case CodeStatement::Kind::add:
      names[statement.name] = static_cast<std::int64_t>(static_cast<std::uint64_t>(names[statement.name]) +
                                                        static_cast<std::uint64_t>(value.number));
      break;
  }
  return result;
}

}  // namespace fourtuple::drill
