#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "capture/load/timeline_text.h"
#include "capture/services.h"

namespace fourtuple::capture {
namespace {

constexpr std::size_t longest_word = 32, room_for_number = 4;
constexpr std::uint16_t first_free_port = 1024;

// A name as scenarios want it; "" when nothing of it is left.
std::string plain_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool other = (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (letter || (other && !name.empty())) name += c;
  }
  return name.substr(0, longest_word - room_for_number);
}

std::string program_name(const ImportedCapture& capture, const Exchange& exchange, std::size_t side) {
  if (exchange.flow >= capture.flow_owners.size()) return {};
  const Attribution& owner = capture.flow_owners[exchange.flow][side == 0 ? exchange.client : 1 - exchange.client];
  return owner.known() && !owner.guessed() ? plain_name(capture.owners.process(owner.process).name) : std::string();
}

}  // namespace

LoadNames::LoadNames(const ImportedCapture& capture, const Load& load)
    : capture_(&capture), client_processes_(load.hosts.size()) {
  for (std::size_t i = 0; i < load.hosts.size(); ++i) by_address_[load.hosts[i].address] = i;
  for (const Exchange& exchange : load.exchanges) add_door(exchange);
  std::array<std::uint32_t, 3> counts{};
  for (std::size_t i = 0; i < load.hosts.size(); ++i) {
    const bool serves = std::any_of(doors_.begin(), doors_.end(), [&](const Door& door) { return door.host == i; });
    const bool asks = std::any_of(load.exchanges.begin(), load.exchanges.end(),
                                  [&](const Exchange& exchange) { return host_of(exchange, 0) == i; });
    const std::size_t kind = serves && asks ? 2 : serves ? 1 : 0;
    constexpr const char* kinds[] = {"client", "server", "peer"};
    const bool local = capture.trace.tables().addresses[load.hosts[i].address].is_loopback();
    hosts_.push_back(local ? "machine" : fmt::format("{}-{}", kinds[kind], ++counts[kind]));
  }
  std::set<std::pair<std::size_t, std::uint16_t>> seen;
  for (const Exchange& exchange : load.exchanges) {
    const std::size_t host = host_of(exchange, 0);
    clients_[exchange.flow] = client_process(host, exchange);
    const Flow& flow = capture.flows.flows()[exchange.flow];
    const bool tcp = flow.protocol == Protocol::tcp;
    if (tcp && !seen.insert({host, port_of(exchange, 0)}).second) reusing_.insert(host);
  }
}

std::size_t LoadNames::host_of(const Exchange& exchange, std::size_t side) const {
  const Flow& flow = capture_->flows.flows()[exchange.flow];
  const AddressId id = (side == 0) == (exchange.client == 0) ? flow.a : flow.b;
  const bool local = capture_->trace.tables().addresses[id].is_loopback();
  return by_address_.at(local ? loopback_v4 : id);
}

std::string LoadNames::bound_address(const Door& door) const {
  const std::string text = capture_->trace.tables().addresses[door.address].to_string();
  return door.family == Family::ipv4 ? text : "[" + text + "]";
}

Family LoadNames::family_of(const Exchange& exchange) const {
  return capture_->trace.tables().addresses[capture_->flows.flows()[exchange.flow].a].family;
}

std::uint16_t LoadNames::port_of(const Exchange& exchange, std::size_t side) const {
  const Flow& flow = capture_->flows.flows()[exchange.flow];
  return (side == 0) == (exchange.client == 0) ? flow.a_port : flow.b_port;
}

std::string LoadNames::process_of(const Exchange& exchange, std::size_t side) const {
  const std::string& host = hosts_[host_of(exchange, side)];
  return host + "/" + (side == 0 ? clients_.at(exchange.flow) : find_door(exchange)->process);
}

const LoadNames::Door* LoadNames::find_door(const Exchange& exchange) const {
  const Protocol protocol = capture_->flows.flows()[exchange.flow].protocol;
  const std::size_t host = host_of(exchange, 1);
  const std::uint16_t port = port_of(exchange, 1);
  const Family family = family_of(exchange);
  const auto found = std::find_if(doors_.begin(), doors_.end(), [&](const Door& door) {
    return door.protocol == protocol && door.host == host && door.port == port && door.family == family;
  });
  return found == doors_.end() ? nullptr : &*found;
}

std::string LoadNames::door_of(const Exchange& exchange) const {
  return find_door(exchange)->name;
}

void LoadNames::add_door(const Exchange& exchange) {
  const Door* known = find_door(exchange);
  if (known == nullptr) {
    Door door;
    door.protocol = capture_->flows.flows()[exchange.flow].protocol;
    const Flow& flow = capture_->flows.flows()[exchange.flow];
    door.address = exchange.client == 0 ? flow.b : flow.a;
    door.family = family_of(exchange);
    door.host = host_of(exchange, 1);
    door.port = port_of(exchange, 1);
    door.name = fmt::format("{}{}-{}-{}", door.protocol == Protocol::tcp ? "tcp" : "udp",
                            door.family == Family::ipv4 ? "" : "6", door.port, door.host + 1);
    const std::string_view service = service_name(door.protocol, door.port);
    std::string process = program_name(*capture_, exchange, 1);
    if (process.empty()) process = service.empty() ? fmt::format("port-{}", door.port) : std::string(service);
    const auto taken = [&](const Door& other) { return other.host == door.host && other.process == process; };
    for (int n = 2; std::any_of(doors_.begin(), doors_.end(), taken); ++n)
      process = fmt::format("{}-{}", process.substr(0, longest_word - room_for_number), n);
    door.process = process;
    doors_.push_back(door);
    known = &doors_.back();
  }
  Door& door = doors_[static_cast<std::size_t>(known - doors_.data())];
  door.open |= exchange.answer == Exchange::Answer::given;
  door.silent |= exchange.answer == Exchange::Answer::none;
}

std::string LoadNames::client_process(std::size_t host, const Exchange& exchange) {
  std::string name = program_name(*capture_, exchange, 0);
  if (name.empty()) name = "client";
  // A server of the same name is another process here.
  const auto taken = [&](const Door& door) { return door.host == host && door.process == name; };
  if (std::any_of(doors_.begin(), doors_.end(), taken)) name += "-out";
  auto& [root, sockets] = client_processes_[host][name];
  root |= port_of(exchange, 0) < first_free_port;
  ++sockets;
  return name;
}

const std::string& LoadNames::some_server() const {
  static const std::string none = "the-server";
  return doors_.empty() ? none : hosts_[doors_.front().host];
}

std::vector<std::string> LoadNames::processes(std::size_t host) const {
  constexpr std::uint32_t usual_descriptors = 1000, room = 24;
  std::vector<std::string> lines;
  for (const auto& [name, process] : client_processes_[host]) {
    const auto& [root, sockets] = process;
    lines.push_back(fmt::format(
        "{}: {{ user: {}{} }}", name, root ? "root" : "user",
        sockets > usual_descriptors ? fmt::format(", limits: {{ nofile: {} }}", sockets + room) : std::string()));
  }
  for (const Door& door : doors_) {
    if (door.host != host) continue;
    const char* user = door.port < first_free_port ? "root" : "user";
    // UDP sockets are bound in the timeline: so what comes is read even if nobody answers.
    if (door.open && door.protocol == Protocol::tcp)
      lines.push_back(fmt::format(
          "{}: {{ user: {}, limits: {{ nofile: 65536 }}, listen: {{ on: \"tcp {}:{}\", as: {}, backlog: 4096{} }} }}",
          door.process, user, any_address(door), door.port, door.name, options(door)));
    else
      lines.push_back(fmt::format("{}: {{ user: {} }}", door.process, user));
  }
  return lines;
}

std::vector<std::string> LoadNames::silent_rules(std::size_t host) const {
  std::vector<std::string> rules;
  for (const Door& door : doors_)
    if (door.host == host && door.silent && !door.open) rules.push_back(fmt::format("tcp dport {} drop", door.port));
  return rules;
}

}  // namespace fourtuple::capture
