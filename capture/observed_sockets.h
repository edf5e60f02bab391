// Sockets inferred from the packets of a capture, so that the socket views have content: every one is flagged inferred.
// A segment seen is taken as received. TCP: both ends of a conversation, and a listener once a SYN-ACK proves it. UDP:
// one socket per host and port. Programs are guessed from well-known ports and flagged guessed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "capture/flow_table.h"
#include "capture/observed_hosts.h"
#include "sim/base/ring.h"
#include "sim/trace/trace.h"

namespace fourtuple::capture {

class ObservedSockets {
 public:
  ObservedSockets(trace::Trace& trace, ObservedHosts& hosts) : trace_(&trace), hosts_(&hosts) {}

  // Takes in a packet of conversation `place`, after its packet_created record. Times never run backwards here.
  void observe(Time now, const Packet& packet, const FlowPlace& place);
  // Records the ends of TIME-WAIT that are due by `now`. REQUIRES: called before any record at `now`.
  void expire(Time now);

 private:
  static constexpr Duration time_wait = seconds(60);  // Linux's TCP_TIMEWAIT_LEN

  // One end of a TCP conversation.
  struct End {
    HostId host;
    SocketId socket;
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

  void observe_tcp(Time now, const Packet& packet, const FlowPlace& place);
  void open(Time now, const Packet& packet, Connection& connection, int sender);
  void open_end(Time now, const Packet& packet, End& end, bool sender, TcpState state);
  void follow_sender(Time now, const Packet& packet, End& sender, End& receiver);
  void follow_fin(Time now, const Packet& packet, End& sender, End& receiver);
  void set_state(Time now, PacketId cause, End& end, TcpState state);
  void close_end(Time now, End& end);
  SocketId listener(Time now, const Packet& syn_ack);
  void observe_udp(Time now, AddressId address, std::uint16_t port);
  SocketId create(Time now, HostId host, Protocol protocol, Family family, SocketId from, ProcessId owner);
  void release(Time now, HostId host, SocketId socket);
  // A guessed program serving that port; none() when the port is not well known.
  ProcessId service(Time now, HostId host, Protocol protocol, std::uint16_t port);
  Family family_of(AddressId address) const { return trace_->tables().addresses[address].family; }

  trace::Trace* trace_;
  ObservedHosts* hosts_;
  std::vector<std::uint32_t> connection_of_flow_;
  std::vector<Connection> connections_;
  std::vector<SocketId> bound_;
  IndexMap<PortKey> bound_index_;
  std::vector<std::uint32_t> free_sockets_;
  std::uint32_t next_socket_ = 0;
  struct Program {
    HostId host;
    StringId name;
    friend bool operator==(const Program&, const Program&) = default;
  };
  friend std::uint64_t hash_of(const Program& program);
  IndexMap<Program> programs_;
  std::uint32_t next_process_ = 0;
  Ring<Expiry> expiries_;
};

}  // namespace fourtuple::capture
