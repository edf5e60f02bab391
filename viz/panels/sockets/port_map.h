// What the port map says in words: the ranges, what holds one port, which ports a reader may look for, and which are
// named on the map. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "viz/panel/context.h"
#include "viz/panels/sockets/port_counts.h"

namespace fourtuple::viz {

std::string_view words_of(PortUse use, Protocol protocol);

// IANA's three ranges, and the one the host's kernel chooses from.
struct PortRange {
  std::string_view name;  // "system"
  std::uint16_t low = 0, high = 0;
  std::uint32_t in_use = 0;
};
struct PortRanges {
  std::vector<PortRange> iana;
  PortRange ephemeral;
  bool ephemeral_known = false;  // false: the host's setting is not known; what Linux has unless changed
};
PortRanges port_ranges(const PanelContext& context, HostId host, const PortCounts& counts, Protocol protocol);

// One socket that holds a port.
struct PortHolder {
  SocketId socket;
  PortRole role = PortRole::bound;
  std::string state;    // as ss writes it
  std::string local;    // "0.0.0.0"; the port is known
  std::string peer;     // "192.0.2.1:50432", "*" for anyone
  std::string process;  // "httpd, pid 80, fd 3"
  std::optional<std::size_t> flow;
  bool inferred = false;
};

// Everything about one port.
struct PortDetail {
  Protocol protocol = Protocol::tcp;
  std::uint16_t port = 0;
  std::string service;  // "http", "" without a name
  std::string aliases;  // "www, www-http"
  std::string range;    // "system port, 0 to 1023"
  std::string holders;  // "listening, 12 connected"; "free"
  std::vector<PortHolder> sockets;
  std::uint64_t more = 0;  // sockets not listed
};
constexpr std::size_t most_holders = 100;
PortDetail describe_port(const PanelContext& context, HostId host, const PortCounts& counts, Protocol protocol,
                         std::uint16_t port);
// "80 http"
std::string port_title(const PortDetail& detail);
// "listening, 12 connected, 3 closing"; "free"
std::string holders_words(const PortHolders& holders, Protocol protocol);

// A port a reader may mean.
struct PortMatch {
  Protocol protocol = Protocol::tcp;
  std::uint16_t port = 0;
  std::string name;     // "" for a port without one
  std::string aliases;  // that explain why it is found
  PortHolders holders;
};
constexpr std::size_t most_matches = 200;
// Services whose name or alias contains `text`, or the port of that number: those in use first, then those called
// exactly so, then those whose name begins so.
std::vector<PortMatch> find_ports(const replay::HostTools& tools, const PortCounts& counts, std::string_view text);

// A port named on the map.
struct PortLabel {
  std::uint16_t port = 0;
  std::string words;  // "caddy", "https"
  RowChange change = RowChange::none;
};
// All ports in use if there are at most `most`, else those that wait for anyone; then those that changed.
std::vector<PortLabel> port_labels(const PanelContext& context, HostId host, const PortCounts& counts,
                                   Protocol protocol, const std::vector<PortChange>& changes, std::size_t most);

}  // namespace fourtuple::viz
