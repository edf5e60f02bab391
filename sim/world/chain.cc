#include "sim/world/chain.h"

#include <algorithm>

#include "sim/stack/syscalls.h"
#include "sim/world/events.h"

namespace fourtuple::world {
namespace {

constexpr std::uint16_t tcp_port = 5000, udp_port = 7000;
constexpr std::uint32_t mss = 1448;

Prefix network_address(std::uint32_t network, std::uint32_t host) {
  return {IpAddress::v4(0x0a000000u + (network << 8) + host), 24};
}

IpAddress interface_address(std::uint32_t network, std::uint32_t host) {
  return network_address(network, host).address;
}

HostSpec host(const char* name, trace::HostKind kind, bool forwarding) {
  HostSpec spec;
  spec.name = name;
  spec.kind = kind;
  spec.forwarding = forwarding;
  return spec;
}

void join(HostSpec& spec, std::uint32_t network, std::uint32_t number) {
  InterfaceSpec interface;
  interface.name = "eth" + std::to_string(spec.interfaces.size());
  interface.network = network;
  interface.addresses = {network_address(network, number)};
  spec.interfaces.push_back(interface);
}

void route_by(HostSpec& spec, std::uint32_t network, std::uint32_t via_network, std::uint32_t via_number,
              std::uint32_t interface) {
  RouteSpec route;
  route.destination = network_address(network, 0);
  route.gateway = interface_address(via_network, via_number);
  route.interface = interface;
  spec.routes.push_back(route);
}

std::uint16_t server_port(const ChainOptions& options, std::uint32_t flow) {
  if (options.udp) return udp_port;
  return static_cast<std::uint16_t>(tcp_port + (options.idle ? flow / idle_flows_per_port : 0));
}

ProcessSpec receiver(const ChainOptions& options) {
  ProcessSpec process;
  process.name = "sink";
  process.nofile = stack::most_nofile;
  process.program = Program::sink;
  ListenSpec listen;
  listen.protocol = options.udp ? Protocol::udp : Protocol::tcp;
  listen.backlog = 4096;
  const std::uint16_t first = server_port(options, 0), last = server_port(options, options.flows - 1);
  for (std::uint32_t port = first; port <= last; ++port) {
    listen.local.port = static_cast<std::uint16_t>(port);
    process.listen.push_back(listen);
  }
  return process;
}

}  // namespace

Scenario chain_scenario(const ChainOptions& options) {
  Scenario scenario;
  scenario.file_name = "chain";
  scenario.title.versions.push_back({"en", "Chain"});
  for (int i = 0; i < 3; ++i) {
    NetworkSpec network;
    network.name = "link" + std::to_string(i);
    network.delay = milliseconds(1);
    network.rate_bits_per_s = 10'000'000'000;
    network.queue_packets = 200'000;
    scenario.networks.push_back(network);
  }
  HostSpec source = host("source", trace::HostKind::computer, false),
           target = host("target", trace::HostKind::server, false);
  HostSpec first = host("r1", trace::HostKind::router, true), second = host("r2", trace::HostKind::router, true);
  first.nft = second.nft = options.rules;
  join(source, 0, 1);
  join(first, 0, 2);
  join(first, 1, 1);
  join(second, 1, 2);
  join(second, 2, 1);
  join(target, 2, 2);
  route_by(source, 2, 0, 2, 0);
  route_by(first, 2, 1, 2, 1);
  route_by(second, 0, 1, 1, 0);
  route_by(target, 0, 2, 1, 0);
  ProcessSpec sender;
  sender.name = "source";
  sender.nofile = stack::most_nofile;
  source.processes.push_back(sender);
  target.processes.push_back(receiver(options));
  scenario.hosts = {source, first, second, target};
  return scenario;
}

World chain_world(const ChainOptions& options, Duration span, trace::Trace& trace) {
  World world(chain_scenario(options), 1, trace);
  const auto share = static_cast<std::uint32_t>(std::max<std::uint64_t>(options.window_bytes / options.flows, 8 * mss));
  tcp::Config config;
  config.send_buffer = share;
  // Half of a receive buffer becomes window (net.ipv4.tcp_adv_win_scale = 1).
  config.receive_buffer = config.receive_buffer_max = 2 * share;
  world.set_tcp_config(config);
  world.run_until(Time{0}, trace);
  const ProcessId process = world.script().processes[0][0];
  const AddressId target = world.system().addresses.find(interface_address(2, 2));
  for (std::uint32_t k = 0; k < options.flows; ++k) {
    LoadSender sender;
    sender.process = process;
    sender.peer = {target, server_port(options, k)};
    sender.protocol = options.udp ? Protocol::udp : Protocol::tcp;
    sender.datagram_bytes = options.datagram_bytes;
    sender.idle = options.idle;
    const std::int64_t second = seconds(1).ns;
    const auto rate = static_cast<std::int64_t>(std::max<std::uint64_t>(options.datagrams_per_s, 1));
    sender.period = Duration{second * options.flows / rate};
    const Duration offset = options.udp ? Duration{second * k / rate} : Duration{span.ns / 10 * k / options.flows};
    world.add_load(sender, Time{0} + milliseconds(1) + offset);
  }
  return world;
}

}  // namespace fourtuple::world
