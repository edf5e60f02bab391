// Says in Japanese what the program says in English. Everything below the window speaks English alone, for the command
// line, tests and copies have to stay the same; a finished sentence is recognized here by the phrase it was made from,
// what stands at its places is put into Japanese too, and the Japanese sentence is made. What no phrase fits stays as
// it is: names, addresses, rules, the author's own texts.
//
// Of several phrases that fit, the one that leaves the least English is taken, then the one with the most letters of
// its own. Answers are remembered. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fourtuple::viz {

class Phrasebook {
 public:
  // The Japanese for an English label or sentence; `english` itself when it is not known. The view lives until
  // forget(), or as long as `english`.
  std::string_view in_japanese(std::string_view english);
  // Forgets answers when there are many. Views given before are gone then.
  void forget();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Answer {
    std::string said;      // "" when it is not known
    std::size_t left = 0;  // letters that stayed English, names too
    bool known() const { return !said.empty(); }
  };
  // The nodes of the map do not move.
  std::unordered_map<std::string, Answer, Hash, std::equal_to<>> answers_;

  const Answer& answer(std::string_view english, int depth);
  Answer work_out(std::string_view english, int depth);
  Answer from_phrases(std::string_view english, int depth);
  friend class PhraseMatch;
};

}  // namespace fourtuple::viz
