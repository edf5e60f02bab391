// One sentence of the program in both languages. The English one has places for what differs from run to run; the
// Japanese one uses the same places, in any order. Plain data, any thread.
//
// A place is written as
//   {}   anything; put into Japanese itself when it is known ("refused: {}")
//   {s}  the same, and it must be known: the parts of lists
//   {w}  one word without blanks, kept as it is: a name, an address, a value of a protocol
//   {n}  a number, kept as it is
// and in Japanese by its number: {0} is the first place of the English sentence. Every place stands there once.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace fourtuple::viz {

struct Phrase {
  std::string_view english, japanese;

  // A sentence whose places differ between the languages does not compile.
  consteval Phrase(const char* in_english, const char* in_japanese) : english(in_english), japanese(in_japanese) {
    if (!same_places(english, japanese)) throw "the places of the two languages differ";
  }

 private:
  static constexpr unsigned most_places = 8;

  // The kinds of places stand close together in braces: {}, {s}, {w}, {n}.
  static constexpr unsigned count_places(std::string_view text) {
    unsigned count = 0;
    for (const char c : text) count += c == '{' ? 1U : 0U;
    return count;
  }
  static constexpr bool same_places(std::string_view english, std::string_view japanese) {
    const unsigned count = count_places(english);
    if (count != count_places(japanese) || count > most_places) return false;
    bool seen[most_places] = {};
    for (std::size_t i = 0; i < japanese.size(); ++i) {
      if (japanese[i] != '{') continue;
      if (i + 2 >= japanese.size() || japanese[i + 2] != '}' || japanese[i + 1] < '0') return false;
      const auto place = static_cast<unsigned>(japanese[i + 1] - '0');
      if (place >= count || seen[place]) return false;
      seen[place] = true;
    }
    return true;
  }
};

// The sentences, by what they are about.
std::span<const Phrase> packet_phrases();  // packets and what becomes of them: map, ladder, sheets, descriptions
std::span<const Phrase> event_phrases();   // records in words
std::span<const Phrase> cause_phrases();   // the chain of causes
std::span<const Phrase> origin_phrases();  // where packets and calls come from, in the chain of causes
std::span<const Phrase> rule_phrases();    // rules, NAT and connection tracking
std::span<const Phrase> host_phrases();    // locks, processes, stages
std::span<const Phrase> panel_phrases();   // TCP, packet, ladder and quiz panels
std::span<const Phrase> socket_phrases();  // sockets panel and port map
std::span<const Phrase> column_phrases();  // what the columns of the tools mean
std::span<const Phrase> window_phrases();  // messages of the window, files, filters, what if

// All of them.
std::array<std::span<const Phrase>, 10> all_phrases();

}  // namespace fourtuple::viz
