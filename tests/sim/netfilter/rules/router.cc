#include "tests/sim/netfilter/rules/router.h"

#include "sim/netfilter/nft/parse.h"
#include "sim/netfilter/nft/print.h"

namespace fourtuple::netfilter {
namespace {

using nft::HookPoint;

Prefix prefix(std::string_view text) {
  return *Prefix::parse(text);
}

}  // namespace

AddressType RouterEnvironment::address_type(HostId, const IpAddress& address) const {
  if (address.is_multicast()) return AddressType::multicast;
  if (address.is_broadcast()) return AddressType::broadcast;
  if (address.is_loopback()) return AddressType::local;
  for (const RouterInterface& interface : interfaces)
    for (const Prefix& own : interface.addresses) {
      if (own.address == address) return AddressType::local;
      if (address.family == fourtuple::Family::ipv4 && own.address.family == address.family) {
        const std::uint32_t host = own.length == 32 ? 0 : 0xffffffffu >> own.length;
        if (host > 1 && address.v4_value() == (own.address.v4_value() | host)) return AddressType::broadcast;
      }
    }
  return AddressType::unicast;
}

bool RouterEnvironment::is_of_interface(InterfaceId interface, const IpAddress& address) const {
  if (address.is_loopback()) return interface.value == 0;
  for (const Prefix& own : interfaces[interface.value].addresses)
    if (own.address == address) return true;
  return false;
}

InterfaceId RouterEnvironment::route_interface(HostId host, const IpAddress& destination) const {
  if (address_type(host, destination) == AddressType::local) return InterfaceId{0};
  for (std::uint32_t i = 0; i < interfaces.size(); ++i)
    for (const Prefix& own : interfaces[i].addresses)
      if (own.contains(destination)) return InterfaceId{i};
  return default_route;
}

AddressId RouterEnvironment::source_address(HostId host, InterfaceId out, AddressId destination) const {
  return interface_address(host, out, addresses[destination].family);
}

AddressId RouterEnvironment::interface_address(HostId, InterfaceId interface, fourtuple::Family family) const {
  if (!interface.valid()) return {};
  for (const Prefix& own : interfaces[interface.value].addresses)
    if (own.address.family == family) return addresses.find(own.address);
  return {};
}

std::uint32_t RouterEnvironment::ip_header_length(const Packet& packet) const {
  return addresses[packet.source].family == fourtuple::Family::ipv4 ? 20 : 40;
}

std::uint32_t RouterEnvironment::ip_length(const Packet& packet) const {
  std::uint32_t payload = packet.payload_length;
  if (packet.payload_kind == PayloadKind::quote) payload = ip_length(quotes[packet.payload_source]);
  return ip_header_length(packet) + transport_header_length(packet) + payload;
}

std::uint32_t RouterEnvironment::add_quote(const Packet& quoted) {
  quotes.push_back(quoted);
  return static_cast<std::uint32_t>(quotes.size() - 1);
}

Router::Router(trace::Level level) : trace(level) {
  environment.interfaces = {{"lo", {prefix("127.0.0.1/8")}},
                            {"lan", {prefix("192.168.1.1/24"), prefix("fd00::1/64")}},
                            {"wan", {prefix("198.51.100.1/24"), prefix("198.51.100.2/24"), prefix("2001:db8::1/64")}}};
  filter.hosts.resize(1);
  visible.hosts.resize(1);
  for (std::uint32_t i = 0; i < environment.interfaces.size(); ++i) {
    filter.interfaces.push_back({nft::value_of_name(environment.interfaces[i].name), i + 1, i == 0});
    for (const Prefix& own : environment.interfaces[i].addresses) environment.addresses.intern(own.address);
  }
}

Context Router::context() {
  return {filter, visible, trace, environment.addresses, environment, now, HostId{0}};
}

std::string Router::load(std::string_view script) {
  const nft::ParseResult parsed = nft::parse(script);
  if (!parsed.errors.empty()) return parsed.errors[0].to_string();
  Outcome<Model> applied = apply_script(model, parsed.script);
  if (!applied) return applied.error().to_string();
  model = std::move(*applied);
  auto& rulesets = trace.mutable_tables().rulesets;
  revision = static_cast<std::uint32_t>(rulesets.size());
  rulesets.emplace_back();
  Context c = context();
  load_ruleset(c, model, parsed.script, revision, rulesets.back());
  return {};
}

Packet Router::base(std::string_view from, std::string_view to, Protocol protocol) {
  Packet packet;
  packet.id = PacketId{next_packet_++};
  packet.source = environment.addresses.intern(*IpAddress::parse(from));
  packet.destination = environment.addresses.intern(*IpAddress::parse(to));
  packet.protocol = protocol;
  return packet;
}

Packet Router::tcp(std::string_view from, std::uint16_t from_port, std::string_view to, std::uint16_t to_port,
                   std::uint8_t flags) {
  Packet packet = base(from, to, Protocol::tcp);
  packet.source_port = from_port;
  packet.destination_port = to_port;
  packet.flags = flags;
  packet.seq = {1000};
  packet.window = 1000;
  return packet;
}

Packet Router::udp(std::string_view from, std::uint16_t from_port, std::string_view to, std::uint16_t to_port) {
  Packet packet = base(from, to, Protocol::udp);
  packet.source_port = from_port;
  packet.destination_port = to_port;
  packet.payload_length = 5;
  return packet;
}

Packet Router::echo(std::string_view from, std::string_view to, std::uint16_t id) {
  const bool v4 = from.find(':') == std::string_view::npos;
  Packet packet = base(from, to, v4 ? Protocol::icmp : Protocol::icmpv6);
  packet.source_port = static_cast<std::uint16_t>((v4 ? 8 : 128) << 8);
  packet.destination_port = id;
  return packet;
}

bool Router::hook(Context& c, Walk& walk, HookPoint point, Journey& journey) {
  const HookResult result = run_hook(c, walk, point);
  journey.mark = walk.mark;
  if (result.verdict == HookVerdict::accept) return true;
  journey.verdict = result;
  journey.end = result.verdict == HookVerdict::reject ? Journey::End::rejected : Journey::End::dropped;
  if (result.verdict == HookVerdict::reject) {
    rejected_packet = walk.packet;
    rejected.emplace(Walk{rejected_packet, walk.in, walk.out, walk.tracking});
  }
  return false;
}

Journey Router::receive(InterfaceId in, Packet packet) {
  Journey journey;
  Context c = context();
  if (rejected) abandon(c, *rejected);
  rejected.reset();
  Walk walk{packet, in, {}, {}};
  if (!hook(c, walk, HookPoint::prerouting, journey)) return finish(c, walk, journey);
  const AddressType type = environment.address_type(HostId{0}, c.address(packet.destination));
  if (type == AddressType::local || type == AddressType::broadcast) {
    journey.end = Journey::End::delivered;
    hook(c, walk, HookPoint::input, journey);
    return finish(c, walk, journey);
  }
  walk.out = environment.route_interface(HostId{0}, c.address(packet.destination));
  if (packet.ttl <= 1 || !walk.out.valid()) {
    journey.end = Journey::End::dropped;
    abandon(c, walk);
    return finish(c, walk, journey);
  }
  --packet.ttl;
  if (hook(c, walk, HookPoint::forward, journey)) hook(c, walk, HookPoint::postrouting, journey);
  return finish(c, walk, journey);
}

Journey Router::originate(Packet packet, std::optional<std::uint32_t> user) {
  Journey journey;
  Context c = context();
  Walk walk{packet, {}, environment.route_interface(HostId{0}, c.address(packet.destination)), {}};
  walk.has_socket = user.has_value();
  walk.uid = user.value_or(0);
  if (rejected) {
    attach(c, *rejected, walk);
    abandon(c, *rejected);
    rejected.reset();
  }
  if (hook(c, walk, HookPoint::output, journey)) {
    walk.out = environment.route_interface(HostId{0}, c.address(packet.destination));
    hook(c, walk, HookPoint::postrouting, journey);
  }
  return finish(c, walk, journey);
}

Journey Router::finish(Context& c, Walk& walk, Journey journey) {
  static_cast<void>(c);
  journey.packet = walk.packet;
  journey.out = walk.out;
  trace.publish();
  read_hops(journey);
  return journey;
}

void Router::read_hops(Journey& journey) {
  using trace::RuleVerdictReached;
  const trace::RulesetInfo& side = info();
  for (read_to_ = trace.skip_padding(read_to_); read_to_ < trace.published(); read_to_ = trace.next(read_to_)) {
    const trace::Slot* slots = trace.at(read_to_);
    if (slots->kind != trace::Kind::rule_verdict) continue;
    const RuleVerdictReached hop = trace::unpack_rule_verdict(slots);
    if (hop.rule == RuleVerdictReached::chain_end) continue;
    const trace::ChainInfo& chain = side.chains[hop.chain];
    std::string text = chain.family + " " + chain.table + " " + chain.name + " ";
    text += hop.rule == RuleVerdictReached::policy ? "policy" : std::to_string(side.rules[hop.rule].number);
    text += " " + std::string(trace::name_of(hop.verdict));
    if (hop.verdict == trace::RuleVerdict::jump || hop.verdict == trace::RuleVerdict::goto_)
      text += " " + side.chains[hop.target].name;
    if (hop.mark != 0) text += " mark " + std::to_string(hop.mark);
    journey.hops.push_back(text);
  }
}

std::string Router::listing() {
  std::string text;
  for (const trace::ListingPiece& piece : info().listing) {
    const bool object =
        piece.kind == trace::ListingPiece::Kind::counter || piece.kind == trace::ListingPiece::Kind::quota_used;
    const state::NetfilterObject value = object ? visible.objects[piece.id] : state::NetfilterObject{};
    switch (piece.kind) {
      case trace::ListingPiece::Kind::text:
        text += piece.text;
        break;
      case trace::ListingPiece::Kind::counter:
        text += "packets " + std::to_string(value.first) + " bytes " + std::to_string(value.second);
        break;
      case trace::ListingPiece::Kind::quota_used:
        if (value.first != 0) text += " used " + std::to_string(value.first) + " bytes";
        break;
      case trace::ListingPiece::Kind::elements: {
        std::vector<std::string> elements;
        for (const trace::ListedElement& element : info().elements)
          if (element.set == piece.id) elements.push_back(element.text);
        for (const trace::SetInfo& set : info().sets) {
          if (set.id != piece.id) continue;
          for (std::uint32_t id = filter.sets.first(set.id); id != no_element; id = filter.sets.next(id)) {
            const state::SetElement& element = visible.set_elements[id];
            elements.push_back(nft::print_words(set.types, set.widths, element.words));
          }
          text += nft::elements_line(set.types, elements);
        }
        break;
      }
    }
  }
  return text;
}

}  // namespace fourtuple::netfilter
