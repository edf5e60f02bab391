#include "sim/wire/encode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/wire/decode.h"

namespace fourtuple {
namespace {

using Buffer = std::vector<std::uint8_t>;

IpAddress address(const char* text) {
  return *IpAddress::parse(text);
}

Packet syn_packet() {
  Packet packet;
  packet.protocol = Protocol::tcp;
  packet.source_port = 50432;
  packet.destination_port = 80;
  packet.seq = {0xfffffff0};
  packet.flags = TcpFlag::syn;
  packet.window = 64240;
  packet.options = TcpOption::mss | TcpOption::sack_permitted | TcpOption::timestamps | TcpOption::window_scale;
  packet.mss = 1460;
  packet.window_scale = 10;
  packet.ts_value = 7;
  packet.ip_id = 0x1234;
  packet.fragment_flags = FragmentFlag::dont_fragment;
  return packet;
}

Buffer encode(const Packet& packet, const char* source, const char* destination, Bytes payload = {}) {
  Buffer out;
  encode_packet(packet, address(source), address(destination), payload, out);
  return out;
}

void expect_same(const Packet& a, const Packet& b) {
  EXPECT_EQ(a.protocol, b.protocol);
  EXPECT_EQ(a.source_port, b.source_port);
  EXPECT_EQ(a.destination_port, b.destination_port);
  EXPECT_EQ(a.flags, b.flags);
  EXPECT_EQ(a.options, b.options);
  EXPECT_EQ(a.window, b.window);
  EXPECT_EQ(a.ttl, b.ttl);
  EXPECT_EQ(a.seq, b.seq);
  EXPECT_EQ(a.ack, b.ack);
  EXPECT_EQ(a.mss, b.mss);
  EXPECT_EQ(a.window_scale, b.window_scale);
  EXPECT_EQ(a.ts_value, b.ts_value);
  EXPECT_EQ(a.ts_echo, b.ts_echo);
  EXPECT_EQ(a.traffic_class, b.traffic_class);
  EXPECT_EQ(a.fragment_flags, b.fragment_flags);
  EXPECT_EQ(a.payload_length, b.payload_length);
}

TEST(Encode, writes_the_options_of_a_syn_in_the_order_of_linux) {
  const Buffer bytes = encode(syn_packet(), "10.0.0.1", "10.0.0.2");
  ASSERT_EQ(bytes.size(), 60u);
  const Buffer options(bytes.begin() + 40, bytes.end());
  EXPECT_EQ(options, (Buffer{2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 0, 1, 3, 3, 10}));
}

TEST(Encode, pads_timestamps_of_an_established_connection_with_two_nops) {
  Packet packet = syn_packet();
  packet.flags = TcpFlag::ack;
  packet.options = TcpOption::timestamps;
  const Buffer bytes = encode(packet, "10.0.0.1", "10.0.0.2");
  EXPECT_EQ(Buffer(bytes.begin() + 40, bytes.begin() + 44), (Buffer{1, 1, 8, 10}));
}

TEST(Encode, gives_what_decode_reads_back_for_every_protocol_and_family) {
  const Buffer payload = {'h', 'e', 'l', 'l', 'o'};
  for (const bool v6 : {false, true}) {
    for (const Protocol protocol : {Protocol::tcp, Protocol::udp, v6 ? Protocol::icmpv6 : Protocol::icmp}) {
      for (unsigned options = 0; options < (protocol == Protocol::tcp ? 16u : 1u); ++options) {
        Packet packet = syn_packet();
        packet.protocol = protocol;
        packet.options = static_cast<std::uint8_t>(options);
        if (protocol != Protocol::tcp) packet.flags = 0, packet.window = 0;
        if (protocol == Protocol::udp) packet.seq = {};
        if (protocol == Protocol::icmp || protocol == Protocol::icmpv6)
          packet.source_port = (v6 ? 128 : 8) << 8, packet.seq = {3};
        if (!packet.has_option(TcpOption::mss)) packet.mss = 0;
        if (!packet.has_option(TcpOption::window_scale)) packet.window_scale = 0;
        if (!packet.has_option(TcpOption::timestamps)) packet.ts_value = 0;
        if (v6) packet.fragment_flags = 0;
        packet.payload_length = static_cast<std::uint32_t>(payload.size());
        const Buffer bytes = encode(packet, v6 ? "2001:db8::1" : "10.0.0.1", v6 ? "2001:db8::2" : "10.0.0.2", payload);
        DecodedPacket decoded;
        decode_packet(bytes, 0, decoded);
        ASSERT_EQ(decoded.stop, DecodeStop::complete);
        EXPECT_EQ(decoded.ip_length, bytes.size());
        EXPECT_EQ(decoded.transport_header_length, transport_header_length(packet));
        expect_same(decoded.packet, packet);
        EXPECT_EQ(Buffer(bytes.begin() + decoded.payload_at, bytes.end()), payload);
        const ChecksumVerdict verdict = verify_checksums(bytes, decoded);
        EXPECT_EQ(verdict.transport, ChecksumState::good);
        EXPECT_EQ(verdict.ip, v6 ? ChecksumState::unknown : ChecksumState::good);
      }
    }
  }
}

TEST(Encode, cuts_a_datagram_into_fragments_with_ports_only_in_the_first) {
  Packet packet;
  packet.protocol = Protocol::udp;
  packet.source_port = 5000;
  packet.destination_port = 6000;
  packet.ip_id = 99;
  const Buffer payload(100, 'x');
  for (const char* host : {"192.0.2.1", "2001:db8::1"}) {
    Buffer datagram;
    encode_transport(packet, address(host), address(host), payload, datagram);
    for (const bool first : {true, false}) {
      Packet fragment = packet;
      fragment.fragment_flags = FragmentFlag::is_fragment;
      if (first) fragment.fragment_flags |= FragmentFlag::more_fragments;
      fragment.fragment_offset = first ? 0 : 8;
      Buffer bytes;
      const Bytes all(datagram);
      encode_ip(fragment, address(host), address(host), first ? all.first(64) : all.subspan(64), bytes);
      DecodedPacket decoded;
      decode_packet(bytes, 0, decoded);
      EXPECT_EQ(decoded.stop, first ? DecodeStop::complete : DecodeStop::later_fragment);
      EXPECT_EQ(decoded.has_ports, first);
      EXPECT_EQ(decoded.packet.fragment_flags, fragment.fragment_flags);
      EXPECT_EQ(decoded.packet.fragment_offset, fragment.fragment_offset);
      EXPECT_EQ(decoded.packet.payload_length, first ? 64u : 44u);
      EXPECT_EQ(decoded.fragment_id, 99u);
    }
  }
}

TEST(Encode, writes_a_zero_udp_checksum_as_all_ones) {
  Packet packet;
  packet.protocol = Protocol::udp;
  const IpAddress zero = IpAddress::v4(0);
  // Pseudo-header and header sum to 17 + 10 + 10 + payload; this payload makes it 0xffff.
  const Buffer payload = {0xff, static_cast<std::uint8_t>(0xff - 17 - 10 - 10)};
  Buffer out;
  encode_packet(packet, zero, zero, payload, out);
  EXPECT_EQ(load16(out.data() + 26), 0xffff);
}

TEST(Encode, writes_the_mtu_of_a_packet_too_big_message_in_32_bits) {
  Packet packet;
  packet.protocol = Protocol::icmpv6;
  packet.source_port = 2 << 8;
  packet.seq = {70000};
  const Buffer bytes = encode(packet, "2001:db8::1", "2001:db8::2");
  EXPECT_EQ(load32(bytes.data() + 44), 70000u);
  DecodedPacket decoded;
  decode_packet(bytes, 0, decoded);
  EXPECT_EQ(decoded.packet.seq.raw, 70000u);
}

}  // namespace
}  // namespace fourtuple
