#include "app/through/through.h"

#include <algorithm>
#include <filesystem>

#include "app/ruleset_file.h"
#include "app/through/interface_names.h"
#include "sim/replay/packet_index.h"
#include "sim/world/driver.h"
#include "sim/world/scenario/scenario.h"
#include "sim/world/what_if/what_if.h"

namespace fourtuple::app {
namespace {

constexpr std::string_view private_prefixes[] = {"10.0.0.0/8",     "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                                                 "169.254.0.0/16", "fc00::/7",      "fe80::/10"};
// The router's own addresses, from ranges no capture routes (RFC 5737, RFC 3849).
constexpr std::string_view router_inside[] = {"192.0.2.1/32", "2001:db8::1/128"};
constexpr std::string_view router_outside[] = {"192.0.2.2/32", "2001:db8::2/128"};

Prefix whole(const IpAddress& address) {
  return {address, static_cast<std::uint8_t>(address.family == Family::ipv4 ? 32 : 128)};
}

world::InterfaceSpec interface_spec(const std::string& name, std::uint32_t network, std::vector<Prefix> addresses) {
  world::InterfaceSpec spec;
  spec.name = name;
  spec.network = network;
  spec.addresses = std::move(addresses);
  spec.mtu = 65535;  // super-segments of a capture pass as they are
  return spec;
}

class Sender {
 public:
  Sender(const capture::ImportedCapture& capture, const ThroughOptions& options, const ThroughFork& fork)
      : capture_(capture), options_(options), fork_(fork), frames_(capture.trace) {}

  Outcome<std::unique_ptr<Through>> run() {
    if (auto read = read_ruleset(); !read) return tl::unexpected<Error>(read.error());
    if (auto sides = find_sides(); !sides) return tl::unexpected<Error>(sides.error());
    build();
    const trace::Trace& seen = capture_.trace;
    for (std::uint64_t at = seen.first(); at < seen.published(); at = seen.next(at)) frames_.add(at, seen.at(at));
    for (std::uint64_t at = seen.first(); at < seen.published(); at = seen.next(at)) {
      if (seen.at(at)->kind != trace::Kind::packet_created) continue;
      if (fork_.go_on && !fork_.go_on(seen.at(at)->at)) return fail("stopped");
      if (auto changed = change_up_to(seen.at(at)->at); !changed) return tl::unexpected<Error>(changed.error());
      send(at);
    }
    const Time end = world_->now() + seconds(1);
    if (auto changed = change_up_to(end); !changed) return tl::unexpected<Error>(changed.error());
    finish(end);
    return std::move(through_);
  }

 private:
  Outcome<void> read_ruleset() {
    auto file = read_ruleset_file(options_.ruleset);
    if (!file) return tl::unexpected<Error>(file.error());
    through_->warnings = std::move(file->warnings);
    ruleset_ = file->spec;
    const InterfaceNames names = interface_names(file->model, options_.inside_name, options_.outside_name);
    if (names.inside == names.outside) return fail("both interfaces of the router are called '" + names.inside + "'");
    through_->inside_name = names.inside;
    through_->outside_name = names.outside;
    return {};
  }

  Outcome<void> find_sides() {
    std::vector<std::string> texts = options_.inside;
    if (texts.empty()) texts.assign(std::begin(private_prefixes), std::end(private_prefixes));
    for (const std::string& text : texts) {
      const auto prefix = Prefix::parse(text);
      const auto address = IpAddress::parse(text);
      if (!prefix && !address)
        return fail("--inside: '" + text + "' is neither an address nor a prefix such as 192.168.1.0/24");
      inside_.push_back(prefix ? *prefix : whole(*address));
    }
    for (const std::string& text : options_.own) {
      const auto address = IpAddress::parse(text);
      if (!address) return fail("--router: '" + text + "' is not an address such as 192.168.1.1");
      own_.push_back(whole(*address));
    }
    const AddressTable& addresses = capture_.trace.tables().addresses;
    for (std::uint32_t i = 4; i < addresses.size(); ++i) {
      const IpAddress& address = addresses[{i}];
      if (is_own(address) || address.is_wildcard() || address.is_multicast() || address.is_broadcast()) continue;
      (is_inside(address) ? inside_addresses_ : outside_addresses_).push_back(whole(address));
    }
    return check_sides();
  }

  Outcome<void> check_sides() const {
    const SourcePosition place{capture_.path, 0, 0};
    if (inside_addresses_.empty() && outside_addresses_.empty())
      return fail(place, "it has no packet that a router could pass on", "IPv4 or IPv6 packets");
    if (!inside_addresses_.empty() && outside_addresses_.size() + own_.size() != 0) return {};
    const IpAddress& some = (inside_addresses_.empty() ? outside_addresses_ : inside_addresses_).front().address;
    return fail(place, "all its addresses are on one side of the router",
                "the inner ones, such as --inside " + some.to_string());
  }

  bool is_inside(const IpAddress& address) const {
    return std::any_of(inside_.begin(), inside_.end(), [&](const Prefix& prefix) { return prefix.contains(address); });
  }
  bool is_own(const IpAddress& address) const {
    return std::any_of(own_.begin(), own_.end(), [&](const Prefix& own) { return own.address == address; });
  }

  void build() {
    world::Scenario& scenario = scenario_;
    scenario.file_name = capture_.path;
    scenario.title.versions = {{"en", capture_.trace.tables().file_name + " through " +
                                          std::filesystem::path(options_.ruleset).filename().string()}};
    for (const char* name : {"inside", "outside"}) {
      world::NetworkSpec network;
      network.name = name;
      network.queue_packets = 0;
      network.mtu = 65535;
      scenario.networks.push_back(network);
    }
    scenario.hosts = {end("inside", 0, inside_addresses_), router(), end("outside", 1, outside_addresses_)};
    world_ = std::make_unique<world::World>(scenario, 1, through_->trace);
    // lo comes first on every host.
    inside_interface_ = {1};
    router_inside_ = {3};
    router_outside_ = {4};
    outside_interface_ = {6};
  }

  // What is to change before anything of this instant happens, or earlier.
  Outcome<void> change_up_to(Time now) {
    for (; next_change_ < fork_.changes.size() && fork_.changes[next_change_].at <= now; ++next_change_) {
      const ThroughChange& wanted = fork_.changes[next_change_];
      std::vector<world::Change> parsed;
      for (const std::string& words : wanted.changes) {
        auto change = world::parse_change(scenario_, words);
        if (!change) return tl::unexpected<Error>(change.error());
        parsed.push_back(std::move(*change));
      }
      const Time at = std::max(wanted.at, world_->now());
      if (at.ns > 0) world::WorldDriver{*world_, through_->trace}.pass_until(at - nanoseconds(1));
      if (auto made = world::WhatIf(*world_, through_->trace).make(at, parsed); !made) return made;
    }
    return {};
  }

  static world::HostSpec end(const std::string& name, std::uint32_t network, const std::vector<Prefix>& addresses) {
    world::HostSpec host;
    host.name = name;
    host.silent = true;
    host.interfaces = {interface_spec("eth0", network, addresses)};
    return host;
  }

  world::HostSpec router() const {
    world::HostSpec host;
    host.name = "router";
    host.kind = trace::HostKind::router;
    host.forwarding = true;
    host.nft = ruleset_;
    std::vector<Prefix> towards_inside, towards_outside = own_;
    for (const std::string_view text : router_inside) towards_inside.push_back(*Prefix::parse(text));
    for (const std::string_view text : router_outside) towards_outside.push_back(*Prefix::parse(text));
    host.interfaces = {interface_spec(through_->inside_name, 0, towards_inside),
                       interface_spec(through_->outside_name, 1, towards_outside)};
    for (const Prefix& prefix : inside_) host.routes.push_back({prefix, {}, std::nullopt, 0});
    for (const Family family : {Family::ipv4, Family::ipv6})
      host.routes.push_back({{IpAddress::wildcard(family), 0}, {}, std::nullopt, 1});
    return host;
  }

  void send(std::uint64_t at) {
    const trace::Slot* record = capture_.trace.at(at);
    Packet packet = trace::unpack_packet_created(record).packet;
    ThroughPacket made;
    made.frame = packet.id.value + 1;
    const IpAddress& source = capture_.trace.tables().addresses[packet.source];
    const IpAddress& destination = capture_.trace.tables().addresses[packet.destination];
    const bool from_inside = is_inside(source);
    const bool crosses = (is_own(destination) || from_inside != is_inside(destination)) && !is_own(source) &&
                         !destination.is_multicast() && !destination.is_broadcast() && !source.is_wildcard();
    if (crosses) made.packet = inject(record->at, at, packet, from_inside);
    through_->packets.push_back(made);
  }

  PacketId inject(Time now, std::uint64_t at, Packet packet, bool from_inside) {
    world::WorldDriver driver{*world_, through_->trace};
    driver.pass_until(std::max(now, world_->now()));
    stack::System& system = driver.context().system;
    translate_ids(system, packet);
    if (replay::is_icmp_error(packet))
      take_quote(system, packet, at);
    else
      packet.payload_kind = PayloadKind::none;
    if (!from_inside) answer_as_shown(system, packet);
    const PacketId id{system.next_packet};
    driver.inject(from_inside ? inside_interface_ : outside_interface_, from_inside ? router_inside_ : router_outside_,
                  packet);
    return id;
  }

  void translate_ids(stack::System& system, Packet& packet) const {
    const AddressTable& known = capture_.trace.tables().addresses;
    packet.source = system.addresses.intern(known[packet.source]);
    packet.destination = system.addresses.intern(known[packet.destination]);
  }

  // The quoted packet as the capture shows it; without it the error quotes nothing that a flow could be found by.
  void take_quote(stack::System& system, Packet& packet, std::uint64_t at) const {
    std::optional<Packet> quoted = frames_.quoted_at(packet.id, at);
    if (!quoted) {
      packet.payload_kind = PayloadKind::none;
      return;
    }
    translate_ids(system, *quoted);
    packet.payload_kind = PayloadKind::quote;
    packet.payload_source = static_cast<std::uint32_t>(system.quotes.size());
    system.quotes.push_back(*quoted);
  }

  // The tracked flow whose original direction has this packet; null without one.
  static const state::ConntrackEntry* flow_of(const stack::System& system, const Packet& sent) {
    const bool icmp = sent.protocol == Protocol::icmp || sent.protocol == Protocol::icmpv6;
    const Pool<state::ConntrackEntry>& entries = system.visible.conntrack;
    for (std::uint32_t id = 0; id < entries.end(); ++id) {
      if (!entries.alive(id) || entries[id].protocol != sent.protocol) continue;
      const state::ConntrackTuple& original = entries[id].original;
      if (original.source != sent.source || original.destination != sent.destination) continue;
      const bool same =
          icmp ? original.source_port == sent.destination_port
               : original.source_port == sent.source_port && original.destination_port == sent.destination_port;
      if (same) return &entries[id];
    }
    return nullptr;
  }

  static void show_source(const state::ConntrackEntry& entry, Packet& sent) {
    sent.source = entry.reply.destination;
    const bool icmp = sent.protocol == Protocol::icmp || sent.protocol == Protocol::icmpv6;
    if (icmp)
      sent.destination_port = entry.reply.source_port;
    else
      sent.source_port = entry.reply.destination_port;
  }

  // The capture saw the answer of a flow inside the router; from outside it comes to the address the router showed, and
  // an ICMP error quotes what the router sent.
  static void answer_as_shown(stack::System& system, Packet& packet) {
    if (packet.payload_kind == PayloadKind::quote) {
      Packet& quoted = system.quotes[packet.payload_source];
      const state::ConntrackEntry* flow = flow_of(system, quoted);
      if (flow == nullptr) return;
      show_source(*flow, quoted);
      packet.destination = flow->reply.destination;
      return;
    }
    Packet sent = packet;
    std::swap(sent.source, sent.destination);
    const bool icmp = packet.protocol == Protocol::icmp || packet.protocol == Protocol::icmpv6;
    if (!icmp) std::swap(sent.source_port, sent.destination_port);
    const state::ConntrackEntry* flow = flow_of(system, sent);
    if (flow == nullptr) return;
    packet.destination = flow->reply.destination;
    packet.destination_port = icmp ? flow->reply.source_port : flow->reply.destination_port;
  }

  void finish(Time end) {
    world::WorldDriver driver{*world_, through_->trace};
    driver.pass_until(end);
    through_->trace.set_end_time(world_->now());
    through_->trace.publish();
    replay::PacketIndex index(through_->trace);
    const trace::Trace& trace = through_->trace;
    for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) index.add(at, trace.at(at));
    for (ThroughPacket& packet : through_->packets)
      if (packet.packet.valid()) packet.fate = fate_of(index, packet.packet);
  }

  // A packet that left the router ends at the silent host behind it. One to the router itself is delivered when its
  // rules let it in: nothing is known of the programs there, so that no socket takes it says nothing.
  ThroughPacket::Fate fate_of(const replay::PacketIndex& index, PacketId packet) const {
    if (index.hops(packet).size() > 1) return ThroughPacket::Fate::passed;
    if (index.fate(packet) == replay::Fate::delivered) return ThroughPacket::Fate::delivered;
    if (index.fate(packet) != replay::Fate::dropped) return ThroughPacket::Fate::dropped;
    const auto drop = trace::unpack_packet_dropped(through_->trace.at(index.end(packet)));
    return drop.stage == trace::Stage::transport_lookup ? ThroughPacket::Fate::delivered : ThroughPacket::Fate::dropped;
  }

  const capture::ImportedCapture& capture_;
  const ThroughOptions& options_;
  const ThroughFork& fork_;
  std::size_t next_change_ = 0;
  replay::PacketIndex frames_;
  std::unique_ptr<Through> through_ = std::make_unique<Through>();
  std::shared_ptr<const world::RulesetSpec> ruleset_;
  std::vector<Prefix> inside_, own_, inside_addresses_, outside_addresses_;
  world::Scenario scenario_;
  std::unique_ptr<world::World> world_;
  InterfaceId inside_interface_, router_inside_, router_outside_, outside_interface_;
};

}  // namespace

Outcome<std::unique_ptr<Through>> send_through(const capture::ImportedCapture& capture, const ThroughOptions& options,
                                               const ThroughFork& fork) {
  return Sender(capture, options, fork).run();
}

}  // namespace fourtuple::app
