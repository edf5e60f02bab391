// Sockets inferred from the packets of a capture, so that the socket views have content: every one is flagged inferred.
// A segment seen is taken as received. TCP: both ends of a conversation, and a listener once a SYN-ACK proves it. UDP:
// one socket per host and port. Programs are those that lists of sockets or the file name; else they are guessed from
// well-known ports and flagged guessed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "capture/flow_owners.h"
#include "capture/observed_hosts.h"
#include "sim/base/ring.h"
#include "sim/state/state.h"
#include "sim/trace/trace.h"

namespace fourtuple::capture {

class ObservedSockets {
 public:
  ObservedSockets(trace::Trace& trace, ObservedHosts& hosts, const FlowNames& names)
      : trace_(&trace), hosts_(&hosts), names_(&names) {}

  // Takes in a packet of conversation `place`, after its packet_created record. Times never run backwards here.
  // `owners`: whose the conversation's ends are, as far as known by now. `ends`: which of them have a socket: bit 0 for
  // a, bit 1 for b; behind a translator the packet's other end is not who it seems.
  void observe(Time now, const Packet& packet, const FlowPlace& place, const FlowOwners& owners,
               std::uint8_t ends = both_ends);
  static constexpr std::uint8_t both_ends = 3;
  // Records the ends of TIME-WAIT that are due by `now`. REQUIRES: called before any record at `now`.
  void expire(Time now);

 private:
  static constexpr Duration time_wait = seconds(60);  // Linux's TCP_TIMEWAIT_LEN

  // One end of a TCP conversation.
  struct End {
    HostId host;
    SocketId socket;
    Attribution owner;  // as recorded
    TcpState state = TcpState::closed;
    bool fin_sent = false;
    SeqNumber fin_end;  // acknowledging this acknowledges the FIN
  };
  struct Connection {
    End ends[2];
  };
  struct Expiry {
    Time at;
    std::uint32_t flow;
    std::uint8_t end;
    SocketId socket;
  };
  // A bound socket without a peer: a TCP listener or a UDP socket.
  struct PortKey {
    HostId host;
    std::uint16_t port = 0;
    Protocol protocol = Protocol::none;
    Family family = Family::ipv4;
    friend bool operator==(const PortKey&, const PortKey&) = default;
  };
  friend std::uint64_t hash_of(const PortKey& key);

  void observe_tcp(Time now, const Packet& packet, const FlowPlace& place, const FlowOwners& owners, std::uint8_t ends);
  void open(Time now, const Packet& packet, Connection& connection, int sender, const FlowOwners& owners);
  void open_end(Time now, const Packet& packet, End& end, bool sender, TcpState state, const Attribution& owner);
  void follow_sender(Time now, const Packet& packet, End& sender, End& receiver);
  void follow_fin(Time now, const Packet& packet, End& sender, End& receiver);
  void set_state(Time now, PacketId cause, End& end, TcpState state);
  void close_end(Time now, End& end);
  SocketId listener(Time now, const Packet& syn_ack);
  void observe_udp(Time now, AddressId address, std::uint16_t port, const Attribution& owner);
  SocketId create(Time now, HostId host, Protocol protocol, Family family, SocketId from, ProcessId owner,
                  std::int32_t fd);
  // A process has the socket under this descriptor.
  void hold(Time now, HostId host, SocketId socket, const state::FdKey& descriptor);
  void release(Time now, HostId host, SocketId socket);
  // The process known to own a socket, else a guessed program serving that port; none() when the port is not well
  // known.
  ProcessId process(Time now, HostId host, Protocol protocol, std::uint16_t port, const Attribution& owner);
  // A later packet told whose the socket is.
  void rename(Time now, HostId host, SocketId socket, Attribution& known, const Attribution& owner);
  Family family_of(AddressId address) const { return trace_->tables().addresses[address].family; }

  trace::Trace* trace_;
  ObservedHosts* hosts_;
  const FlowNames* names_;
  std::vector<std::uint32_t> connection_of_flow_;
  std::vector<Connection> connections_;
  std::vector<SocketId> bound_;
  std::vector<Attribution> bound_owners_;  // beside bound_
  IndexMap<PortKey> bound_index_;
  std::vector<std::uint32_t> free_sockets_;
  std::uint32_t next_socket_ = 0;
  struct Program {
    HostId host;
    StringId name;
    std::uint32_t pid = 0;
    friend bool operator==(const Program&, const Program&) = default;
  };
  friend std::uint64_t hash_of(const Program& program);
  IndexMap<Program> programs_;
  std::uint32_t next_process_ = 0;
  std::vector<state::FdKey> held_;      // by SocketId; fd -1: no descriptor is known
  IndexMap<state::FdKey> descriptors_;  // those of held_
  Ring<Expiry> expiries_;
};

}  // namespace fourtuple::capture
