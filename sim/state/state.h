// What is true and visible at one instant on all hosts: processes, descriptors, sockets, counters. Defined once; the
// World holds one and the viewer folds another from the trace. Every change goes through trace records and apply()
// (state/apply.h) on both sides, so they cannot differ.
//
// Plain structs in copy-on-write pools: copying a State is cheap. Ids are pool indices.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/pool.h"
#include "sim/base/time.h"
#include "sim/state/descriptor_index.h"
#include "sim/state/errno.h"
#include "sim/state/netfilter.h"
#include "sim/trace/vocabulary.h"
#include "sim/wire/address.h"
#include "sim/wire/four_tuple.h"
#include "sim/wire/tcp_state.h"

namespace fourtuple::state {

enum class Activity : std::uint8_t { running = 0, blocked = 1, exited = 2 };

struct Process {
  HostId host;
  StringId name;
  StringId user;
  std::uint32_t pid = 0;
  std::uint32_t first_descriptor = 0xffffffffu;  // newest first; see Descriptor::next
  std::int32_t lowest_free_hint = 0;             // no free descriptor number is below this
  std::uint32_t descriptor_count = 0;
  std::uint32_t uid = 0;         // the user's number
  std::uint32_t nofile = 1024;   // RLIMIT_NOFILE, the soft limit: descriptors from this number on are not given
  ProcessId parent;              // who forked it; none: the system started it
  std::int32_t waiting_fd = -1;  // blocked: the descriptor it sleeps on; -1: none, or not known
  trace::Call waiting_in{};      // blocked: the call it sleeps in; zero: not known
  Activity activity = Activity::running;
  bool guessed = false;  // a capture's service guessed from a well-known port
};

enum class DescriptorKind : std::uint8_t {
  terminal = 0,
  file = 1,
  socket = 2,
  unix_socket = 3,
  pipe_read = 4,
  pipe_write = 5,
  epoll = 6,
};

// One entry of a process's descriptor table.
struct Descriptor {
  ProcessId process;
  SocketId socket;                     // when kind is socket
  std::uint32_t object = 0xffffffffu;  // what else it leads to, by kind: path() or local()
  std::int32_t fd = -1;
  std::uint32_t next = 0xffffffffu;
  std::uint32_t previous = 0xffffffffu;
  DescriptorKind kind = DescriptorKind::terminal;
  bool close_on_exec = false;  // FD_CLOEXEC

  bool leads_to_local() const { return kind >= DescriptorKind::unix_socket; }
  StringId path() const { return kind == DescriptorKind::file ? StringId{object} : StringId::none(); }  // of a file
  LocalId local() const { return leads_to_local() ? LocalId{object} : LocalId::none(); }
};
static_assert(sizeof(Descriptor) <= 28);

struct SocketFlag {
  static constexpr std::uint8_t v6_only = 0x01, reuse_address = 0x02, reuse_port = 0x04, bound = 0x08, connected = 0x10,
                                read_shut = 0x20, write_shut = 0x40, inferred = 0x80;
};

struct Socket {
  FourTuple tuple;  // local and remote; unset parts are the wildcard of `family` and port 0
  HostId host;
  ProcessId owner;  // none: the kernel alone holds it (not yet accepted, orphaned, TIME-WAIT)
  std::int32_t fd = -1;
  std::uint32_t inode = 0;
  std::uint32_t uid = 0;            // who made it, or made the listener it came from
  std::uint32_t receive_queue = 0;  // bytes to read, and 1 for an unread FIN; listener: connections waiting for accept
  std::uint32_t send_queue = 0;     // bytes not yet acknowledged; listener: the backlog limit
  SocketId listener;                // the listening socket that made this one
  Protocol protocol = Protocol::none;
  TcpState tcp_state = TcpState::closed;  // UDP: established when connected, else closed (as `ss` shows UNCONN)
  Family family = Family::ipv4;
  std::uint8_t flags = 0;
  Errno error = Errno::ok;    // pending error, SO_ERROR
  std::uint16_t holders = 0;  // descriptors of all processes that lead to it; more than one after dup and fork

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};
static_assert(sizeof(Socket) <= 64);

enum class LocalKind : std::uint8_t { unix_stream = 0, pipe = 1, epoll = 2 };
enum class LocalState : std::uint8_t { unconnected = 0, listening = 1, connected = 2 };

// What a descriptor leads to that no network knows: an AF_UNIX stream socket, a pipe, an epoll instance.
struct Local {
  HostId host;
  ProcessId owner;  // a process that holds it (of a pipe, its read end); none: nobody does, or not yet accepted
  std::int32_t fd = -1;
  std::uint32_t inode = 0;
  StringId path;                    // AF_UNIX: its address; abstract ones begin with '@'; none: unnamed
  LocalId peer;                     // AF_UNIX: the other end; none once it is gone
  std::uint32_t receive_queue = 0;  // bytes to read; listener: connections waiting for accept
  std::uint32_t backlog = 0;        // listener
  std::uint32_t holders = 0;        // descriptors that lead to it; of a pipe, those of the read end
  std::uint32_t writers = 0;        // pipe: descriptors of the write end
  LocalKind kind = LocalKind::unix_stream;
  LocalState state = LocalState::unconnected;
};

// After-image of a connection's variables; meaning and units as in sim/tcp/connection.h.
struct TcpVariables {
  SeqNumber snd_una, snd_nxt, rcv_nxt, iss, irs;
  std::uint32_t snd_wnd = 0, rcv_wnd = 0;    // bytes, scaled
  std::uint32_t cwnd = 0, ssthresh = 0;      // segments; ssthresh tcp::infinite_ssthresh before the first loss
  std::uint32_t srtt_us = 0, rttvar_us = 0;  // 0: no sample yet
  std::uint32_t rto_ms = 0;
  std::uint16_t mss = 0;
  std::uint8_t duplicate_acks = 0, backoff = 0;
  std::uint8_t recovery = 0;       // 0 open, 1 fast recovery, 2 after a timeout
  std::uint8_t timer = 0;          // 0 none, 1 retransmission, 2 window probe, 3 FIN-WAIT-2, 4 TIME-WAIT, 5 keep-alive
  std::uint8_t retransmits = 0;    // timeouts without progress
  std::uint8_t probes = 0;         // window probes without answer
  Time timer_expires = Time{0};    // of `timer`; 0: it does not run
  std::uint16_t ack_delay_ms = 0;  // Linux's ATO
  std::uint8_t quick_acks = 0;     // segments still to be acknowledged at once
  std::uint8_t interactive = 0;    // 1: acknowledgments wait for data to go with (Linux's pingpong)
  std::uint32_t spare = 0;
};
static_assert(sizeof(TcpVariables) == 72);

struct Counters {
  std::uint64_t sent = 0, delivered = 0, dropped = 0;
};

struct State {
  std::vector<Counters> hosts;  // by HostId
  Pool<Process> processes;
  Pool<Socket> sockets;
  Pool<Descriptor> descriptors;
  Pool<Local> locals;
  DescriptorIndex descriptor_index;
  // netfilter
  std::vector<std::uint32_t> rulesets;  // by HostId: trace::Tables::rulesets, or no_ruleset; may be shorter
  Pool<ConntrackEntry> conntrack;
  PagedArray<NetfilterObject> objects;
  Pool<SetElement> set_elements;
  PagedArray<TcpVariables> tcp_variables;  // by SocketId; only filled where the trace holds them
};

// Makes `to` a copy of `from`, in memory that only `to` holds where it has some: going to and fro between states of one
// run then costs what differs, without a new page for each first write.
void assign(State& to, const State& from);

// The descriptor `fd` of a process, or null.
const Descriptor* find_descriptor(const State& state, ProcessId process, std::int32_t fd);
// The number open() or socket() would return next: the lowest free one (POSIX).
std::int32_t lowest_free_fd(const State& state, ProcessId process);

}  // namespace fourtuple::state
