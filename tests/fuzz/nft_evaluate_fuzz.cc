// Packets, well-formed and not, through a router with one of the stored rulesets, which may be exchanged half-way. The
// input chooses the rulesets and says step by step what is sent, answered, quoted in an ICMP error or waited for. At
// the end the trace must fold to the state the World has, and no packet may have left a half-made conntrack entry
// behind.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/check.h"
#include "sim/netfilter/nft/parse.h"
#include "sim/replay/net_state.h"
#include "sim/state/digest.h"
#include "sim/wire/decode.h"
#include "sim/world/driver.h"
#include "sim/world/scenario/scenario.h"

namespace {

using namespace fourtuple;

struct Ruleset {
  std::shared_ptr<const world::RulesetSpec> spec;
  std::string inside = "lan", outside = "wan";
};

std::vector<Ruleset> read_rulesets() {
  std::vector<std::filesystem::path> paths;
  for (const auto& file : std::filesystem::directory_iterator(FT_SOURCE_DIR "/tests/data/rulesets"))
    if (file.path().extension() == ".nft") paths.push_back(file.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Ruleset> rulesets;
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    nft::ParseResult parsed = nft::parse(std::string(std::istreambuf_iterator<char>(in), {}), {});
    FT_CHECK(parsed.errors.empty());
    auto spec = std::make_shared<world::RulesetSpec>();
    spec->own_file = true;
    spec->script = std::move(parsed.script);
    Ruleset ruleset{spec, "lan", "wan"};
    const auto names = [&](const char* name) { return spec->script.text.find(name) != std::string::npos; };
    for (const char* inside : {"lan0", "docker0", "lxdbr0", "wg0", "q1"})
      if (names(inside)) ruleset.inside = inside;
    for (const char* outside : {"wan0", "eth0", "q2"})
      if (names(outside)) ruleset.outside = outside;
    rulesets.push_back(std::move(ruleset));
  }
  FT_CHECK(!rulesets.empty());
  return rulesets;
}

// The input, byte by byte; zeros behind its end.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  std::uint32_t word() { return std::uint32_t{byte()} << 8 | byte(); }
  Bytes bytes(std::size_t count) {
    const Bytes taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  Bytes rest_;
};

// Who sends to whom: hosts inside and outside, the router, addresses that rulesets name, broadcast and multicast.
constexpr const char* addresses[] = {"192.168.1.10",  "192.168.1.11",  "192.168.1.1", "198.51.100.1",
                                     "198.51.100.7",  "203.0.113.9",   "10.0.0.5",    "172.17.0.2",
                                     "192.168.1.255", "224.0.0.251",   "127.0.0.1",   "255.255.255.255",
                                     "fd00:1::10",    "2001:db8:1::7", "2001:db8::1", "ff02::1"};
constexpr std::uint16_t ports[] = {22, 53, 80, 443, 1024, 40000, 7000, 21, 8080, 5353, 65535, 0};
constexpr Protocol protocols[] = {Protocol::tcp,    Protocol::udp,  Protocol::icmp,
                                  Protocol::icmpv6, Protocol::none, static_cast<Protocol>(50)};

class Run {
 public:
  Run(const Ruleset& first, const Ruleset& second) : world_(scenario(first, second), 1, trace_) {
    for (const char* text : addresses)
      ids_.push_back(driver().context().system.addresses.intern(*IpAddress::parse(text)));
  }

  void steps(Input input) {
    for (int i = 0; i < 200 && !input.empty(); ++i) step(input);
    driver().pass_until(world_.now() + seconds(2));
    check();
  }

 private:
  static constexpr InterfaceId inside{1}, router_inside{3}, router_outside{4}, outside{6};  // lo comes first

  static world::InterfaceSpec interface(const std::string& name, std::uint32_t network,
                                        std::initializer_list<const char*> prefixes) {
    world::InterfaceSpec spec;
    spec.name = name;
    spec.network = network;
    for (const char* prefix : prefixes) spec.addresses.push_back(*Prefix::parse(prefix));
    return spec;
  }
  static world::HostSpec end(const char* name, std::uint32_t network, std::initializer_list<const char*> prefixes) {
    world::HostSpec host;
    host.name = name;
    host.silent = true;
    host.interfaces = {interface("eth0", network, prefixes)};
    return host;
  }
  static world::Scenario scenario(const Ruleset& first, const Ruleset& second) {
    world::Scenario scenario;
    scenario.file_name = "fuzz";
    scenario.networks.resize(2);
    scenario.networks[0].name = "inside";
    scenario.networks[1].name = "outside";
    world::HostSpec router;
    router.name = "router";
    router.kind = trace::HostKind::router;
    router.forwarding = true;
    router.nft = first.spec;
    router.interfaces = {interface(first.inside, 0, {"192.168.1.1/24", "fd00:1::1/64"}),
                         interface(first.outside, 1, {"198.51.100.1/24", "2001:db8::1/64"})};
    for (const char* prefix : {"0.0.0.0/0", "::/0"}) router.routes.push_back({*Prefix::parse(prefix), {}, {}, 1});
    scenario.hosts = {end("a", 0, {"192.168.1.10/24", "192.168.1.11/24", "10.0.0.5/24", "fd00:1::10/64"}), router,
                      end("b", 1, {"198.51.100.7/24", "203.0.113.9/24", "2001:db8::7/64"})};
    world::TimelineEntry exchange;
    exchange.verb = world::Verb::nft;
    exchange.trigger.at = Time{0} + milliseconds(40);
    exchange.host = 1;
    exchange.ruleset = second.spec;
    scenario.timeline.push_back(exchange);
    return scenario;
  }

  world::WorldDriver driver() { return {world_, trace_}; }

  void step(Input& input) {
    const std::uint8_t choice = input.byte();
    const bool from_inside = (choice & 0x80) != 0;
    switch (choice % 8) {
      case 0:
        return send(raw(input), from_inside);
      case 1:
      case 2:
        return send(made(input), from_inside);
      case 3:
        return send(changed(input, earlier(input)), from_inside);
      case 4:
        return send(answer(earlier(input)), from_inside);
      case 5:
        return send(error(input, earlier(input)), from_inside);
      default:
        // From a microsecond to a day, so that every timeout is met.
        return driver().pass_until(world_.now() + microseconds(std::int64_t{1} << (input.byte() % 37)));
    }
  }

  void send(const Packet& packet, bool from_inside) {
    sent_.push_back(packet);
    if (!packet.source.valid()) return;
    driver().inject(from_inside ? inside : outside, from_inside ? router_inside : router_outside, packet);
    driver().pass_until(world_.now() + milliseconds(1));
  }

  Packet raw(Input& input) {
    const Bytes bytes = input.bytes(input.byte());
    DecodedPacket decoded;
    decode_packet(bytes, static_cast<std::uint32_t>(bytes.size()), decoded);
    Packet packet = decoded.packet;
    if (decoded.stop == DecodeStop::empty || decoded.stop == DecodeStop::bad_version ||
        decoded.stop == DecodeStop::ip_truncated || decoded.stop == DecodeStop::bad_ip_header)
      return packet;
    AddressTable& known = driver().context().system.addresses;
    packet.source = known.intern(decoded.source);
    packet.destination = known.intern(decoded.destination);
    return packet;
  }

  Packet made(Input& input) {
    Packet packet;
    packet.protocol = protocols[input.byte() % std::size(protocols)];
    packet.source = ids_[input.byte() % ids_.size()];
    packet.destination = ids_[input.byte() % ids_.size()];
    const AddressTable& known = driver().context().system.addresses;
    if (known[packet.source].family != known[packet.destination].family) packet.destination = packet.source;
    packet.source_port = ports[input.byte() % std::size(ports)];
    packet.destination_port = ports[input.byte() % std::size(ports)];
    packet.flags = packet.protocol == Protocol::tcp ? input.byte() : 0;
    packet.payload_length = input.byte();
    packet.window = 1000;
    return packet;
  }

  Packet earlier(Input& input) {
    return sent_.empty() ? made(input) : sent_[sent_.size() - 1 - input.byte() % sent_.size()];
  }

  static Packet changed(Input& input, Packet packet) {
    packet.flags = input.byte();
    packet.seq = packet.seq + input.word();
    packet.ack = packet.ack + input.word();
    packet.ttl = std::max<std::uint8_t>(input.byte(), 1);
    packet.fragment_flags = input.byte() & 0x0f;
    packet.traffic_class = input.byte();
    packet.options = packet.protocol == Protocol::tcp ? input.byte() & 0x0f : 0;
    return packet;
  }

  static Packet answer(Packet packet) {
    std::swap(packet.source, packet.destination);
    if (packet.protocol == Protocol::icmp && packet.icmp_type() == 8) packet.source_port = 0;
    if (packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp)
      std::swap(packet.source_port, packet.destination_port);
    std::swap(packet.seq, packet.ack);
    packet.flags |= TcpFlag::ack;
    return packet;
  }

  // An ICMP error about a packet, with types and codes as the input has them.
  Packet error(Input& input, const Packet& about) {
    Packet packet;
    packet.source = ids_[input.byte() % ids_.size()];
    packet.destination = about.source;
    if (!about.source.valid()) return about;
    stack::System& system = driver().context().system;
    const bool v4 = system.addresses[about.source].family == Family::ipv4;
    if ((system.addresses[packet.source].family == Family::ipv4) != v4) packet.source = about.destination;
    packet.protocol = v4 ? Protocol::icmp : Protocol::icmpv6;
    packet.source_port = static_cast<std::uint16_t>((v4 ? 3 : 1) << 8 | input.byte() % 16);
    packet.payload_kind = PayloadKind::quote;
    packet.payload_source = static_cast<std::uint32_t>(system.quotes.size());
    packet.payload_length = 28;
    system.quotes.push_back(about);
    return packet;
  }

  void check() {
    trace_.publish();
    const stack::System& system = driver().context().system;
    FT_CHECK(system.netfilter.conntrack.pending.live() == 0);
    const replay::NetState folded = replay::fold(trace_, trace_.published());
    FT_CHECK(state::state_digest(folded.state) == state::state_digest(system.visible));
  }

  trace::Trace trace_{trace::Level::expressions};
  world::World world_;
  std::vector<AddressId> ids_;
  std::vector<Packet> sent_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Ruleset> rulesets = read_rulesets();
  Input input(data, size);
  const Ruleset& first = rulesets[input.byte() % rulesets.size()];
  const Ruleset& second = rulesets[input.byte() % rulesets.size()];
  Run(first, second).steps(input);
  return 0;
}
