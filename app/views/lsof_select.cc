#include "app/views/lsof_select.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c != ',') {
      parts.back() += c;
    } else {
      parts.emplace_back();
    }
  }
  std::erase(parts, "");
  return parts;
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// "80", "80-90" or "http".
bool read_port(InternetPattern& pattern, const std::string& text) {
  const std::size_t dash = text.find('-');
  const auto low = port_number(std::string_view(text).substr(0, dash));
  const auto high = dash == std::string::npos ? low : port_number(std::string_view(text).substr(dash + 1));
  if (low && high) {
    pattern.ports.emplace_back(*low, *high);
    return *low <= *high;
  }
  pattern.services.push_back(text);
  return text.find_first_not_of("0123456789") != std::string::npos;
}

bool has_port(const ViewInput& input, const InternetPattern& pattern, Protocol protocol, std::uint16_t port) {
  if (port == 0) return false;
  const auto in = [&](const auto& range) { return range.first <= port && port <= range.second; };
  if (std::any_of(pattern.ports.begin(), pattern.ports.end(), in)) return true;
  return std::any_of(pattern.services.begin(), pattern.services.end(),
                     [&](const std::string& service) { return input.services.port_of(protocol, service) == port; });
}

bool has_address(const ViewInput& input, const std::string& host, AddressId id) {
  const IpAddress& ip = input.tables.addresses[id];
  if (ip.is_wildcard()) return false;
  if (ip.to_string() == host || (host == "localhost" && ip.is_loopback())) return true;
  for (const trace::InterfaceInfo& interface : input.tables.topology.interfaces) {
    if (trace::host_name(input.tables, interface.host) != host) continue;
    for (const Prefix& own : interface.addresses)
      if (own.address == ip && !ip.is_loopback()) return true;
  }
  return false;
}

// One end of the socket must have both the address and the port, as lsof asks.
bool matches(const ViewInput& input, const InternetPattern& pattern, const SocketRow& row) {
  if (pattern.family && *pattern.family != row.socket.family) return false;
  if (pattern.protocol && *pattern.protocol != row.socket.protocol) return false;
  const bool any_port = pattern.ports.empty() && pattern.services.empty();
  const auto end = [&](AddressId address, std::uint16_t port) {
    return (pattern.host.empty() || has_address(input, pattern.host, address)) &&
           (any_port || has_port(input, pattern, row.socket.protocol, port));
  };
  const FourTuple& tuple = row.socket.tuple;
  return end(tuple.local, tuple.local_port) || (row.connected() && end(tuple.remote, tuple.remote_port));
}

// Whether a name is in the list; `same` compares.
template <class Same>
bool names(const NameList& list, Same same) {
  if (std::any_of(list.unwanted.begin(), list.unwanted.end(), same)) return false;
  return list.wanted.empty() || std::any_of(list.wanted.begin(), list.wanted.end(), same);
}

std::optional<TcpState> state_called(const std::string& word) {
  for (int i = 1; i <= static_cast<int>(TcpState::closing); ++i) {
    const auto state = static_cast<TcpState>(i);
    const std::string_view name = underscore_name(state);
    if (name == word) return state;
  }
  if (word == "SYN_RCDV" || word == "SYN_RECEIVED") return TcpState::syn_received;
  if (word == "CLOSED") return TcpState::closed;
  return std::nullopt;
}

}  // namespace

Outcome<InternetPattern> read_internet_pattern(const std::string& text) {
  InternetPattern pattern;
  std::string rest = text;
  if (!rest.empty() && (rest[0] == '4' || rest[0] == '6')) {
    pattern.family = rest[0] == '4' ? Family::ipv4 : Family::ipv6;
    rest.erase(0, 1);
  }
  const std::string protocol = upper(rest.substr(0, rest.find_first_of("@:")));
  if (protocol == "TCP" || protocol == "UDP") {
    pattern.protocol = protocol == "TCP" ? Protocol::tcp : Protocol::udp;
  } else if (!protocol.empty()) {
    return fail({}, fmt::format("lsof -i: '{}' is not understood", text), "[46][tcp|udp][@address][:port]");
  }
  rest.erase(0, protocol.size());
  const bool bracket = rest.starts_with("@[");
  std::string ports;
  if (const std::size_t colon = bracket ? rest.find("]:") : rest.find(':'); colon != std::string::npos) {
    ports = rest.substr(colon + (bracket ? 2 : 1));
    rest.erase(colon + (bracket ? 1 : 0));
    if (ports.empty()) return fail({}, fmt::format("lsof -i: no port after the colon of '{}'", text), "such as :80");
  }
  if (rest.starts_with("@")) pattern.host = rest.substr(1);
  if (bracket && pattern.host.ends_with("]")) pattern.host = pattern.host.substr(1, pattern.host.size() - 2);
  for (const std::string& port : split_list(ports))
    if (!read_port(pattern, port))
      return fail({}, fmt::format("lsof -i: '{}' is not a port", port), "a number up to 65535, a range or a service");
  return pattern;
}

NameList read_name_list(const std::string& text) {
  NameList list;
  for (const std::string& part : split_list(text)) {
    if (part.starts_with("^")) {
      list.unwanted.push_back(part.substr(1));
    } else {
      list.wanted.push_back(part);
    }
  }
  return list;
}

Outcome<bool> read_states(LsofSelection& selection, const std::string& text) {
  const std::size_t colon = text.find(':');
  if (upper(text.substr(0, colon)) != "TCP" || colon == std::string::npos)
    return fail({}, fmt::format("lsof -s: '{}' is not understood", text), "-sTCP:STATE, such as -sTCP:LISTEN");
  for (const std::string& word : split_list(upper(text.substr(colon + 1)))) {
    const bool unwanted = word.starts_with("^");
    const auto state = state_called(unwanted ? word.substr(1) : word);
    if (!state) return fail({}, fmt::format("lsof -s: there is no TCP state '{}'", word), "such as LISTEN, TIME_WAIT");
    (unwanted ? selection.unwanted_states : selection.tcp_states).push_back(*state);
  }
  return true;
}

bool is_selected(const ViewInput& input, const LsofSelection& selection, const SocketRow& row) {
  if (row.tcp()) {
    const auto has = [&](const std::vector<TcpState>& states) {
      return std::find(states.begin(), states.end(), row.socket.tcp_state) != states.end();
    };
    if (has(selection.unwanted_states) || (!selection.tcp_states.empty() && !has(selection.tcp_states))) return false;
  }
  std::vector<bool> answers;
  if (selection.internet) {
    const auto fits = [&](const InternetPattern& pattern) { return matches(input, pattern, row); };
    const auto& patterns = *selection.internet;
    answers.push_back(patterns.empty() || std::any_of(patterns.begin(), patterns.end(), fits));
  }
  if (selection.commands)
    answers.push_back(names(*selection.commands, [&](const std::string& n) { return row.command.starts_with(n); }));
  if (selection.pids)
    answers.push_back(
        names(*selection.pids, [&](const std::string& n) { return n == std::to_string(row.process->pid); }));
  if (selection.users)
    answers.push_back(names(*selection.users, [&](const std::string& n) {
      return n == row.user || n == std::to_string(row.process->uid);
    }));
  const auto yes = [](bool answer) { return answer; };
  if (answers.empty()) return true;
  return selection.all_of ? std::all_of(answers.begin(), answers.end(), yes)
                          : std::any_of(answers.begin(), answers.end(), yes);
}

}  // namespace fourtuple::app
