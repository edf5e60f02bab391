// A scenario as the World is built from it: plain structs, every name already resolved to an index, every quantity
// exact. The parser (parse.h) fills them; a Scenario it returned without errors needs no further checking.
//
// Indices count in the order of the file: hosts, networks, a host's interfaces (lo is not listed: every host has one)
// and processes. `nothing` marks an absent reference. Every node knows its place in the file for messages.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/netfilter/middlebox/tables.h"
#include "sim/netfilter/nft/syntax.h"
#include "sim/state/errno.h"
#include "sim/trace/tables.h"
#include "sim/trace/vocabulary.h"
#include "sim/wire/address.h"
#include "sim/wire/packet.h"
#include "sim/wire/tcp_state.h"

namespace fourtuple::world {

inline constexpr std::uint32_t nothing = 0xffffffffu;

// Line and column in the scenario file, from 1.
struct Mark {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// A text in one or several languages, in the order of the file. A plain string counts as "en".
struct Text {
  struct Version {
    std::string language;
    std::string words;
  };
  std::vector<Version> versions;

  bool empty() const { return versions.empty(); }
  // The words in `language`, else in English, else the first ones; "" when there are none.
  std::string_view in(std::string_view language) const;
};

// What an application sends: a text, or `length` bytes of the endless test pattern (trace content 0).
struct Payload {
  std::string text;  // empty: the test pattern
  std::uint64_t length = 0;
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;  // 0: the kernel chooses
  std::string written;     // as the file names it, "server:80"
};

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 65535;
  bool contains(std::uint16_t port) const { return first <= port && port <= last; }
  bool any() const { return first == 0 && last == 65535; }
};

// "server", "server:80", "198.51.100.0/24", ":80", { address, port: 1024-65535, not-port: 50432 }.
struct EndpointPattern {
  std::uint32_t host = nothing;  // any address of this host
  std::optional<Prefix> address;
  PortRange port;
  std::optional<std::uint16_t> not_port;
};

struct ProcessRef {
  std::uint32_t host = nothing;
  std::uint32_t process = nothing;  // index in the host's processes; `nothing`: any process of the host
  bool valid() const { return host != nothing; }
};

// A name of a socket: `as` of a timeline entry or of a listener. An index into Scenario::sockets.
using SocketRef = std::uint32_t;
struct SocketName {
  std::string name;
  ProcessRef owner;
  Protocol protocol = Protocol::tcp;
  Mark where;
  bool local = false;  // of AF_UNIX, or an end of a pipe, or a file
};

enum class Fate : std::uint8_t { any, delivered, dropped };

// The one selector vocabulary of timeline, expect, faults and captions. Absent fields match everything.
struct Selector {
  Mark where;
  SocketRef socket = nothing;          // packets this socket sent or was sent, both directions
  Protocol protocol = Protocol::none;  // icmp also stands for ICMPv6
  // A TCP packet matches when (flags & flags_set) == flags_set && (flags & flags_clear) == 0.
  std::uint8_t flags_set = 0;
  std::uint8_t flags_clear = 0;
  std::optional<EndpointPattern> from, to;  // header values as the packet was sent
  std::uint32_t network = nothing;          // it was sent onto this network
  std::uint32_t sent_by = nothing;          // the host that made the packet
  std::optional<std::uint8_t> icmp_type, icmp_code;
  std::optional<PortRange> length;    // payload bytes, inclusive range (up to 65535)
  std::vector<std::uint32_t> nth;     // among the packets that match the rest, from 1; empty: each of them
  std::optional<Time> after, before;  // sent at or after, sent before
  Fate fate = Fate::any;              // `dropped: reason` or `fate: delivered`
  std::optional<trace::DropReason> reason;
};

// When a timeline entry or caption happens: an instant, or `delay` after a condition first holds.
struct Trigger {
  enum class Kind : std::uint8_t { at, previous, socket_state, socket_received, socket_error, packet };
  Kind kind = Kind::at;
  Mark where;
  Time at{0};         // Kind::at
  Duration delay{0};  // all other kinds; Kind::previous counts from when the entry before this one ran
  SocketRef socket = nothing;
  TcpState state = TcpState::closed;
  std::uint64_t received = 0;             // bytes the process has read from the socket, at least
  state::Errno error = state::Errno::ok;  // of the socket
  Selector packet;                        // the packet is sent (fate any), delivered or dropped
};

// --- networks ---

// A named misfortune of one network: every packet selected is dropped, or arrives `delay` late.
struct Fault {
  enum class Action : std::uint8_t { drop, delay };
  Action action = Action::drop;
  std::string name;
  Mark where;
  Selector packet;
  Duration delay{0};
};

struct NetworkSpec {
  std::string name;
  Mark where;
  Duration delay{0};
  std::uint64_t rate_bits_per_s = 0;   // 0: unlimited
  std::uint32_t queue_packets = 1000;  // per interface; 0: unlimited
  std::uint32_t mtu = 1500;
  Ratio loss;
  std::vector<Fault> faults;
};

// --- hosts ---

struct InterfaceSpec {
  std::string name;
  Mark where;
  std::uint32_t network = nothing;
  std::vector<Prefix> addresses;  // v4 and v6, with host bits
  std::vector<Prefix> local;      // whole prefixes it answers for
  std::uint32_t mtu = 1500;       // the network's unless given
};

struct RouteSpec {
  Prefix destination;
  Mark where;
  std::optional<IpAddress> gateway;   // none: on link
  std::uint32_t interface = nothing;  // always set
};

// Kernel settings a scenario may change. The table in keys.cc gives name, range and unit.
enum class Sysctl : std::uint8_t {
  ip_local_port_range = 1,  // low and high
  ip_unprivileged_port_start = 2,
  ip_default_ttl = 3,
  somaxconn = 4,
  tcp_tw_reuse = 5,
  ip_nonlocal_bind = 6,
  ip_local_reserved_ports = 7,  // ports
  // net.ipv4.tcp_…: how connections begin, wait and end
  max_syn_backlog = 16,
  syncookies = 17,
  abort_on_overflow = 18,
  syn_retries = 19,
  syn_linear_timeouts = 20,
  synack_retries = 21,
  fin_timeout = 22,
  retries2 = 23,
  orphan_retries = 24,
  keepalive_time = 25,
  keepalive_intvl = 26,
  keepalive_probes = 27,
  // net.netfilter.nf_conntrack_…
  conntrack_max = 32,
  conntrack_tcp_loose = 33,
  conntrack_tcp_be_liberal = 34,
  conntrack_udp_timeout = 35,
  conntrack_udp_timeout_stream = 36,
  conntrack_icmp_timeout = 37,
  conntrack_generic_timeout = 38,
  conntrack_tcp_timeout_syn_sent = 39,
  conntrack_tcp_timeout_syn_recv = 40,
  conntrack_tcp_timeout_established = 41,
  conntrack_tcp_timeout_fin_wait = 42,
  conntrack_tcp_timeout_close_wait = 43,
  conntrack_tcp_timeout_last_ack = 44,
  conntrack_tcp_timeout_time_wait = 45,
  conntrack_tcp_timeout_close = 46,
};
struct SysctlSetting {
  Sysctl sysctl = Sysctl::somaxconn;
  Mark where;
  std::int64_t value = 0;
  std::int64_t high = 0;         // second value of ip_local_port_range
  std::vector<PortRange> ports;  // of ip_local_reserved_ports
};

struct SocketOptions {
  bool v6only = false;
  bool reuse_address = false;
  bool reuse_port = false;
  bool free_bind = false;                        // IP_FREEBIND
  bool bind_address_no_port = false;             // IP_BIND_ADDRESS_NO_PORT
  bool keep_alive = false;                       // SO_KEEPALIVE
  std::optional<std::uint16_t> keep_idle_s;      // TCP_KEEPIDLE
  std::optional<std::uint16_t> keep_interval_s;  // TCP_KEEPINTVL
  std::optional<std::uint8_t> keep_count;        // TCP_KEEPCNT
  std::optional<std::uint32_t> user_timeout_ms;  // TCP_USER_TIMEOUT
  std::optional<std::uint8_t> syn_count;         // TCP_SYNCNT
};

struct ListenSpec {
  Mark where;
  Protocol protocol = Protocol::tcp;
  Endpoint local;
  SocketOptions options;
  std::uint32_t backlog = 128;
  SocketRef name = nothing;  // `as`
};

// What a server process does with what arrives. `none`: it never accepts or reads unless the timeline says so.
enum class Program : std::uint8_t {
  none = 0,
  http = 1,              // answers GET with a page, 404 otherwise; HTTP/1.1 keep-alive
  echo = 2,              // sends back what it reads
  discard = 3,           // reads and forgets
  sink = 4,              // discard, under the name measurements use
  chargen = 5,           // sends the test pattern until the peer closes; UDP: one datagram per request
  request_response = 6,  // after each `request_bytes` it read, sends `reply`
  proxy = 7,             // connects to `forward` for each connection it takes, and carries bytes both ways
  gateway = 8,           // asks `forward` for each request, and answers when that has answered
};

struct Page {
  std::string path;
  std::string body;
};

struct ProcessSpec {
  std::string name;
  Mark where;
  std::string user = "user";
  std::uint32_t uid = 1000;             // 0 for root, 33 for www-data; others count from 1000 in order of appearance
  std::uint32_t pid = 0;                // 0: the World assigns
  std::optional<Time> start = Time{0};  // none: only a `start` of the timeline starts it
  std::vector<ListenSpec> listen;
  Program program = Program::none;
  std::vector<Page> pages;          // http
  std::uint64_t request_bytes = 1;  // request-response
  Payload reply;                    // request-response, gateway
  Endpoint forward;                 // proxy, gateway
  std::uint64_t answer_bytes = 1;   // gateway: what `forward` answers to each request
  std::uint32_t pool = 0;           // gateway: connections to `forward` that are kept; 0: one for each request
  bool multiplex = false;           // gateway: requests do not wait for a connection to be free
  std::vector<IpAddress> sources;   // gateway: addresses its connections come from, in turn
  std::vector<std::string> files;   // opened at start, after 0, 1, 2
  std::uint32_t nofile = 1024;      // RLIMIT_NOFILE
  std::uint32_t parent = nothing;   // who makes it by `fork`: index on the same host; it starts with what that one has
};

// Whose way of choosing ports, and of guarding the low ones, a host has. Everything else is Linux.
enum class OperatingSystem : std::uint8_t { linux_kernel = 0, macos = 1, windows = 2, freebsd = 3 };

// A ruleset in the nft language: of a host, or of a `nft` entry of the timeline.
struct RulesetSpec {
  Mark where;                         // the value in the scenario
  Mark text_begins;                   // where the text's lines begin: line of the first, column of each
  bool own_file = false;              // the text is in script.source_name, not in the scenario
  std::uint32_t generated_lines = 0;  // lines in front that containers brought; the author\'s text follows
  nft::Script script;                 // parsed without errors
};

// A translator in RFC 4787's words, for lessons: how the boxes of other makers behave. It is not Linux.
using netfilter::NatDependence;
struct MiddleboxSpec {
  Mark where;
  NatDependence mapping = NatDependence::endpoint_independent;
  NatDependence filtering = NatDependence::address_and_port_dependent;
  std::uint32_t outside = nothing;  // the interface whose first IPv4 address is shown to the world
  bool preserve_ports = true;       // else a random port for each mapping
  std::uint32_t timeout_s = 300;    // of a mapping without packets from inside (RFC 4787 REQ-5)
};

struct HostSpec {
  std::string name;
  Mark where;
  trace::HostKind kind = trace::HostKind::computer;
  OperatingSystem os = OperatingSystem::linux_kernel;
  bool forwarding = false;
  bool ports_off = false;  // `ports: off` of the host or of the scenario
  bool silent = false;     // no kernel: swallows what arrives; for tests that play this host themselves
  std::vector<InterfaceSpec> interfaces;
  std::vector<RouteSpec> routes;  // without those on link, which the World derives from the addresses
  std::vector<SysctlSetting> sysctls;
  std::shared_ptr<const RulesetSpec> nft;  // null: no ruleset
  std::optional<MiddleboxSpec> nat;
  std::vector<ProcessSpec> processes;
};

// --- timeline ---

enum class Verb : std::uint8_t {
  start = 1,      // process
  socket = 2,     // protocol, family, options → as
  bind = 3,       // endpoint; on, or a new socket → as
  listen = 4,     // on + backlog; or a new socket with endpoint → as
  accept = 5,     // on: the listener → as
  connect = 6,    // endpoint, from; on, or a new socket → as
  send = 7,       // payload, on
  sendto = 8,     // payload, endpoint; on, or a new UDP socket → as
  receive = 9,    // on; bytes: how many (0: what is there)
  shutdown = 10,  // on, how
  close = 11,     // on; linger_s
  kill = 12,      // process: SIGKILL
  exit = 13,      // process ends by itself
  ping = 14,      // process, endpoint (port unused): ICMP echo requests of `bytes`
  request = 15,   // payload, on; then reads `bytes` and is done
  link_down = 16,
  link_up = 17,
  set = 18,     // host, sysctls
  open = 19,    // process, path
  nft = 20,     // host, ruleset: `nft -f`
  dup = 21,     // on, wanted_fd → as
  pipe = 22,    // process → as (read end), also_as (write end)
  fork = 23,    // process, child
  exec = 24,    // process, path
  epoll = 25,   // process, watched
  unlink = 26,  // process, path; the last one
};

enum class ShutdownHow : std::uint8_t { read = 0, write = 1, both = 2 };

struct TimelineEntry {
  Verb verb = Verb::start;
  Mark where;
  Trigger trigger;
  ProcessRef process;  // who does it; given, or the owner of `on`
  SocketRef on = nothing;
  SocketRef as = nothing;

  Protocol protocol = Protocol::tcp;
  Family family = Family::ipv4;
  SocketOptions options;
  Endpoint endpoint;             // to connect, bind, sendto or ping
  bool answers = false;          // sendto: to the sender of the packet its trigger waited for, in place of `endpoint`
  std::optional<Endpoint> from;  // connect, sendto: bind first; wildcard address when only a port is given
  std::uint8_t from_length = 0;  // connect: from is the first of a prefix of this length, one address for each run
  Payload payload;
  std::uint64_t bytes = 0;
  std::uint32_t backlog = 128;
  ShutdownHow how = ShutdownHow::write;
  std::optional<std::uint16_t> linger_s;  // close: SO_LINGER; 0: RST, else how long the call waits at most

  // Done `count` times, `every` apart. A repeated connect gives `as` to the latest socket.
  std::uint32_t count = 1;
  Duration every{0};

  std::uint32_t host = nothing;     // set
  std::uint32_t network = nothing;  // link_down, link_up
  std::vector<SysctlSetting> sysctls;
  std::string path;                            // open, exec, unlink; AF_UNIX: bind, listen, connect
  bool is_unix = false;                        // the socket it makes, or works on, is of AF_UNIX
  bool close_on_exec = false;                  // of the descriptors it makes
  std::optional<std::int32_t> wanted_fd;       // dup: dup2
  SocketRef also_as = nothing;                 // pipe
  ProcessRef child;                            // fork
  std::vector<SocketRef> watched;              // epoll
  std::shared_ptr<const RulesetSpec> ruleset;  // nft
};

// --- expectations ---

struct CountRange {
  std::uint64_t least = 1;
  std::uint64_t most = UINT64_MAX;
  bool contains(std::uint64_t n) const { return least <= n && n <= most; }
};

struct Expectation {
  enum class Kind : std::uint8_t {
    socket,        // everything given about `socket` holds at `at` (or at the end)
    packet,        // a packet selected by `packet` met the fate given
    packet_count,  // the number of packets selected is in `count`
    call,          // `process` made `call` (the nth) and got `error`
    received,      // `process` has read exactly this text or this many bytes by `at`
    socket_count,  // the number of sockets that fit is in `count` at `at`
    listening,     // something listens there at `at` (or `is` false: nothing does)
    process,       // `process` is running at `at` (or `is` false: it is not)
    descriptor,    // `descriptor` of `process` leads to what `text` says at `at`
    descriptors,   // how many descriptors `process` has at `at` is in `count`
    asleep,        // `process` sleeps in `call` at `at` (or, `is` false, in none)
    conntrack,     // the number of connection tracking entries of `host` that fit is in `count` at `at`
    rule,          // the counter of a rule of `host` has counted `count` packets at `at`
  };
  Kind kind = Kind::socket;
  Mark where;
  std::optional<Time> at;  // none: at the end of the run

  // socket
  SocketRef socket = nothing;
  std::optional<TcpState> state;                            // also socket_count
  std::optional<bool> open;                                 // the process holds it (true) or it is gone (false)
  std::optional<EndpointPattern> local, remote, peer_sees;  // peer_sees: what the other end calls this end
  std::optional<std::int32_t> fd;
  std::optional<state::Errno> socket_error;  // of the last call that failed on it, or its pending error

  // packet
  Selector packet;
  ProcessRef delivered_to;  // also a host alone
  std::optional<trace::MatchQuality> matched;
  struct Dropped {
    std::optional<trace::DropReason> reason;
    std::uint32_t host = nothing;
    std::uint32_t network = nothing;
    std::string chain;  // "inet filter input"; empty: any
    std::string rule;   // its number in the chain from 1, "policy", or its text; empty: any
  };
  std::optional<Dropped> dropped_by;
  enum class Answer : std::uint8_t {
    none,  // not asked
    nothing,
    rst,
    port_unreachable,
    host_unreachable,
    network_unreachable,
    time_exceeded,
    fragmentation_needed,
    echo_reply,
    admin_prohibited,
  };
  Answer answered_with = Answer::none;

  // call
  ProcessRef process;
  trace::Call call = trace::Call::socket;
  state::Errno error = state::Errno::ok;
  std::uint32_t nth = 0;  // 0: any
  std::int32_t descriptor = -1;

  // received: `text` exactly, or `bytes`
  std::optional<std::string> text;
  std::optional<std::uint64_t> bytes;

  // packet_count, socket_count
  CountRange count;
  std::uint32_t host = nothing;
  Protocol protocol = Protocol::none;  // also listening
  std::optional<PortRange> local_port;

  // listening
  EndpointPattern endpoint;
  bool is = true;

  // conntrack: also `protocol` and, in `connection_state`, "ESTABLISHED" or "UNREPLIED", "ASSURED"; empty: any
  std::optional<EndpointPattern> original_from, original_to, reply_from, reply_to;
  std::string connection_state;
  // rule: as in Dropped
  std::string chain, rule;
};

// --- narration ---

struct CaptionSpec {
  Mark where;
  Trigger when;
  Text title;
  Text say;
};

struct Scenario {
  std::string file_name;  // as given to the parser
  std::string text;       // the exact bytes
  Text title, summary, watch;
  std::string language = "en";      // of the title and captions in the trace; whoever runs it chooses
  std::vector<std::string> covers;  // lesson ids, "P1"
  std::uint64_t seed = 1;
  std::optional<Time> until;  // none: until nothing more can happen, 10 minutes at most
  std::vector<NetworkSpec> networks;
  std::vector<HostSpec> hosts;
  std::vector<SocketName> sockets;
  std::vector<TimelineEntry> timeline;  // in the order of the file
  std::vector<Expectation> expects;
  std::vector<CaptionSpec> captions;

  SourcePosition position(Mark mark) const {
    return {file_name, static_cast<int>(mark.line), static_cast<int>(mark.column)};
  }
};

std::string_view name_of(Verb verb);           // "connect"
std::string_view name_of(Program program);     // "request-response"
std::string_view name_of(Sysctl sysctl);       // "ip_local_port_range"
std::string_view name_of(OperatingSystem os);  // "freebsd"
// The value as a scenario has it: "32768 60999", "8080,9000-9010", "2".
std::string text_of(const SysctlSetting& setting);

// One entry in words: "anna/browser: connect to server:80".
std::string words_of(const Scenario& scenario, const TimelineEntry& entry);

}  // namespace fourtuple::world
