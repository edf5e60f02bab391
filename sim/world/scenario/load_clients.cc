// `clients` of a host: a crowd, each with one connection. It stands for a process, the prefix its interface answers for
// and one repeated `connect` of the timeline; `check --expand` shows them.
#include <algorithm>

#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/loader.h"
#include "sim/world/scenario/quantity.h"

namespace fourtuple::world {
namespace {

constexpr std::string_view crowd_process = "clients";

// How many addresses there are from the one written to the end of its prefix; capped at 2^32 - 1.
std::uint64_t addresses_from(const Prefix& prefix) {
  const unsigned bits = prefix.address.family == Family::ipv4 ? 32u : 128u;
  const unsigned host_bits = bits - prefix.length;
  if (host_bits >= 32) return UINT32_MAX;
  const std::size_t last = bits / 8 - 1;
  std::uint64_t low = 0;
  for (std::size_t i = last - 3; i <= last; ++i) low = low << 8 | prefix.address.bytes[i];
  const std::uint64_t size = std::uint64_t{1} << host_bits;
  return size - (low & (size - 1));
}

}  // namespace

void Loader::load_clients(const Node& root) {
  const Node* hosts = root.find("hosts");
  if (hosts == nullptr) return;
  for (const Member& member : hosts->members) {
    const std::uint32_t host = hosts_.find_quietly(member.key);
    if (const Node* clients = member.value.find("clients"); clients != nullptr && host != nothing)
      load_crowd(*clients, clients->mark, host);
  }
}

void Loader::load_crowd(const Node& node, Mark where, std::uint32_t index) {
  HostSpec& host = scenario_.hosts[index];
  const Node* connect = node.find("connect");
  const auto count = static_cast<std::uint32_t>(read(node, "count", parse_integer).value_or(1));
  if (connect == nullptr || !connect->is_scalar() || count == 0) return;  // reported
  for (const ProcessSpec& process : host.processes)
    if (process.name == crowd_process) {
      reporter_.error(process.where, "the host's crowd of clients brings a process of this name", "another name");
      return;
    }
  ProcessSpec process;
  process.name = crowd_process;
  process.where = where;
  process.uid = uid_of(process.user);
  process.nofile = std::max<std::uint32_t>(process.nofile, count + 16);  // it stands for many machines
  TimelineEntry entry;
  entry.verb = Verb::connect;
  entry.where = where;
  entry.trigger.at = time(node, "start").value_or(Time{0} + milliseconds(1));
  entry.process = {index, static_cast<std::uint32_t>(host.processes.size())};
  entry.endpoint = endpoint(*connect, index, std::nullopt);
  entry.family = entry.endpoint.address.family;
  entry.count = count;
  entry.every = Duration{read(node, "over", parse_duration).value_or(seconds(1)).ns / count};
  processes_[index].add(process.name, entry.process.process);
  host.processes.push_back(std::move(process));
  if (node.find("addresses") == nullptr) check_crowd_ports(entry, host);
  if (const auto prefix = crowd_addresses(node, host)) {
    entry.from = Endpoint{prefix->address, 0, prefix->to_string()};
    entry.from_length = prefix->length;
    check_from_prefix(*node.find("addresses"), entry);
  }
  scenario_.timeline.push_back(std::move(entry));
}

// The prefix of the clients' addresses, answered for by the host's first interface.
std::optional<Prefix> Loader::crowd_addresses(const Node& node, HostSpec& host) {
  const Node* addresses = node.find("addresses");
  const auto prefix = addresses != nullptr ? Prefix::parse(addresses->text) : Outcome<Prefix>(Prefix{});
  if (addresses == nullptr || !prefix) return std::nullopt;
  if (host.interfaces.empty()) {
    reporter_.error(addresses->mark, "the host has no interface to answer for these addresses", "interfaces: …");
    return std::nullopt;
  }
  if (!is_usable_prefix(*prefix, addresses->mark)) return std::nullopt;
  host.interfaces.front().local.push_back(*prefix);
  return *prefix;
}

// Clients that share one address have as many connections to one server port as there are ephemeral ports.
void Loader::check_crowd_ports(const TimelineEntry& entry, const HostSpec& host) {
  std::int64_t low = 32768, high = 60999;
  for (const SysctlSetting& setting : host.sysctls)
    if (setting.sysctl == Sysctl::ip_local_port_range) low = setting.value, high = setting.high;
  if (host.os != OperatingSystem::linux_kernel || entry.count <= high - low + 1) return;
  reporter_.warning(entry.where,
                    "one address has " + std::to_string(high - low + 1) + " ports toward one server port: the other " +
                        std::to_string(entry.count - (high - low + 1)) + " clients get EADDRNOTAVAIL",
                    "addresses: a prefix, one for each client");
}

// A repeated connect needs an address for each run, all of the host.
void Loader::check_from_prefix(const Node& from, const TimelineEntry& entry) {
  const Prefix prefix{entry.from->address, entry.from_length};
  const std::uint64_t available = addresses_from(prefix);
  if (available < entry.count)
    reporter_.error(from.mark,
                    "there are " + std::to_string(available) + " addresses from " + prefix.address.to_string() +
                        " to the end of its prefix, and " + std::to_string(entry.count) + " are needed",
                    "a shorter prefix, or a smaller count");
  if (prefix.address.family != entry.family)
    reporter_.error(from.mark, "the source is of another IP version than the destination", "an address like it");
}

}  // namespace fourtuple::world
