#include "viz/panels/rules/code_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace fourtuple::viz {
namespace {

constexpr std::uint32_t tab = 2;

constexpr std::string_view quiet_words[] = {"type", "hook",   "priority", "policy",   "vmap",    "map",     "to",
                                            "size", "flags",  "timeout",  "elements", "limit",   "rate",    "over",
                                            "with", "prefix", "level",    "comment",  "counter", "packets", "bytes"};
constexpr std::string_view rewrite_words[] = {"dnat", "snat", "masquerade", "redirect", "notrack"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '@' || c == '.' || c == ':' || c == '/' || static_cast<unsigned char>(c) >= 0x80;
}

WordKind kind_of(std::string_view word) {
  const auto among = [&](const auto& list) {
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
  };
  if (word == "accept") return WordKind::accept;
  if (word == "drop" || word == "reject") return WordKind::drop;
  if (among(rewrite_words)) return WordKind::rewrite;
  return among(quiet_words) ? WordKind::quiet : WordKind::plain;
}

void split_words(CodeLine& line) {
  const std::string& text = line.text;
  std::uint32_t at = 0;
  const auto take = [&](std::uint32_t to, WordKind kind) {
    // Neighbours of one kind are one word, also across spaces.
    if (!line.words.empty() && line.words.back().kind == kind) {
      line.words.back().end = to;
    } else {
      line.words.push_back({at, to, kind});
    }
    at = to;
  };
  const auto length = static_cast<std::uint32_t>(text.size());
  while (at < length) {
    if (text[at] == ' ') {
      ++at;
    } else if (text[at] == '#') {
      take(length, WordKind::comment);
    } else if (text[at] == '"') {
      const std::size_t close = text.find('"', at + 1);
      take(close == std::string::npos ? length : static_cast<std::uint32_t>(close + 1), WordKind::text);
    } else if (is_letter(text[at])) {
      std::uint32_t to = at;
      while (to < length && is_letter(text[to])) ++to;
      take(to, kind_of(std::string_view(text).substr(at, to - at)));
    } else {
      take(at + 1, WordKind::quiet);
    }
  }
}

CodeLine read_line(const std::string& text, std::uint32_t begin, std::uint32_t end) {
  CodeLine line;
  line.begin = begin;
  line.end = end;
  for (std::uint32_t i = begin; i < end; ++i) {
    if (text[i] == '\r') continue;
    if (text[i] == '\t') {
      line.tabs.push_back(i);
      line.text.append(tab, ' ');
    } else {
      line.text += text[i];
    }
  }
  split_words(line);
  return line;
}

// Where a byte of the source stands in the line as shown.
std::uint32_t shown(const CodeLine& line, std::uint32_t byte) {
  const auto tabs =
      static_cast<std::uint32_t>(std::lower_bound(line.tabs.begin(), line.tabs.end(), byte) - line.tabs.begin());
  return std::min(byte - line.begin + tabs * (tab - 1), static_cast<std::uint32_t>(line.text.size()));
}

// Lines count in the files they come from.
void number_lines(CodeText& code, const std::vector<trace::TextSource>& sources) {
  std::size_t source = 0;
  std::uint32_t number = 1;
  for (CodeLine& line : code.lines) {
    for (; source < sources.size() && sources[source].begin <= line.begin; ++source) number = sources[source].line;
    line.number = number;
    if (number != 0) ++number;
  }
}

// The line within a chain that names its hook and policy.
std::size_t policy_line(const CodeText& code, const trace::ChainInfo& chain, std::size_t head) {
  for (std::size_t i = head; chain.base && i < code.lines.size() && code.lines[i].begin < chain.span.end; ++i) {
    if (code.lines[i].text.find("policy") != std::string::npos) return i;
    if (code.lines[i].text.find(" hook ") != std::string::npos) return i;
  }
  return head;
}

}  // namespace

std::size_t CodeText::line_at(std::uint32_t byte) const {
  const auto after = std::upper_bound(lines.begin(), lines.end(), byte,
                                      [](std::uint32_t wanted, const CodeLine& line) { return wanted < line.begin; });
  return after == lines.begin() ? nowhere : static_cast<std::size_t>(after - lines.begin() - 1);
}

CodePlace CodeText::place(const trace::TextSpan& span) const {
  const std::size_t line = span.end > span.begin ? line_at(span.begin) : nowhere;
  if (line == nowhere) return {nowhere, 0, 0};
  return {line, shown(lines[line], span.begin), shown(lines[line], std::min(span.end, lines[line].end))};
}

std::string CodeText::name_of_rule(const trace::RulesetInfo& ruleset, std::uint32_t rule) const {
  const std::size_t line = rule < line_of_rule.size() ? line_of_rule[rule] : nowhere;
  if (line != nowhere && lines[line].number != 0) return fmt::format("line {}", lines[line].number);
  return rule < ruleset.rules.size() ? fmt::format("rule {}", ruleset.rules[rule].number + 1) : std::string("a rule");
}

CodeText read_code(const trace::RulesetInfo& ruleset) {
  CodeText code;
  const std::string& text = ruleset.text;
  const auto length = static_cast<std::uint32_t>(text.size());
  for (std::uint32_t at = 0; at < length;) {
    const std::size_t newline = text.find('\n', at);
    const std::uint32_t end = newline == std::string::npos ? length : static_cast<std::uint32_t>(newline);
    code.lines.push_back(read_line(text, at, end));
    at = end + 1;
  }
  number_lines(code, ruleset.sources);
  for (std::uint32_t i = 0; i < ruleset.rules.size(); ++i) {
    const trace::TextSpan& span = ruleset.rules[i].span;
    const std::size_t line = span.end > span.begin ? code.line_at(span.begin) : CodeText::nowhere;
    code.line_of_rule.push_back(line);
    code.last_line_of_rule.push_back(line == CodeText::nowhere ? line : code.line_at(span.end - 1));
    if (line != CodeText::nowhere) code.lines[line].rules.push_back(i);
  }
  for (const trace::ChainInfo& chain : ruleset.chains) {
    const std::size_t head = chain.span.end > chain.span.begin ? code.line_at(chain.span.begin) : CodeText::nowhere;
    code.line_of_chain.push_back(head);
    code.line_of_policy.push_back(head == CodeText::nowhere ? head : policy_line(code, chain, head));
  }
  return code;
}

}  // namespace fourtuple::viz
