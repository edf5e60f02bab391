#include "sim/trace/file_tables.h"

namespace fourtuple::trace::detail {
namespace {

// Interning texts compares with all known ones, so a hostile count must stay small.
constexpr std::uint64_t most_strings = 1u << 16;
constexpr std::uint64_t most_hosts = 65535;
constexpr std::uint64_t most_interfaces = (1u << 24) - 1;

void write_address(ByteWriter& to, const IpAddress& address) {
  to.number(static_cast<std::uint8_t>(address.family));
  to.bytes().append(reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size());
}

IpAddress read_address(ByteReader& from) {
  IpAddress address;
  const auto family = from.number<std::uint8_t>();
  if (family != 4 && family != 6) from.fail();
  address.family = static_cast<Family>(family);
  for (std::uint8_t& byte : address.bytes) byte = from.number<std::uint8_t>();
  return address;
}

void write_prefix(ByteWriter& to, const Prefix& prefix) {
  write_address(to, prefix.address);
  to.number(prefix.length);
}

Prefix read_prefix(ByteReader& from) {
  Prefix prefix;
  prefix.address = read_address(from);
  prefix.length = from.number<std::uint8_t>();
  if (prefix.length > (prefix.address.family == Family::ipv4 ? 32 : 128)) from.fail();
  return prefix;
}

template <class Tag>
void write_ids(ByteWriter& to, const std::vector<Id<Tag>>& ids) {
  to.number(static_cast<std::uint64_t>(ids.size()));
  for (Id<Tag> id : ids) to.number(id.value);
}

template <class Tag>
std::vector<Id<Tag>> read_ids(ByteReader& from) {
  std::vector<Id<Tag>> ids(from.count(4));
  for (Id<Tag>& id : ids) id.value = from.number<std::uint32_t>();
  return ids;
}

template <class E>
E read_enum(ByteReader& from, E last) {
  const auto value = from.number<std::uint8_t>();
  if (value > static_cast<std::uint8_t>(last)) from.fail();
  return static_cast<E>(value);
}

void write_topology(ByteWriter& to, const Topology& topology) {
  to.number(static_cast<std::uint64_t>(topology.hosts.size()));
  for (const HostInfo& host : topology.hosts) {
    to.number(host.name.value);
    to.number(static_cast<std::uint8_t>(host.kind));
    to.number(static_cast<std::uint8_t>((host.forwarding ? 1 : 0) | (host.inferred ? 2 : 0)));
    write_ids(to, host.interfaces);
    to.number(static_cast<std::uint64_t>(host.routes.size()));
    for (const RouteInfo& route : host.routes) {
      write_prefix(to, route.destination);
      to.number(route.gateway.value);
      to.number(route.interface.value);
    }
  }
  to.number(static_cast<std::uint64_t>(topology.interfaces.size()));
  for (const InterfaceInfo& interface : topology.interfaces) {
    to.number(interface.host.value);
    to.number(interface.name.value);
    to.number(interface.network.value);
    to.number(interface.mtu);
    to.number(static_cast<std::uint8_t>(interface.loopback ? 1 : 0));
    to.number(static_cast<std::uint64_t>(interface.addresses.size()));
    for (const Prefix& prefix : interface.addresses) write_prefix(to, prefix);
  }
  to.number(static_cast<std::uint64_t>(topology.networks.size()));
  for (const NetworkInfo& network : topology.networks) {
    to.number(network.name.value);
    to.number(static_cast<std::uint8_t>(network.kind));
    to.number(network.delay.ns);
    to.number(network.rate_bits_per_s);
    to.number(network.queue_packets);
    to.number(network.loss.numerator);
    to.number(network.loss.denominator);
    write_ids(to, network.interfaces);
  }
}

HostInfo read_host(ByteReader& from) {
  HostInfo host;
  host.name.value = from.number<std::uint32_t>();
  host.kind = read_enum(from, HostKind::observed);
  const auto flags = from.number<std::uint8_t>();
  host.forwarding = (flags & 1) != 0;
  host.inferred = (flags & 2) != 0;
  host.interfaces = read_ids<InterfaceTag>(from);
  host.routes.resize(from.count(26));
  for (RouteInfo& route : host.routes) {
    route.destination = read_prefix(from);
    route.gateway.value = from.number<std::uint32_t>();
    route.interface.value = from.number<std::uint32_t>();
  }
  return host;
}

InterfaceInfo read_interface(ByteReader& from) {
  InterfaceInfo interface;
  interface.host.value = from.number<std::uint32_t>();
  interface.name.value = from.number<std::uint32_t>();
  interface.network.value = from.number<std::uint32_t>();
  interface.mtu = from.number<std::uint32_t>();
  interface.loopback = from.number<std::uint8_t>() != 0;
  interface.addresses.resize(from.count(18));
  for (Prefix& prefix : interface.addresses) prefix = read_prefix(from);
  return interface;
}

NetworkInfo read_network(ByteReader& from) {
  NetworkInfo network;
  network.name.value = from.number<std::uint32_t>();
  network.kind = read_enum(from, NetworkKind::observed);
  network.delay.ns = from.number<std::int64_t>();
  network.rate_bits_per_s = from.number<std::uint64_t>();
  network.queue_packets = from.number<std::uint32_t>();
  network.loss.numerator = from.number<std::uint64_t>();
  network.loss.denominator = from.number<std::uint64_t>();
  network.interfaces = read_ids<InterfaceTag>(from);
  return network;
}

void read_topology(ByteReader& from, Topology& topology) {
  const std::uint64_t hosts = from.count(22);
  if (hosts > most_hosts) from.fail();
  for (std::uint64_t i = 0; i < hosts && !from.failed(); ++i) topology.hosts.push_back(read_host(from));
  const std::uint64_t interfaces = from.count(25);
  if (interfaces > most_interfaces) from.fail();
  for (std::uint64_t i = 0; i < interfaces && !from.failed(); ++i) topology.interfaces.push_back(read_interface(from));
  const std::uint64_t networks = from.count(49);
  for (std::uint64_t i = 0; i < networks && !from.failed(); ++i) topology.networks.push_back(read_network(from));
}

template <class Tag>
bool fits(Id<Tag> id, std::size_t size, bool may_be_none = true) {
  return id.value < size || (may_be_none && !id.valid());
}

bool fits_all(const std::vector<InterfaceId>& ids, std::size_t size) {
  for (InterfaceId id : ids)
    if (!fits(id, size, false)) return false;
  return true;
}

// What does not fit, or "".
std::string_view check_topology(const Tables& tables) {
  const Topology& topology = tables.topology;
  const std::size_t strings = tables.strings.size(), interfaces = topology.interfaces.size();
  for (const HostInfo& host : topology.hosts) {
    if (!fits(host.name, strings) || !fits_all(host.interfaces, interfaces)) return "a host";
    for (const RouteInfo& route : host.routes)
      if (!fits(route.gateway, tables.addresses.size()) || !fits(route.interface, interfaces)) return "a route";
  }
  for (const InterfaceInfo& interface : topology.interfaces) {
    if (!fits(interface.host, topology.hosts.size(), false) || !fits(interface.name, strings)) return "an interface";
    if (!fits(interface.network, topology.networks.size())) return "an interface";
  }
  for (const NetworkInfo& network : topology.networks) {
    if (!fits(network.name, strings) || !fits_all(network.interfaces, interfaces)) return "a network";
    if (network.loss.denominator == 0 || network.delay.ns < 0) return "a network";
  }
  for (const CommandText& command : tables.commands)
    if (!fits(command.words, strings)) return "a command";
  return "";
}

bool read_interned(ByteReader& from, Tables& tables) {
  const std::uint64_t addresses = from.count(17);
  for (std::uint64_t i = 0; i < addresses && !from.failed(); ++i)
    if (tables.addresses.intern(read_address(from)).value != i) return false;
  const std::uint64_t strings = from.count(8);
  if (strings > most_strings) return false;
  for (std::uint64_t i = 0; i < strings && !from.failed(); ++i)
    if (tables.strings.intern(from.text()).value != i) return false;
  return true;
}

}  // namespace

void write_tables(ByteWriter& to, const Tables& tables) {
  to.number(static_cast<std::uint8_t>(tables.source));
  to.text(tables.title);
  to.text(tables.file_name);
  to.text(tables.scenario_text);
  to.number(tables.seed);
  to.number(tables.epoch_ns);
  to.number(std::uint64_t{tables.addresses.size()});
  for (std::uint32_t i = 0; i < tables.addresses.size(); ++i) write_address(to, tables.addresses[{i}]);
  to.number(std::uint64_t{tables.strings.size()});
  for (std::uint32_t i = 0; i < tables.strings.size(); ++i) to.text(tables.strings[{i}]);
  write_topology(to, tables.topology);
  to.number(static_cast<std::uint64_t>(tables.contents.size()));
  for (const Content& content : tables.contents) to.text(content.text);
  to.number(static_cast<std::uint64_t>(tables.commands.size()));
  for (const CommandText& command : tables.commands) {
    to.number(command.words.value);
    to.number(command.line);
  }
  to.number(static_cast<std::uint64_t>(tables.captions.size()));
  for (const Caption& caption : tables.captions) {
    to.number(caption.from.ns);
    to.text(caption.title);
    to.text(caption.text);
  }
  to.number(static_cast<std::uint64_t>(tables.rulesets.size()));
  for (const RulesetInfo& ruleset : tables.rulesets) write_ruleset(to, ruleset);
  to.number(static_cast<std::uint64_t>(tables.notes.size()));
  for (const std::string& note : tables.notes) to.text(note);
}

bool read_tables(ByteReader& from, Tables& tables, std::string& fault) {
  tables.source = read_enum(from, Source::capture);
  tables.title = from.text();
  tables.file_name = from.text();
  tables.scenario_text = from.text();
  tables.seed = from.number<std::uint64_t>();
  tables.epoch_ns = from.number<std::int64_t>();
  if (!read_interned(from, tables)) return fault = "an address or text appears twice, or there are too many", false;
  read_topology(from, tables.topology);
  tables.contents.resize(from.count(8));
  for (Content& content : tables.contents) content.text = from.text();
  tables.commands.resize(from.count(8));
  for (CommandText& command : tables.commands) {
    command.words.value = from.number<std::uint32_t>();
    command.line = from.number<std::uint32_t>();
  }
  tables.captions.resize(from.count(24));
  for (Caption& caption : tables.captions) {
    caption.from.ns = from.number<std::int64_t>();
    caption.title = from.text();
    caption.text = from.text();
  }
  const std::uint64_t rulesets = from.count(60);
  for (std::uint64_t i = 0; i < rulesets && !from.failed(); ++i)
    tables.rulesets.push_back(read_ruleset(from, tables.topology.hosts.size()));
  tables.notes.resize(from.count(8));
  for (std::string& note : tables.notes) note = from.text();
  if (!from.finished()) return fault = "its tables are damaged", false;
  if (const std::string_view what = check_topology(tables); !what.empty())
    return fault = std::string(what) + " names something that does not exist", false;
  return true;
}

}  // namespace fourtuple::trace::detail
