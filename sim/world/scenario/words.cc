#include "sim/world/scenario/words.h"

#include <algorithm>
#include <array>

namespace fourtuple::world {
namespace {

template <class E>
struct Named {
  E value;
  std::string_view name;
};

constexpr Named<Protocol> protocols[] = {{Protocol::tcp, "tcp"}, {Protocol::udp, "udp"}, {Protocol::icmp, "icmp"}};
constexpr Named<trace::HostKind> host_kinds[] = {
    {trace::HostKind::computer, "computer"}, {trace::HostKind::server, "server"}, {trace::HostKind::router, "router"}};
constexpr Named<Program> programs[] = {{Program::none, "none"},
                                       {Program::http, "http"},
                                       {Program::echo, "echo"},
                                       {Program::discard, "discard"},
                                       {Program::sink, "sink"},
                                       {Program::chargen, "chargen"},
                                       {Program::request_response, "request-response"}};
constexpr Named<Sysctl> sysctls[] = {{Sysctl::ip_local_port_range, "ip_local_port_range"},
                                     {Sysctl::ip_unprivileged_port_start, "ip_unprivileged_port_start"},
                                     {Sysctl::ip_default_ttl, "ip_default_ttl"},
                                     {Sysctl::somaxconn, "somaxconn"}};
using Answer = Expectation::Answer;
constexpr Named<Answer> answers[] = {{Answer::nothing, "nothing"},
                                     {Answer::rst, "RST"},
                                     {Answer::port_unreachable, "port-unreachable"},
                                     {Answer::host_unreachable, "host-unreachable"},
                                     {Answer::network_unreachable, "network-unreachable"},
                                     {Answer::time_exceeded, "time-exceeded"},
                                     {Answer::fragmentation_needed, "fragmentation-needed"},
                                     {Answer::echo_reply, "echo-reply"}};
constexpr Named<Verb> verbs[] = {{Verb::start, "start"},     {Verb::socket, "socket"},
                                 {Verb::bind, "bind"},       {Verb::listen, "listen"},
                                 {Verb::accept, "accept"},   {Verb::connect, "connect"},
                                 {Verb::send, "send"},       {Verb::sendto, "sendto"},
                                 {Verb::receive, "receive"}, {Verb::shutdown, "shutdown"},
                                 {Verb::close, "close"},     {Verb::kill, "kill"},
                                 {Verb::exit, "exit"},       {Verb::ping, "ping"},
                                 {Verb::request, "request"}, {Verb::link_down, "link-down"},
                                 {Verb::link_up, "link-up"}, {Verb::set, "set"},
                                 {Verb::open, "open"}};

template <class E, std::size_t n>
std::optional<E> value_of(const Named<E> (&table)[n], std::string_view name) {
  for (const Named<E>& entry : table)
    if (entry.name == name) return entry.value;
  return std::nullopt;
}

template <class E, std::size_t n>
std::string_view name_in(const Named<E> (&table)[n], E value) {
  for (const Named<E>& entry : table)
    if (entry.value == value) return entry.name;
  return "?";
}

template <class E, std::size_t n>
std::vector<std::string_view> names_in(const Named<E> (&table)[n]) {
  std::vector<std::string_view> names;
  for (const Named<E>& entry : table) names.push_back(entry.name);
  return names;
}

// Names of an enumeration of bytes that has gaps: name_of() answers with `unknown` there.
template <class E>
std::vector<std::string_view> names_of_enum(std::string_view unknown) {
  std::vector<std::string_view> names;
  for (unsigned value = 0; value < 256; ++value) {
    const std::string_view name = name_of(static_cast<E>(value));
    if (name != unknown) names.push_back(name);
  }
  return names;
}

// The lesson ids P1 to P17, T1 to T8 and so on.
std::vector<std::string_view> lesson_ids() {
  static const std::vector<std::string> ids = [] {
    constexpr std::pair<char, int> topics[] = {{'P', 17}, {'T', 8}, {'O', 12}, {'X', 5},
                                               {'N', 7},  {'F', 8}, {'W', 4},  {'Q', 6}};
    std::vector<std::string> made;
    for (const auto& [topic, count] : topics)
      for (int i = 1; i <= count; ++i) made.push_back(topic + std::to_string(i));
    return made;
  }();
  return {ids.begin(), ids.end()};
}

std::vector<std::string_view> make_words(Words vocabulary) {
  switch (vocabulary) {
    case Words::none:
      return {};
    case Words::protocols:
      return {"tcp", "udp"};
    case Words::packet_protocols:
      return names_in(protocols);
    case Words::families:
      return {"ipv4", "ipv6"};
    case Words::host_kinds:
      return names_in(host_kinds);
    case Words::programs:
      return names_in(programs);
    case Words::tcp_states:
      return names_of_enum<TcpState>("?");
    case Words::errnos:
      return names_of_enum<state::Errno>("E?");
    case Words::drop_reasons:
      return names_of_enum<trace::DropReason>("?");
    case Words::match_qualities:
      return names_of_enum<trace::MatchQuality>("?");
    case Words::calls:
      return names_of_enum<trace::Call>("?");
    case Words::shutdown_hows:
      return {"read", "write", "both"};
    case Words::fates:
      return {"delivered", "dropped"};
    case Words::answers:
      return names_in(answers);
    case Words::lessons:
      return lesson_ids();
    case Words::on_off:
      return {"on", "off"};
  }
  return {};
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Edit distance with neighbouring letters swapped counting once; case and '-' against '_' do not count.
std::size_t distance(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) { return lower(x == '_' ? '-' : x) == lower(y == '_' ? '-' : y); };
  std::array<std::array<std::size_t, 42>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& above2 = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0u : 1u)});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
        row[j] = std::min(row[j], above2[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

const std::vector<std::string_view>& words_in(Words vocabulary) {
  static const std::vector<std::vector<std::string_view>> all = [] {
    std::vector<std::vector<std::string_view>> made;
    for (unsigned i = 0; i <= static_cast<unsigned>(Words::on_off); ++i)
      made.push_back(make_words(static_cast<Words>(i)));
    return made;
  }();
  return all[static_cast<std::size_t>(vocabulary)];
}

bool is_word(Words vocabulary, std::string_view word) {
  const auto& words = words_in(vocabulary);
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t longest = 40;
  if (word.empty() || word.size() > longest) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, (word.size() + 1) / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > longest) continue;
    const std::size_t gap = distance(word, candidate);
    if (gap >= best_distance || gap >= candidate.size()) continue;
    best_distance = gap;
    best = candidate;
  }
  return std::string(best);
}

std::optional<Protocol> protocol_from(std::string_view word) {
  return value_of(protocols, word);
}
std::optional<trace::HostKind> host_kind_from(std::string_view word) {
  return value_of(host_kinds, word);
}
std::optional<Program> program_from(std::string_view word) {
  return value_of(programs, word);
}
std::optional<Expectation::Answer> answer_from(std::string_view word) {
  return value_of(answers, word);
}

std::optional<TcpState> tcp_state_from(std::string_view word) {
  for (unsigned value = 1; value <= 11; ++value)
    if (name_of(static_cast<TcpState>(value)) == word) return static_cast<TcpState>(value);
  return std::nullopt;
}

std::optional<trace::Call> call_from(std::string_view word) {
  for (unsigned value = 1; value < 256; ++value)
    if (trace::name_of(static_cast<trace::Call>(value)) == word) return static_cast<trace::Call>(value);
  return std::nullopt;
}

std::string_view name_of(Verb verb) {
  return name_in(verbs, verb);
}
std::string_view name_of(Program program) {
  return name_in(programs, program);
}
std::string_view name_of(Sysctl sysctl) {
  return name_in(sysctls, sysctl);
}

}  // namespace fourtuple::world
