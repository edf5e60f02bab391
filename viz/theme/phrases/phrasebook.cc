#include "viz/theme/phrases/phrasebook.h"

#include <algorithm>

#include "viz/theme/japanese.h"
#include "viz/theme/phrases/phrase.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t longest_sentence = 600;  // bytes; what is longer is a text of its author
constexpr int deepest = 6;                     // sentences inside sentences
constexpr std::size_t most_answers = 4096;
constexpr std::size_t list_bonus = 4;

// A phrase cut at its places: literals[0] place[0] literals[1] ... literals[n].
struct Pattern {
  std::vector<std::string_view> literals;
  std::vector<char> kinds;  // 'a' for any, 's', 'w', 'n'
  std::string_view japanese;
  std::size_t letters = 0;  // of the literals
  std::size_t weight = 0;   // the heavier one of two that fit is taken
};

struct Book {
  std::unordered_map<std::string_view, std::string_view> whole;  // phrases without places
  std::vector<Pattern> patterns;                                 // the heaviest first
};

Pattern pattern_of(const Phrase& phrase) {
  Pattern pattern;
  pattern.japanese = phrase.japanese;
  std::string_view rest = phrase.english;
  while (true) {
    const std::size_t open = rest.find('{');
    pattern.literals.push_back(rest.substr(0, open));
    pattern.letters += pattern.literals.back().size();
    if (open == std::string_view::npos) break;
    pattern.kinds.push_back(rest[open + 1] == '}' ? 'a' : rest[open + 1]);
    rest.remove_prefix(rest.find('}') + 1);
  }
  // What takes known parts alone cannot tear a sentence at the wrong place.
  const bool list = std::all_of(pattern.kinds.begin(), pattern.kinds.end(), [](char kind) { return kind == 's'; });
  pattern.weight = pattern.letters + (list ? list_bonus : 0);
  return pattern;
}

Book make_book() {
  Book book;
  for (const auto& phrases : {packet_phrases(), event_phrases(), cause_phrases(), origin_phrases(), rule_phrases(),
                              host_phrases(), panel_phrases(), socket_phrases(), column_phrases(), window_phrases()})
    for (const Phrase& phrase : phrases) {
      if (phrase.english.find('{') == std::string_view::npos)
        book.whole.emplace(phrase.english, phrase.japanese);
      else
        book.patterns.push_back(pattern_of(phrase));
    }
  std::stable_sort(book.patterns.begin(), book.patterns.end(),
                   [](const Pattern& a, const Pattern& b) { return a.weight > b.weight; });
  return book;
}

const Book& book() {
  static const Book made = make_book();
  return made;
}

bool is_number(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && digit(text.front()) && digit(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return digit(c) || c == ',' || c == '.'; });
}

// Parentheses and quotes are not torn apart.
bool is_closed(std::string_view text) {
  int open = 0;
  for (const char c : text) {
    open += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (open < 0) return false;
  }
  return open == 0;
}

// Only lower case letters are words: "SYN, ACK" and "10:80" are the same everywhere.
bool has_words(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::array<std::span<const Phrase>, 10> all_phrases() {
  return {packet_phrases(), event_phrases(), cause_phrases(),  origin_phrases(), rule_phrases(),
          host_phrases(),   panel_phrases(), socket_phrases(), column_phrases(), window_phrases()};
}

// One try to fit a sentence to a phrase.
class PhraseMatch {
 public:
  PhraseMatch(Phrasebook& phrasebook, const Pattern& pattern, int depth)
      : phrasebook_(phrasebook), pattern_(pattern), depth_(depth), values_(pattern.kinds.size()) {}

  bool fits(std::string_view text) {
    const std::string_view first = pattern_.literals.front(), last = pattern_.literals.back();
    if (text.size() < pattern_.letters + values_.size() || !text.starts_with(first) || !text.ends_with(last))
      return false;
    text.remove_prefix(first.size());
    return fits_from(0, text);
  }
  // REQUIRES: fits().
  std::string japanese() const {
    std::string said;
    std::string_view rest = pattern_.japanese;
    for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
      said += rest.substr(0, open);
      const auto place = static_cast<std::size_t>(rest[open + 1] - '0');
      said += value(place);
      rest.remove_prefix(open + 3);
    }
    return said.append(rest);
  }

 private:
  std::string_view value(std::size_t place) const {
    const std::string_view english = values_[place];
    if (pattern_.kinds[place] == 'w' || pattern_.kinds[place] == 'n') return english;
    const std::string& known = phrasebook_.answer(english, depth_ + 1);
    return known.empty() ? english : std::string_view(known);
  }
  bool may_stand(std::size_t place, std::string_view text) const {
    switch (pattern_.kinds[place]) {
      case 'w':
        return text.find(' ') == std::string_view::npos;
      case 'n':
        return is_number(text);
      case 's':
        return is_closed(text) && !phrasebook_.answer(text, depth_ + 1).empty();
      default:
        return text.front() != ' ' && text.back() != ' ' && is_closed(text);
    }
  }
  // `text` begins with the value of `place`. Short values first, so that a separator is the first of its kind.
  bool fits_from(std::size_t place, std::string_view text) {
    const std::string_view next = pattern_.literals[place + 1];
    if (place + 1 == values_.size()) {
      if (text.size() <= next.size() || !text.ends_with(next)) return false;
      values_[place] = text.substr(0, text.size() - next.size());
      return may_stand(place, values_[place]);
    }
    for (std::size_t end = text.find(next, 1); end != std::string_view::npos; end = text.find(next, end + 1)) {
      values_[place] = text.substr(0, end);
      if (!may_stand(place, values_[place])) continue;
      if (fits_from(place + 1, text.substr(end + next.size()))) return true;
    }
    return false;
  }

  Phrasebook& phrasebook_;
  const Pattern& pattern_;
  int depth_;
  std::vector<std::string_view> values_;
};

std::string Phrasebook::from_phrases(std::string_view english, int depth) {
  for (const Pattern& pattern : book().patterns) {
    PhraseMatch match(*this, pattern, depth);
    if (match.fits(english)) return match.japanese();
  }
  return {};
}

std::string Phrasebook::work_out(std::string_view english, int depth) {
  if (const std::string_view word = viz::in_japanese(english); word.data() != english.data()) return std::string(word);
  if (const auto found = book().whole.find(english); found != book().whole.end()) return std::string(found->second);
  if (english.size() > longest_sentence || depth > deepest) return {};
  // Lines are sentences of their own; blanks around one belong to the layout.
  if (const std::size_t end = english.find('\n'); end != std::string_view::npos) {
    const std::string_view line = english.substr(0, end), rest = english.substr(end + 1);
    const std::string &first = answer(line, depth), &second = answer(rest, depth);
    if (first.empty() && second.empty()) return {};
    return (first.empty() ? std::string(line) : first) + '\n' + (second.empty() ? std::string(rest) : second);
  }
  const std::size_t begin = english.find_first_not_of(' '), last = english.find_last_not_of(' ');
  if (begin != 0 || last + 1 != english.size()) {
    const std::string& inner = answer(english.substr(begin, last + 1 - begin), depth);
    if (inner.empty()) return {};
    return std::string(english.substr(0, begin)).append(inner).append(english.substr(last + 1));
  }
  return from_phrases(english, depth);
}

const std::string& Phrasebook::answer(std::string_view english, int depth) {
  static const std::string unknown;
  if (!has_words(english)) return unknown;
  if (const auto found = answers_.find(english); found != answers_.end()) return found->second;
  std::string said = work_out(english, depth);
  return answers_.emplace(english, std::move(said)).first->second;
}

std::string_view Phrasebook::in_japanese(std::string_view english) {
  const std::string& said = answer(english, 0);
  return said.empty() ? english : std::string_view(said);
}

void Phrasebook::forget() {
  if (answers_.size() > most_answers) answers_.clear();
}

}  // namespace fourtuple::viz
