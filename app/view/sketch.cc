#include "app/view/sketch.h"

#include <algorithm>
#include <array>

namespace fourtuple::app {
namespace {

using viz::GallerySketch;
constexpr std::size_t most_hosts = 12, columns = 3;

bool passes_packets_on(const world::HostSpec& host) {
  return host.forwarding || host.nat || host.interfaces.size() > 1;
}

// Who waits for others: it has a program that keeps a port, or no program but is reached by name of its network.
bool answers(const world::HostSpec& host) {
  return std::any_of(host.processes.begin(), host.processes.end(),
                     [](const world::ProcessSpec& process) { return !process.listen.empty(); });
}

std::size_t column_of(const world::HostSpec& host) {
  return passes_packets_on(host) ? 1 : answers(host) ? 2 : 0;
}

}  // namespace

viz::GallerySketch sketch_of(const world::Scenario& scenario) {
  GallerySketch sketch;
  std::array<std::vector<std::size_t>, columns> members;
  const std::size_t shown = std::min(scenario.hosts.size(), most_hosts);
  for (std::size_t i = 0; i < shown; ++i) members[column_of(scenario.hosts[i])].push_back(i);
  // Two of a kind face each other.
  if (members[2].empty() && members[0].size() > 1) {
    members[2].push_back(members[0].back());
    members[0].pop_back();
  }
  if (members[0].empty() && members[2].size() > 1) {
    members[0].push_back(members[2].front());
    members[2].erase(members[2].begin());
  }
  sketch.hosts.resize(shown);
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < members[column].size(); ++row) {
      GallerySketch::Host& host = sketch.hosts[members[column][row]];
      host.x = static_cast<float>(column) / (columns - 1);
      host.y = (static_cast<float>(row) + 0.5F) / static_cast<float>(members[column].size());
      host.role = column == 0   ? GallerySketch::Role::client
                  : column == 1 ? GallerySketch::Role::router
                                : GallerySketch::Role::server;
      host.guarded = scenario.hosts[members[column][row]].nft != nullptr;
    }
  }
  // Hosts of one network meet at the first router in it, else at its last host.
  for (std::size_t network = 0; network < scenario.networks.size(); ++network) {
    std::vector<std::size_t> on;
    for (std::size_t i = 0; i < shown; ++i) {
      const auto& interfaces = scenario.hosts[i].interfaces;
      if (std::any_of(interfaces.begin(), interfaces.end(),
                      [&](const world::InterfaceSpec& interface) { return interface.network == network; }))
        on.push_back(i);
    }
    if (on.size() < 2) continue;
    const auto router =
        std::find_if(on.begin(), on.end(), [&](std::size_t i) { return passes_packets_on(scenario.hosts[i]); });
    const std::size_t meeting = router == on.end() ? on.back() : *router;
    for (const std::size_t i : on) {
      if (i != meeting) sketch.links.push_back({i, meeting});
    }
  }
  return sketch;
}

}  // namespace fourtuple::app
