#include "capture/sockets/list_words.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace fourtuple::capture {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

constexpr std::size_t longest_quote = 60;

std::string quoted(std::string_view text) {
  std::string shown = "'";
  for (const char c : text.substr(0, longest_quote)) shown += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return shown + (text.size() > longest_quote ? "...'" : "'");
}

}  // namespace

tl::unexpected<Error> ListLine::fail_at_column(int column, std::string message, std::string expected) const {
  return fail(SourcePosition{*file, number, column}, std::move(message), std::move(expected));
}

tl::unexpected<Error> ListLine::fail_at(std::size_t word, std::string message, std::string expected) const {
  const int end = static_cast<int>(text.size()) + 1;
  return fail_at_column(word < words.size() ? words[word].column : end, std::move(message), std::move(expected));
}

bool ListLines::next(ListLine& line) {
  line.words.clear();
  while (!text_.empty() && line.words.empty()) {
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    line.file = file_;
    line.number = ++number_;
    line.text = text_.substr(0, end);
    for (std::size_t at = 0; at < end && line.words.size() < max_words;) {
      if (is_blank(line.text[at])) {
        ++at;
        continue;
      }
      std::size_t to = at;
      while (to < end && !is_blank(line.text[to])) ++to;
      line.words.push_back({line.text.substr(at, to - at), static_cast<int>(at) + 1});
      at = to;
    }
    text_.remove_prefix(std::min(end + 1, text_.size()));
  }
  return !line.words.empty();
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<TcpState> state_called(std::string_view word, std::span<const StateWord> words) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const StateWord& s) { return s.word == word; });
  if (found == words.end()) return std::nullopt;
  return found->state;
}

Outcome<ListEnd> read_end(const ListLine& line, const Word& word, std::string_view command) {
  const std::size_t colon = word.text.rfind(':');
  if (colon == std::string_view::npos)
    return line.fail_at_column(word.column, quoted(word.text) + " is not an address and a port",
                               "ADDRESS:PORT, such as 127.0.0.1:80 or [::1]:*");
  ListEnd end;
  const std::string_view port = word.text.substr(colon + 1);
  if (port != "*") {
    const auto number = number_of(port);
    if (!number || *number > 65535)
      return line.fail_at_column(word.column + static_cast<int>(colon) + 1, quoted(port) + " is not a port number",
                                 fmt::format("a number up to 65535 or *, as `{}` prints", command));
    end.port = static_cast<std::uint16_t>(*number);
  }
  std::string_view address = word.text.substr(0, colon);
  if (const std::size_t zone = address.find('%'); zone != std::string_view::npos) address = address.substr(0, zone);
  if (address.starts_with('[')) address.remove_prefix(1);
  if (address.ends_with(']')) address.remove_suffix(1);
  end.any = address == "*";
  if (end.any) return end;
  const auto parsed = IpAddress::parse(address);
  if (!parsed)
    return line.fail_at_column(word.column, quoted(address) + " is not an IP address",
                               fmt::format("an address in numbers or *, as `{}` prints", command));
  end.address = unmapped(*parsed);
  return end;
}

}  // namespace fourtuple::capture
