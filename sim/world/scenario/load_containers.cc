// Containers of a host, as `docker run -p` makes them: each becomes a host of its own on the bridge docker0, and what
// is published becomes the rules Docker writes and a docker-proxy process for connections from the host itself.
#include <algorithm>
#include <fmt/format.h>

#include "sim/netfilter/nft/parse.h"
#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/loader.h"
#include "sim/world/scenario/quantity.h"

namespace fourtuple::world {
namespace {

constexpr std::string_view bridge = "docker0";
constexpr std::uint32_t bridge_network = 0xac110000;  // 172.17.0.0/16, Docker's default
constexpr std::uint8_t bridge_prefix = 16;
constexpr std::size_t max_containers = 200;

// [address:]port:port[/udp]
struct Publication {
  std::string address;  // empty: all of the host's
  std::uint16_t outside = 0, inside = 0;
  Protocol protocol = Protocol::tcp;
};

std::optional<Publication> parse_publication(std::string_view text) {
  Publication made;
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::string_view protocol = text.substr(slash + 1);
    if (protocol != "tcp" && protocol != "udp") return std::nullopt;
    made.protocol = protocol == "udp" ? Protocol::udp : Protocol::tcp;
    text = text.substr(0, slash);
  }
  const std::size_t last = text.rfind(':');
  if (last == std::string_view::npos) return std::nullopt;
  const auto inside = parse_port(text.substr(last + 1));
  text = text.substr(0, last);
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    made.address = text.substr(0, colon);
    if (const auto address = IpAddress::parse(made.address); !address || address->family != Family::ipv4)
      return std::nullopt;
    text = text.substr(colon + 1);
  }
  const auto outside = parse_port(text);
  if (!inside || !outside || *inside == 0 || *outside == 0) return std::nullopt;
  made.inside = *inside;
  made.outside = *outside;
  return made;
}

std::string_view word(Protocol protocol) {
  return protocol == Protocol::udp ? "udp" : "tcp";
}

// Docker would fail to bind the second: "port is already allocated".
bool clash(const Publication& a, const Publication& b) {
  return a.outside == b.outside && a.protocol == b.protocol &&
         (a.address.empty() || b.address.empty() || a.address == b.address);
}

// The rules of one bridge as Docker writes them with iptables-nft.
class DockerRules {
 public:
  void publish(const std::string& container, const Publication& what) {
    const std::string destination = what.address.empty() ? "" : fmt::format("ip daddr {} ", what.address);
    nat_ += fmt::format("\t\tiifname != \"{}\" {}{} dport {} counter dnat to {}:{}\n", bridge, destination,
                        word(what.protocol), what.outside, container, what.inside);
    filter_ += fmt::format("\t\tip daddr {} iifname != \"{}\" oifname \"{}\" {} dport {} counter accept\n", container,
                           bridge, bridge, word(what.protocol), what.inside);
    loops_ += fmt::format("\t\tip saddr {0} ip daddr {0} {1} dport {2} counter masquerade\n", container,
                          word(what.protocol), what.inside);
  }

  std::string text() const {
    std::string text;
    text += "table ip nat {\n\tchain DOCKER {\n\t\tiifname \"docker0\" counter return\n" + nat_ + "\t}\n";
    text +=
        "\tchain PREROUTING {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n"
        "\t\tfib daddr type local counter jump DOCKER\n\t}\n";
    text +=
        "\tchain OUTPUT {\n\t\ttype nat hook output priority -100; policy accept;\n"
        "\t\tip daddr != 127.0.0.0/8 fib daddr type local counter jump DOCKER\n\t}\n";
    text +=
        "\tchain POSTROUTING {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n"
        "\t\tip saddr 172.17.0.0/16 oifname != \"docker0\" counter masquerade\n" +
        loops_ + "\t}\n}\n";
    text += "table ip filter {\n\tchain DOCKER {\n" + filter_ +
            "\t\tiifname != \"docker0\" oifname \"docker0\" counter drop\n\t}\n";
    text += "\tchain DOCKER-USER {\n\t\tcounter return\n\t}\n";
    text +=
        "\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy drop;\n"
        "\t\tcounter jump DOCKER-USER\n"
        "\t\toifname \"docker0\" ct state established,related counter accept\n"
        "\t\toifname \"docker0\" counter jump DOCKER\n"
        "\t\tiifname \"docker0\" oifname != \"docker0\" counter accept\n"
        "\t\tiifname \"docker0\" oifname \"docker0\" counter accept\n\t}\n}\n";
    return text;
  }

 private:
  std::string nat_, filter_, loops_;
};

Prefix on_bridge(std::uint32_t number) {
  return {IpAddress::v4(bridge_network + number), bridge_prefix};
}

InterfaceSpec interface_on(std::uint32_t network, std::string_view name, std::uint32_t number, Mark where) {
  InterfaceSpec made;
  made.name = name;
  made.where = where;
  made.network = network;
  made.addresses = {on_bridge(number)};
  return made;
}

}  // namespace

// The host is complete but for what its containers add; `index` is its place in the scenario.
void Loader::load_containers(const Node& node, std::uint32_t index) {
  const Node* containers = node.find("containers");
  if (containers == nullptr || !containers->is_mapping()) return;
  if (containers->members.size() > max_containers) {
    reporter_.error(containers->mark, "there are more than 200 containers");
    return;
  }
  const auto network = static_cast<std::uint32_t>(scenario_.networks.size());
  NetworkSpec made;
  made.name = scenario_.hosts[index].name + "-" + std::string(bridge);
  made.where = containers->mark;
  networks_.add(made.name, network);
  scenario_.networks.push_back(std::move(made));
  scenario_.hosts[index].interfaces.push_back(interface_on(network, bridge, 1, containers->mark));
  scenario_.hosts[index].forwarding = true;
  DockerRules rules;
  std::vector<Publication> published;
  std::uint32_t number = 2;
  for (const Member& member : containers->members) {
    load_container(member, network, number);
    const std::string address = on_bridge(number++).address.to_string();
    const Node* publish = member.value.find("publish");
    const auto add = [&](const Node& item) {
      const auto what = item.is_scalar() ? parse_publication(item.text) : std::nullopt;
      if (!what) {
        reporter_.error(item.mark, in_quotes(item.text) + " does not say what is published",
                        "\"8080:80\", \"127.0.0.1:8080:80\" or \"5353:53/udp\"");
        return;
      }
      const auto same = [&](const Publication& other) { return clash(*what, other); };
      if (std::any_of(published.begin(), published.end(), same)) {
        reporter_.error(item.mark, "port " + std::to_string(what->outside) + " of the host is published already",
                        "another port in front of the colon");
        return;
      }
      published.push_back(*what);
      rules.publish(address, *what);
      if (what->protocol == Protocol::tcp)
        add_docker_proxy(index, item.mark, {what->address, what->outside}, {address, what->inside});
    };
    if (publish != nullptr && !publish->is_sequence()) add(*publish);
    if (publish != nullptr)
      for (const Node& item : publish->items) add(item);
  }
  put_rules_before(rules.text(), containers->mark, index);
}

void Loader::load_container(const Member& member, std::uint32_t network, std::uint32_t number) {
  const auto index = static_cast<std::uint32_t>(scenario_.hosts.size());
  hosts_.add(member.key, index);
  processes_.emplace_back("process", " on " + member.key);
  models_.resize(index + 1);
  HostSpec& host = scenario_.hosts.emplace_back();
  host.name = member.key;
  host.where = member.mark;
  host.kind = trace::HostKind::server;
  host.interfaces.push_back(interface_on(network, "eth0", number, member.mark));
  RouteSpec route;
  route.where = member.mark;
  route.destination = {IpAddress::wildcard(Family::ipv4), 0};
  route.gateway = on_bridge(1).address;
  route.interface = 0;
  host.routes.push_back(route);
  host.sysctls = sysctls(member.value.find("sysctls"));
  load_processes(member.value, host, index);
}

// docker-proxy takes connections the rules do not redirect: those from the host itself to 127.0.0.1.
void Loader::add_docker_proxy(std::uint32_t index, Mark where, const Published& outside, const Published& inside) {
  HostSpec& host = scenario_.hosts[index];
  ProcessSpec proxy;
  // The kernel keeps 15 characters of a name, so that the port would be cut off.
  const auto others = std::count_if(host.processes.begin(), host.processes.end(), [](const ProcessSpec& process) {
    return process.name.starts_with("docker-proxy");
  });
  proxy.name = others == 0 ? "docker-proxy" : fmt::format("docker-proxy-{}", others + 1);
  proxy.where = where;
  proxy.user = "root";
  proxy.uid = 0;
  proxy.program = Program::proxy;
  ListenSpec listen;
  listen.where = where;
  listen.local.address =
      outside.address.empty() ? IpAddress::wildcard(Family::ipv4) : *IpAddress::parse(outside.address);
  listen.local.port = outside.port;
  proxy.listen.push_back(listen);
  proxy.forward.address = *IpAddress::parse(inside.address);
  proxy.forward.port = inside.port;
  proxy.forward.written = fmt::format("{}:{}", inside.address, inside.port);
  processes_[index].add(proxy.name, static_cast<std::uint32_t>(host.processes.size()));
  host.processes.push_back(std::move(proxy));
}

// Docker's tables come first; the host's own ruleset is read after them, as a firewall script would be.
void Loader::put_rules_before(const std::string& text, Mark where, std::uint32_t index) {
  HostSpec& host = scenario_.hosts[index];
  auto spec = std::make_shared<RulesetSpec>();
  if (host.nft != nullptr) *spec = *host.nft;
  if (host.nft == nullptr) spec->where = spec->text_begins = where;
  spec->generated_lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
  nft::ParseOptions options;
  options.source_name = scenario_.file_name;
  nft::ParseResult result = nft::parse(text + spec->script.text, options);
  if (!result.errors.empty()) return;
  spec->script = std::move(result.script);
  models_[index] = {};
  check_ruleset(*spec, index);
  host.nft = spec;
}

}  // namespace fourtuple::world
