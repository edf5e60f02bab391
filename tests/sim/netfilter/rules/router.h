// A router without a stack: packets walk its hooks as sim/stack would send them, and every verdict of a rule is noted
// in the words of `nft monitor trace`.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/context.h"
#include "sim/netfilter/rules/load.h"

namespace fourtuple::netfilter {

struct RouterInterface {
  std::string name;
  std::vector<Prefix> addresses;
};

class RouterEnvironment final : public Environment {
 public:
  AddressType address_type(HostId, const IpAddress& address) const override;
  bool is_of_interface(InterfaceId interface, const IpAddress& address) const override;
  InterfaceId route_interface(HostId, const IpAddress& destination) const override;
  AddressId source_address(HostId, InterfaceId out, AddressId destination) const override;
  AddressId interface_address(HostId, InterfaceId interface, fourtuple::Family family) const override;
  std::uint32_t ip_length(const Packet& packet) const override;
  std::uint32_t ip_header_length(const Packet& packet) const override;
  const Packet& quote(std::uint32_t index) const override { return quotes[index]; }
  std::uint32_t add_quote(const Packet& quoted) override;

  AddressTable addresses;
  std::vector<RouterInterface> interfaces;  // 0 is lo
  InterfaceId default_route;
  std::deque<Packet> quotes;
};

// What became of a packet.
struct Journey {
  enum class End { sent, delivered, dropped, rejected };
  End end = End::sent;
  Packet packet;  // as it leaves
  InterfaceId out;
  HookResult verdict;
  std::uint32_t mark = 0;
  std::vector<std::string> hops;  // "inet f forward 0 accept", "inet f forward policy drop"
};

class Router {
 public:
  // lo, lan 192.168.1.1/24, wan 198.51.100.1/24 and .2
  explicit Router(trace::Level level = trace::Level::stages);

  // Replaces or changes the ruleset; the fault as text, or nothing.
  std::string load(std::string_view script);
  Packet tcp(std::string_view from, std::uint16_t from_port, std::string_view to, std::uint16_t to_port,
             std::uint8_t flags = TcpFlag::syn);
  Packet udp(std::string_view from, std::uint16_t from_port, std::string_view to, std::uint16_t to_port);
  Packet echo(std::string_view from, std::string_view to, std::uint16_t id = 7);
  Journey receive(InterfaceId in, Packet packet);
  // `cause`: the journey whose rejection this packet answers. Without a socket, unless `user` is given.
  Journey originate(Packet packet, std::optional<std::uint32_t> user = std::nullopt);
  Context context();
  // The value of the only object of that kind, or by name; "packets 3 bytes 120" for counters.
  std::string listing();
  const trace::RulesetInfo& info() const { return trace.tables().rulesets[revision]; }

  static constexpr InterfaceId lo{0}, lan{1}, wan{2};

  Netfilter filter;
  state::State visible;
  trace::Trace trace;
  RouterEnvironment environment;
  Model model;
  Time now{1'000'000'000};
  std::uint32_t revision = 0;
  std::optional<Walk> rejected;  // kept until the answer is made
  Packet rejected_packet;

 private:
  Journey finish(Context& c, Walk& walk, Journey journey);
  bool hook(Context& c, Walk& walk, nft::HookPoint point, Journey& journey);
  Packet base(std::string_view from, std::string_view to, Protocol protocol);
  void read_hops(Journey& journey);

  std::uint64_t read_to_ = 0;
  std::uint32_t next_packet_ = 0;
};

}  // namespace fourtuple::netfilter
