#include "viz/theme/phrases/phrasebook.h"

#include <algorithm>

#include "viz/theme/japanese.h"
#include "viz/theme/phrases/phrase.h"

namespace fourtuple::viz {

// A phrase cut at its places: literals[0] place[0] literals[1] ... literals[n].
struct PhrasePattern {
  std::vector<std::string_view> literals;
  std::vector<char> kinds;  // 'a' for any, 's', 'w', 'n'
  std::string_view japanese;
  std::size_t letters = 0;  // of the literals
  std::size_t weight = 0;   // the heavier one of two that fit is taken
};

namespace {

constexpr std::size_t longest_sentence = 600;  // bytes; what is longer is a text of its author
constexpr int deepest = 6;                     // sentences inside sentences
constexpr std::size_t most_answers = 4096;
constexpr std::size_t list_bonus = 4;

struct Book {
  std::unordered_map<std::string_view, std::string_view> whole;  // phrases without places
  std::vector<PhrasePattern> patterns;                           // the heaviest first
};

PhrasePattern pattern_of(const Phrase& phrase) {
  PhrasePattern pattern;
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
                   [](const PhrasePattern& a, const PhrasePattern& b) { return a.weight > b.weight; });
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
std::size_t letters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; }));
}

// The first byte of kana, ideographs and full-width signs: three- and four-byte letters from U+3000 on.
bool is_wide(char c) {
  return static_cast<unsigned char>(c) >= 0xE3;
}
bool ends_wide(std::string_view text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.remove_suffix(1);
  return !text.empty() && is_wide(text.back());
}

// Blanks stand around Latin words only.
void join(std::string& said, std::string_view part) {
  if (part.size() > 1 && part[0] == ' ' && is_wide(part[1]) && ends_wide(said)) part.remove_prefix(1);
  const std::string_view before(said);
  if (!part.empty() && is_wide(part[0]) && before.ends_with(' ') && ends_wide(before.substr(0, before.size() - 1)))
    said.pop_back();
  said += part;
}

}  // namespace

std::array<std::span<const Phrase>, 10> all_phrases() {
  return {packet_phrases(), event_phrases(), cause_phrases(),  origin_phrases(), rule_phrases(),
          host_phrases(),   panel_phrases(), socket_phrases(), column_phrases(), window_phrases()};
}

// One try to fit a sentence to a phrase.
class PhraseMatch {
 public:
  PhraseMatch(Phrasebook& phrasebook, const PhrasePattern& pattern, int depth)
      : phrasebook_(phrasebook), pattern_(pattern), depth_(depth), values_(pattern.kinds.size()) {}

  bool fits(std::string_view text) {
    const std::string_view first = pattern_.literals.front(), last = pattern_.literals.back();
    if (text.size() < pattern_.letters + values_.size() || !text.starts_with(first) || !text.ends_with(last))
      return false;
    text.remove_prefix(first.size());
    return fits_from(0, text);
  }
  // The Japanese, and how many letters at its places stayed English. REQUIRES: fits().
  Phrasebook::Answer answer() const {
    Phrasebook::Answer answer;
    std::string_view rest = pattern_.japanese;
    for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
      join(answer.said, rest.substr(0, open));
      add_value(static_cast<std::size_t>(rest[open + 1] - '0'), answer);
      rest.remove_prefix(open + 3);
    }
    join(answer.said, rest);
    return answer;
  }

 private:
  void add_value(std::size_t place, Phrasebook::Answer& sum) const {
    const std::string_view english = values_[place];
    if (pattern_.kinds[place] == 'w' || pattern_.kinds[place] == 'n') {
      join(sum.said, english);
      sum.left += letters_of(english);
      return;
    }
    const Phrasebook::Answer& value = phrasebook_.answer(english, depth_ + 1);
    join(sum.said, value.known() ? std::string_view(value.said) : english);
    sum.left += value.left;
  }
  bool may_stand(std::size_t place, std::string_view text) const {
    switch (pattern_.kinds[place]) {
      case 'w':
        return text.find(' ') == std::string_view::npos;
      case 'n':
        return is_number(text);
      case 's':
        return is_closed(text) && phrasebook_.answer(text, depth_ + 1).known();
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
  const PhrasePattern& pattern_;
  int depth_;
  std::vector<std::string_view> values_;
};

Phrasebook::Answer Phrasebook::from_phrases(std::string_view english, int depth) {
  Answer best{{}, letters_of(english)};
  for (const PhrasePattern& pattern : book().patterns) {
    PhraseMatch match(*this, pattern, depth);
    if (!match.fits(english)) continue;
    Answer found = match.answer();
    if (!best.known() || found.left < best.left) best = std::move(found);
    if (best.left == 0) break;
  }
  return best;
}

Phrasebook::Answer Phrasebook::work_out(std::string_view english, int depth) {
  // Labels of one word are no part of sentences: there the same word is a name, such as that of a host "firewall".
  const bool label = depth == 0 || english.find(' ') != std::string_view::npos;
  const std::string_view word = label ? viz::in_japanese(english) : english;
  if (word.data() != english.data()) return {std::string(word)};
  if (const auto found = book().whole.find(english); found != book().whole.end()) return {std::string(found->second)};
  Answer unknown{{}, letters_of(english)};
  if (english.size() > longest_sentence || depth > deepest) return unknown;
  const auto text = [](const Answer& answer, std::string_view part) {
    return answer.known() ? std::string_view(answer.said) : part;
  };
  // Lines are sentences of their own; blanks around one belong to the layout.
  if (const std::size_t end = english.find('\n'); end != std::string_view::npos) {
    const std::string_view line = english.substr(0, end), rest = english.substr(end + 1);
    const Answer &first = answer(line, depth), &second = answer(rest, depth);
    if (!first.known() && !second.known()) return unknown;
    return {std::string(text(first, line)).append("\n").append(text(second, rest)), first.left + second.left};
  }
  const std::size_t begin = english.find_first_not_of(' '), last = english.find_last_not_of(' ');
  if (begin == 0 && last + 1 == english.size()) return from_phrases(english, depth);
  const Answer& inner = answer(english.substr(begin, last + 1 - begin), depth);
  if (!inner.known()) return unknown;
  return {std::string(english.substr(0, begin)).append(inner.said).append(english.substr(last + 1)), inner.left};
}

const Phrasebook::Answer& Phrasebook::answer(std::string_view english, int depth) {
  static const Answer nothing;
  if (letters_of(english) == 0) return nothing;
  if (const auto found = answers_.find(english); found != answers_.end()) return found->second;
  Answer found = work_out(english, depth);
  return answers_.emplace(english, std::move(found)).first->second;
}

std::string_view Phrasebook::in_japanese(std::string_view english) {
  const Answer& found = answer(english, 0);
  return found.known() ? std::string_view(found.said) : english;
}

void Phrasebook::forget() {
  if (answers_.size() > most_answers) answers_.clear();
}

}  // namespace fourtuple::viz
