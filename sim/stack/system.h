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
  std::vector<Prefix> local;  // further addresses that are the host's own, as after `ip route add local`
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
  std::uint32_t held =
      0;  // sockets in it whose port connect() did not choose: they keep connect() away (fastreuse >= 0)
};
// First and last port, both included.
struct PortSpan {
  std::uint16_t first = 0, last = 0;
};
// A search of connect() that found every port of the preferred parity taken: it need not be repeated until something
// changes. Without it 28,232 connects to one server would look at 200 million ports.
struct ExhaustedParity {
  AddressId local, remote;
  std::uint16_t remote_port = 0;
  std::uint32_t releases = 0;  // Host::port_releases then
  bool both = false;           // the other parity, too
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
  static constexpr std::uint16_t in_ready_list = 0x01;  // queued for its process
  static constexpr std::uint16_t in_port_chain = 0x02;
  static constexpr std::uint16_t in_connections = 0x04;  // reachable by four-tuple
  static constexpr std::uint16_t auto_port = 0x08;       // the kernel chose the port in connect()
  static constexpr std::uint16_t waiting_accept = 0x10;
  static constexpr std::uint16_t no_linger = 0x20;     // SO_LINGER 0: close() resets
  static constexpr std::uint16_t free_bind = 0x40;     // IP_FREEBIND: any address may be bound
  static constexpr std::uint16_t bind_no_port = 0x80;  // IP_BIND_ADDRESS_NO_PORT: bind(address, 0) leaves the port open
  static constexpr std::uint16_t old_request = 0x100;  // a connection request whose SYN and ACK was repeated
  static constexpr std::uint16_t end_read = 0x200;     // a read has returned 0: the peer's FIN is out of the queue
  static constexpr std::uint16_t was_connected = 0x400;  // its handshake was completed once
  static constexpr std::uint16_t lent_port = 0x800;  // the kernel chose the port in bind(): free when a connection ends
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
  std::uint32_t extra = nil;                              // SocketExtra
  Time timer_armed = Time::never();                       // time of the pending timer event
  std::uint32_t uid = 0;
  std::uint16_t next_ip_id = 0;  // 0: not yet drawn
  CoreKind kind = CoreKind::plain;
  std::uint16_t flags = 0;

  bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
};

// What only some TCP sockets have: listeners, those with options, and those an ICMP error was about.
struct SocketExtra {
  // Options; 0 stands for the host's setting. See options.h.
  bool keep_alive = false;
  std::uint8_t keep_count = 0, syn_count = 0;
  std::uint16_t keep_idle_s = 0, keep_interval_s = 0;
  std::int16_t fin_timeout_s = 0;
  std::uint32_t user_timeout_ms = 0;
  state::Errno soft_error = state::Errno::ok;  // sk_err_soft: told when the connection gives up
  InterfaceId device;                          // SO_BINDTODEVICE
  // Listeners: connection requests (children in SYN-RECEIVED), and those of them whose SYN and ACK was sent only once.
  std::uint32_t requests = 0, young = 0;
  Time last_cookie = Time::never();

  bool has_options() const {
    return keep_alive || keep_count != 0 || syn_count != 0 || keep_idle_s != 0 || keep_interval_s != 0 ||
           fin_timeout_s != 0 || user_timeout_ms != 0 || device.valid();
  }
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

// --- things of one kernel alone ---
struct LocalFlag {
  static constexpr std::uint8_t read_shut = 0x01, write_shut = 0x02;
};
// What the kernel keeps of an AF_UNIX socket, a pipe or an epoll instance beyond its visible part.
struct LocalCore {
  std::uint32_t first_piece = nil, last_piece = nil;  // what is to be read
  LocalId first_waiting, last_waiting, next_waiting;  // accept queue, linked from the listener
  std::uint32_t first_watched = nil;                  // epoll: newest first
  state::Errno error = state::Errno::ok;              // pending
  std::uint8_t flags = 0;
};
struct LocalPiece {
  ContentId content;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  std::uint32_t next = nil;
};
// One entry of an epoll instance's interest list: an open file under the number it had when it was added.
struct Watched {
  SocketId socket;
  LocalId local;
  std::int32_t fd = -1;
  state::DescriptorKind kind{};  // tells the ends of a pipe apart
  std::uint32_t next = nil;
};
// A name in the file system or, with '@', in the abstract space. A file outlives its socket until unlink().
struct UnixName {
  StringId path;
  LocalId socket;  // none: nobody has it bound any more
};

// --- hosts ---
// Whose rules for choosing ports a host follows. Everything else is Linux.
enum class PortRules : std::uint8_t { linux_kernel, freebsd, macos, windows };

struct Sysctls {
  std::uint16_t port_range_low = 32768, port_range_high = 60999;  // net.ipv4.ip_local_port_range
  std::uint16_t unprivileged_port_start = 1024;                   // net.ipv4.ip_unprivileged_port_start
  std::uint32_t icmp_ratelimit_ms = 1000;                         // net.ipv4.icmp_ratelimit; 0: no limit
  std::uint8_t default_ttl = 64;                                  // net.ipv4.ip_default_ttl
  std::uint32_t somaxconn = 4096;                                 // net.core.somaxconn
  // net.ipv4.tcp_tw_reuse: may connect() take the port of a connection in TIME-WAIT? 0 no, 1 yes, 2 over loopback
  std::uint8_t tcp_tw_reuse = 2;
  bool ip_nonlocal_bind = false;         // net.ipv4.ip_nonlocal_bind: any address may be bound
  std::vector<PortSpan> reserved_ports;  // net.ipv4.ip_local_reserved_ports: never chosen by the kernel
  std::int32_t max_syn_backlog = 2048;   // net.ipv4.tcp_max_syn_backlog; Linux derives it from the memory
  std::uint8_t syncookies = 1;           // net.ipv4.tcp_syncookies: 0 never, 1 when the SYN queue is full, 2 always
  bool abort_on_overflow = false;        // net.ipv4.tcp_abort_on_overflow
  tcp::Patience patience;                // net.ipv4.tcp_syn_retries and others
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
  PortRules port_rules = PortRules::linux_kernel;
  std::uint16_t next_port_offset = 0;  // PortRules::windows: where the last search ended, from the range's low end
  std::uint32_t port_releases = 0;     // counts events after which a port may be free that was not before
  std::vector<ExhaustedParity> exhausted_parities;  // the last few, oldest first
  std::vector<IcmpBudget> icmp_budgets;
  std::vector<UnixName> unix_names;  // AF_UNIX addresses in use
  std::vector<SocketId> bound;       // sockets with a port that are no connections, by id
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

// A process whose accept() found no free descriptor for the connection that waits at this listener (EMFILE).
struct Starved {
  ProcessId process;
  SocketId listener;
};

struct System {
  state::State visible;
  AddressTable addresses;
  std::vector<Host> hosts;
  std::vector<Interface> interfaces;
  IndexMap<ConnectionKey> neighbours;  // (network as host, address as local) -> interface
  std::vector<InterfaceId> answering;  // interfaces with `local` prefixes: they answer for these on their network

  Pool<SocketCore> cores;
  Pool<ProcessCore> process_cores;  // same index as visible.processes
  Pool<tcp::Connection> connections;
  Pool<SocketExtra> extras;
  Pool<Datagram> datagrams;
  Pool<LocalCore> local_cores;  // same index as visible.locals
  Pool<LocalPiece> local_pieces;
  Pool<Watched> watched;
  std::vector<Starved> starved;  // until the process closes something
  PacketId arriving;             // the packet whose arrival is being handled
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
