// Paths below /proc: which of them are simulated.
#include <fmt/format.h>

#include "app/views/proc_fd.h"
#include "app/views/proc_net.h"

namespace fourtuple::app {
namespace {

Outcome<Listing> no_such_path(const std::string& path) {
  return fail({}, fmt::format("'{}' is not simulated", path),
              "/proc/net/tcp, /proc/net/tcp6, /proc/net/udp, /proc/net/udp6 or /proc/PID/fd");
}

Listing proc_net_listing(ProcNetTable table) {
  const auto text = [table](const ViewInput& input, HostId host) { return proc_net_text(input, host, table); };
  const auto json = [table](const ViewInput& input, HostId host) { return proc_net_json(input, host, table); };
  const auto cells = [table](const ViewInput& input, HostId host) { return proc_net_table(input, host, table); };
  const bool tcp = table.protocol == Protocol::tcp;
  return {fmt::format("/proc/net/{}{}", tcp ? "tcp" : "udp", table.family == Family::ipv6 ? "6" : ""),
          tcp ? "/proc/net/tcp" : "/proc/net/udp",
          text,
          json,
          tcp ? trace::Level::expressions : trace::Level::stages,
          false,
          cells};
}

}  // namespace

Outcome<Listing> proc_listing(const std::string& path) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp})
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      Listing listing = proc_net_listing({protocol, family});
      if (listing.name == path) return listing;
    }
  std::string pid = path.substr(std::string_view("/proc/").size());
  while (pid.ends_with('/')) pid.pop_back();
  if (!pid.ends_with("/fd")) return no_such_path(path);
  pid.resize(pid.size() - 3);
  if (pid.empty() || pid.size() > 9 || pid.find_first_not_of("0123456789") != std::string::npos)
    return no_such_path(path);
  const auto number = static_cast<std::uint32_t>(std::stoul(pid));
  const auto text = [number](const ViewInput& input, HostId host) { return proc_fd_text(input, host, number); };
  const auto json = [number](const ViewInput& input, HostId host) { return proc_fd_json(input, host, number); };
  return Listing{path, "/proc/PID/fd", text, json};
}

}  // namespace fourtuple::app
