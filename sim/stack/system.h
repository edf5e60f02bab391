// All kernels of a World in one value: what the operating systems of the hosts know. Copying it is a checkpoint, so it
// holds indices into pools, never pointers. Visible parts live in state::State; the parts nobody sees are here.
//
// A socket has one id everywhere: System::cores and State::sockets share the index.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/base/index_map.h"
#include "sim/base/paged_array.h"
#include "sim/base/pool.h"
#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/netfilter/netfilter.h"
#include "sim/netfilter/tracking.h"
#include "sim/state/state.h"
#include "sim/tcp/connection.h"
#include "sim/trace/tables.h"
#include "sim/wire/address.h"
#include "sim/wire/packet.h"

namespace fourtuple::stack {

inline constexpr std::uint32_t nil = 0xffffffffu;

// --- interfaces and routes ---
struct Interface {
  HostId host;
  NetworkId network;
  std::uint32_t mtu = 1500;
  bool loopback = false;
  bool up = true;
  std::vector<Prefix> prefixes;
  std::vector<AddressId> addresses;
};

// A destination resolved: where a packet goes next. `to` none: no neighbour has the address.
struct Route {
  enum class Kind : std::uint8_t { unreachable, local, forward };
  AddressId destination;
  InterfaceId out;
  InterfaceId to;
  std::uint32_t mtu = 0;
  Kind kind = Kind::unreachable;
};

struct RouteEntry {
  Prefix destination;
  AddressId gateway;  // none: on link
  InterfaceId interface;
};

// --- ports ---
// Sockets of one host, protocol and local port. Bound: listeners and all UDP sockets; connections: TCP with a peer.
struct PortKey {
  HostId host;
  Protocol protocol = Protocol::none;
  std::uint16_t port = 0;
  friend bool operator==(const PortKey&, const PortKey&) = default;
};
inline std::uint64_t hash_of(const PortKey& key) {
  return mix_bits((std::uint64_t{key.host.value} << 32) | (static_cast<std::uint32_t>(key.protocol) << 16) | key.port);
}
struct PortBucket {
  std::uint32_t first_bound = nil;
  std::uint32_t first_connection = nil;
};

struct ConnectionKey {
  FourTuple tuple;
  HostId host;
  friend bool operator==(const ConnectionKey&, const ConnectionKey&) = default;
};
inline std::uint64_t hash_of(const ConnectionKey& key) {
  return hash_of(key.tuple) + key.host.value * 0x9e3779b97f4a7c15u;
}

// --- sockets ---
enum class CoreKind : std::uint8_t { plain, listener, connection, datagram };

struct CoreFlag {
  static constexpr std::uint8_t in_ready_list = 0x01;  // queued for its process
  static constexpr std::uint8_t in_port_chain = 0x02;
  static constexpr std::uint8_t in_connections = 0x04;  // reachable by four-tuple
  static constexpr std::uint8_t auto_port = 0x08;       // the kernel chose the port in connect()
  static constexpr std::uint8_t waiting_accept = 0x10;
  static constexpr std::uint8_t no_linger = 0x20;  // SO_LINGER 0: close() resets
  static constexpr std::uint8_t established_once = 0x40;
  static constexpr std::uint8_t end_read = 0x80;  // a read has returned 0: the peer's FIN is out of the queue
};

// What the kernel keeps of a socket beyond its visible part.
struct SocketCore {
  std::uint32_t connection = nil;  // tcp::Connection
  StreamId outgoing;               // none until the first byte is written
  StreamId incoming;               // the peer's, known from its first data
  std::uint32_t next_in_port = nil, previous_in_port = nil;
  std::uint32_t next_waiting = nil;                       // accept queue, linked from the listener
  std::uint32_t first_waiting = nil, last_waiting = nil;  // listener: connections to accept; UDP: datagrams
  std::uint32_t read_extent = nil;                        // where reading stands in the peer's stream
  std::uint32_t app = nil;                                // World's application that drives it
  Time timer_armed = Time::never();                       // time of the pending timer event
  std::uint32_t uid = 0;
  std::uint16_t next_ip_id = 0;  // 0: not yet drawn
  CoreKind kind = CoreKind::plain;
  std::uint8_t flags = 0;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

struct Datagram {
  AddressId source;
  std::uint16_t source_port = 0;
  std::uint32_t length = 0;
  ContentId content;
  std::uint64_t content_offset = 0;
  PacketId packet;
  std::uint32_t next = nil;
};

// --- streams: what the bytes of a TCP direction are ---
struct Stream {
  std::uint32_t first_extent = nil, last_extent = nil;
  std::uint64_t length = 0;
};
struct Extent {
  std::uint64_t offset = 0;  // in the stream
  std::uint64_t content_offset = 0;
  std::uint32_t length = 0;
  ContentId content;
  std::uint32_t next = nil;
};

// --- hosts ---
struct Sysctls {
  std::uint16_t port_range_low = 32768, port_range_high = 60999;  // net.ipv4.ip_local_port_range
  std::uint16_t unprivileged_port_start = 1024;                   // net.ipv4.ip_unprivileged_port_start
  std::uint32_t icmp_ratelimit_ms = 1000;                         // net.ipv4.icmp_ratelimit; 0: no limit
  std::uint8_t default_ttl = 64;                                  // net.ipv4.ip_default_ttl
  std::uint16_t somaxconn = 4096;                                 // net.core.somaxconn
};

// Time left for ICMP errors to one destination, in ticks of 4 ms; see icmp.cc.
struct IcmpBudget {
  AddressId peer;
  std::int64_t tokens = 0;
  std::int64_t filled_tick = 0;
};

inline constexpr std::uint32_t route_cache_size = 64;

struct Host {
  HostId id;
  bool filtered = false;  // a ruleset was loaded: packets meet netfilter's hooks
  bool forwarding = false;
  bool ports_off = false;  // lesson mode: deliver without ports
  bool silent = false;     // has addresses but no kernel: what arrives is swallowed
  std::vector<InterfaceId> interfaces;
  std::vector<RouteEntry> routes;  // longest prefix first
  std::array<Route, route_cache_size> route_cache;
  Sysctls sysctls;
  Random random;
  std::uint64_t secret = 0;  // of ISNs and port choice
  std::uint16_t next_ip_id = 0;
  std::uint32_t next_inode = 0;
  std::array<std::uint16_t, 256> port_steps{};  // per destination hash, as Linux's table_perturb
  std::vector<IcmpBudget> icmp_budgets;
};

// --- what a call into the stack asks of its caller ---
struct Outgoing {
  Packet packet;
  InterfaceId from;
  InterfaceId to;
  std::uint32_t bytes = 0;  // of the IP packet
};
struct TimerRequest {
  Time at;
  SocketId socket;
};
// A packet waiting for a neighbour that does not exist; comes back through neighbour_failed().
struct NeighbourWait {
  Packet packet;
  HostId host;
};
struct Outbox {
  std::vector<Outgoing> packets;
  std::vector<TimerRequest> timers;
  std::vector<SocketId> ready;  // sockets whose process has something to do
  std::vector<NeighbourWait> neighbour_waits;
};

// Fragments of one datagram (RFC 791 section 3.2): what has arrived, until all is there or 30 s have passed.
struct Reassembly {
  Packet first;
  std::vector<PacketId> parts;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;  // [begin, end) of IP payload
  HostId host;
  std::uint32_t total = 0;  // 0: the last fragment has not arrived
  bool have_first = false;
  Time started;
};

// What the kernel keeps of a process beyond its visible part.
struct ProcessCore {
  std::uint32_t uid = 0;
};

// A packet on lo with what netfilter knew of it when it left (sk_buff's _nfct and mark).
struct LoopbackTracking {
  PacketId packet;
  netfilter::Tracking tracking;
  std::uint32_t mark = 0;
};

struct System {
  state::State visible;
  AddressTable addresses;
  std::vector<Host> hosts;
  std::vector<Interface> interfaces;
  IndexMap<ConnectionKey> neighbours;  // (network as host, address as local) -> interface

  Pool<SocketCore> cores;
  Pool<ProcessCore> process_cores;  // same index as visible.processes
  Pool<tcp::Connection> connections;
  Pool<Datagram> datagrams;
  Pool<PortBucket> buckets;
  IndexMap<PortKey> ports;
  IndexMap<ConnectionKey> by_tuple;
  PagedArray<Stream> streams;
  PagedArray<Extent> extents;
  std::vector<Reassembly> reassemblies;
  std::vector<Packet> quotes;  // packets quoted by ICMP errors
  netfilter::Netfilter netfilter;
  std::vector<LoopbackTracking> over_loopback;

  std::uint32_t next_packet = 0;
  tcp::Config tcp_config;
  Outbox outbox;
};

}  // namespace fourtuple::stack
