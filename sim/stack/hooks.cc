#include "sim/stack/hooks.h"

#include <algorithm>

#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/middlebox/middlebox.h"
#include "sim/netfilter/rules/load.h"
#include "sim/stack/icmp.h"
#include "sim/stack/packet_path.h"
#include "sim/stack/routing.h"
#include "sim/stack/synproxy.h"
#include "sim/stack/tcp_socket.h"
#include "sim/tcp/endpoint.h"

namespace fourtuple::stack {
namespace {

using netfilter::AddressType;
using netfilter::HookResult;
using netfilter::HookVerdict;

class StackEnvironment final : public netfilter::Environment {
 public:
  explicit StackEnvironment(System& system) : system_(&system) {}

  AddressType address_type(HostId host, const IpAddress& address) const override {
    if (address.is_multicast()) return AddressType::multicast;
    if (is_own_address(*system_, host, address)) return AddressType::local;
    if (address.family == Family::ipv4)
      return is_broadcast(host, address) ? AddressType::broadcast : AddressType::unicast;
    return find_route(*system_, host, address) == nullptr ? AddressType::unreachable : AddressType::unicast;
  }
  bool is_of_interface(InterfaceId interface, const IpAddress& address) const override {
    const Interface& i = system_->interfaces[interface.value];
    if (address.is_loopback()) return i.loopback;
    return std::any_of(i.addresses.begin(), i.addresses.end(),
                       [&](AddressId own) { return system_->addresses[own] == address; });
  }
  InterfaceId route_interface(HostId host, const IpAddress& destination) const override {
    if (is_own_address(*system_, host, destination)) return system_->hosts[host.value].interfaces.front();
    const RouteEntry* route = find_route(*system_, host, destination);
    return route == nullptr ? InterfaceId::none() : route->interface;
  }
  AddressId source_address(HostId host, InterfaceId out, AddressId destination) const override {
    Route route = route_to(*system_, host, destination);
    route.out = out;
    return source_address_for(*system_, route);
  }
  AddressId interface_address(HostId, InterfaceId interface, Family family) const override {
    for (const AddressId own : system_->interfaces[interface.value].addresses)
      if (system_->addresses[own].family == family) return own;
    return AddressId::none();
  }
  AddressId next_hop(HostId host, AddressId destination) const override {
    if (is_local_address(*system_, host, destination)) return destination;
    const RouteEntry* route = find_route(*system_, host, system_->addresses[destination]);
    return route == nullptr || !route->gateway.valid() ? destination : route->gateway;
  }
  std::uint32_t route_mtu(HostId host, AddressId destination) const override {
    constexpr std::uint32_t largest_v4 = 0xffff;  // ip_dst_mtu_maybe_forward: of lo too
    const std::uint32_t mtu = route_to(*system_, host, destination).mtu;
    return system_->addresses[destination].family == Family::ipv4 ? std::min(mtu, largest_v4) : mtu;
  }
  std::uint32_t ip_length(const Packet& packet) const override { return stack::ip_length(*system_, packet); }
  std::uint32_t ip_header_length(const Packet& packet) const override {
    return stack::ip_header_length(*system_, packet);
  }
  const Packet& quote(std::uint32_t index) const override { return system_->quotes[index]; }
  std::uint32_t add_quote(const Packet& quoted) override {
    system_->quotes.push_back(quoted);
    return static_cast<std::uint32_t>(system_->quotes.size() - 1);
  }
  std::uint64_t cookie_secret(HostId host) const override { return system_->hosts[host.value].secret; }

 private:
  // Linux counts 0.0.0.0/8, 255.255.255.255 and the last address of each of its networks (inet_addr_type).
  bool is_broadcast(HostId host, const IpAddress& address) const {
    if (address.is_broadcast() || address.bytes[0] == 0) return true;
    for (const InterfaceId id : system_->hosts[host.value].interfaces)
      for (const Prefix& prefix : system_->interfaces[id.value].prefixes) {
        if (prefix.address.family != Family::ipv4 || prefix.length >= 31) continue;
        const std::uint32_t hosts = ~std::uint32_t{0} >> prefix.length;
        if (prefix.contains(address) && (address.v4_value() & hosts) == hosts) return true;
      }
    return false;
  }

  System* system_;
};

// Addresses that NAT came upon are new to the trace too; both tables count alike.
void publish_addresses(Context& c) {
  AddressTable& told = c.trace.mutable_tables().addresses;
  for (std::uint32_t i = told.size(); i < c.system.addresses.size(); ++i) told.intern(c.system.addresses[{i}]);
}

netfilter::Context filter_context(Context& c, HostId host, StackEnvironment& environment) {
  return {c.system.netfilter, c.system.visible, c.trace, c.system.addresses, environment, c.now, host};
}

void answer_with_reset(Context& c, HostId host, const Walk& walk) {
  Packet reply;
  if (tcp::reset_reply(walk.packet, reply)) tcp_send_answer(c, host, walk.packet, reply, {SocketId::none(), &walk});
}

void answer_reject(Context& c, HostId host, const Walk& walk, const HookResult& result, HookPoint point) {
  if ((walk.packet.fragment_flags & FragmentFlag::bad_checksum) != 0) return;
  if (result.reject == nft::RejectKind::tcp_reset) return answer_with_reset(c, host, walk);
  if (walk.kernel_icmp) return;
  send_rejected(c, host, walk, result.reject_code, point != HookPoint::prerouting);
}

// A middlebox stands where the NAT hooks are. False: the packet is gone.
bool pass_middlebox(Context& c, HostId host, Walk& walk, HookPoint point, trace::Stage stage) {
  StackEnvironment environment(c.system);
  netfilter::Context filter = filter_context(c, host, environment);
  if (point == HookPoint::prerouting && netfilter::translate_inbound(filter, walk) == netfilter::Inbound::filtered) {
    drop(c, host, walk.packet, trace::DropReason::nat_filtered, stage);
    return false;
  }
  if (point != HookPoint::postrouting || netfilter::translate_outbound(filter, walk)) return true;
  drop(c, host, walk.packet, trace::DropReason::nat_exhausted, stage);
  return false;
}

}  // namespace

bool pass_hook(Context& c, HostId host, Walk& walk, HookPoint point, trace::Stage stage) {
  if (c.system.netfilter.hosts[host.value].middlebox.active) return pass_middlebox(c, host, walk, point, stage);
  if (!netfilter::has_hooks(c.system.netfilter, host, point, c.address(walk.packet.source).family)) return true;
  StackEnvironment environment(c.system);
  netfilter::Context filter = filter_context(c, host, environment);
  walk.rewritten = false;
  const HookResult result = netfilter::run_hook(filter, walk, point);
  if (c.trace.tables().addresses.size() != c.system.addresses.size()) publish_addresses(c);
  if (result.verdict == HookVerdict::accept) return true;
  if (result.verdict == HookVerdict::reject) answer_reject(c, host, walk, result, point);
  const bool refused = result.synproxy == netfilter::SynproxyAct::refuse;
  if (result.verdict == HookVerdict::stolen)
    carry_out_synproxy(c, filter, host, walk, result);
  else
    drop(c, host, walk.packet, refused ? trace::DropReason::bad_cookie : trace::DropReason::rule, stage);
  abandon_walk(c, host, walk);
  return false;
}

void abandon_walk(Context& c, HostId host, Walk& walk) {
  if (!filtered(c, host)) return;
  StackEnvironment environment(c.system);
  netfilter::Context filter = filter_context(c, host, environment);
  netfilter::abandon(filter, walk);
}

void begin_walk(Context& c, HostId host, Walk& walk, const Origin& origin) {
  if (origin.socket.valid()) {
    walk.has_socket = true;
    walk.uid = walk.gid = c.core(origin.socket).uid;
  }
  walk.kernel_icmp = origin.kernel_icmp;
  walk.from_synproxy = origin.from_synproxy;
  if (origin.tracking.has_entry()) {
    walk.tracking = origin.tracking;
    netfilter::hold(c.system.netfilter, walk.tracking);
  }
  if (origin.cause == nullptr) return;
  StackEnvironment environment(c.system);
  netfilter::Context filter = filter_context(c, host, environment);
  netfilter::attach(filter, *origin.cause, walk);
}

void keep_over_loopback(Context& c, const Walk& walk) {
  if (!walk.tracking.has_entry() && walk.mark == 0 && walk.tracking.info != trace::CtInfo::untracked) return;
  netfilter::hold(c.system.netfilter, walk.tracking);
  c.system.over_loopback.push_back({walk.packet.id, walk.tracking, walk.mark});
}

void resume_after_loopback(Context& c, Walk& walk) {
  std::vector<LoopbackTracking>& kept = c.system.over_loopback;
  const auto found = std::find_if(kept.begin(), kept.end(),
                                  [&](const LoopbackTracking& entry) { return entry.packet == walk.packet.id; });
  if (found == kept.end()) return;
  walk.mark = found->mark;
  const bool gone = found->tracking.confirmed && !c.system.visible.conntrack.alive(found->tracking.entry);
  if (!gone) walk.tracking = found->tracking;
  kept.erase(found);
}

void load_ruleset(Context& c, HostId host, const netfilter::Model& model, const nft::Script& source,
                  std::uint32_t ruleset) {
  StackEnvironment environment(c.system);
  netfilter::Context filter = filter_context(c, host, environment);
  netfilter::load_ruleset(filter, model, source, ruleset, c.trace.mutable_tables().rulesets[ruleset]);
  c.host(host).filtered = true;
  publish_addresses(c);
}

}  // namespace fourtuple::stack
