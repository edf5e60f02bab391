#include "sim/world/scenario/scenario.h"

namespace fourtuple::world {
namespace {

std::string words_of_linger(const TimelineEntry& entry) {
  if (!entry.linger_s) return "";
  if (*entry.linger_s == 0) return " with a reset";
  return " and wait up to " + std::to_string(*entry.linger_s) + " s for the last ACK";
}

std::string process_name(const Scenario& scenario, ProcessRef ref) {
  if (!ref.valid()) return "?";
  const HostSpec& host = scenario.hosts[ref.host];
  return ref.process == nothing ? host.name : host.name + "/" + host.processes[ref.process].name;
}

std::string socket_name(const Scenario& scenario, SocketRef socket) {
  return socket == nothing ? "a new socket" : scenario.sockets[socket].name;
}

std::string quantity_of(const Payload& payload) {
  return std::to_string(payload.length) + (payload.length == 1 ? " byte" : " bytes");
}

std::string socket_words(const Scenario& scenario, const TimelineEntry& entry) {
  const std::string protocol = entry.protocol == Protocol::udp ? " (UDP)" : "";
  const std::string on = socket_name(scenario, entry.on);
  switch (entry.verb) {
    case Verb::socket:
      if (entry.is_unix) return "open an AF_UNIX socket";
      return "open a " + std::string(entry.protocol == Protocol::udp ? "UDP" : "TCP") + " socket";
    case Verb::bind:
      return "bind to " + entry.endpoint.written + protocol;
    case Verb::listen:
      return entry.on == nothing ? "listen on " + entry.endpoint.written : "listen on " + on;
    case Verb::accept:
      return "accept a connection of " + on;
    case Verb::connect:
      return "connect to " + entry.endpoint.written + protocol + (entry.from ? " from " + entry.from->written : "");
    case Verb::send:
      return "send " + quantity_of(entry.payload) + " on " + on;
    case Verb::sendto:
      return "send " + quantity_of(entry.payload) + " to " +
             (entry.answers ? "the sender of the packet awaited" : entry.endpoint.written);
    case Verb::receive:
      return "read from " + on;
    case Verb::shutdown:
      return "shut down " + on;
    case Verb::close:
      return "close " + on + words_of_linger(entry);
    case Verb::request:
      return "send " + quantity_of(entry.payload) + " on " + on + " and read " + std::to_string(entry.bytes);
    case Verb::dup:
      return "copy the descriptor " + on + (entry.wanted_fd ? " to " + std::to_string(*entry.wanted_fd) : "");
    case Verb::pipe:
      return "make a pipe";
    case Verb::fork:
      return "fork " + process_name(scenario, entry.child);
    case Verb::exec:
    case Verb::unlink:
      return std::string(name_of(entry.verb)) + " " + entry.path;
    case Verb::epoll: {
      std::string list;
      for (const SocketRef socket : entry.watched) list += (list.empty() ? "" : ", ") + socket_name(scenario, socket);
      return "wait for " + list;
    }
    default:
      return std::string(name_of(entry.verb));
  }
}

// "add rule inet filter input tcp dport 22 drop", "table inet filter { …".
std::string first_line(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  const std::size_t end = text.find('\n');
  const bool more = end != std::string_view::npos && text.find_first_not_of(" \t\n", end) != std::string_view::npos;
  return std::string(text.substr(0, end)) + (more ? " …" : "");
}

}  // namespace

std::string_view Text::in(std::string_view language) const {
  for (const std::string_view wanted : {language, std::string_view("en")})
    for (const Version& version : versions)
      if (version.language == wanted) return version.words;
  return versions.empty() ? std::string_view() : std::string_view(versions[0].words);
}

std::string text_of(const SysctlSetting& setting) {
  if (setting.sysctl == Sysctl::ip_local_port_range)
    return std::to_string(setting.value) + " " + std::to_string(setting.high);
  if (setting.sysctl != Sysctl::ip_local_reserved_ports) return std::to_string(setting.value);
  std::string list;
  for (const PortRange& range : setting.ports) {
    list += (list.empty() ? "" : ",") + std::to_string(range.first);
    if (range.last != range.first) list += "-" + std::to_string(range.last);
  }
  return list;
}

std::string words_of(const Scenario& scenario, const TimelineEntry& entry) {
  std::string words;
  switch (entry.verb) {
    case Verb::link_down:
      return "network " + scenario.networks[entry.network].name + " is switched off";
    case Verb::link_up:
      return "network " + scenario.networks[entry.network].name + " is switched on";
    case Verb::set:
      words = scenario.hosts[entry.host].name + ": set";
      for (const SysctlSetting& setting : entry.sysctls)
        words += " " + std::string(name_of(setting.sysctl)) + " to " + text_of(setting);
      return words;
    case Verb::nft:
      return scenario.hosts[entry.host].name + ": nft " + first_line(entry.ruleset->script.text);
    case Verb::start:
    case Verb::kill:
    case Verb::exit:
      return process_name(scenario, entry.process) + ": " + std::string(name_of(entry.verb));
    case Verb::ping:
      words = "ping " + entry.endpoint.written;
      break;
    case Verb::open:
      words = "open " + entry.path;
      break;
    default:
      words = socket_words(scenario, entry);
  }
  if (entry.count > 1) words += ", " + std::to_string(entry.count) + " times";
  return process_name(scenario, entry.process) + ": " + words;
}

}  // namespace fourtuple::world
