#include "viz/panels/ladder/ladder_hops.h"

#include <algorithm>
#include <cstdlib>

#include "sim/trace/codec.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

// What one packet puts on a ladder.
struct Way {
  std::vector<LadderHop> hops;
  std::optional<LadderStub> stub;

  std::vector<HostId> hosts() const {
    std::vector<HostId> found;
    for (const LadderHop& hop : hops) found.insert(found.end(), {hop.from, hop.to});
    if (stub) found.push_back(stub->host);
    return found;
  }
  // From an instant to the nearest of its departures.
  std::int64_t distance(Time from) const {
    std::int64_t nearest = stub ? std::abs((stub->at - from).ns) : INT64_MAX;
    for (const LadderHop& hop : hops) nearest = std::min(nearest, std::abs((hop.transit.departs - from).ns));
    return nearest;
  }
};

Way way_of(const PanelContext& context, PacketId id) {
  const trace::Tables& tables = context.trace.tables();
  const replay::PacketIndex& packets = context.indexes.packets();
  Way way;
  const std::vector<std::uint64_t> records = packets.hops(id);
  for (const std::uint64_t record : records) {
    LadderHop hop;
    hop.transit = context.indexes.lanes().transit(record);
    hop.from = host_of(tables, hop.transit.from);
    hop.to = host_of(tables, hop.transit.to);
    if (!hop.from.valid() || !hop.to.valid() || hop.from == hop.to) continue;
    hop.first = way.hops.empty();
    way.hops.push_back(hop);
  }
  const std::uint64_t end = packets.end(id);
  if (!records.empty() || packets.fate(id) != replay::Fate::dropped) return way;
  const trace::Slot* record = context.trace.at(end);
  if (record->host < tables.topology.hosts.size()) way.stub = {id, record->host_id(), end, record->at};
  return way;
}

bool holds(const std::vector<HostId>& hosts, HostId host) {
  return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
}

// Takes the hosts of whole ways, the nearest first, as long as they find room.
std::vector<HostId> choose_ladder_hosts(const std::vector<Way>& ways, Time middle, std::size_t& hidden) {
  std::vector<std::pair<std::int64_t, const Way*>> nearest;
  for (const Way& way : ways) nearest.emplace_back(way.distance(middle), &way);
  std::stable_sort(nearest.begin(), nearest.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<HostId> chosen, all;
  for (const auto& [distance, way] : nearest) {
    std::vector<HostId> grown = chosen;
    for (const HostId host : way->hosts()) {
      if (!holds(grown, host)) grown.push_back(host);
      if (!holds(all, host)) all.push_back(host);
    }
    if (chosen.empty() && grown.size() > most_ladder_hosts) grown.resize(most_ladder_hosts);
    if (grown.size() <= most_ladder_hosts) chosen = std::move(grown);
  }
  hidden = all.size() - chosen.size();
  return chosen;
}

// Hosts along the packets' ways, so that neighbours stand side by side: each new host next to the one it talks to.
std::vector<HostId> order_hosts(const std::vector<LadderHop>& hops) {
  std::vector<HostId> order;
  const auto find = [&](HostId host) { return std::find(order.begin(), order.end(), host); };
  for (const LadderHop& hop : hops) {
    const auto from = find(hop.from), to = find(hop.to);
    if (from == order.end() && to == order.end()) {
      order.push_back(hop.from);
      order.push_back(hop.to);
    } else if (to == order.end()) {
      const bool at_front = from == order.begin() && order.size() > 1;
      order.insert(at_front ? order.begin() : from + 1, hop.to);
    } else if (from == order.end()) {
      const bool at_end = to + 1 == order.end() && order.size() > 1;
      order.insert(at_end ? order.end() : to, hop.from);
    }
  }
  return order;
}

// Swaps hosts while that brings those that talk to each other closer, so that fewer arrows cross a column.
void bring_closer(std::vector<HostId>& order, const std::vector<LadderHop>& hops) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  const auto place = [&](HostId host) {
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), host) - order.begin());
  };
  for (const LadderHop& hop : hops) {
    const std::pair<std::size_t, std::size_t> pair = std::minmax(place(hop.from), place(hop.to));
    if (pair.second < order.size() && std::find(pairs.begin(), pairs.end(), pair) == pairs.end()) pairs.push_back(pair);
  }
  std::vector<std::size_t> at(order.size());  // where the host that was first, second … stands
  for (std::size_t i = 0; i < at.size(); ++i) at[i] = i;
  const auto length = [&] {
    std::size_t sum = 0;
    for (const auto& [a, b] : pairs) sum += at[a] > at[b] ? at[a] - at[b] : at[b] - at[a];
    return sum;
  };
  std::size_t best = length();
  for (bool better = true; better;) {
    better = false;
    for (std::size_t i = 0; i < at.size(); ++i) {
      for (std::size_t j = i + 1; j < at.size(); ++j) {
        std::swap(at[i], at[j]);
        const std::size_t now = length();
        if (now < best) {
          best = now;
          better = true;
        } else {
          std::swap(at[i], at[j]);
        }
      }
    }
  }
  const std::vector<HostId> before = order;
  for (std::size_t i = 0; i < at.size(); ++i) order[at[i]] = before[i];
}

}  // namespace

LadderWays collect_ways(const PanelContext& context, const std::vector<PacketId>& packets, Time middle) {
  std::vector<Way> ways;
  for (const PacketId id : packets) ways.push_back(way_of(context, id));
  LadderWays result;
  const std::vector<HostId> chosen = choose_ladder_hosts(ways, middle, result.hidden_hosts);
  for (const Way& way : ways) {
    for (const LadderHop& hop : way.hops) {
      if (holds(chosen, hop.from) && holds(chosen, hop.to)) result.hops.push_back(hop);
    }
    if (way.stub && holds(chosen, way.stub->host)) result.stubs.push_back(*way.stub);
  }
  std::stable_sort(result.hops.begin(), result.hops.end(),
                   [](const LadderHop& a, const LadderHop& b) { return a.transit.departs < b.transit.departs; });
  result.hosts = order_hosts(result.hops);
  for (const LadderStub& stub : result.stubs) {
    if (!holds(result.hosts, stub.host)) result.hosts.push_back(stub.host);
  }
  bring_closer(result.hosts, result.hops);
  return result;
}

}  // namespace fourtuple::viz
