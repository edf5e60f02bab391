#include "sim/trace/expression_words.h"

#include <fmt/format.h>
#include <utility>

namespace fourtuple::trace {
namespace {

// A packet without the field is one of another protocol, as a rule.
std::string absent_words(std::string_view subject) {
  constexpr std::pair<std::string_view, std::string_view> protocols[] = {
      {"tcp", "TCP"}, {"udp", "UDP"}, {"icmp", "ICMP"}, {"icmpv6", "ICMPv6"}, {"ip", "IPv4"}, {"ip6", "IPv6"}};
  for (const auto& [word, name] : protocols) {
    if (starts_with_word(subject, word)) return fmt::format("not {}", name);
  }
  return subject.empty() ? "does not apply" : fmt::format("no {} in it", subject);
}

}  // namespace

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.starts_with(word) && (text.size() == word.size() || text[word.size()] == ' ');
}

std::string_view selector_of(const ExpressionInfo& info) {
  const std::string_view subject = info.subject;
  return starts_with_word(info.text, subject) ? subject : subject.substr(0, subject.find(" & "));
}

std::string wanted_of(const ExpressionInfo& info) {
  const std::string_view selector = selector_of(info);
  if (selector.empty() || !starts_with_word(info.text, selector)) return {};
  std::string rest = info.text.substr(selector.size());
  rest.erase(0, rest.find_first_not_of(' '));
  if (starts_with_word(rest, "==")) rest.erase(0, 3);
  return rest;
}

std::string unquoted(std::string text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::string element_words(const ExpressionInfo& info, const std::string& value) {
  for (const std::string_view bound : {"limit", "count", "quota"}) {
    const std::size_t at = info.text.find(fmt::format(" {} ", bound));
    if (at == std::string::npos) continue;
    const bool over = info.text.find(" over ", at) != std::string::npos;
    return fmt::format("{} {} its {}", value, over ? "within" : "over", bound);
  }
  return value + " not added";
}

std::string mismatch_words(const ExpressionInfo& info, ExpressionResult result, const std::string& value,
                           const std::string& remark) {
  if (result == ExpressionResult::absent) return absent_words(info.subject);
  if (value.empty()) return remark.empty() ? "does not hold" : remark;
  const std::string wants = wanted_of(info);
  if (wants.empty()) return element_words(info, value);
  if (starts_with_word(wants, "vmap") || starts_with_word(wants, "map")) return "no entry for " + value;
  if (starts_with_word(wants, "!=")) return "it is " + value;
  if (wants.starts_with('{')) return value + " not in the set";
  if (wants.starts_with('@')) return value + " not in " + wants;
  const std::string bits = wants.substr(0, wants.find(" / "));  // without the mask
  const bool plain = bits.find(' ') == std::string::npos && bits.size() <= 24;
  return plain ? fmt::format("{} ≠ {}", unquoted(value), unquoted(bits)) : value + " does not fit";
}

}  // namespace fourtuple::trace
