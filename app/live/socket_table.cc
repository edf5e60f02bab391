#include "app/live/socket_table.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <pwd.h>

#include "app/text_table.h"
#include "capture/machine/machine_trace.h"
#include "sim/replay/cursor.h"

namespace fourtuple::app {
namespace {

std::string user_name(std::uint32_t uid) {
  const passwd* user = getpwuid(uid);
  return user != nullptr ? user->pw_name : std::to_string(uid);
}

// Calls show(listing, input, host) with the machine as a host.
template <class Show>
auto with_listing(const capture::Machine& machine, bool all, Show show) {
  const std::string words[] = {all ? "-tuanp" : "-tulnp"};
  const auto listing = ss_listing(words);
  const trace::Trace trace = capture::trace_of(machine, "this machine", user_name);
  const replay::Cursor cursor = [&] {
    replay::Cursor at_end(trace, 0);
    at_end.seek(at_end.end_time());
    return at_end;
  }();
  const Services services;
  const ViewInput input{trace.tables(), cursor.state(), cursor.end_time(), services};
  return show(*listing, input, HostId{0});
}

std::string own_path() {
  std::error_code problem;
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", problem);
  return problem ? "fourtuple" : path.string();
}

}  // namespace

std::string sockets_text(const capture::Machine& machine, bool all) {
  return with_listing(machine, all, [](const Listing& listing, const ViewInput& input, HostId host) {
    return listing.text(input, host);
  });
}

Json sockets_json(const capture::Machine& machine, bool all) {
  return with_listing(machine, all, [](const Listing& listing, const ViewInput& input, HostId host) {
    return listing.json(input, host);
  });
}

std::vector<std::string> notes_of(const capture::Machine& machine) {
  std::vector<std::string> notes = machine.notes();
  const auto& sockets = machine.list.sockets;
  const auto count_if = [&](auto&& is) { return std::count_if(sockets.begin(), sockets.end(), is); };
  if (count_if([](const capture::ListedSocket& socket) { return socket.listens(); }) != 0)
    notes.push_back("/proc does not tell how long a listener's queue may become (Send-Q, shown as 0)");
  const auto unclear = [](const capture::ListedSocket& socket) {
    return socket.family == Family::ipv6 && !socket.connected() && socket.local.is_wildcard();
  };
  if (count_if(unclear) != 0)
    notes.push_back("/proc does not tell whether an IPv6 socket on * takes IPv4 as well (IPV6_V6ONLY): shown as if");
  const auto shared = count_if([](const capture::ListedSocket& socket) {
    return std::any_of(socket.holders.begin(), socket.holders.end(),
                       [&](const capture::SocketHolder& holder) { return holder.pid != socket.holders[0].pid; });
  });
  if (shared != 0)
    notes.push_back(fmt::format("{} held by several processes: the first is shown", plural(shared, "socket")));
  return notes;
}

std::string capture_advice(bool may_capture, const std::vector<capture::LocalInterface>& interfaces) {
  const auto best = std::find_if(interfaces.begin(), interfaces.end(), [](const capture::LocalInterface& interface) {
    return interface.up && !interface.loopback && !interface.addresses.empty();
  });
  const std::string name = best != interfaces.end() ? best->name : interfaces.empty() ? "lo" : interfaces.front().name;
  const std::string there = interfaces.empty() ? "" : "; there are " + capture::names_of(interfaces);
  if (may_capture) return fmt::format("packets are shown for an interface: `fourtuple live {}`{}", name, there);
  const std::string path = own_path();
  return fmt::format(
      "packets cannot be captured: that needs CAP_NET_RAW.\n"
      "  now:      sudo {0} live {1}\n"
      "  for good: sudo setcap cap_net_raw,cap_dac_read_search,cap_sys_ptrace=ep {0}\n"
      "  (the last two also show the processes of other users){2}",
      path, name, interfaces.size() < 2 ? "" : "\n  interfaces: " + capture::names_of(interfaces));
}

}  // namespace fourtuple::app
