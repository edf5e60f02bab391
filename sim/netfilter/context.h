// What netfilter works on: the tables of all hosts, the packet's walk through one host, and what it must ask of the
// host's stack. sim/netfilter knows no routes and no sockets; Environment answers for them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/netfilter/netfilter.h"
#include "sim/netfilter/nft/syntax.h"
#include "sim/netfilter/tracking.h"
#include "sim/state/apply.h"
#include "sim/state/state.h"
#include "sim/trace/trace.h"
#include "sim/wire/address.h"

namespace fourtuple::netfilter {

// `fib … type` (rtnetlink address types).
enum class AddressType : std::uint8_t {
  unspec = 0,
  unicast = 1,
  local = 2,
  broadcast = 3,
  anycast = 4,
  multicast = 5,
  blackhole = 6,
  unreachable = 7,
  prohibit = 8
};

// A packet on its way through the hooks of one host.
struct Walk {
  Packet& packet;
  InterfaceId in = InterfaceId::none(), out = InterfaceId::none();  // as far as known at the hook
  Tracking tracking = {};
  std::uint32_t mark = 0;  // sk_buff's mark
  std::uint32_t priority = 0;
  bool has_socket = false;  // made by a local socket: uid and gid hold
  std::uint32_t uid = 0, gid = 0;
  bool rewritten = false;  // addresses, ports, mark or DSCP changed at this hook: the stack may have to route again
  // Made by the kernel's own ICMP: it holds the one socket for that until it has left, so that no error about it can be
  // made (icmp_xmit_lock).
  bool kernel_icmp = false;
  // A SYN that synproxy sends to the server: the entry it begins has its sequence numbers moved (nf_conn_synproxy).
  bool from_synproxy = false;
};

// What the stack answers for `host`.
class Environment {
 public:
  virtual ~Environment() = default;
  virtual AddressType address_type(HostId host, const IpAddress& address) const = 0;
  // Whether a local address is one of this interface's (`fib daddr . iif type`); 127.0.0.0/8 is the loopback's.
  virtual bool is_of_interface(InterfaceId, const IpAddress&) const { return true; }
  // The interface a packet to `destination` would leave by; none without a route. (`fib … oif`, strict reverse path)
  virtual InterfaceId route_interface(HostId host, const IpAddress& destination) const = 0;
  // The address masquerade writes: the preferred source on `out` towards `destination`; none without one.
  virtual AddressId source_address(HostId host, InterfaceId out, AddressId destination) const = 0;
  // First address of the interface, for `redirect`; none without one of that family.
  virtual AddressId interface_address(HostId host, InterfaceId interface, fourtuple::Family family) const = 0;
  // The way to `destination` as `rt` shows it: the next hop's address, the destination itself when it is on link; and
  // the route's MTU in bytes, 0 without a route.
  virtual AddressId next_hop(HostId, AddressId destination) const { return destination; }
  virtual std::uint32_t route_mtu(HostId, AddressId) const { return 1500; }
  virtual std::uint32_t ip_length(const Packet& packet) const = 0;
  virtual std::uint32_t ip_header_length(const Packet& packet) const = 0;
  // The packet an ICMP error quotes, and a place for a changed one (Packet::payload_source).
  virtual const Packet& quote(std::uint32_t index) const = 0;
  virtual std::uint32_t add_quote(const Packet& quoted) = 0;
  // What SYN cookies of the host are made with.
  virtual std::uint64_t cookie_secret(HostId) const { return 0; }
};

struct Context {
  Netfilter& filter;
  state::State& visible;
  trace::Trace& trace;
  AddressTable& addresses;
  Environment& environment;
  Time now;
  HostId host;

  HostFilter& mine() { return filter.hosts[host.value]; }
  const IpAddress& address(AddressId id) const { return addresses[id]; }
  fourtuple::Family family(const Packet& packet) const { return addresses[packet.source].family; }
};

// Records a fact and makes it true; the only way visible state changes.
template <class Event>
void change(Context& c, const Event& event) {
  if constexpr (requires { state::apply(c.visible, c.host, c.now, event); })
    state::apply(c.visible, c.host, c.now, event);
  else
    state::apply(c.visible, c.host, event);
  c.trace.append(c.now, c.host, event);
}
template <class Event>
void note(Context& c, const Event& event) {
  c.trace.append(c.now, c.host, event);
}

// --- the hooks, in the order the kernel runs what is registered on them (hooks.cc) ---
enum class HookVerdict : std::uint8_t { accept, drop, reject, stolen };
// What synproxy has its host do (rules/synproxy.cc, conntrack/synproxy.cc); all but `refuse` come with `stolen`.
enum class SynproxyAct : std::uint8_t {
  none,
  answer_client,     // a SYN: SYN and ACK with a cookie
  ask_server,        // the ACK of a cookie: a SYN to the server
  ask_server_again,  // the same for a keep-alive, whose sequence number is one less
  join,              // the server's SYN and ACK: acknowledged, and the window opened to the client
  refuse,            // comes with `drop`: a keep-alive whose cookie does not fit
};
struct HookResult {
  HookVerdict verdict = HookVerdict::accept;
  nft::RejectKind reject =
      nft::RejectKind::none;     // reject: what to answer with; `none` never, port-unreachable is explicit
  std::uint8_t reject_code = 0;  // ICMP code; for icmpx already translated to the packet's family
  SynproxyAct synproxy = SynproxyAct::none;
  // answer_client: of Program::synproxies; ask_server…: the MSS that the cookie tells.
  std::uint32_t synproxy_value = 0;
};

// Whether anything is registered on this hook for this family, so that the stack can skip the call.
bool has_hooks(const Netfilter& filter, HostId host, nft::HookPoint point, fourtuple::Family family);
// Runs conntrack, base chains and NAT of one hook on the packet. At input and postrouting a new entry is confirmed at
// the end. When the verdict is drop, the walk's unconfirmed entry is gone. When it is reject, the caller makes the
// answer (attach() relates it to the entry) and then calls abandon().
HookResult run_hook(Context& c, Walk& walk, nft::HookPoint point);
// The walk ended without reaching its last hook (no route, TTL, …): frees an unconfirmed entry.
void abandon(Context& c, Walk& walk);

}  // namespace fourtuple::netfilter
