// What ss of iproute2 prints: [Netid] [State] Recv-Q Send-Q Local:Port Peer:Port [users:((…))] [key:value …]. Netid is
// missing when one kind of socket was asked for, State when one state was.
#include <algorithm>
#include <fmt/format.h>

#include "capture/plural.h"
#include "capture/sockets/list_words.h"

namespace fourtuple::capture {
namespace {

constexpr std::string_view ss_command = "ss -n";

constexpr StateWord ss_states[] = {
    {"ESTAB", TcpState::established},     {"SYN-SENT", TcpState::syn_sent},     {"SYN-RECV", TcpState::syn_received},
    {"FIN-WAIT-1", TcpState::fin_wait_1}, {"FIN-WAIT-2", TcpState::fin_wait_2}, {"TIME-WAIT", TcpState::time_wait},
    {"UNCONN", TcpState::closed},         {"CLOSE-WAIT", TcpState::close_wait}, {"LAST-ACK", TcpState::last_ack},
    {"LISTEN", TcpState::listen},         {"CLOSING", TcpState::closing}};

// Kinds of sockets ss knows that have no ports of ours.
constexpr std::string_view other_kinds[] = {"u_str", "u_dgr", "u_seq", "nl",    "p_raw", "p_dgr",
                                            "raw",   "sctp",  "dccp",  "icmp6", "v_str", "v_dgr",
                                            "tipc",  "mptcp", "xdp",   "ti_st", "ti_dg", "???"};

bool is_protocol(std::string_view word) {
  return word == "tcp" || word == "udp";
}
bool is_other_kind(std::string_view word) {
  return std::find(std::begin(other_kinds), std::end(other_kinds), word) != std::end(other_kinds);
}
bool is_head(const ListLine& line) {
  return line.text.find("Recv-Q") != std::string_view::npos && line.text.find("Send-Q") != std::string_view::npos &&
         line.text.find("Local") != std::string_view::npos && line.words[0].text != "Proto";
}

class SsParser {
 public:
  explicit SsParser(const ListLines& lines) : lines_(lines) {}
  Outcome<SocketList> run();

 private:
  // Decides what sockets without a Netid are.
  void tell_protocol();
  Outcome<void> take(const ListLine& line);
  Outcome<void> take_ends(const ListLine& line, std::size_t at, ListedSocket& socket);
  Outcome<void> take_rest(const ListLine& line, std::size_t from, ListedSocket& socket);
  // users:(("nginx",pid=812,fd=6),("nginx",pid=811,fd=6)), from column `at` (0-based); moves it behind.
  Outcome<void> take_users(const ListLine& line, std::size_t& at, ListedSocket& socket);

  ListLines lines_;
  SocketList list_;
  Protocol unnamed_ = Protocol::tcp;  // without a Netid column
  std::string doubt_;                 // about that; told when there is such a socket
  bool guessed_protocol_ = false;
  bool last_taken_ = false;  // the line above is a socket of the list: what is indented belongs to it
  std::size_t others_ = 0;
};

// UNCONN is a word for UDP sockets, ESTAB for both, all others are TCP's. (A TCP socket in CLOSED is UNCONN as well,
// but ss seldom sees one.)
void SsParser::tell_protocol() {
  int unconnected = 0, tcp = 0;  // the first lines with such a state
  ListLine line;
  for (ListLines lines = lines_; lines.next(line);) {
    const auto state = line.indented() ? std::nullopt : state_called(line.words[0].text, ss_states);
    if (!state || state == TcpState::established) continue;
    int& first = state == TcpState::closed ? unconnected : tcp;
    if (first == 0) first = line.number;
  }
  unnamed_ = unconnected != 0 && tcp == 0 ? Protocol::udp : Protocol::tcp;
  if (unconnected == 0 && tcp == 0)
    doubt_ = "the list does not say whether its sockets are TCP or UDP (`ss -tu` does): taken as TCP";
  if (unconnected != 0 && tcp != 0)
    doubt_ = fmt::format(
        "the list does not say whether its sockets are TCP or UDP (`ss -tu` does), and line {} has a state of UDP, "
        "line {} one of TCP: all taken as TCP",
        unconnected, tcp);
}

Outcome<SocketList> SsParser::run() {
  tell_protocol();
  for (ListLine line; lines_.next(line);) {
    if (is_head(line)) continue;
    if (auto taken = take(line); !taken) return tl::unexpected<Error>(taken.error());
  }
  if (others_ != 0) list_.notes.push_back(fmt::format("{} neither TCP nor UDP: left out", plural(others_, "socket")));
  if (guessed_protocol_ && !doubt_.empty()) list_.notes.push_back(doubt_);
  return std::move(list_);
}

Outcome<void> SsParser::take(const ListLine& line) {
  if (line.indented()) {  // what -i and -m add, or what a narrow terminal wrapped
    if (!last_taken_) return {};
    return take_rest(line, 0, list_.sockets.back());
  }
  last_taken_ = false;
  std::size_t at = 0;
  ListedSocket socket;
  socket.line = line.number;
  if (is_other_kind(line.words[at].text)) return ++others_, Outcome<void>{};
  if (is_protocol(line.words[at].text)) {
    socket.protocol = line.words[at].text == "tcp" ? Protocol::tcp : Protocol::udp;
    ++at;
  } else {
    socket.protocol = unnamed_;
    guessed_protocol_ = true;
  }
  const auto state = at < line.words.size() ? state_called(line.words[at].text, ss_states) : std::nullopt;
  if (state) {
    ++at;
    socket.state = *state;
  } else if (at >= line.words.size() || !number_of(line.words[at].text)) {
    return line.fail_at(at, "a socket's line does not start like this", "tcp, udp, a state such as ESTAB, or a number");
  } else {
    socket.state = TcpState::established;  // `ss state established` has no such column
  }
  return take_ends(line, at, socket);
}

Outcome<void> SsParser::take_ends(const ListLine& line, std::size_t at, ListedSocket& socket) {
  const auto queue = [&](std::size_t word) {
    return word < line.words.size() ? number_of(line.words[word].text) : std::nullopt;
  };
  for (const std::size_t word : {at, at + 1})
    if (!queue(word)) return line.fail_at(word, "a queue's length is missing", "a number of bytes (Recv-Q and Send-Q)");
  socket.receive_queue = *queue(at);
  socket.send_queue = *queue(at + 1);
  if (line.words.size() < at + 4)
    return line.fail_at(line.words.size(), "the line ends too early", "the local and the peer's ADDRESS:PORT");
  const auto local = read_end(line, line.words[at + 2], ss_command),
             remote = read_end(line, line.words[at + 3], ss_command);
  if (!local) return tl::unexpected<Error>(local.error());
  if (!remote) return tl::unexpected<Error>(remote.error());
  // "*" is the wildcard of a socket for both families; mapped addresses stand in such sockets.
  const bool mapped = line.words[at + 2].text.find("::ffff:") != std::string_view::npos;
  const bool six = local->any || mapped || local->address.family == Family::ipv6;
  socket.family = six ? Family::ipv6 : Family::ipv4;
  socket.local = local->any ? IpAddress::wildcard(Family::ipv6) : local->address;
  socket.remote = remote->any || remote->port == 0 ? IpAddress::wildcard(socket.family) : remote->address;
  socket.v6_only = six && !local->any && !mapped;
  socket.local_port = local->port;
  socket.remote_port = remote->port;
  if (auto rest = take_rest(
          line, static_cast<std::size_t>(line.words[at + 3].column) - 1 + line.words[at + 3].text.size(), socket);
      !rest)
    return rest;
  list_.sockets.push_back(std::move(socket));
  last_taken_ = true;
  return {};
}

Outcome<void> SsParser::take_rest(const ListLine& line, std::size_t from, ListedSocket& socket) {
  constexpr std::string_view users = "users:(";
  std::size_t at = line.text.find(users, from);
  if (at != std::string_view::npos) {
    at += users.size();
    if (auto taken = take_users(line, at, socket); !taken) return taken;
  } else {
    at = from;
  }
  for (const Word& word : line.words) {
    if (static_cast<std::size_t>(word.column) <= at) continue;
    const std::size_t colon = word.text.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = word.text.substr(0, colon);
    const auto value = number_of(word.text.substr(colon + 1));
    if (!value) continue;
    if (key == "uid") socket.uid = *value;
    if (key == "ino") socket.inode = *value;
    if (key == "v6only") socket.v6_only = *value != 0;
  }
  return {};
}

Outcome<void> SsParser::take_users(const ListLine& line, std::size_t& at, ListedSocket& socket) {
  const auto bad = [&](std::size_t column, std::string_view what) {
    return line.fail_at_column(static_cast<int>(column) + 1, "the list of processes is not understood here",
                               std::string(what));
  };
  const auto number = [&](std::string_view key, std::size_t& from) -> std::optional<std::uint32_t> {
    from += key.size();
    std::size_t end = from;
    while (end < line.text.size() && line.text[end] >= '0' && line.text[end] <= '9') ++end;
    const auto value = number_of(line.text.substr(from, end - from));
    if (value) from = end;
    return value;
  };
  while (line.text.substr(at, 2) == "(\"") {
    // Names are printed as they are: this is where one surely ends.
    const std::size_t end = line.text.find("\",pid=", at);
    if (end == std::string_view::npos) return bad(at, "(\"NAME\",pid=NUMBER,fd=NUMBER)");
    SocketHolder holder;
    holder.name = line.text.substr(at + 2, end - at - 2);
    at = end + 2;
    const auto pid = number("pid=", at);
    if (!pid) return bad(at, "a process id");
    holder.pid = *pid;
    const std::size_t close = line.text.find(')', at);
    std::size_t fd = line.text.find(",fd=", at);
    if (close == std::string_view::npos) return bad(line.text.size(), "')'");
    if (fd < close) {
      const auto value = number(",fd=", fd);
      if (!value || *value > 0x7fffffffu) return bad(fd, "the number of a descriptor");
      holder.fd = static_cast<std::int32_t>(*value);
    }
    socket.holders.push_back(std::move(holder));
    at = close + 1;
    if (line.text.substr(at, 1) == ",") ++at;
  }
  if (line.text.substr(at, 1) != ")") return bad(at, "(\"NAME\",pid=NUMBER,fd=NUMBER) or ')'");
  ++at;
  return {};
}

}  // namespace

bool looks_like_ss(const ListLine& line) {
  if (is_head(line)) return true;
  const std::string_view first = line.words[0].text;
  const bool kind = is_protocol(first) || is_other_kind(first);
  return !line.indented() && line.words.size() >= 5 && (kind || state_called(first, ss_states));
}

Outcome<SocketList> parse_ss(const ListLines& lines) {
  return SsParser(lines).run();
}

}  // namespace fourtuple::capture
