#include "capture/machine/proc_net.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>

#include "capture/sockets/list_words.h"

namespace fourtuple::capture {
namespace {

// "sl: local remote st tx:rx tr:when retrnsmt uid timeout inode …"
constexpr std::size_t column_local = 1, column_remote = 2, column_state = 3, column_queues = 4, column_uid = 7,
                      column_inode = 9;

std::optional<std::uint32_t> hex_of(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (problem != std::errc() || end != text.data() + text.size() || text.empty() || text.size() > 8)
    return std::nullopt;
  return value;
}

struct End {
  IpAddress address;
  std::uint16_t port = 0;
};

std::optional<End> end_of(std::string_view text, Family family) {
  const std::size_t digits = family == Family::ipv4 ? 8 : 32;
  if (text.size() != digits + 5 || text[digits] != ':') return std::nullopt;
  End end;
  end.address.family = family;
  for (std::size_t word = 0; word < digits / 8; ++word) {
    const auto value = hex_of(text.substr(word * 8, 8));
    if (!value) return std::nullopt;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t shift = std::endian::native == std::endian::big ? 24 - 8 * i : 8 * i;
      end.address.bytes[word * 4 + i] = static_cast<std::uint8_t>(*value >> shift);
    }
  }
  const auto port = hex_of(text.substr(digits + 1));
  if (!port) return std::nullopt;
  end.port = static_cast<std::uint16_t>(*port);
  end.address = unmapped(end.address);
  return end;
}

Outcome<void> parse_line(const ListLine& line, ListedSocket& socket) {
  const auto word = [&](std::size_t i) { return i < line.words.size() ? line.words[i].text : std::string_view(); };
  const Family family = socket.family;
  for (const std::size_t at : {column_local, column_remote}) {
    const auto end = end_of(word(at), family);
    if (!end) {
      return line.fail_at(
          at, "this is not an address and a port of /proc/net",
          family == Family::ipv4 ? "8 hexadecimal digits, ':' and 4 more" : "32 hexadecimal digits, ':' and 4 more");
    }
    (at == column_local ? socket.local : socket.remote) = end->address;
    (at == column_local ? socket.local_port : socket.remote_port) = end->port;
  }
  if (!socket.connected()) socket.remote = IpAddress::wildcard(family);
  // 12 is TCP_NEW_SYN_RECV, which /proc prints as 3; no other number is a state.
  const auto state = hex_of(word(column_state));
  if (!state || *state < 1 || *state > 11) return line.fail_at(column_state, "this is not a state", "01 to 0B");
  socket.state = static_cast<TcpState>(*state);
  const std::string_view queues = word(column_queues);
  const std::size_t colon = std::min(queues.find(':'), queues.size());
  const auto send = hex_of(queues.substr(0, colon)),
             receive = hex_of(queues.substr(std::min(colon + 1, queues.size())));
  if (!send || !receive)
    return line.fail_at(column_queues, "these are not the lengths of queues", "8 hexadecimal digits, ':' and 8 more");
  socket.send_queue = *send;
  socket.receive_queue = *receive;
  const auto uid = number_of(word(column_uid)), inode = number_of(word(column_inode));
  if (!uid) return line.fail_at(column_uid, "this is not a user's number", "a decimal number");
  if (!inode) return line.fail_at(column_inode, "this is not an inode", "a decimal number");
  socket.uid = *uid;
  socket.inode = *inode;
  return {};
}

}  // namespace

Outcome<void> parse_proc_net(std::string_view text, const std::string& name, Protocol protocol, Family family,
                             std::vector<ListedSocket>& sockets) {
  ListLines lines(text, name);
  for (ListLine line; lines.next(line);) {
    if (line.words[0].text == "sl") continue;
    ListedSocket socket;
    socket.protocol = protocol;
    socket.family = family;
    socket.line = line.number;
    if (auto parsed = parse_line(line, socket); !parsed) return parsed;
    sockets.push_back(std::move(socket));
  }
  return {};
}

}  // namespace fourtuple::capture
