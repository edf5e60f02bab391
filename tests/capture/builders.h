// Small makers for capture tests: packets, a two-host trace, raw capture files.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/trace/trace.h"
#include "sim/wire/encode.h"
#include "tests/support/temporary_folder.h"

namespace fourtuple::capture::test {

using Buffer = std::vector<std::uint8_t>;
using fourtuple::TemporaryFolder;

inline std::string write_file(const std::filesystem::path& path, const Buffer& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return path.string();
}

inline void append32_little(Buffer& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// A classic little-endian pcap file with microseconds.
class PcapFile {
 public:
  explicit PcapFile(std::uint32_t link = 101, std::uint32_t snap = 65535) {
    append32_little(bytes, 0xa1b2c3d4);
    append32_little(bytes, 0x00040002);
    append32_little(bytes, 0);
    append32_little(bytes, 0);
    append32_little(bytes, snap);
    append32_little(bytes, link);
  }
  void add(std::uint32_t s, std::uint32_t us, const Buffer& packet, std::uint32_t original = 0) {
    append32_little(bytes, s);
    append32_little(bytes, us);
    append32_little(bytes, static_cast<std::uint32_t>(packet.size()));
    append32_little(bytes, original == 0 ? static_cast<std::uint32_t>(packet.size()) : original);
    bytes.insert(bytes.end(), packet.begin(), packet.end());
  }

  Buffer bytes;
};

inline Packet tcp_packet(std::uint16_t from, std::uint16_t to, std::uint8_t flags, std::uint32_t seq,
                         std::uint32_t ack) {
  Packet packet;
  packet.protocol = Protocol::tcp;
  packet.source_port = from;
  packet.destination_port = to;
  packet.flags = flags;
  packet.seq = {seq};
  packet.ack = {ack};
  packet.window = 1000;
  return packet;
}

inline Packet udp_packet(std::uint16_t from, std::uint16_t to) {
  Packet packet;
  packet.protocol = Protocol::udp;
  packet.source_port = from;
  packet.destination_port = to;
  return packet;
}

inline Buffer ip_bytes(const Packet& packet, const char* source, const char* destination, const Buffer& payload = {}) {
  Buffer out;
  encode_packet(packet, *IpAddress::parse(source), *IpAddress::parse(destination), payload, out);
  return out;
}

// Hosts "client" 10.0.0.1 and "server" 10.0.0.2 with a lo (interfaces 0 and 2) and an eth0 (1 and 3) each, on one link.
struct TwoHosts {
  static constexpr HostId client{0}, server{1};
  static constexpr InterfaceId client_lo{0}, client_eth{1}, server_lo{2}, server_eth{3};
  static constexpr NetworkId link{0};

  TwoHosts() {
    trace::Tables& tables = trace.mutable_tables();
    auto& topology = tables.topology;
    client_address = tables.addresses.intern(*IpAddress::parse("10.0.0.1"));
    server_address = tables.addresses.intern(*IpAddress::parse("10.0.0.2"));
    topology.networks.push_back({tables.strings.intern("link"), {}, {}, 0, 0, {}, {client_eth, server_eth}});
    for (const HostId host : {client, server}) {
      trace::HostInfo info;
      info.name = tables.strings.intern(host == client ? "client" : "server");
      for (const bool loopback : {true, false}) {
        info.interfaces.push_back({static_cast<std::uint32_t>(topology.interfaces.size())});
        trace::InterfaceInfo interface;
        interface.host = host;
        interface.name = tables.strings.intern(loopback ? "lo" : "eth0");
        interface.network = loopback ? NetworkId::none() : link;
        interface.loopback = loopback;
        topology.interfaces.push_back(interface);
      }
      topology.hosts.push_back(info);
    }
    tables.contents.push_back({});
  }

  // Creates a packet from the client (or the server) and sends it over the link.
  PacketId send(Time at, Packet packet, bool from_client, Duration transit = milliseconds(10)) {
    packet.id = {next_packet++};
    packet.source = from_client ? client_address : server_address;
    packet.destination = from_client ? server_address : client_address;
    const HostId host = from_client ? client : server;
    trace.append(at, host, trace::PacketCreated{packet});
    const InterfaceId from = from_client ? client_eth : server_eth, to = from_client ? server_eth : client_eth;
    trace.append(at, host, trace::PacketSent{packet.id, from, to, packet.ttl, transit});
    return packet.id;
  }

  trace::Trace trace;
  AddressId client_address, server_address;
  std::uint32_t next_packet = 0;
};

// All packets of a trace in order of creation.
inline std::vector<Packet> packets_of(const trace::Trace& trace) {
  std::vector<Packet> packets;
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at))
    if (trace.at(at)->kind == trace::Kind::packet_created)
      packets.push_back(trace::unpack_packet_created(trace.at(at)).packet);
  return packets;
}

}  // namespace fourtuple::capture::test
