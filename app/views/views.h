// The tables of a host at an instant as its own tools print them, and the same as JSON with stable keys.
//
// A listing is asked for in the words a user would type on the host: `ss -tanp`, `lsof -i :80`, `cat /proc/net/tcp`.
#pragma once

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/replay/host_tools.h"
#include "sim/state/state.h"
#include "sim/trace/record.h"
#include "sim/trace/tables.h"
#include "sim/wire/services.h"

namespace fourtuple::app {

struct ViewInput {
  const trace::Tables& tables;
  const state::State& state;
  Time now;  // the instant of the state: what has expired by then is not shown
  const Services& services;
  std::optional<std::uint16_t> port = std::nullopt;                // only sockets with this local or remote port
  std::uint32_t most = std::numeric_limits<std::uint32_t>::max();  // sockets of each protocol, the first in order
};

using Json = nlohmann::ordered_json;

struct Listing {
  std::string name;                                                 // "ss"
  std::string_view columns;                                         // replay::column_meanings() of it
  std::function<std::string(const ViewInput& input, HostId)> text;  // lines with their ends
  std::function<Json(const ViewInput& input, HostId)> json;         // an array of rows
  trace::Level level = trace::Level::stages;  // detail the trace needs for it; queues are no facts
  bool names_ports = false;                   // prints names of services
  // What the text says, as cells; empty for listings the window does not show.
  std::function<replay::ToolTable(const ViewInput& input, HostId)> table = {};
};

// What `words` ask for: the name of a view and its options. The first word may hold them all ("ss -tanp").
Outcome<Listing> parse_listing(const std::vector<std::string>& words);

// One line about each view, for --help.
std::string_view views_help();

// --- the tools; `words` are those after the name ---
using Words = std::span<const std::string>;
// Without options `ss -tuanp`, `netstat -an` and `lsof -i -nP`.
Outcome<Listing> ss_listing(Words words);
Outcome<Listing> netstat_listing(Words words);
Outcome<Listing> lsof_listing(Words words);
// "/proc/net/tcp", "/proc/80/fd"
Outcome<Listing> proc_listing(const std::string& path);

// What a descriptor leads to, in the words of the view `fds`.
std::string descriptor_words(const ViewInput& input, const state::Descriptor& descriptor);
// The descriptor table of each process, and where it sleeps.
std::string fds_text(const ViewInput& input, HostId host);
Json fds_json(const ViewInput& input, HostId host);
// What a host has at its disposal: descriptors and their limits, kernel memory of sockets, packets.
std::string gauges_text(const ViewInput& input, HostId host);
Json gauges_json(const ViewInput& input, HostId host);
// Ports in use, their names and ranges.
std::string ports_text(const ViewInput& input, HostId host);
Json ports_json(const ViewInput& input, HostId host);
// `ip route` and `ip -6 route`
std::string routes_text(const ViewInput& input, HostId host);
Json routes_json(const ViewInput& input, HostId host);
// `conntrack -L -o extended`
std::string conntrack_text(const ViewInput& input, HostId host);
Json conntrack_json(const ViewInput& input, HostId host);
// `nft list ruleset`
std::string nft_text(const ViewInput& input, HostId host);
Json nft_json(const ViewInput& input, HostId host);

}  // namespace fourtuple::app
