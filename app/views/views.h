// The tables of a host at an instant as its own tools print them, and the same as JSON with stable keys.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "sim/state/state.h"
#include "sim/trace/tables.h"

namespace fourtuple::app {

struct ViewInput {
  const trace::Tables& tables;
  const state::State& state;
  Time now;  // the instant of the state: what has expired by then is not shown
};

using Json = nlohmann::ordered_json;

struct View {
  std::string_view name;
  std::string (*text)(const ViewInput& input, HostId host);  // lines with their ends
  Json (*json)(const ViewInput& input, HostId host);         // an array of rows
};

// ss, lsof, netstat, fds, ports, routes, conntrack, nft.
std::span<const View> views();
// Null when there is none of that name.
const View* find_view(std::string_view name);

// `ss -tuanp`
std::string ss_text(const ViewInput& input, HostId host);
Json ss_json(const ViewInput& input, HostId host);
// `netstat -an` (internet sockets)
std::string netstat_text(const ViewInput& input, HostId host);
Json netstat_json(const ViewInput& input, HostId host);
// `lsof -i -nP`
std::string lsof_text(const ViewInput& input, HostId host);
Json lsof_json(const ViewInput& input, HostId host);
// The descriptor table of each process.
std::string fds_text(const ViewInput& input, HostId host);
Json fds_json(const ViewInput& input, HostId host);
// Ports in use and the IANA range each belongs to.
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
