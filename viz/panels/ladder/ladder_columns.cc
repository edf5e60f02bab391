#include "viz/panels/ladder/ladder_columns.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t most_processes = 4;  // of one host; more share its column
constexpr std::string_view kernel = "kernel";

}  // namespace

LadderColumns::LadderColumns(const PanelContext& context, const std::vector<HostId>& hosts,
                             const std::vector<PacketId>& packets)
    : context_(context) {
  learn_from_deliveries(packets);
  learn_from_sockets(packets);
  for (const HostId host : hosts) add_host(host, packets);
}

// Who got a packet of a conversation also sends those of the other direction.
void LadderColumns::learn_from_deliveries(const std::vector<PacketId>& packets) {
  const replay::PacketIndex& index = context_.indexes.packets();
  for (const PacketId packet : packets) {
    const std::uint32_t flow = index.flow(packet);
    const std::uint64_t end = index.end(packet);
    if (flow == replay::FlowTable::none || end == replay::PacketIndex::none) continue;
    const trace::Slot* record = context_.trace.at(end);
    if (record->kind != trace::Kind::packet_delivered) continue;
    const ProcessId process = trace::unpack_packet_delivered(record).process;
    if (find_process(context_.cursor.state(), process) == nullptr) continue;
    const Side side{flow, record->host_id().value};
    if (processes_.emplace(side, process_name(context_.trace, context_.cursor.state(), process)).second)
      seen_.push_back(side);
  }
}

// A client that was never answered is known by its socket while that is open.
void LadderColumns::learn_from_sockets(const std::vector<PacketId>& packets) {
  const state::State& state = context_.cursor.state();
  std::vector<std::uint32_t> flows;
  for (const PacketId packet : packets) flows.push_back(context_.indexes.packets().flow(packet));
  std::sort(flows.begin(), flows.end());
  for (std::uint32_t at = 0; at < state.sockets.end(); ++at) {
    if (!state.sockets.alive(at)) continue;
    const state::Socket& socket = state.sockets[at];
    if (!socket.owner.valid() || socket.tuple.remote_port == 0) continue;
    const std::uint32_t flow = context_.indexes.flows().find(socket.protocol, socket.tuple);
    if (flow == replay::FlowTable::none || !std::binary_search(flows.begin(), flows.end(), flow)) continue;
    const Side side{flow, socket.host.value};
    if (processes_.emplace(side, process_name(context_.trace, state, socket.owner)).second) seen_.push_back(side);
  }
}

std::string LadderColumns::name_of(std::uint32_t flow, HostId host) const {
  const auto found = processes_.find({flow, host.value});
  return found == processes_.end() ? std::string() : found->second;
}

std::vector<std::string> LadderColumns::names_on(HostId host) const {
  std::vector<std::string> names;
  for (const Side& side : seen_) {
    if (side.second != host.value) continue;
    const std::string& name = processes_.at(side);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

// Whether some packet begins or ends on the host outside its processes: refused, dropped, forwarded, an ICMP error.
bool LadderColumns::serves_without_process(HostId host, const std::vector<PacketId>& packets) const {
  const replay::PacketIndex& index = context_.indexes.packets();
  return std::any_of(packets.begin(), packets.end(), [&](PacketId packet) {
    const std::vector<std::uint64_t> hops = index.hops(packet);
    // One that never left stands at its sender.
    if (hops.empty() && index.created(packet) != replay::PacketIndex::none &&
        context_.trace.at(index.created(packet))->host_id() == host && name_of(index.flow(packet), host).empty())
      return true;
    for (std::size_t i = 0; i < hops.size(); ++i) {
      const replay::Transit transit = context_.indexes.lanes().transit(hops[i]);
      const trace::Tables& tables = context_.trace.tables();
      const bool leaves = host_of(tables, transit.from) == host, reaches = host_of(tables, transit.to) == host;
      if (leaves == reaches) continue;
      const bool edge = leaves ? i == 0 : i + 1 == hops.size() && index.fate(packet) != replay::Fate::dropped;
      if (!edge || name_of(index.flow(packet), host).empty()) return true;
    }
    return false;
  });
}

void LadderColumns::add_host(HostId host, const std::vector<PacketId>& packets) {
  const trace::Tables& tables = context_.trace.tables();
  LadderColumn column;
  column.host = host;
  column.name = std::string(trace::host_name(tables, host));
  column.inferred = tables.topology.hosts[host.value].inferred;
  std::vector<std::string> names = names_on(host);
  if (names.size() >= 2 && names.size() <= most_processes) {
    if (serves_without_process(host, packets)) names.emplace_back(kernel);
    for (const std::string& name : names) {
      column.detail = name;
      list_.push_back(column);
      column.beside_same_host = true;
    }
    return;
  }
  const std::string address = host_address(tables, host);
  if (!names.empty()) {
    column.detail = names.size() > 1 ? fmt::format("{} +{}", names.front(), names.size() - 1) : names.front();
  } else if (address != column.name) {
    column.detail = address;
  }
  list_.push_back(column);
}

// Of a host with one column, that one.
std::optional<std::size_t> LadderColumns::column(HostId host, const std::string& process) const {
  std::optional<std::size_t> only, found, last;
  for (std::size_t i = 0; i < list_.size(); ++i) {
    if (list_[i].host != host) continue;
    only = last ? std::nullopt : std::optional(i);
    last = i;
    if (list_[i].detail == process) found = i;
  }
  return found ? found : only ? only : last;
}

std::optional<std::size_t> LadderColumns::left(PacketId packet, HostId host, bool first) const {
  return column(host, first ? name_of(context_.indexes.packets().flow(packet), host) : std::string());
}

std::optional<std::size_t> LadderColumns::reached(PacketId packet, HostId host, std::uint64_t record) const {
  const replay::PacketIndex& index = context_.indexes.packets();
  const bool inside = record == index.last_hop(packet) && index.fate(packet) != replay::Fate::dropped;
  return column(host, inside ? name_of(index.flow(packet), host) : std::string());
}

}  // namespace fourtuple::viz
