#include "sim/replay/filter/suggest.h"

#include <algorithm>

#include "sim/replay/filter/tokens.h"
#include "sim/replay/filter/values.h"
#include "sim/replay/filter/words.h"

namespace fourtuple::replay {
namespace {

struct Common {
  std::string_view text, meaning;
};
// What people ask libpcap for most.
constexpr Common common[] = {{"port ", "libpcap: this port at either end"},
                             {"host ", "libpcap: this address at either end"},
                             {"net ", "libpcap: an address in this network"},
                             {"tcp", "libpcap: TCP"},
                             {"udp", "libpcap: UDP"},
                             {"icmp", "libpcap: ICMP"},
                             {"icmp6", "libpcap: ICMPv6"},
                             {"src ", "libpcap: only where it comes from"},
                             {"dst ", "libpcap: only where it goes"},
                             {"greater ", "libpcap: frames of at least so many bytes"}};

bool begins_operand(char c) {
  return c == '(' || c == '!' || c == '&' || c == '|';
}

bool begins(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && same_name(text.substr(0, start.size()), start);
}

// Where the word at the end begins; quotes keep blanks in it.
std::size_t last_word(std::string_view text) {
  std::size_t begin = 0;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0') {
      if (text[i] == quote) quote = '\0';
    } else if ((text[i] == '"' || text[i] == '\'') && i > 0 && text[i - 1] == ':') {
      quote = text[i];
    } else if (is_space(text[i]) || begins_operand(text[i])) {
      begin = i + 1;
    }
  }
  return begin;
}

// The last word of this text, without what separates it from the next.
std::string_view word_before(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text.substr(last_word(text));
}

// Whether an operand is expected behind this text, not a connective.
bool wants_operand(std::string_view before) {
  while (!before.empty() && is_space(before.back())) before.remove_suffix(1);
  if (before.empty() || begins_operand(before.back())) return true;
  const std::string_view word = word_before(before);
  return word == "and" || word == "or" || word == "not";
}

struct Awaited {
  std::string_view word, value;
};
constexpr Awaited awaited[] = {{"port", "a port, such as 443"},
                               {"host", "an address, such as 10.0.0.2"},
                               {"net", "a network, such as 10.0.0.0/8"},
                               {"src", "port, host or net"},
                               {"dst", "port, host or net"},
                               {"greater", "a number of bytes"},
                               {"less", "a number of bytes"}};

std::string quoted(const std::string& value) {
  const bool plain = value.find_first_of(" ()\"'") == std::string::npos;
  return plain ? value : "\"" + value + "\"";
}

class Suggester {
 public:
  Suggester(std::string_view text, const FilterNames& names) : text_(text), names_(names) {}

  std::vector<FilterSuggestion> run() {
    const std::size_t begin = last_word(text_);
    const std::string_view word = text_.substr(begin);
    before_ = std::string(text_.substr(0, begin));
    const std::size_t colon = word.find(':');
    const FilterWordInfo* info = colon == std::string_view::npos ? nullptr : find_filter_word(word.substr(0, colon));
    if (info != nullptr && info->has_value) {
      values(*info, word.substr(colon + 1));
    } else if (const std::string_view last = word_before(before_); last == "src" || last == "dst") {
      for (const std::string_view kind : {"port ", "host ", "net "})
        if (begins(kind, word)) put(kind, "");
    } else if (!awaited_value(before_).empty()) {
      return {};
    } else if (wants_operand(before_)) {
      words(word);
    } else {
      for (const std::string_view join : {"and ", "or "})
        if (begins(join, word) && join.substr(0, join.size() - 1) != word) put(join, "");
      if (!word.empty()) words(word);
    }
    return std::move(found_);
  }

 private:
  void put(std::string_view word, std::string_view meaning) {
    if (found_.size() == most_suggestions) return;
    std::string shown(word);
    while (!shown.empty() && shown.back() == ' ') shown.pop_back();
    found_.push_back({std::move(shown), std::string(meaning), before_ + std::string(word)});
  }

  void words(std::string_view start) {
    for (const FilterWordInfo& info : filter_words()) {
      const std::string word = std::string(info.name) + (info.has_value ? ":" : "");
      if (begins(word, start) && word != start) put(word, info.meaning);
    }
    for (const Common& entry : common)
      if (begins(entry.text, start) && entry.text != start) put(entry.text, entry.meaning);
  }

  void values(const FilterWordInfo& info, std::string_view typed) {
    const char quote = !typed.empty() && (typed.front() == '"' || typed.front() == '\'') ? typed.front() : '\0';
    if (quote != '\0') typed.remove_prefix(1);
    const std::size_t comma = typed.rfind(',');
    const std::string_view start = comma == std::string_view::npos ? typed : typed.substr(comma + 1);
    const std::string head = comma == std::string_view::npos ? "" : std::string(typed.substr(0, comma + 1));
    for (const std::string& value : values_of(info.word, names_))
      if (begins(value, start) && value != start)
        put(std::string(info.name) + ":" + quoted(head + value), found_.empty() ? info.meaning : std::string_view());
  }

  std::string_view text_;
  const FilterNames& names_;
  std::string before_;
  std::vector<FilterSuggestion> found_;
};

}  // namespace

std::string_view awaited_value(std::string_view text) {
  if (text.empty() || !is_space(text.back())) return {};
  const std::string_view word = word_before(text);
  for (const Awaited& entry : awaited)
    if (same_name(entry.word, word)) return entry.value;
  return {};
}

std::vector<FilterSuggestion> suggest_filter(std::string_view text, const FilterNames& names) {
  return Suggester(text, names).run();
}

}  // namespace fourtuple::replay
