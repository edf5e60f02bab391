#include "tests/viz/panels/ruleset_text.h"

#include <fmt/format.h>
#include <sstream>
#include <vector>

#include "sim/netfilter/nft/types.h"

namespace fourtuple::viz::test {
namespace {

using nft::Type;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

struct Selector {
  std::string_view words;
  Type type;
  std::uint8_t width;
};
constexpr Selector selectors[] = {
    {"iifname", Type::ifname, 128},    {"oifname", Type::ifname, 128},        {"ip saddr", Type::ipv4_addr, 32},
    {"ip daddr", Type::ipv4_addr, 32}, {"tcp dport", Type::inet_service, 16}, {"udp dport", Type::inet_service, 16},
    {"ct state", Type::ct_state, 32},  {"ct status", Type::ct_status, 32},    {"meta mark", Type::mark, 32}};

class Reader {
 public:
  Reader(trace::RulesetInfo& out, std::uint32_t first_object) : out_(out), object_(first_object) {}

  void line(const std::string& marked, std::uint32_t number) {
    const std::size_t start = marked.find_first_not_of(' ');
    const std::size_t at = out_.text.size();
    std::vector<std::pair<std::size_t, std::size_t>> statements;
    std::string plain = marked.substr(0, start == std::string::npos ? marked.size() : start);
    std::size_t from = plain.size();
    for (std::size_t i = from; i < marked.size(); ++i) {
      if (marked.compare(i, 2, "| ") == 0) {
        statements.emplace_back(from, plain.size() - 1);
        from = plain.size();
        ++i;
        continue;
      }
      plain += marked[i];
    }
    statements.emplace_back(from, plain.size());
    out_.text += plain + "\n";
    take(plain, statements, at, number);
  }

 private:
  trace::TextSpan span(std::size_t at, std::pair<std::size_t, std::size_t> part, std::uint32_t number) const {
    return {static_cast<std::uint32_t>(at + part.first), static_cast<std::uint32_t>(at + part.second), number,
            static_cast<std::uint32_t>(part.first + 1)};
  }

  void take(const std::string& plain, const std::vector<std::pair<std::size_t, std::size_t>>& statements,
            std::size_t at, std::uint32_t number) {
    const std::vector<std::string> words = words_of(plain);
    if (words.empty() || words[0] == "#") return;
    const bool opens = words.back() == "{";
    if (opens) {
      if (words[0] == "table") {
        family_ = words[1];
        table_ = words[2];
      } else if (words[0] == "chain") {
        trace::ChainInfo chain;
        chain.family = family_;
        chain.table = table_;
        chain.name = words[1];
        chain.first_rule = static_cast<std::uint32_t>(out_.rules.size());
        chain.span = span(at, {statements.front().first, plain.size()}, number);
        out_.chains.push_back(chain);
      }
      open_.push_back(words[0]);
      return;
    }
    if (words[0] == "}") {
      if (open_.back() == "chain") out_.chains.back().span.end = static_cast<std::uint32_t>(at + plain.size());
      open_.pop_back();
      return;
    }
    if (open_.empty() || open_.back() != "chain") return;
    if (words[0] == "type")
      hook(words);
    else
      rule(plain, statements, at, number);
  }

  void hook(const std::vector<std::string>& words) {
    trace::ChainInfo& chain = out_.chains.back();
    chain.base = true;
    chain.type = words[1];
    chain.hook = words[3];
    chain.priority_text = words[5].substr(0, words[5].size() - 1);
    chain.priority = chain.priority_text == "dstnat" ? -100 : chain.priority_text == "srcnat" ? 100 : 0;
    chain.policy = words[7].substr(0, words[7].size() - 1);
  }

  void rule(const std::string& plain, const std::vector<std::pair<std::size_t, std::size_t>>& statements,
            std::size_t at, std::uint32_t number) {
    trace::ChainInfo& chain = out_.chains.back();
    trace::RuleInfo rule;
    rule.chain = static_cast<std::uint32_t>(out_.chains.size() - 1);
    rule.number = chain.rule_count++;
    rule.text = plain.substr(statements.front().first);
    rule.first_expression = static_cast<std::uint32_t>(out_.expressions.size());
    rule.expression_count = static_cast<std::uint32_t>(statements.size());
    rule.span = span(at, {statements.front().first, statements.back().second}, number);
    for (const auto& part : statements) {
      trace::ExpressionInfo expression;
      expression.text = plain.substr(part.first, part.second - part.first);
      expression.span = span(at, part, number);
      for (const Selector& selector : selectors) {
        if (!expression.text.starts_with(selector.words)) continue;
        expression.subject = selector.words;
        expression.types = {static_cast<std::uint8_t>(selector.type)};
        expression.widths = {selector.width};
      }
      if (expression.text == "counter") {
        expression.object = object_++;
        out_.objects.push_back({expression.object, trace::NetfilterObjectKind::counter, {}});
      }
      out_.expressions.push_back(expression);
    }
    out_.rules.push_back(rule);
  }

  trace::RulesetInfo& out_;
  std::uint32_t object_;
  std::string family_, table_;
  std::vector<std::string> open_;
};

}  // namespace

trace::RulesetInfo ruleset_from(std::string_view marked, HostId host, std::uint32_t first_object) {
  trace::RulesetInfo info;
  info.host = host;
  info.source_name = "router.nft";
  Reader reader(info, first_object);
  std::istringstream in{std::string(marked)};
  std::uint32_t number = 0;
  for (std::string line; std::getline(in, line);) reader.line(line, ++number);
  return info;
}

std::uint32_t rule_with(const trace::RulesetInfo& ruleset, std::string_view part) {
  std::uint32_t rule = 0;
  while (rule < ruleset.rules.size() && ruleset.rules[rule].text.find(part) == std::string::npos) ++rule;
  return rule;
}

std::uint32_t chain_named(const trace::RulesetInfo& ruleset, std::string_view name) {
  std::uint32_t chain = 0;
  while (chain < ruleset.chains.size() && ruleset.chains[chain].name != name) ++chain;
  return chain;
}

std::string words_of_value(HostId, const std::vector<std::uint8_t>& types, const std::vector<std::uint8_t>&,
                           std::span<const std::uint32_t> words) {
  if (words.empty() || types.empty()) return {};
  const std::uint32_t word = words.back();
  switch (static_cast<Type>(types.front())) {
    case Type::ipv4_addr:
      return fmt::format("{}.{}.{}.{}", word >> 24, word >> 16 & 255, word >> 8 & 255, word & 255);
    case Type::ifname: {
      std::string name;
      for (const std::uint32_t letters : words) {
        for (int shift = 24; shift >= 0; shift -= 8) {
          if (const char letter = static_cast<char>(letters >> shift & 255); letter != 0) name += letter;
        }
      }
      return name;
    }
    case Type::ct_state:
      return word == 1 ? "invalid" : word == 2 ? "established" : word == 4 ? "related" : "new";
    case Type::ct_status:
      return (word & 0x20) != 0 ? "dnat" : "none";
    default:
      return std::to_string(word);
  }
}

}  // namespace fourtuple::viz::test
