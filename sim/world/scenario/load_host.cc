#include <algorithm>

#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/loader.h"
#include "sim/world/scenario/quantity.h"

namespace fourtuple::world {
namespace {

constexpr std::size_t max_hosts = 10'000;
constexpr std::size_t max_interfaces = 64;
constexpr std::size_t max_addresses = 1024;

}  // namespace

void Loader::load_networks(const Node& root) {
  const Node* networks = root.find("networks");
  if (networks == nullptr) return;
  if (networks->members.size() > max_hosts) {
    reporter_.error(networks->mark, "there are more than 10,000 networks");
    return;
  }
  for (const Member& member : networks->members) {
    NetworkSpec network;
    network.name = member.key;
    network.where = member.mark;
    network.delay = read(member.value, "delay", parse_duration).value_or(Duration{});
    network.rate_bits_per_s = read(member.value, "rate", parse_rate).value_or(0);
    network.queue_packets = read(member.value, "queue", parse_packets).value_or(1000);
    network.mtu = static_cast<std::uint32_t>(read(member.value, "mtu", parse_integer).value_or(1500));
    network.loss = read(member.value, "loss", parse_percent).value_or(Ratio{});
    networks_.add(network.name, static_cast<std::uint32_t>(scenario_.networks.size()));
    scenario_.networks.push_back(std::move(network));
  }
}

void Loader::load_hosts(const Node& root) {
  const Node* hosts = root.find("hosts");
  if (hosts == nullptr || !hosts->is_mapping()) return;
  if (hosts->members.empty()) reporter_.error(hosts->mark, "there are no hosts", "at least one");
  if (hosts->members.size() > max_hosts) {
    reporter_.error(hosts->mark, "there are more than 10,000 hosts");
    return;
  }
  const bool all_off = scalar(root, "ports") == "off";
  for (const Member& member : hosts->members) {
    const auto index = static_cast<std::uint32_t>(scenario_.hosts.size());
    if (member.key == "localhost")
      reporter_.error(member.mark, "'localhost' is every host's name for itself", "another name");
    hosts_.add(member.key, index);
    processes_.emplace_back("process", " on " + member.key);
    HostSpec& host = scenario_.hosts.emplace_back();
    host.name = member.key;
    host.where = member.mark;
    host.ports_off = all_off || scalar(member.value, "ports") == "off";
    load_interfaces(member.value, host);
    load_routes(member.value, host);
    host.sysctls = sysctls(member.value.find("sysctls"));
    load_ruleset(member.value, host, index);
    load_processes(member.value, host, index);
    const auto forwarding = read(member.value, "forwarding", parse_boolean);
    const auto kind = host_kind_from(scalar(member.value, "kind"));
    host.forwarding = forwarding.value_or(kind == trace::HostKind::router);
    const auto listens = [](const ProcessSpec& process) { return !process.listen.empty(); };
    const bool server = std::any_of(host.processes.begin(), host.processes.end(), listens);
    host.os = operating_system_from(scalar(member.value, "os")).value_or(OperatingSystem::linux_kernel);
    host.kind = kind.value_or(host.forwarding ? trace::HostKind::router
                              : server        ? trace::HostKind::server
                                              : trace::HostKind::computer);
    load_middlebox(member.value, host);
    load_containers(member.value, index);
  }
  load_forwards(root);
}

// Where proxies connect to may be a host further down.
void Loader::load_forwards(const Node& root) {
  for (const Member& member : root.find("hosts")->members) {
    const std::uint32_t host = hosts_.find_quietly(member.key);
    const Node* processes = member.value.find("processes");
    if (host == nothing || processes == nullptr) continue;
    for (const Member& process : processes->members) {
      const Node* forward = process.value.find("forward");
      const std::uint32_t index = processes_[host].find_quietly(process.key);
      if (forward != nullptr && forward->is_scalar() && index != nothing)
        scenario_.hosts[host].processes[index].forward = endpoint(*forward, host, std::nullopt);
      if (const Node* sources = process.value.find("sources"); sources != nullptr && index != nothing)
        check_sources(*sources, scenario_.hosts[host], scenario_.hosts[host].processes[index]);
    }
  }
}

// A gateway's connections can come from its host's addresses only, of the kind of the address they go to.
void Loader::check_sources(const Node& sources, const HostSpec& host, const ProcessSpec& process) {
  const auto is_own = [&](const IpAddress& address) {
    return address.is_loopback() || std::any_of(host.interfaces.begin(), host.interfaces.end(), [&](const auto& at) {
             const auto fits = [&](const Prefix& own) { return own.address == address; };
             const auto answers = [&](const Prefix& local) { return local.contains(address); };
             return std::any_of(at.addresses.begin(), at.addresses.end(), fits) ||
                    std::any_of(at.local.begin(), at.local.end(), answers);
           });
  };
  const IpAddress& to = process.forward.address;
  for (std::size_t i = 0; i < process.sources.size(); ++i) {
    const IpAddress& source = process.sources[i];
    const Mark mark = sources.is_sequence() && i < sources.items.size() ? sources.items[i].mark : sources.mark;
    if (source.family != to.family)
      reporter_.error(mark, "the source is of another IP version than 'forward'", "an address like " + to.to_string());
    else if (!is_own(source))
      reporter_.error(mark, source.to_string() + " is not an address of " + host.name,
                      "an address of one of its interfaces");
    else if (source.is_loopback() && !to.is_loopback())
      reporter_.error(mark, source.to_string() + " reaches this host only", "an address of one of its interfaces");
  }
}

void Loader::load_interfaces(const Node& node, HostSpec& host) {
  const Node* interfaces = node.find("interfaces");
  if (interfaces == nullptr) return;
  if (interfaces->members.size() > max_interfaces) {
    reporter_.error(interfaces->mark, "the host has more than 64 interfaces");
    return;
  }
  std::size_t addresses = 0;
  for (const Member& member : interfaces->members) {
    InterfaceSpec interface;
    interface.name = member.key;
    interface.where = member.mark;
    if (member.key == "lo") reporter_.error(member.mark, "every host has 'lo' already", "another name");
    if (const Node* network = member.value.find("network"); network != nullptr && network->is_scalar())
      interface.network = networks_.find(network->text, network->mark, reporter_);
    interface.mtu = interface.network == nothing ? 1500 : scenario_.networks[interface.network].mtu;
    if (const auto mtu = read(member.value, "mtu", parse_integer)) interface.mtu = static_cast<std::uint32_t>(*mtu);
    const auto read_prefixes = [&](const char* key, std::vector<Prefix>& into) {
      const auto add = [&](const Node& item) {
        const auto prefix = Prefix::parse(item.text);
        if (prefix && ++addresses <= max_addresses) into.push_back(*prefix);
      };
      const Node* value = member.value.find(key);
      if (value == nullptr) return;
      if (value->is_scalar()) add(*value);
      for (const Node& item : value->items) add(item);
    };
    read_prefixes("address", interface.addresses);
    read_prefixes("local", interface.local);
    const auto bad = [&](const Prefix& prefix) { return !is_usable_prefix(prefix, member.value.find("local")->mark); };
    std::erase_if(interface.local, bad);
    host.interfaces.push_back(std::move(interface));
  }
  if (addresses > max_addresses) reporter_.error(interfaces->mark, "the host has more than 1,024 addresses");
}

void Loader::load_routes(const Node& node, HostSpec& host) {
  const Node* routes = node.find("routes");
  if (routes == nullptr) return;
  if (routes->members.size() > max_addresses) {
    reporter_.error(routes->mark, "the host has more than 1,024 routes");
    return;
  }
  for (const Member& member : routes->members) {
    if (member.value.is_scalar()) add_route(member.key, member.value, member.mark, host);
    for (const Node& item : member.value.items)
      if (item.is_scalar()) add_route(member.key, item, member.mark, host);
  }
}

void Loader::add_route(const std::string& destination, const Node& to, Mark mark, HostSpec& host) {
  RouteSpec route;
  route.where = mark;
  const auto gateway = IpAddress::parse(to.text);
  if (gateway) {
    route.gateway = *gateway;
    for (std::uint32_t i = 0; i < host.interfaces.size(); ++i)
      for (const Prefix& prefix : host.interfaces[i].addresses)
        if (prefix.contains(*gateway) && route.interface == nothing) route.interface = i;
    if (route.interface == nothing)
      reporter_.error(to.mark, "the gateway " + to.text + " is on no network of " + host.name,
                      "an address within the prefix of one of its interfaces");
  } else {
    NameTable interfaces("interface", " on " + host.name);
    for (std::uint32_t i = 0; i < host.interfaces.size(); ++i) interfaces.add(host.interfaces[i].name, i);
    route.interface = interfaces.find(to.text, to.mark, reporter_);
  }
  if (destination == "default") {
    route.destination = {IpAddress::wildcard(gateway ? gateway->family : Family::ipv4), 0};
  } else if (const auto prefix = Prefix::parse(destination)) {
    route.destination = *prefix;
    if (gateway && gateway->family != prefix->address.family)
      reporter_.error(to.mark, "the gateway is of another IP version than the destination", "an address like it");
  }
  if (route.interface != nothing) host.routes.push_back(route);
}

void Loader::load_processes(const Node& node, HostSpec& host, std::uint32_t host_index) {
  const Node* processes = node.find("processes");
  if (processes == nullptr) return;
  std::map<std::uint32_t, std::string> pids;
  host.processes.reserve(processes->members.size());
  for (const Member& member : processes->members) {
    const auto index = static_cast<std::uint32_t>(host.processes.size());
    processes_[host_index].add(member.key, index);
    ProcessSpec& process = host.processes.emplace_back();
    process.name = member.key;
    process.where = member.mark;
    load_process(member.value, process, {host_index, index});
    if (process.pid == 0) continue;
    const auto [other, fresh] = pids.emplace(process.pid, process.name);
    if (!fresh)
      reporter_.error(member.value.find("pid")->mark,
                      "the process id " + std::to_string(process.pid) + " belongs to '" + other->second + "' already",
                      "another number, or none");
  }
}

std::uint32_t Loader::uid_of(const std::string& user) {
  if (user == "root") return 0;
  if (user == "www-data") return 33;
  const auto next = static_cast<std::uint32_t>(1000 + users_.size());
  return users_.emplace(user, next).first->second;
}

void Loader::load_process(const Node& node, ProcessSpec& process, ProcessRef self) {
  if (const std::string_view user = scalar(node, "user"); !user.empty()) process.user = user;
  process.uid = uid_of(process.user);
  process.pid = static_cast<std::uint32_t>(read(node, "pid", parse_integer).value_or(0));
  if (node.find("start") != nullptr) process.start = time(node, "start");
  process.program = program_from(scalar(node, "program")).value_or(Program::none);
  if (const Node* pages = node.find("pages"))
    for (const Member& page : pages->members) process.pages.push_back({page.key, page.value.text});
  process.request_bytes = read(node, "request", parse_size).value_or(1);
  if (const Node* reply = node.find("reply")) process.reply = payload(*reply);
  if (const Node* files = node.find("files")) {
    if (files->is_scalar()) process.files.push_back(files->text);
    for (const Node& file : files->items) process.files.push_back(file.text);
  }
  if (const Node* limits = node.find("limits"))
    process.nofile = static_cast<std::uint32_t>(read(*limits, "nofile", parse_integer).value_or(process.nofile));
  load_gateway(node, process);
  load_listeners(node, process, self);
  check_program(node, process, self);
}

void Loader::load_gateway(const Node& node, ProcessSpec& process) {
  process.answer_bytes = read(node, "answer", parse_size).value_or(1);
  process.pool = static_cast<std::uint32_t>(read(node, "pool", parse_integer).value_or(0));
  process.multiplex = read(node, "multiplex", parse_boolean).value_or(false);
  const auto add = [&](const Node& item) {
    if (!item.is_scalar()) return;
    if (const auto address = IpAddress::parse(item.text))
      process.sources.push_back(*address);
    else
      reporter_.error(item.mark, in_quotes(item.text) + " is not an address", "an address of this host");
  };
  const Node* sources = node.find("sources");
  if (sources == nullptr) return;
  if (!sources->is_sequence()) add(*sources);
  for (const Node& item : sources->items) add(item);
}

void Loader::load_listeners(const Node& node, ProcessSpec& process, ProcessRef self) {
  const Node* listen = node.find("listen");
  if (listen == nullptr) return;
  const auto add = [&](const Node& item) {
    const Node* on = item.is_mapping() ? item.find("on") : &item;
    const auto at = on != nullptr && on->is_scalar() ? parse_protocol_host_port(on->text) : std::nullopt;
    if (!at) return;
    ListenSpec spec;
    spec.where = item.mark;
    spec.protocol = at->protocol == Protocol::none ? Protocol::tcp : at->protocol;
    spec.local = endpoint(*on, self.host, std::nullopt);
    spec.options = options(item);
    spec.backlog = static_cast<std::uint32_t>(read(item, "backlog", parse_integer).value_or(128));
    if (spec.protocol == Protocol::udp && item.find("backlog") != nullptr)
      reporter_.error(item.find("backlog")->mark, "a UDP socket has no backlog", "tcp, or no backlog");
    if (const Node* as = item.find("as"); as != nullptr && is_name(as->text)) {
      spec.name = static_cast<SocketRef>(scenario_.sockets.size());
      if (sockets_.find_quietly(as->text) != nothing)
        reporter_.error(as->mark, "the name " + in_quotes(as->text) + " is taken by another socket", "a new name");
      sockets_.add(as->text, spec.name);
      scenario_.sockets.push_back({as->text, self, spec.protocol, as->mark});
    }
    process.listen.push_back(spec);
  };
  if (!listen->is_sequence()) add(*listen);
  for (const Node& item : listen->items) add(item);
}

void Loader::check_program(const Node& node, const ProcessSpec& process, const ProcessRef& self) {
  const bool gateway = process.program == Program::gateway;
  const auto only_for = [&](std::string_view key, Program program) {
    const bool shared = gateway && (key == "request" || key == "reply" || key == "forward");
    if (const Node* value = node.find(key); value != nullptr && process.program != program && !shared)
      reporter_.error(value->mark, "'" + std::string(key) + "' belongs to program: " + std::string(name_of(program)),
                      "program: " + std::string(name_of(program)));
  };
  only_for("pages", Program::http);
  only_for("request", Program::request_response);
  only_for("reply", Program::request_response);
  only_for("forward", Program::proxy);
  for (const std::string_view key : {"answer", "pool", "multiplex", "sources"}) only_for(key, Program::gateway);
  if (process.program == Program::none) return;
  const Node* program = node.find("program");
  if (process.listen.empty() && node.find("listen") == nullptr) without_listener_.push_back({self, program->mark});
  if ((process.program == Program::request_response || gateway) && node.find("reply") == nullptr)
    reporter_.error(program->mark, std::string(name_of(process.program)) + " has no 'reply'",
                    "reply: { bytes: 10 KB }");
  if ((process.program == Program::proxy || gateway) && node.find("forward") == nullptr)
    reporter_.error(program->mark, "the " + std::string(name_of(process.program)) + " does not know where to",
                    "forward: \"server:80\"");
  if (process.multiplex && process.pool == 0)
    reporter_.error(program->mark, "multiplexing shares connections that are kept", "pool: 1");
  const bool stream_only = gateway || process.program == Program::http ||
                           process.program == Program::request_response || process.program == Program::proxy;
  for (const ListenSpec& listen : process.listen)
    if (stream_only && listen.protocol == Protocol::udp)
      reporter_.error(listen.where, "the program " + std::string(name_of(process.program)) + " speaks TCP only",
                      "listen: tcp …");
}

}  // namespace fourtuple::world
