// What %{ }% blocks hold: lines of assert, print and assignments, of the kind that looks at tcp_info. The rest of
// Python is not read; a block that has some says so and is skipped as a whole.
#include <algorithm>
#include <fmt/format.h>

#include "sim/drill/language/parser.h"

namespace fourtuple::drill {
namespace {

constexpr int deepest_code = 32;

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// One line of code. False: `why` says what it is not.
class LineReader {
 public:
  LineReader(std::string_view line, Place where, std::string& why) : line_(line), where_(where), why_(why) {}

  bool statement(CodeStatement& out) {
    out.where = here();
    if (word("assert")) {
      out.kind = CodeStatement::Kind::assertion;
      if (!expression(out.value.emplace_back())) return false;
      if (sign(",") && !expression(out.value.emplace_back())) return false;
      return at_end();
    }
    if (word("print")) {
      out.kind = CodeStatement::Kind::print;
      return expression(out.value.emplace_back()) && at_end();
    }
    out.name = name();
    if (out.name.empty()) return fail("a statement: assert, print or an assignment");
    if (sign("+=")) {
      out.kind = CodeStatement::Kind::add;
    } else if (!starts_with("==") && sign("=")) {
      out.kind = CodeStatement::Kind::assign;
    } else {
      return fail(fmt::format("'=' or '+=' behind {}", out.name));
    }
    return expression(out.value.emplace_back()) && at_end();
  }

 private:
  Place here() {
    skip_blanks();
    return {where_.line, where_.column + static_cast<int>(at_)};
  }
  void skip_blanks() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t' || line_[at_] == '\r')) ++at_;
  }
  bool starts_with(std::string_view text) {
    skip_blanks();
    return line_.substr(at_).starts_with(text);
  }
  bool sign(std::string_view text) {
    if (!starts_with(text)) return false;
    at_ += text.size();
    return true;
  }
  bool word(std::string_view text) {
    if (!starts_with(text)) return false;
    if (at_ + text.size() < line_.size() && is_name_character(line_[at_ + text.size()])) return false;
    at_ += text.size();
    return true;
  }
  std::string name() {
    skip_blanks();
    const std::size_t from = at_;
    while (at_ < line_.size() && is_name_character(line_[at_])) ++at_;
    return std::string(line_.substr(from, at_ - from));
  }
  bool fail(const std::string& expectation) {
    const Place at = here();
    why_ = fmt::format("line {}: expected {}", at.line, expectation);
    return false;
  }
  bool at_end() {
    skip_blanks();
    return at_ == line_.size() || fail("the end of the line");
  }

  // Comparisons bind less than '%', that less than '&', as far as these blocks need it: a <= x <= b is both.
  bool expression(CodeExpression& out) {
    if (++depth_ > deepest_code) return fail("less nesting");
    if (!formatted(out)) return false;
    CodeExpression previous = out;
    bool chained = false;
    for (std::string operation = comparison(); !operation.empty(); operation = comparison()) {
      CodeExpression right;
      if (!formatted(right)) return false;
      CodeExpression compared = binary(std::move(operation), previous, right);
      out = chained ? binary("and", std::move(out), std::move(compared)) : std::move(compared);
      previous = std::move(right);
      chained = true;
    }
    --depth_;
    return true;
  }
  std::string comparison() {
    for (const std::string_view operation : {"==", "!=", "<=", ">=", "<", ">"})
      if (sign(operation)) return std::string(operation);
    return {};
  }
  static CodeExpression binary(std::string operation, CodeExpression left, CodeExpression right) {
    CodeExpression out;
    out.kind = CodeKind::binary;
    out.where = left.where;
    out.text = std::move(operation);
    out.parts.push_back(std::move(left));
    out.parts.push_back(std::move(right));
    return out;
  }
  // 'cwnd is %d' % tcpi_snd_cwnd, and a & b.
  bool formatted(CodeExpression& out) {
    if (!simple(out)) return false;
    for (;;) {
      const bool format = out.kind == CodeKind::text || out.kind == CodeKind::format;
      std::string operation;
      for (const std::string_view known : {"%", "&", "+", "-", "*"})
        if (operation.empty() && sign(known)) operation = known;
      if (operation.empty()) return true;
      CodeExpression right;
      if (!simple(right)) return false;
      out = binary(operation, std::move(out), std::move(right));
      if (format && operation == "%") out.kind = CodeKind::format;
    }
  }
  bool simple(CodeExpression& out) {
    out.where = here();
    if (sign("(")) {
      if (!expression(out)) return false;
      return sign(")") || fail("')'");
    }
    if (starts_with("'") || starts_with("\"")) return text(out);
    const std::string found = name();
    if (found.empty()) return fail("a value");
    if (found[0] < '0' || found[0] > '9') {
      out.kind = CodeKind::name;
      out.text = found;
      return true;
    }
    return integer(found, out) || fail("a whole number");
  }
  static bool integer(const std::string& digits, CodeExpression& out) {
    const bool hex = digits.starts_with("0x");
    if (digits.size() > 18) return false;
    out.kind = CodeKind::number;
    for (const char c : std::string_view(digits).substr(hex ? 2 : 0)) {
      const int letter = (c | 0x20) - 'a';
      const int digit = c >= '0' && c <= '9' ? c - '0' : letter >= 0 && letter < 6 && hex ? letter + 10 : -1;
      if (digit < 0) return false;
      out.number = out.number * (hex ? 16 : 10) + digit;
    }
    return true;
  }
  bool text(CodeExpression& out) {
    const char quote = line_[at_++];
    const std::size_t end = line_.find(quote, at_);
    if (end == std::string_view::npos) return fail("the other quote");
    out.kind = CodeKind::text;
    out.text = std::string(line_.substr(at_, end - at_));
    at_ = end + 1;
    return true;
  }

  std::string_view line_;
  Place where_;
  std::string& why_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

void parse_code(CodeSpec& code) {
  std::string_view rest = code.text;
  Place where{code.where.line, code.where.column + 2};
  while (!rest.empty() && code.not_understood.empty()) {
    const std::size_t end = std::min(rest.find_first_of("\n;"), rest.size());
    std::string_view line = rest.substr(0, end);
    line = line.substr(0, std::min(line.find('#'), line.size()));
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      CodeStatement statement;
      if (LineReader(line, where, code.not_understood).statement(statement)) code.statements.push_back(statement);
    }
    if (end == rest.size()) return;
    const bool new_line = rest[end] == '\n';
    where = new_line ? Place{where.line + 1, 1} : Place{where.line, where.column + static_cast<int>(end) + 1};
    rest.remove_prefix(end + 1);
  }
}

}  // namespace fourtuple::drill
