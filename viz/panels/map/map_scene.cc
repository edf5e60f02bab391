#include "viz/panels/map/map_scene.h"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>

#include "sim/trace/codec.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

constexpr std::uint32_t most_flows_asked = 20'000;
constexpr std::size_t most_processes_kept = 64;

bool is_loopback_only(const trace::InterfaceInfo& interface) {
  return interface.loopback || !interface.network.valid();
}

// Of every address, as host_with() tells of one.
std::vector<HostId> owners_of_addresses(const trace::Tables& tables) {
  std::vector<HostId> owners(tables.addresses.size());
  for (const trace::InterfaceInfo& interface : tables.topology.interfaces) {
    if (interface.loopback) continue;
    for (const Prefix& prefix : interface.addresses) {
      const AddressId address = tables.addresses.find(prefix.address);
      if (address.valid() && !owners[address.value].valid()) owners[address.value] = interface.host;
    }
  }
  return owners;
}

// Clients begin conversations, servers are begun with.
std::vector<int> conversations_begun(const trace::Tables& tables, const replay::FlowTable& flows) {
  std::vector<int> balance(tables.topology.hosts.size(), 0);
  const std::vector<HostId> owner = owners_of_addresses(tables);
  const auto add = [&](AddressId address, int by) {
    if (address.value < owner.size() && owner[address.value].valid()) balance[owner[address.value].value] += by;
  };
  for (std::uint32_t i = 0; i < std::min(flows.size(), most_flows_asked); ++i) {
    add(flows[i].tuple.local, 1);
    add(flows[i].tuple.remote, -1);
  }
  return balance;
}

MapRole role_of(const trace::HostInfo& host, int begun) {
  if (host.kind == trace::HostKind::router || host.forwarding) return MapRole::router;
  if (host.kind == trace::HostKind::server || begun < 0) return MapRole::server;
  return MapRole::client;
}

Icon icon_of(const trace::HostInfo& host, MapRole role) {
  if (role == MapRole::router) return Icon::router;
  if (role == MapRole::server) return Icon::server;
  return host.inferred ? Icon::globe : Icon::laptop;
}

bool begins_with(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.starts_with(word); });
}

// What a host is for, by its name and its programs; routers stay routers.
void choose_icon(MapHost& host) {
  if (host.icon == Icon::router) return;
  if (begins_with(host.name, {"phone", "mobile"})) host.icon = Icon::phone;
  if (begins_with(host.name, {"tablet"})) host.icon = Icon::tablet;
  for (const MapProcess& process : host.processes) {
    if (begins_with(process.name, {"named", "dnsmasq", "dnsd", "unbound", "bind9"})) host.icon = Icon::directory;
    if (begins_with(process.name, {"nmap", "scanner", "masscan"})) host.icon = Icon::magnifier;
    const bool keeps_data = begins_with(process.name, {"postgres", "mysql", "mariadb", "redis", "mongod"});
    if (keeps_data && host.most_processes == 1) host.icon = Icon::database;
  }
}

std::string network_prefix(const trace::Topology& topology, const trace::NetworkInfo& network) {
  for (const InterfaceId id : network.interfaces) {
    if (id.value >= topology.interfaces.size()) continue;
    for (Prefix prefix : topology.interfaces[id.value].addresses) {
      const unsigned whole = prefix.address.family == Family::ipv4 ? 32 : 128;
      if (prefix.length >= whole) continue;
      for (unsigned bit = prefix.length; bit < whole; ++bit) {
        prefix.address.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> (bit % 8)));
      }
      return prefix.to_string();
    }
  }
  return {};
}

std::string speed_words(const trace::NetworkInfo& network) {
  if (network.kind == trace::NetworkKind::observed) return {};
  std::string words = network.delay.ns == 0 ? "no delay" : span_text(network.delay);
  if (const std::size_t zero = words.find(".0 "); zero != std::string::npos) words.erase(zero, 2);
  if (network.rate_bits_per_s != 0) words += " · " + rate_text(network.rate_bits_per_s);
  if (network.loss.numerator != 0 && network.loss.denominator != 0) {
    const double percent =
        100.0 * static_cast<double>(network.loss.numerator) / static_cast<double>(network.loss.denominator);
    words += fmt::format(" · loses {:.3g} %", percent);
  }
  return words;
}

void add_process_lives(const trace::Trace& trace, MapScene& scene) {
  std::vector<std::size_t> alive(scene.hosts.size(), 0);
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    const trace::Slot* slot = trace.at(at);
    if (slot->kind == trace::Kind::process_started) {
      const trace::ProcessStarted event = trace::unpack_process_started(slot);
      if (slot->host >= scene.hosts.size()) continue;
      MapHost& host = scene.hosts[slot->host];
      host.most_processes = std::max(host.most_processes, ++alive[slot->host]);
      if (host.processes.size() >= most_processes_kept) continue;
      host.processes.push_back({event.process, std::string(trace.tables().strings[event.name]),
                                event.pid != 0 ? std::to_string(event.pid) : std::string(), slot->at, Time::never()});
    } else if (slot->kind == trace::Kind::process_ended && slot->host < scene.hosts.size()) {
      for (MapProcess& process : scene.hosts[slot->host].processes) {
        if (process.id.value == slot->subject && process.to == Time::never()) process.to = slot->at;
      }
      if (alive[slot->host] > 0) --alive[slot->host];
    }
  }
}

}  // namespace

std::string rate_text(std::uint64_t bits_per_s) {
  const auto value = static_cast<double>(bits_per_s);
  if (bits_per_s >= 1'000'000'000) return fmt::format("{:g} Gbit/s", value / 1e9);
  if (bits_per_s >= 1'000'000) return fmt::format("{:g} Mbit/s", value / 1e6);
  if (bits_per_s >= 1'000) return fmt::format("{:g} kbit/s", value / 1e3);
  return fmt::format("{} bit/s", bits_per_s);
}

MapScene build_scene(const trace::Trace& trace, const replay::FlowTable& flows) {
  MapScene scene;
  const trace::Tables& tables = trace.tables();
  const trace::Topology& topology = tables.topology;
  const std::vector<int> begun = conversations_begun(tables, flows);
  scene.graph.members.resize(topology.networks.size());
  for (const trace::NetworkInfo& network : topology.networks) {
    scene.networks.push_back(
        {std::string(tables.strings[network.name]), network_prefix(topology, network), speed_words(network)});
  }
  for (std::uint32_t h = 0; h < topology.hosts.size(); ++h) {
    const trace::HostInfo& info = topology.hosts[h];
    MapGraph::Host node{role_of(info, begun[h]), {}};
    MapHost host;
    host.id = {h};
    host.icon = icon_of(info, node.role);
    host.name = tables.strings[info.name];
    for (const InterfaceId id : info.interfaces) {
      if (id.value >= topology.interfaces.size()) continue;
      const trace::InterfaceInfo& interface = topology.interfaces[id.value];
      if (is_loopback_only(interface) || interface.network.value >= topology.networks.size()) continue;
      node.networks.push_back(interface.network.value);
      scene.graph.members[interface.network.value].push_back(h);
      const std::string address = interface.addresses.empty() ? "" : interface.addresses.front().address.to_string();
      host.rows.push_back({std::string(tables.strings[interface.name]), address});
    }
    std::sort(node.networks.begin(), node.networks.end());
    node.networks.erase(std::unique(node.networks.begin(), node.networks.end()), node.networks.end());
    host.interfaces = host.rows;
    if (node.role != MapRole::router) {
      host.rows.clear();
      host.address = host_address(tables, {h});
      if (host.address == host.name) host.address.clear();
    }
    scene.graph.hosts.push_back(std::move(node));
    scene.hosts.push_back(std::move(host));
  }
  for (auto& members : scene.graph.members) {
    std::sort(members.begin(), members.end());
    members.erase(std::unique(members.begin(), members.end()), members.end());
  }
  add_process_lives(trace, scene);
  for (MapHost& host : scene.hosts) choose_icon(host);
  return scene;
}

}  // namespace fourtuple::viz
