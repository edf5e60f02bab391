// One plain struct per record kind, with pack() to slots and unpack() from them: the only place that knows which slot
// field holds what. Producers pack, consumers unpack; nobody else touches Slot::a…d.
//
// Enumerations of sim/state appear as their underlying numbers, because the trace does not depend on sim/state.
#pragma once

#include <cstdint>
#include <cstring>

#include "sim/trace/record.h"
#include "sim/trace/vocabulary.h"
#include "sim/wire/address.h"
#include "sim/wire/four_tuple.h"
#include "sim/wire/packet.h"
#include "sim/wire/tcp_state.h"

namespace fourtuple::trace {

// A record under construction: the head slot and its continuation slots.
struct Packed {
  Slot slots[max_record_slots];
  std::uint32_t count = 1;
};

// packet_created: a packet came into being on a host (or was first seen by a capture). Two slots for a common packet,
// three when it has SYN options, fragments or a payload position beyond 4 GiB.
struct PacketCreated {
  static constexpr Kind kind = Kind::packet_created;
  Packet packet;
};

// packet_sent: the packet left an interface onto a network at the record's time and will arrive at `arrives`.
// Arrivals of one (from, to) pair never overtake each other. `ttl` is the value on the wire.
struct PacketSent {
  static constexpr Kind kind = Kind::packet_sent;
  PacketId packet;
  InterfaceId from;
  InterfaceId to;  // at most 24 bits
  std::uint8_t ttl = 0;
  Duration transit;  // until arrival: queueing, transmission and propagation
};

// packet_dropped: the end of a packet. `stage` says where in the host; for link losses `network` says on which one.
struct PacketDropped {
  static constexpr Kind kind = Kind::packet_dropped;
  PacketId packet;
  DropReason reason = DropReason::none;
  Stage stage = Stage::interface_in;
  NetworkId network;
  SocketId socket;  // when a socket refused it
};

// packet_delivered: the packet reached a socket. `queued` is the socket's receive queue in bytes afterwards.
struct PacketDelivered {
  static constexpr Kind kind = Kind::packet_delivered;
  PacketId packet;
  SocketId socket;
  MatchQuality quality = MatchQuality::none;
  std::uint32_t queued = 0;
  ProcessId process;  // owner of the socket, none when the kernel holds it
};

// packet_quoted: `packet` (an ICMP error) quotes the packet `original` as it looked when it died.
struct PacketQuoted {
  static constexpr Kind kind = Kind::packet_quoted;
  PacketId packet;
  PacketId original;
  std::uint32_t quote = 0;  // Packet::payload_source of the ICMP error
};

struct ProcessStarted {
  static constexpr Kind kind = Kind::process_started;
  ProcessId process;
  StringId name;
  StringId user;
  std::uint32_t pid = 0;
  bool guessed = false;   // inferred from a well-known port in a capture
  std::uint32_t uid = 0;  // the user's number; at most 31 bits
};

struct ProcessActivity {
  static constexpr Kind kind = Kind::process_activity;
  ProcessId process;
  std::uint8_t activity = 0;  // state::Activity
  Call call{};                // blocked: in this call; running: from this call, or zero
  std::int32_t fd = -1;       // the descriptor waited on; -1: none or not known
  PacketId cause;             // running: the packet that woke it, if one did
};

// process_forked: the process is a copy of `parent`.
struct ProcessForked {
  static constexpr Kind kind = Kind::process_forked;
  ProcessId process;
  ProcessId parent;
};

// process_limit: RLIMIT_NOFILE, the soft limit: descriptors from this number on are not given.
struct ProcessLimit {
  static constexpr Kind kind = Kind::process_limit;
  ProcessId process;
  std::uint32_t nofile = 0;
};

struct ProcessEnded {
  static constexpr Kind kind = Kind::process_ended;
  ProcessId process;
};

struct DescriptorOpened {
  static constexpr Kind kind = Kind::descriptor_opened;
  ProcessId process;
  std::int32_t fd = -1;
  std::uint8_t descriptor_kind = 0;  // state::DescriptorKind
  SocketId socket;
  StringId path{};  // of a file; none when it is not known
  LocalId local{};  // of an AF_UNIX socket, a pipe, an epoll instance; a descriptor has one of the three
};

struct DescriptorFlags {
  static constexpr Kind kind = Kind::descriptor_flags;
  ProcessId process;
  std::int32_t fd = -1;
  bool close_on_exec = false;
};

struct DescriptorClosed {
  static constexpr Kind kind = Kind::descriptor_closed;
  ProcessId process;
  std::int32_t fd = -1;
};

// syscall: what a process asked its kernel and what it was told. `tuple` is the address a bind, connect or sendto
// named; `conflict` the socket in the way when the error is EADDRINUSE.
struct Syscall {
  static constexpr Kind kind = Kind::syscall;
  ProcessId process;
  Call call = Call::socket;
  std::uint8_t error = 0;  // state::Errno
  std::int32_t fd = -1;
  SocketId socket;
  std::int32_t result = 0;
  FourTuple tuple;
  SocketId conflict;
  LocalId local{};              // in place of `socket`
  StringId path{};              // open, unlink, execve; bind and connect of AF_UNIX
  std::int32_t second_fd = -1;  // the write end of pipe, the number dup2 asks for
};

// data_call: a send or receive that succeeded. Same layout as syscall, but only kept from level `stages` on: a transfer
// makes as many of them as packets.
struct DataCall {
  static constexpr Kind kind = Kind::data_call;
  Syscall call;
};

struct SocketCreated {
  static constexpr Kind kind = Kind::socket_created;
  SocketId socket;
  Protocol protocol = Protocol::none;
  Family family = Family::ipv4;
  std::uint8_t flags = 0;  // state::SocketFlag
  std::uint32_t inode = 0;
  SocketId listener;  // the listener it came from, if any
  ProcessId owner;    // none for a connection not yet accepted
};

struct SocketBound {
  static constexpr Kind kind = Kind::socket_bound;
  SocketId socket;
  AddressId address;
  std::uint16_t port = 0;
  std::uint8_t flags = 0;  // state::SocketFlag after the call
};

struct SocketConnected {
  static constexpr Kind kind = Kind::socket_connected;
  SocketId socket;
  FourTuple tuple;
};

struct SocketListening {
  static constexpr Kind kind = Kind::socket_listening;
  SocketId socket;
  std::uint32_t backlog = 0;
};

struct SocketStateChanged {
  static constexpr Kind kind = Kind::socket_state;
  SocketId socket;
  TcpState from = TcpState::closed;
  TcpState to = TcpState::closed;
  PacketId cause;  // the segment that caused it, if one did
};

struct SocketOwner {
  static constexpr Kind kind = Kind::socket_owner;
  SocketId socket;
  ProcessId owner;
  std::int32_t fd = -1;
};

struct SocketError {
  static constexpr Kind kind = Kind::socket_error;
  SocketId socket;
  std::uint8_t error = 0;  // state::Errno
  PacketId cause;
};

struct SocketClosed {
  static constexpr Kind kind = Kind::socket_closed;
  SocketId socket;
};

// stream_written: bytes [offset, offset + length) of a stream are those of `content` from `content_offset` on.
struct StreamWritten {
  static constexpr Kind kind = Kind::stream_written;
  StreamId stream;
  SocketId socket;
  std::uint64_t offset = 0;
  ContentId content;
  std::uint32_t content_offset = 0;
  std::uint32_t length = 0;
};

// command: entry `index` of the trace's command table (tables.h) was carried out.
struct CommandRan {
  static constexpr Kind kind = Kind::command;
  std::uint32_t index = 0;
};

struct StageEntered {
  static constexpr Kind kind = Kind::stage;
  PacketId packet;
  Stage stage = Stage::interface_in;
  InterfaceId interface;  // where it entered, or will leave
};

// lookup: the packet's tuple was tried on a socket; `mismatch` none means it fits with this quality.
struct LookupTried {
  static constexpr Kind kind = Kind::lookup;
  PacketId packet;
  SocketId socket;
  MatchQuality quality = MatchQuality::none;  // the class of sockets being tried
  Mismatch mismatch = Mismatch::none;
};

struct SocketQueues {
  static constexpr Kind kind = Kind::socket_queues;
  SocketId socket;
  std::uint32_t receive = 0;
  std::uint32_t send = 0;
};

struct StreamRead {
  static constexpr Kind kind = Kind::stream_read;
  SocketId socket;
  ProcessId process;
  std::uint32_t length = 0;
};

// tcp_variables: three slots; `image` is state::TcpVariables byte for byte. Its last eight bytes are in the head slot.
struct TcpVariablesChanged {
  static constexpr Kind kind = Kind::tcp_variables;
  SocketId socket;
  std::uint8_t image[72] = {};
};

// tcp_segment_judged: what TCP made of an arriving segment (tcp::Disposition).
struct TcpSegmentJudged {
  static constexpr Kind kind = Kind::tcp_segment_judged;
  PacketId packet;
  SocketId socket;
  std::uint8_t disposition = 0;
};

// --- things of one kernel alone ---
struct LocalCreated {
  static constexpr Kind kind = Kind::local_created;
  LocalId local;
  std::uint8_t local_kind = 0;  // state::LocalKind
  std::uint32_t inode = 0;
};

// local_changed: an after-image of an AF_UNIX socket.
struct LocalChanged {
  static constexpr Kind kind = Kind::local_changed;
  LocalId local;
  std::uint8_t local_state = 0;  // state::LocalState
  StringId path;                 // as state::Local::path
  LocalId peer;
  std::uint32_t backlog = 0;  // of a listener
};

struct LocalOwner {
  static constexpr Kind kind = Kind::local_owner;
  LocalId local;
  ProcessId owner;
  std::int32_t fd = -1;
};

struct LocalClosed {
  static constexpr Kind kind = Kind::local_closed;
  LocalId local;
};

struct LocalQueues {
  static constexpr Kind kind = Kind::local_queues;
  LocalId local;
  std::uint32_t receive = 0;  // bytes to read; listener: connections waiting for accept
};

// local_read: these bytes were read from a pipe or an AF_UNIX socket.
struct LocalRead {
  static constexpr Kind kind = Kind::local_read;
  LocalId local;
  ProcessId process;
  ContentId content;
  std::uint32_t content_offset = 0;
  std::uint32_t length = 0;
};

// --- netfilter ---
// The values of a TCP header that a rule or synproxy may change.
struct TcpNumbers {
  SeqNumber seq, ack;
  std::uint32_t ts_value = 0, ts_echo = 0;
  std::uint16_t window = 0, mss = 0;
  std::uint8_t flags = 0;
  friend bool operator==(const TcpNumbers&, const TcpNumbers&) = default;
};
inline TcpNumbers tcp_numbers(const Packet& packet) {
  return {packet.seq, packet.ack, packet.ts_value, packet.ts_echo, packet.window, packet.mss, packet.flags};
}

// packet_rewritten: NAT, synproxy or a rule changed the packet's headers in place. With `inner` it is the packet that
// this ICMP error quotes that changed. `entry`: the conntrack entry that asked for it, if one did. Two slots when
// values of the TCP header changed, which older traces do not tell.
struct PacketRewritten {
  static constexpr Kind kind = Kind::packet_rewritten;
  PacketId packet;
  AddressId source, destination;                        // afterwards
  std::uint16_t source_port = 0, destination_port = 0;  // as in Packet
  std::uint32_t entry = 0xffffffffu;                    // at most 23 bits
  bool inner = false;
  std::uint8_t traffic_class = 0;
  bool has_tcp = false;
  TcpNumbers tcp = {};  // afterwards, with has_tcp
};

// ruleset_loaded: from now on the host has the ruleset Tables::rulesets[ruleset].
struct RulesetLoaded {
  static constexpr Kind kind = Kind::ruleset_loaded;
  std::uint32_t ruleset = 0;
};

// conntrack_created: an entry was confirmed into the table. Tuples, status and so on as in state::ConntrackEntry.
struct ConntrackCreated {
  static constexpr Kind kind = Kind::conntrack_created;
  std::uint32_t entry = 0;
  PacketId packet;
  AddressId original_source, original_destination, reply_source, reply_destination;
  std::uint16_t original_source_port = 0, original_destination_port = 0, reply_source_port = 0,
                reply_destination_port = 0;
  std::uint32_t mark = 0;
  std::uint32_t timeout_s = 0;
  std::uint32_t bytes = 0;  // of the first packet
  std::uint16_t status = 0;
  Protocol protocol = Protocol::none;
  std::uint8_t tcp = 0;  // state::TcpTracking
};

// conntrack_seen: a packet of a confirmed entry was accepted by its tracker; status and state afterwards.
struct ConntrackSeen {
  static constexpr Kind kind = Kind::conntrack_seen;
  std::uint32_t entry = 0;
  PacketId packet;
  std::uint32_t bytes = 0;      // of the IP packet; at most 24 bits
  std::uint32_t timeout_s = 0;  // the new timeout from now on; `keep_timeout` leaves it as it was
  std::uint16_t status = 0;
  std::uint8_t tcp = 0;
  bool reply = false;
  static constexpr std::uint32_t keep_timeout = 0xffffffffu;
};

struct ConntrackMarked {
  static constexpr Kind kind = Kind::conntrack_marked;
  std::uint32_t entry = 0;
  std::uint32_t mark = 0;
};

struct ConntrackDestroyed {
  static constexpr Kind kind = Kind::conntrack_destroyed;
  std::uint32_t entry = 0;
};

// netfilter_object: after-image of a counter, quota or limit (state::NetfilterObject). `packet` none: a command did it.
struct NetfilterObjectChanged {
  static constexpr Kind kind = Kind::netfilter_object;
  std::uint32_t object = 0;
  std::uint64_t first = 0, second = 0;
};

// set_element_added: an element came into a set or, when it was there, got more time.
struct SetElementAdded {
  static constexpr Kind kind = Kind::set_element_added;
  std::uint32_t element = 0;  // id in State
  std::uint32_t set = 0;      // at most 24 bits
  std::uint8_t word_count = 0;
  std::uint64_t timeout_ns = 0;     // that it lists; 0: none
  std::uint64_t expires_in_ns = 0;  // with a timeout: its time from now on; 0: the timeout, as in older traces
  std::uint64_t data = 0;
  std::uint32_t object = 0xffffffffu;
  std::uint32_t words[16] = {};
};

struct SetElementRemoved {
  static constexpr Kind kind = Kind::set_element_removed;
  std::uint32_t element = 0;
};

// packet_logged: a `log` statement; rule in the host's current ruleset.
struct PacketLogged {
  static constexpr Kind kind = Kind::packet_logged;
  PacketId packet;
  std::uint32_t rule = 0;
};

// rule_verdict: a rule matched to its end, a base chain's policy decided (rule = policy) or a regular chain ended
// (rule = chain_end): one line of `nft monitor trace`.
struct RuleVerdictReached {
  static constexpr Kind kind = Kind::rule_verdict;
  static constexpr std::uint32_t policy = 0xffffffffu, chain_end = 0xfffffffeu;
  PacketId packet;
  std::uint32_t chain = 0;  // RulesetInfo::chains, at most 16 bits
  std::uint32_t rule = 0;   // RulesetInfo::rules
  RuleVerdict verdict = RuleVerdict::accept;
  CtInfo ct = CtInfo::none;
  std::uint16_t target = 0;  // jump and goto: RulesetInfo::chains
  std::uint32_t mark = 0;    // packet mark afterwards
};

// rule_expression: one statement of a rule was looked at; `words` is the value the packet had.
struct RuleExpressionEvaluated {
  static constexpr Kind kind = Kind::rule_expression;
  PacketId packet;
  std::uint32_t rule = 0;
  std::uint16_t expression = 0;  // in the rule, from 0
  ExpressionResult result = ExpressionResult::matched;
  std::uint8_t word_count = 0;
  std::uint32_t words[16] = {};
};

}  // namespace fourtuple::trace
