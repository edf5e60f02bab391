#include "sim/world/builder.h"

#include <algorithm>

#include "sim/stack/routing.h"
#include "sim/world/events.h"

namespace fourtuple::world {
namespace {

// lo: no wire, but the kernel takes a moment to pass a packet through its backlog queue.
constexpr Duration loopback_delay = microseconds(10);
constexpr std::uint32_t loopback_mtu = 65536;

Prefix prefix_of(const char* text) {
  return *Prefix::parse(text);
}

Prefix network_of(const Prefix& prefix) {
  Prefix network = prefix;
  const unsigned bytes = prefix.address.family == Family::ipv4 ? 4 : 16;
  for (unsigned i = 0; i < bytes; ++i) {
    const int keep = static_cast<int>(prefix.length) - static_cast<int>(8 * i);
    if (keep >= 8) continue;
    network.address.bytes[i] &= keep <= 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(0xff00 >> keep);
  }
  return network;
}

trace::NetworkKind kind_of(std::size_t ends) {
  return ends > 2 ? trace::NetworkKind::segment : trace::NetworkKind::link;
}

// The defaults of other systems; docs/scenario-format.md names the sources.
void apply_operating_system(stack::Host& host, OperatingSystem os) {
  stack::Sysctls& sysctls = host.sysctls;
  switch (os) {
    case OperatingSystem::linux_kernel:
      return;
    case OperatingSystem::freebsd:
      host.port_rules = stack::PortRules::freebsd;
      sysctls.port_range_low = 10'000;  // net.inet.ip.portrange.first
      sysctls.port_range_high = 65'535;
      return;
    case OperatingSystem::macos:
      host.port_rules = stack::PortRules::macos;
      sysctls.port_range_low = 49'152;
      sysctls.port_range_high = 65'535;
      return;
    case OperatingSystem::windows:
      host.port_rules = stack::PortRules::windows;
      sysctls.port_range_low = 49'152;
      sysctls.port_range_high = 65'535;
      sysctls.unprivileged_port_start = 0;  // no port needs a privilege
      return;
  }
}

std::string http_answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Those of how connections begin, wait and end; false: `setting` is none of them.
bool apply_connection_sysctl(stack::Sysctls& sysctls, const SysctlSetting& setting) {
  const auto count = static_cast<std::uint8_t>(setting.value);
  switch (setting.sysctl) {
    case Sysctl::somaxconn:
      sysctls.somaxconn = static_cast<std::uint32_t>(setting.value);
      return true;
    case Sysctl::max_syn_backlog:
      sysctls.max_syn_backlog = static_cast<std::int32_t>(setting.value);
      return true;
    case Sysctl::syncookies:
      sysctls.syncookies = count;
      return true;
    case Sysctl::abort_on_overflow:
      sysctls.abort_on_overflow = count != 0;
      return true;
    case Sysctl::syn_retries:
      sysctls.patience.syn_retries = count;
      return true;
    case Sysctl::syn_linear_timeouts:
      sysctls.patience.syn_linear_timeouts = count;
      return true;
    case Sysctl::synack_retries:
      sysctls.patience.synack_retries = count;
      return true;
    case Sysctl::fin_timeout:
      sysctls.patience.fin_timeout = seconds(setting.value);
      return true;
    case Sysctl::retries2:
      sysctls.patience.data_retries = count;
      return true;
    case Sysctl::orphan_retries:
      sysctls.patience.orphan_retries = count;
      return true;
    case Sysctl::keepalive_time:
      sysctls.patience.keep_alive_time = seconds(setting.value);
      return true;
    case Sysctl::keepalive_intvl:
      sysctls.patience.keep_alive_interval = seconds(setting.value);
      return true;
    case Sysctl::keepalive_probes:
      sysctls.patience.keep_alive_probes = count;
      return true;
    default:
      return false;
  }
}

}  // namespace

void apply_sysctl(stack::Host& host, netfilter::HostFilter& filter, const SysctlSetting& setting) {
  ++host.port_releases;  // other ports may be free now
  switch (setting.sysctl) {
    case Sysctl::ip_local_port_range:
      host.sysctls.port_range_low = static_cast<std::uint16_t>(setting.value);
      host.sysctls.port_range_high = static_cast<std::uint16_t>(setting.high);
      return;
    case Sysctl::ip_unprivileged_port_start:
      host.sysctls.unprivileged_port_start = static_cast<std::uint16_t>(setting.value);
      return;
    case Sysctl::ip_default_ttl:
      host.sysctls.default_ttl = static_cast<std::uint8_t>(setting.value);
      return;
    case Sysctl::tcp_tw_reuse:
      host.sysctls.tcp_tw_reuse = static_cast<std::uint8_t>(setting.value);
      return;
    case Sysctl::ip_nonlocal_bind:
      host.sysctls.ip_nonlocal_bind = setting.value != 0;
      return;
    case Sysctl::ip_local_reserved_ports:
      host.sysctls.reserved_ports.clear();
      for (const PortRange& range : setting.ports) host.sysctls.reserved_ports.push_back({range.first, range.last});
      return;
    default:
      if (apply_connection_sysctl(host.sysctls, setting)) return;
      netfilter::set_conntrack_sysctl(filter.conntrack, name_of(setting.sysctl),
                                      static_cast<std::uint32_t>(setting.value));
  }
}

void WorldBuilder::build() {
  describe();
  tables.contents.push_back({});  // content 0: the endless test pattern
  add_networks();
  for (const HostSpec& host : scenario.hosts) add_host(host);
  add_servers();
  add_payloads();
  add_captions();
  schedule();
  world.applications_.contents = std::make_shared<const std::vector<trace::Content>>(tables.contents);
  world.system_.addresses = tables.addresses;
}

void WorldBuilder::describe() {
  tables.source = trace::Source::scenario;
  tables.title = std::string(scenario.title.in(scenario.language));
  const std::size_t slash = scenario.file_name.find_last_of('/');
  tables.file_name = slash == std::string::npos ? scenario.file_name : scenario.file_name.substr(slash + 1);
  tables.scenario_text = scenario.text;
  tables.seed = seed;
  world.script_.scenario = std::make_shared<const Scenario>(scenario);
}

void WorldBuilder::add_networks() {
  for (const NetworkSpec& spec : scenario.networks) {
    world.links_.add_network({spec.delay, spec.rate_bits_per_s, spec.queue_packets, spec.loss, true});
    trace::NetworkInfo info;
    info.name = tables.strings.intern(spec.name);
    info.delay = spec.delay;
    info.rate_bits_per_s = spec.rate_bits_per_s;
    info.queue_packets = spec.queue_packets;
    info.loss = spec.loss;
    tables.topology.networks.push_back(info);
    world.script_.fault_hits.emplace_back(spec.faults.size(), 0);
    if (!spec.faults.empty()) world.script_.has_faults = true;
  }
}

void WorldBuilder::register_interface(const stack::Interface& interface, const std::string& host,
                                      const std::string& name) {
  stack::System& system = world.system_;
  const InterfaceId id{static_cast<std::uint32_t>(system.interfaces.size())};
  system.interfaces.push_back(interface);
  const auto index = static_cast<std::uint32_t>(system.hosts[interface.host.value].interfaces.size() + 1);
  system.netfilter.interfaces.push_back({nft::value_of_name(name), index, interface.loopback});
  system.hosts[interface.host.value].interfaces.push_back(id);
  world.links_.add_transmitter(interface.network, seed, host + "/" + name);
  for (const AddressId address : interface.addresses)
    if (!interface.loopback) stack::add_neighbour(system, interface.network, address, id);
  if (!interface.local.empty()) system.answering.push_back(id);
  trace::InterfaceInfo info{interface.host, tables.strings.intern(name), interface.network, interface.prefixes,
                            interface.mtu,  interface.loopback};
  tables.topology.interfaces.push_back(info);
  tables.topology.hosts[interface.host.value].interfaces.push_back(id);
  trace::NetworkInfo& network = tables.topology.networks[interface.network.value];
  network.interfaces.push_back(id);
  if (!interface.loopback) network.kind = kind_of(network.interfaces.size());
}

InterfaceId WorldBuilder::add_loopback(HostId host, const HostSpec& spec) {
  const NetworkId network = world.links_.add_network({loopback_delay, 0, 0, {}, true});
  trace::NetworkInfo info;
  info.name = tables.strings.intern("lo");
  info.kind = trace::NetworkKind::loopback;
  info.delay = loopback_delay;
  tables.topology.networks.push_back(info);
  stack::Interface lo;
  lo.host = host;
  lo.network = network;
  lo.mtu = loopback_mtu;
  lo.loopback = true;
  lo.prefixes = {prefix_of("127.0.0.1/8"), prefix_of("::1/128")};
  lo.addresses = {loopback_v4, loopback_v6};
  register_interface(lo, spec.name, "lo");
  return {static_cast<std::uint32_t>(world.system_.interfaces.size() - 1)};
}

void WorldBuilder::add_interface(HostId host, const HostSpec& spec, const InterfaceSpec& interface) {
  stack::Interface made;
  made.host = host;
  made.network = {interface.network};
  made.mtu = interface.mtu;
  made.prefixes = interface.addresses;
  made.local = interface.local;
  for (const Prefix& prefix : interface.addresses) made.addresses.push_back(tables.addresses.intern(prefix.address));
  register_interface(made, spec.name, interface.name);
}

void WorldBuilder::add_host(const HostSpec& spec) {
  stack::System& system = world.system_;
  const HostId id{static_cast<std::uint32_t>(system.hosts.size())};
  stack::Host host;
  host.id = id;
  host.forwarding = spec.forwarding;
  host.ports_off = spec.ports_off;
  host.silent = spec.silent;
  host.random = Random(seed, "host/" + spec.name);
  host.secret = host.random.next();
  host.next_ip_id = static_cast<std::uint16_t>(host.random.next());
  host.next_inode = 20'000 + static_cast<std::uint32_t>(host.random.below(10'000));
  netfilter::HostFilter filter;
  filter.random = Random(seed, "netfilter/" + spec.name);
  apply_operating_system(host, spec.os);
  for (const SysctlSetting& setting : spec.sysctls) apply_sysctl(host, filter, setting);
  system.hosts.push_back(host);
  system.netfilter.hosts.push_back(filter);
  system.visible.hosts.push_back({});
  trace::HostInfo info;
  info.name = tables.strings.intern(spec.name);
  info.kind = spec.kind;
  info.forwarding = spec.forwarding;
  tables.topology.hosts.push_back(info);
  std::vector<InterfaceId> ids;
  add_loopback(id, spec);
  for (const InterfaceSpec& interface : spec.interfaces) {
    ids.push_back({static_cast<std::uint32_t>(system.interfaces.size())});
    add_interface(id, spec, interface);
  }
  add_routes(id, spec, ids);
  world.script_.processes.emplace_back(spec.processes.size(), ProcessId::none());
  world.script_.models.emplace_back();
}

void WorldBuilder::add_routes(HostId host, const HostSpec& spec, const std::vector<InterfaceId>& ids) {
  std::vector<stack::RouteEntry>& routes = world.system_.hosts[host.value].routes;
  for (const InterfaceId id : ids)
    for (const Prefix& prefix : world.system_.interfaces[id.value].prefixes)
      routes.push_back({network_of(prefix), AddressId::none(), id});
  for (const RouteSpec& route : spec.routes) {
    const AddressId gateway = route.gateway ? tables.addresses.intern(*route.gateway) : AddressId::none();
    routes.push_back({network_of(route.destination), gateway, ids[route.interface]});
  }
  std::stable_sort(routes.begin(), routes.end(), [](const stack::RouteEntry& a, const stack::RouteEntry& b) {
    return a.destination.length > b.destination.length;
  });
  for (const stack::RouteEntry& route : routes)
    tables.topology.hosts[host.value].routes.push_back({route.destination, route.gateway, route.interface});
}

ContentId WorldBuilder::add_content(std::string text) {
  if (text.empty()) return {0};
  tables.contents.push_back({std::move(text)});
  return {static_cast<std::uint32_t>(tables.contents.size() - 1)};
}

Server WorldBuilder::make_server(const ProcessSpec& spec) {
  Server server;
  server.program = spec.program;
  server.request_bytes = std::max<std::uint64_t>(spec.request_bytes, 1);
  server.reply = add_content(spec.reply.text);
  server.reply_length = spec.reply.length;
  server.answer_bytes = std::max<std::uint64_t>(spec.answer_bytes, 1);
  server.pool = spec.pool;
  server.multiplex = spec.multiplex;
  for (const IpAddress& source : spec.sources) server.sources.push_back(tables.addresses.intern(source));
  if (spec.program == Program::proxy || spec.program == Program::gateway)
    server.forward = {tables.addresses.intern(spec.forward.address), spec.forward.port};
  if (spec.program != Program::http) return server;
  const auto page = [&](const std::string& path, const std::string& answer) {
    return Server::Page{path, add_content(answer), static_cast<std::uint32_t>(answer.size())};
  };
  for (const Page& p : spec.pages) server.pages.push_back(page(p.path, http_answer("200 OK", p.body)));
  server.not_found = page("", http_answer("404 Not Found", "not found\n"));
  return server;
}

void WorldBuilder::add_servers() {
  std::vector<Server> servers;
  for (const HostSpec& host : scenario.hosts)
    for (const ProcessSpec& process : host.processes) servers.push_back(make_server(process));
  world.applications_.servers = std::make_shared<const std::vector<Server>>(std::move(servers));
  // Names of processes, users and files, so that the table of strings is complete before the run.
  for (const HostSpec& host : scenario.hosts)
    for (const ProcessSpec& process : host.processes) {
      tables.strings.intern(process.name);
      tables.strings.intern(process.user);
      for (const std::string& path : process.files) tables.strings.intern(path);
    }
}

void WorldBuilder::add_payloads() {
  // A v4-mapped address brings the IPv4 address the kernel works with.
  const auto intern = [this](const IpAddress& address) {
    stack::without_mapping(tables.addresses, tables.addresses.intern(address));
  };
  for (const TimelineEntry& entry : scenario.timeline) {
    world.script_.payloads.push_back(add_content(entry.payload.text));
    intern(entry.endpoint.address);
    const std::uint32_t sources = entry.from_length != 0 ? entry.count : entry.from ? 1 : 0;
    for (std::uint32_t i = 0; i < sources; ++i) intern(entry.from->address.plus(i));
    if (!entry.path.empty()) tables.strings.intern(entry.path);
    tables.commands.push_back({tables.strings.intern(words_of(scenario, entry)), entry.where.line});
  }
  for (const HostSpec& host : scenario.hosts)
    for (const ProcessSpec& process : host.processes)
      for (const ListenSpec& listen : process.listen) intern(listen.local.address);
}

void WorldBuilder::add_captions() {
  for (std::uint32_t i = 0; i < scenario.captions.size(); ++i) {
    const CaptionSpec& caption = scenario.captions[i];
    if (caption.when.kind == Trigger::Kind::at) {
      tables.captions.push_back({caption.when.at, std::string(caption.title.in(scenario.language)),
                                 std::string(caption.say.in(scenario.language))});
    } else {
      world.script_.captions_waiting.push_back(i);
    }
  }
  std::stable_sort(tables.captions.begin(), tables.captions.end(),
                   [](const trace::Caption& a, const trace::Caption& b) { return a.from < b.from; });
}

void WorldBuilder::schedule() {
  std::uint32_t number = 0;
  for (const HostSpec& host : scenario.hosts)
    for (const ProcessSpec& process : host.processes) {
      if (process.start) world.calendar_.push({*process.start, kind_number(EventKind::start_process), number});
      ++number;
    }
  Script& script = world.script_;
  script.runs.assign(scenario.timeline.size(), 0);
  script.askers.assign(scenario.timeline.size(), {});
  script.trigger_hits.assign(scenario.timeline.size() + scenario.captions.size(), 0);
  for (std::uint32_t i = 0; i < scenario.timeline.size(); ++i) {
    const Trigger& trigger = scenario.timeline[i].trigger;
    if (trigger.kind == Trigger::Kind::at) {
      world.calendar_.push({trigger.at, kind_number(EventKind::command), i});
    } else {
      script.waiting.push_back(i);
    }
  }
}

}  // namespace fourtuple::world
