// The routing table of a host as `ip route` prints it: IPv4 first, then IPv6.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <tuple>

#include "app/views/rows.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

std::vector<trace::RouteInfo> sorted_routes(const ViewInput& input, HostId host) {
  std::vector<trace::RouteInfo> routes = input.tables.topology.hosts[host.value].routes;
  std::stable_sort(routes.begin(), routes.end(), [](const trace::RouteInfo& a, const trace::RouteInfo& b) {
    const auto key = [](const trace::RouteInfo& route) {
      // `ip -6 route` ends with the default route, `ip route` begins with it.
      const bool v6_default = route.destination.address.family == Family::ipv6 && route.destination.length == 0;
      return std::tuple(route.destination.address.family, v6_default, route.destination.address,
                        route.destination.length);
    };
    return key(a) < key(b);
  });
  return routes;
}

std::string destination_of(const trace::RouteInfo& route) {
  return route.destination.length == 0 ? "default" : route.destination.to_string();
}

// The interface's own address in the destination: the kernel made such a route when the address was given.
std::optional<IpAddress> source_of(const ViewInput& input, const trace::RouteInfo& route) {
  if (route.gateway.valid()) return std::nullopt;
  for (const Prefix& own : input.tables.topology.interfaces[route.interface.value].addresses)
    if (own.length == route.destination.length && own.address.family == route.destination.address.family &&
        route.destination.contains(own.address))
      return own.address;
  return std::nullopt;
}

std::string line_of(const ViewInput& input, const trace::RouteInfo& route) {
  const bool v6 = route.destination.address.family == Family::ipv6;
  std::string line = destination_of(route);
  if (route.gateway.valid()) line += " via " + input.tables.addresses[route.gateway].to_string();
  line += " dev " + trace::interface_name(input.tables, route.interface);
  const auto source = source_of(input, route);
  if (v6) return line + (source ? " proto kernel metric 256 pref medium" : " metric 1024 pref medium");
  if (source) return line + " proto kernel scope link src " + source->to_string();
  return line + (route.gateway.valid() ? "" : " scope link");
}

}  // namespace

std::string routes_text(const ViewInput& input, HostId host) {
  std::string text;
  for (const trace::RouteInfo& route : sorted_routes(input, host)) text += line_of(input, route) + "\n";
  if (!text.empty()) return text;
  return input.tables.source == trace::Source::capture ? "a capture does not tell routes\n" : "no routes\n";
}

Json routes_json(const ViewInput& input, HostId host) {
  Json rows = Json::array();
  for (const trace::RouteInfo& route : sorted_routes(input, host)) {
    Json row{{"destination", destination_of(route)},
             {"family", route.destination.address.family == Family::ipv6 ? 6 : 4},
             {"interface", trace::interface_name(input.tables, route.interface)}};
    if (route.gateway.valid()) row["gateway"] = input.tables.addresses[route.gateway].to_string();
    if (const auto source = source_of(input, route)) row["source"] = source->to_string();
    rows.push_back(row);
  }
  return rows;
}

}  // namespace fourtuple::app
