// Puts a trace together by hand for the panels' tests: hosts, interfaces, packets and hops, with a clock of its own.
#pragma once

#include <initializer_list>

#include "sim/trace/trace.h"

namespace fourtuple::viz::test {

class TraceWriter {
 public:
  explicit TraceWriter(trace::Trace& trace) : trace_(trace) {}

 protected:
  HostId host(const char* name, trace::HostKind kind, bool forwarding = false, bool inferred = false);
  InterfaceId interface(HostId host, const char* name, const char* address);
  NetworkId network(const char* name, std::initializer_list<InterfaceId> interfaces);
  AddressId address(const char* text) { return trace_.mutable_tables().addresses.intern(*IpAddress::parse(text)); }

  template <class Event>
  void note(HostId host, const Event& event) {
    trace_.append(now_, host, event);
  }
  ProcessId process(HostId host, const char* name, std::uint32_t pid, bool guessed = false);
  SocketId open(HostId host, ProcessId owner, std::int32_t fd, Protocol protocol, std::uint8_t flags = 0);
  SocketId connect(HostId host, ProcessId owner, std::int32_t fd, const FourTuple& tuple, TcpState state,
                   std::uint8_t flags = 0);

  PacketId create(HostId host, Packet packet);
  void stages(HostId host, PacketId packet, std::initializer_list<trace::Stage> list, InterfaceId interface);
  // The clock moves on to the arrival.
  void hop(PacketId packet, HostId at, InterfaceId from, InterfaceId to, std::uint8_t ttl, Duration transit);

  trace::Trace& trace_;
  Time now_{1000};

 private:
  std::uint32_t next_process_ = 0, next_socket_ = 0, next_packet_ = 0;
};

}  // namespace fourtuple::viz::test
