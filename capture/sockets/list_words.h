// What the listings of ss, lsof and /proc/net have in common: a line of words, and ends of sockets written as
// ADDRESS:PORT.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capture/sockets/socket_list.h"
#include "sim/base/outcome.h"

namespace fourtuple::capture {

struct Word {
  std::string_view text;
  int column = 1;
};

// One line of a listing, cut at blanks. Refers to the text it was cut from.
struct ListLine {
  const std::string* file = nullptr;
  int number = 0;
  std::string_view text;
  std::vector<Word> words;

  bool indented() const { return !text.empty() && (text[0] == ' ' || text[0] == '\t'); }
  // An error at a word, or at the end of the line when there is no word of that index.
  tl::unexpected<Error> fail_at(std::size_t word, std::string message, std::string expected) const;
  tl::unexpected<Error> fail_at_column(int column, std::string message, std::string expected) const;
};

// The lines of a listing one after the other; empty ones are left out. A copy goes on from where the original is.
class ListLines {
 public:
  // Words of a line that are kept; real listings have a few dozen.
  static constexpr std::size_t max_words = 256;

  // `text` and `file` must outlive the lines.
  ListLines(std::string_view text, const std::string& file) : text_(text), file_(&file) {}
  // False at the end. `line` is written over.
  bool next(ListLine& line);

 private:
  std::string_view text_;
  const std::string* file_;
  int number_ = 0;
};

// A decimal number that fits, or nothing.
std::optional<std::uint32_t> number_of(std::string_view text);

struct ListEnd {
  IpAddress address;
  std::uint16_t port = 0;
  bool any = false;  // the address was "*"
};

// "127.0.0.1:80", "[::1]:80", ":::80", "*:*", "[fe80::1]%eth0:547". `command` prints numbers instead of names.
Outcome<ListEnd> read_end(const ListLine& line, const Word& word, std::string_view command);

// A listing's word for a state of TCP.
struct StateWord {
  std::string_view word;
  TcpState state;
};
std::optional<TcpState> state_called(std::string_view word, std::span<const StateWord> words);

// The listings themselves, told by a line. REQUIRES: `lines` begin with such a line.
bool looks_like_ss(const ListLine& line);
bool looks_like_lsof(const ListLine& line);
Outcome<SocketList> parse_ss(const ListLines& lines);
Outcome<SocketList> parse_lsof(ListLines lines);

}  // namespace fourtuple::capture
