// Traces made by hand for tests: two hosts "anna" and "server" with one interface each on the network "lan", or more
// of the same.
#pragma once

#include <string>
#include <vector>

#include "sim/trace/trace.h"

namespace fourtuple::test {

// Hosts h have interface h on network 0 and address 10.0.0.(h + 1).
class TraceBuilder {
 public:
  explicit TraceBuilder(trace::Level level = trace::Level::expressions, std::uint32_t hosts = 2) : trace_(level) {
    trace::Tables& tables = trace_.mutable_tables();
    tables.contents.resize(1);
    tables.topology.networks.resize(1);
    tables.topology.networks[0].name = tables.strings.intern("lan");
    for (std::uint32_t h = 0; h < hosts; ++h) {
      trace::HostInfo host;
      host.name = tables.strings.intern(h == 0 ? "anna" : h == 1 ? "server" : "host" + std::to_string(h));
      host.interfaces = {{h}};
      trace::InterfaceInfo interface;
      interface.host = {h};
      interface.name = tables.strings.intern("eth0");
      interface.network = {0};
      interface.addresses = {{IpAddress::v4(0x0a000001 + h), 24}};
      tables.topology.networks[0].interfaces.push_back({h});
      addresses_.push_back(tables.addresses.intern(interface.addresses[0].address));
      tables.topology.hosts.push_back(host);
      tables.topology.interfaces.push_back(interface);
    }
  }

  template <class Event>
  std::uint64_t add(std::int64_t us, std::uint32_t host, const Event& event) {
    end_ = Time{us * 1000};
    trace_.set_end_time(end_);
    const std::uint64_t at = trace_.append(end_, {host}, event);
    if (publishes_) trace_.publish();
    return at;
  }
  // A TCP segment between two hosts; the ports belong to the client (host 0 side) and to port 80.
  Packet tcp(std::uint32_t from, std::uint32_t to, std::uint16_t port, std::uint16_t remote_port, std::uint8_t flags,
             std::uint32_t seq = 0, std::uint32_t length = 0) {
    Packet packet;
    packet.id = {next_packet_++};
    packet.source = addresses_[from];
    packet.destination = addresses_[to];
    packet.source_port = port;
    packet.destination_port = remote_port;
    packet.protocol = Protocol::tcp;
    packet.flags = flags;
    packet.seq = {seq};
    packet.payload_length = length;
    return packet;
  }
  Packet udp(std::uint32_t from, std::uint32_t to, std::uint16_t port, std::uint16_t remote_port,
             std::uint32_t length = 0) {
    Packet packet = tcp(from, to, port, remote_port, 0, 0, length);
    packet.protocol = Protocol::udp;
    return packet;
  }
  // Created and sent at `us`, arriving `transit_us` later.
  PacketId send(std::int64_t us, std::uint32_t from, std::uint32_t to, const Packet& packet,
                std::int64_t transit_us = 1000) {
    add(us, from, trace::PacketCreated{packet});
    add(us, from, trace::PacketSent{packet.id, {from}, {to}, 64, microseconds(transit_us)});
    return packet.id;
  }
  PacketId next_packet() const { return {next_packet_}; }
  AddressId address(std::uint32_t host) const { return addresses_[host]; }
  StringId text(std::string_view words) { return trace_.mutable_tables().strings.intern(words); }
  // With false, readers see nothing until trace().publish().
  void publish_each(bool publishes) { publishes_ = publishes; }

  trace::Trace& trace() { return trace_; }

 private:
  trace::Trace trace_;
  std::vector<AddressId> addresses_;
  std::uint32_t next_packet_ = 0;
  Time end_{0};
  bool publishes_ = true;
};

}  // namespace fourtuple::test
