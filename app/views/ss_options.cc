#include "app/views/ss_options.h"

#include <fmt/format.h>

#include "app/views/tool_options.h"
#include "sim/base/nearest.h"

namespace fourtuple::app {
namespace {

constexpr ToolOption known[] = {{'t', "tcp"},     {'u', "udp"},       {'a', "all"},      {'l', "listening"},
                                {'n', "numeric"}, {'p', "processes"}, {'e', "extended"}, {'o', "options"},
                                {'s', "summary"}, {'4', "ipv4"},      {'6', "ipv6"},     {'H', "no-header"},
                                {'O', "oneline"}, {'x', "unix"}};

constexpr std::uint32_t bit(TcpState state) {
  return 1u << static_cast<unsigned>(state);
}
constexpr std::uint32_t all_states = (bit(TcpState::closing) << 1) - 1;
constexpr std::uint32_t bucket = bit(TcpState::syn_received) | bit(TcpState::time_wait);
constexpr std::uint32_t listening = bit(TcpState::listen) | bit(TcpState::closed);
constexpr std::uint32_t connected = all_states & ~(listening | bucket);  // listed without -a and -l

struct StateWord {
  std::string_view word;
  std::uint32_t states;
};
constexpr StateWord state_words[] = {{"established", bit(TcpState::established)},
                                     {"syn-sent", bit(TcpState::syn_sent)},
                                     {"syn-recv", bit(TcpState::syn_received)},
                                     {"fin-wait-1", bit(TcpState::fin_wait_1)},
                                     {"fin-wait-2", bit(TcpState::fin_wait_2)},
                                     {"time-wait", bit(TcpState::time_wait)},
                                     {"unconnected", bit(TcpState::closed)},
                                     {"closed", bit(TcpState::closed)},
                                     {"close-wait", bit(TcpState::close_wait)},
                                     {"last-ack", bit(TcpState::last_ack)},
                                     {"listening", bit(TcpState::listen)},
                                     {"listen", bit(TcpState::listen)},
                                     {"closing", bit(TcpState::closing)},
                                     {"all", all_states},
                                     {"connected", all_states & ~listening},
                                     {"synchronized", all_states & ~listening & ~bit(TcpState::syn_sent)},
                                     {"bucket", bucket},
                                     {"big", all_states & ~bucket}};

Outcome<std::uint32_t> states_called(const std::string& word) {
  std::vector<std::string_view> words;
  std::string all;
  for (const StateWord& known_word : state_words) {
    if (known_word.word == word) return known_word.states;
    words.push_back(known_word.word);
    all += fmt::format("{}{}", all.empty() ? "" : ", ", known_word.word);
  }
  return fail({}, fmt::format("ss knows no state '{}'", word), all, nearest(word, words));
}

// `state established`: the only filter.
Outcome<std::uint32_t> read_filter(const std::vector<std::string>& words) {
  std::uint32_t states = 0;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (words[i] != "state" || i + 1 == words.size())
      return fail({}, fmt::format("ss: '{}' is not understood here", words[i]), "options, or `state NAME`");
    auto more = states_called(words[i + 1]);
    if (!more) return more;
    states |= *more;
  }
  return states;
}

void take(SsOptions& options, char letter) {
  switch (letter) {
    case 'a':
      options.states = all_states;
      break;
    case 'l':
      options.states = listening;
      break;
    case 'n':
      options.numeric = true;
      break;
    case 'p':
      options.processes = true;
      break;
    case 'e':
      options.extended = options.timers = true;
      break;
    case 'o':
      options.timers = true;
      break;
    case 's':
      options.summary = true;
      break;
    case 'H':
      options.header = false;
      break;
    default:
      break;
  }
}

}  // namespace

Outcome<SsOptions> read_ss_options(Words words) {
  SsOptions options;
  if (words.empty()) {
    options.numeric = options.processes = true;
    options.states = all_states;
    return options;
  }
  const auto read = read_tool_words("ss", known, words);
  if (!read) return tl::unexpected<Error>(read.error());
  options.states = connected;
  if (read->has('t') || read->has('u')) {
    options.tcp = read->has('t');
    options.udp = read->has('u');
  }
  if (read->has('4') || read->has('6')) {
    options.ipv4 = read->has('4');
    options.ipv6 = read->has('6');
  }
  options.unix_sockets = read->has('x');
  if (options.unix_sockets && (read->has('t') || read->has('u') || read->has('e') || read->has('s')))
    return fail({}, "ss: -x does not go with -t, -u, -e and -s here", "ss -xa and ss -ta, one after the other");
  for (const GivenOption& option : read->options) take(options, option.letter);
  const auto filter = read_filter(read->rest);
  if (!filter) return tl::unexpected<Error>(filter.error());
  if (*filter != 0) options.states = *filter;
  return options;
}

}  // namespace fourtuple::app
