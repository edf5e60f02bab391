// What lsof prints: COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME, one line for each descriptor. Only internet
// sockets count. A socket with several holders has several lines.
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "capture/sockets/list_words.h"

namespace fourtuple::capture {
namespace {

constexpr std::string_view lsof_command = "lsof -i -nP";

constexpr StateWord lsof_states[] = {{"(ESTABLISHED)", TcpState::established},
                                     {"(SYN_SENT)", TcpState::syn_sent},
                                     {"(SYN_RECV)", TcpState::syn_received},
                                     {"(FIN_WAIT1)", TcpState::fin_wait_1},
                                     {"(FIN_WAIT2)", TcpState::fin_wait_2},
                                     {"(TIME_WAIT)", TcpState::time_wait},
                                     {"(CLOSE)", TcpState::closed},
                                     {"(CLOSED)", TcpState::closed},
                                     {"(CLOSE_WAIT)", TcpState::close_wait},
                                     {"(LAST_ACK)", TcpState::last_ack},
                                     {"(LISTEN)", TcpState::listen},
                                     {"(CLOSING)", TcpState::closing}};

// Where the columns stand, counted in words: a line of a socket has a word in each.
struct Heads {
  std::size_t pid = 1, fd = 3, type = 4, device = 5, node = 7, name = 8;
};

Outcome<Heads> read_heads(const ListLine& line) {
  Heads heads;
  const auto place = [&](std::string_view head, std::size_t& at) {
    const auto found =
        std::find_if(line.words.begin(), line.words.end(), [&](const Word& w) { return w.text == head; });
    at = static_cast<std::size_t>(found - line.words.begin());
    return found != line.words.end();
  };
  for (const auto& [head, at] : {std::pair{"PID", &heads.pid},
                                 {"FD", &heads.fd},
                                 {"TYPE", &heads.type},
                                 {"DEVICE", &heads.device},
                                 {"NODE", &heads.node},
                                 {"NAME", &heads.name}})
    if (!place(head, *at))
      return line.fail_at(line.words.size(), fmt::format("there is no column {}", head),
                          "the columns of `lsof -i -nP`");
  return heads;
}

// lsof writes blanks and other odd characters of a command as \x20.
std::string unescaped(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const bool escape = text.substr(i, 2) == "\\x" && i + 4 <= text.size();
    if (escape && std::from_chars(text.data() + i + 2, text.data() + i + 4, value, 16).ptr == text.data() + i + 4) {
      name += static_cast<char>(value);
      i += 3;
    } else {
      name += text[i];
    }
  }
  return name;
}

class LsofParser {
 public:
  explicit LsofParser(const ListLines& lines) : lines_(lines) {}
  Outcome<SocketList> run();

 private:
  Outcome<void> take(const ListLine& line);
  Outcome<void> take_name(const ListLine& line, ListedSocket& socket) const;
  void join(ListedSocket socket);

  ListLines lines_;
  Heads heads_;
  SocketList list_;
  // Where the sockets with this number are: a number alone is not enough, lsof may print another in its place.
  using Key = std::tuple<std::uint32_t, Protocol, IpAddress, std::uint16_t, IpAddress, std::uint16_t>;
  std::map<Key, std::size_t> by_inode_;
};

Outcome<SocketList> LsofParser::run() {
  ListLine line;
  lines_.next(line);
  const auto heads = read_heads(line);
  if (!heads) return tl::unexpected<Error>(heads.error());
  heads_ = *heads;
  while (lines_.next(line))
    if (auto taken = take(line); !taken) return tl::unexpected<Error>(taken.error());
  return std::move(list_);
}

Outcome<void> LsofParser::take(const ListLine& line) {
  if (looks_like_lsof(line)) return {};  // -r repeats the head
  if (line.words.size() <= heads_.type) return {};
  const std::string_view type = line.words[heads_.type].text;
  if (type != "IPv4" && type != "IPv6") return {};  // a file, a pipe
  // NAME is the last column of lsof; a head that was edited may have another order.
  if (line.words.size() <= std::max({heads_.name, heads_.node, heads_.pid, heads_.fd, heads_.device}))
    return line.fail_at(line.words.size(), "the line ends too early", "a protocol and ADDRESS:PORT");
  const std::string_view node = line.words[heads_.node].text;
  if (node != "TCP" && node != "UDP") return {};
  ListedSocket socket;
  socket.line = line.number;
  socket.protocol = node == "TCP" ? Protocol::tcp : Protocol::udp;
  socket.family = type == "IPv4" ? Family::ipv4 : Family::ipv6;
  const auto pid = number_of(line.words[heads_.pid].text);
  if (!pid) return line.fail_at(heads_.pid, "this is not a process id", "a number in the column PID");
  std::string_view fd = line.words[heads_.fd].text;
  while (!fd.empty() && (fd.back() < '0' || fd.back() > '9')) fd.remove_suffix(1);  // u, r, w; locks
  const auto descriptor = number_of(fd);
  const bool good = descriptor && *descriptor <= 0x7fffffffu;
  if (!good) return line.fail_at(heads_.fd, "this is not a descriptor", "a number and u, r or w in the column FD");
  socket.holders.push_back({unescaped(line.words[0].text), *pid, static_cast<std::int32_t>(*descriptor)});
  socket.inode = number_of(line.words[heads_.device].text).value_or(0);
  if (auto named = take_name(line, socket); !named) return named;
  join(std::move(socket));
  return {};
}

Outcome<void> LsofParser::take_name(const ListLine& line, ListedSocket& socket) const {
  const Word& name = line.words[heads_.name];
  const std::size_t arrow = name.text.find("->");
  const auto local = read_end(line, {name.text.substr(0, arrow), name.column}, lsof_command);
  if (!local) return tl::unexpected<Error>(local.error());
  socket.local = local->any ? IpAddress::wildcard(socket.family) : local->address;
  socket.local_port = local->port;
  socket.remote = IpAddress::wildcard(socket.family);
  if (arrow != std::string_view::npos) {
    const auto remote =
        read_end(line, {name.text.substr(arrow + 2), name.column + static_cast<int>(arrow) + 2}, lsof_command);
    if (!remote) return tl::unexpected<Error>(remote.error());
    socket.remote = remote->any ? socket.remote : remote->address;
    socket.remote_port = remote->port;
  }
  if (socket.protocol == Protocol::udp) {
    socket.state = socket.connected() ? TcpState::established : TcpState::closed;
    return {};
  }
  socket.state = socket.connected() ? TcpState::established : TcpState::closed;
  if (line.words.size() == heads_.name + 1) return {};
  const auto state = state_called(line.words[heads_.name + 1].text, lsof_states);
  if (!state) return line.fail_at(heads_.name + 1, "this is not a state", "one such as (LISTEN) or (ESTABLISHED)");
  socket.state = *state;
  return {};
}

// Lines of one socket become one entry with several holders.
void LsofParser::join(ListedSocket socket) {
  const Key key{socket.inode, socket.protocol, socket.local, socket.local_port, socket.remote, socket.remote_port};
  const auto [found, added] = by_inode_.try_emplace(key, list_.sockets.size());
  if (added || socket.inode == 0) {
    list_.sockets.push_back(std::move(socket));
  } else {
    list_.sockets[found->second].holders.push_back(std::move(socket.holders.front()));
  }
}

}  // namespace

bool looks_like_lsof(const ListLine& line) {
  return line.words[0].text == "COMMAND" && line.text.find("PID") != std::string_view::npos &&
         line.text.find("NAME") != std::string_view::npos;
}

Outcome<SocketList> parse_lsof(ListLines lines) {
  return LsofParser(lines).run();
}

}  // namespace fourtuple::capture
