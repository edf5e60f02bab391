#include "sim/netfilter/nft/iptables_rule.h"

#include <algorithm>

#include "sim/base/nearest.h"

namespace fourtuple::nft {

bool split_line(std::string_view line, std::uint32_t begin, std::vector<IptablesWord>& words) {
  const auto place = [&](std::size_t at) { return begin + static_cast<std::uint32_t>(at); };
  std::size_t at = 0;
  while (at < line.size()) {
    if (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
      ++at;
      continue;
    }
    IptablesWord word;
    word.span.begin = place(at);
    char quote = 0;
    for (; at < line.size(); ++at) {
      const char c = line[at];
      if (c == '\\' && quote != '\'' && at + 1 < line.size()) {
        word.text += line[++at];
      } else if (quote != 0 ? c == quote : (c == '"' || c == '\'')) {
        quote = quote != 0 ? '\0' : c;
        word.quoted = true;
      } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\r')) {
        break;
      } else {
        word.text += c;
      }
    }
    word.span.end = place(at);
    words.push_back(std::move(word));
    if (quote != 0) return false;
  }
  return true;
}

bool IptablesRule::fail(std::string message, std::string expected, std::string suggestion) {
  const std::size_t at = std::min(option_, words_.empty() ? 0 : words_.size() - 1);
  fault = {words_.empty() ? Span{} : words_[at].span, std::move(message), std::move(expected), std::move(suggestion)};
  return false;
}

bool IptablesRule::argument(std::string& text) {
  if (at_end() || (words_[at_].text.starts_with("--") && !words_[at_].quoted))
    return fail("'" + words_[option_].text + "' needs a value");
  // The old place of the negation.
  if (next_is("!") && !negated_) {
    negated_ = true;
    ++at_;
    return argument(text);
  }
  text = words_[at_++].text;
  return true;
}

bool IptablesRule::begin_option(std::span<const std::string_view> names) {
  const std::size_t sign = next_is("!") ? 1 : 0;
  if (at_ + sign >= words_.size() || words_[at_ + sign].quoted) return false;
  if (std::find(names.begin(), names.end(), words_[at_ + sign].text) == names.end()) return false;
  negated_ = sign == 1;
  option_ = at_ + sign;
  at_ = option_ + 1;
  return true;
}

bool IptablesRule::add_statement(std::string nft) {
  const std::size_t first = negated_ && option_ > 0 && words_[option_ - 1].text == "!" ? option_ - 1 : option_;
  pieces.push_back({std::move(nft), {words_[first].span.begin, words_[at_ > 0 ? at_ - 1 : 0].span.end}, {}, {}});
  return true;
}

bool IptablesRule::add(std::string_view selector, std::string_view value) {
  return add_statement(std::string(selector) + (negated_ ? " != " : " ") + std::string(value));
}

bool IptablesRule::no_negation() {
  return !negated_ || fail("'" + words_[option_].text + "' cannot be negated");
}

bool IptablesRule::read_protocol() {
  std::string name;
  if (!argument(name)) return false;
  name = lower_case(name);
  if (name == "all" || name == "0") return true;
  if (name == "icmpv6" || name == "58") name = "ipv6-icmp";
  if (!negated_) protocol_ = name;
  protocol_piece_ = pieces.size();
  return add(v6() ? "meta l4proto" : "ip protocol", name);
}

// A field of the protocol implies it.
void IptablesRule::drop_protocol() {
  if (protocol_piece_ == none || protocol_.empty()) return;
  const std::string header = (protocol_ == "ipv6-icmp" ? "icmpv6" : protocol_) + " ";
  const bool implied = std::any_of(pieces.begin(), pieces.end(),
                                   [&](const IptablesPiece& piece) { return piece.nft.starts_with(header); });
  if (!implied) return;
  pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(protocol_piece_));
  --match_count;
}

// nft takes ports of conntrack only in a rule that says the packet's protocol.
void IptablesRule::name_protocol() {
  constexpr std::string_view tracked = "ct protocol ";
  const bool ports = std::any_of(pieces.begin(), pieces.end(), [](const IptablesPiece& piece) {
    return piece.nft.starts_with("ct original proto-") || piece.nft.starts_with("ct reply proto-");
  });
  for (IptablesPiece& piece : pieces)
    if (ports && protocol_.empty() && piece.nft.starts_with(tracked))
      piece.nft = "meta l4proto " + piece.nft.substr(tracked.size());
}

bool IptablesRule::read_option() {
  negated_ = next_is("!");
  if (negated_) ++at_;
  option_ = at_;
  if (at_end()) return fail("'!' is followed by nothing", "an option");
  const std::string name = words_[at_++].text;
  std::string value;
  if (name == "-p" || name == "--protocol" || name == "--proto") return read_protocol();
  if (name == "-m" || name == "--match") return argument(value) && read_iptables_module(*this, value);
  if (name == "-j" || name == "--jump" || name == "-g" || name == "--goto") {
    go_to = name == "-g" || name == "--goto";
    match_count = pieces.size();
    if (!argument(value) || !read_iptables_target(*this, value)) return false;
    if (at_end()) return true;
    option_ = at_;
    return fail("unexpected '" + words_[at_].text + "' after the target");
  }
  bool known = true;
  return read_iptables_match(*this, name, known) &&
         (known || fail("the option '" + name + "' has no counterpart here", "one that can be translated"));
}

bool IptablesRule::read() {
  match_count = none;
  while (!at_end())
    if (!read_option()) return false;
  if (match_count == none) match_count = pieces.size();
  name_protocol();
  drop_protocol();
  return true;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lower;
}

std::string dash_range(std::string_view text, std::string_view last) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::string(text);
  const std::string_view from = text.substr(0, colon), to = text.substr(colon + 1);
  return std::string(from.empty() ? "0" : from) + "-" + std::string(to.empty() ? last : to);
}

bool whole_number(std::string_view text, std::uint64_t& number) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  if (text.empty() || text.size() > 16) return false;
  number = 0;
  for (const char c : lower_case(text)) {
    const bool letter = hex && c >= 'a' && c <= 'f';
    if (!letter && (c < '0' || c > '9')) return false;
    number = number * (hex ? 16 : 10) + static_cast<std::uint64_t>(letter ? c - 'a' + 10 : c - '0');
  }
  return true;
}

std::string quoted_name(std::string_view text) {
  std::string name = "\"";
  for (const char c : text)
    if (c != '"' && c != '\n') name += c;
  return name + "\"";
}

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool value_and_mask(std::string_view text, std::uint64_t& value, std::uint64_t& mask) {
  const std::size_t slash = text.find('/');
  mask = 0xffffffff;
  if (!whole_number(text.substr(0, slash), value)) return false;
  return (slash == std::string_view::npos || whole_number(text.substr(slash + 1), mask)) && value <= 0xffffffff &&
         mask <= 0xffffffff;
}

std::string hex_number(std::uint64_t number) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), digits[number & 15]);
    number >>= 4;
  } while (number != 0);
  return "0x" + text;
}

}  // namespace fourtuple::nft
