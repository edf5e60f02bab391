#include "sim/wire/decode.h"

#include <gtest/gtest.h>

#include "sim/wire/encode.h"

namespace fourtuple {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer tcp_bytes(std::size_t payload = 10) {
  Packet packet;
  packet.protocol = Protocol::tcp;
  packet.source_port = 1000;
  packet.destination_port = 80;
  packet.flags = TcpFlag::ack;
  packet.options = TcpOption::timestamps;
  Buffer out;
  encode_packet(packet, IpAddress::v4(0x0a000001), IpAddress::v4(0x0a000002), Buffer(payload, 'x'), out);
  return out;
}

DecodedPacket decode(Bytes bytes, std::uint32_t wire_length = 0) {
  DecodedPacket decoded;
  decode_packet(bytes, wire_length, decoded);
  return decoded;
}

TEST(Decode, says_why_it_stopped_at_every_cut) {
  const Buffer whole = tcp_bytes();
  const auto stop_after = [&](std::size_t length) {
    // An exact copy lets a sanitizer see a read past the end.
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    return decode(cut, static_cast<std::uint32_t>(whole.size())).stop;
  };
  EXPECT_EQ(stop_after(0), DecodeStop::empty);
  for (std::size_t length = 1; length < 20; ++length) EXPECT_EQ(stop_after(length), DecodeStop::ip_truncated);
  for (std::size_t length = 20; length < 36; ++length) EXPECT_EQ(stop_after(length), DecodeStop::transport_cut);
  for (std::size_t length = 36; length <= whole.size(); ++length) EXPECT_EQ(stop_after(length), DecodeStop::complete);
}

TEST(Decode, takes_payload_lengths_from_headers_when_the_capture_is_cut) {
  const Buffer whole = tcp_bytes(1000);
  const DecodedPacket decoded = decode(Bytes(whole).first(68), static_cast<std::uint32_t>(whole.size()));
  EXPECT_EQ(decoded.packet.payload_length, 1000u);
  EXPECT_EQ(decoded.payload_captured, 16u);
  EXPECT_FALSE(decoded.options_cut);
  EXPECT_TRUE(decode(Bytes(whole).first(44), 1052).options_cut);
}

TEST(Decode, keeps_link_padding_out_of_the_payload) {
  Buffer padded = tcp_bytes(0);
  padded.resize(padded.size() + 6);
  const DecodedPacket decoded = decode(padded);
  EXPECT_EQ(decoded.packet.payload_length, 0u);
  EXPECT_EQ(decoded.payload_captured, 0u);
}

TEST(Decode, uses_the_frame_length_when_the_total_length_is_zero) {
  Buffer whole = tcp_bytes(100);
  store16(whole.data() + 2, 0);
  EXPECT_EQ(decode(whole).packet.payload_length, 100u);
  EXPECT_EQ(decode(Bytes(whole).first(60), 60000).packet.payload_length, 60000u - 52);
}

TEST(Decode, refuses_contradicting_lengths) {
  Buffer whole = tcp_bytes();
  store16(whole.data() + 2, 19);
  EXPECT_EQ(decode(whole).stop, DecodeStop::bad_ip_header);
  whole = tcp_bytes();
  whole[0] = 0x44;
  EXPECT_EQ(decode(whole).stop, DecodeStop::bad_ip_header);
  whole = tcp_bytes();
  whole[0] = 0x75;
  EXPECT_EQ(decode(whole).stop, DecodeStop::bad_version);
  whole = tcp_bytes();
  whole[32] = 0x40;
  EXPECT_EQ(decode(whole).stop, DecodeStop::bad_transport);
  whole = tcp_bytes();
  store16(whole.data() + 2, 28);
  EXPECT_EQ(decode(whole).stop, DecodeStop::transport_short);
}

TEST(Decode, steps_over_ipv4_options) {
  Buffer whole = tcp_bytes(3);
  whole.insert(whole.begin() + 20, {1, 1, 1, 0});
  whole[0] = 0x46;
  store16(whole.data() + 2, static_cast<std::uint16_t>(whole.size()));
  const DecodedPacket decoded = decode(whole);
  EXPECT_EQ(decoded.ip_header_length, 24u);
  EXPECT_EQ(decoded.packet.destination_port, 80);
  EXPECT_EQ(decoded.packet.payload_length, 3u);
}

TEST(Decode, steps_over_ipv6_extension_headers) {
  Packet packet;
  packet.protocol = Protocol::udp;
  packet.destination_port = 53;
  Buffer whole;
  encode_packet(packet, *IpAddress::parse("2001:db8::1"), *IpAddress::parse("2001:db8::2"), Buffer(5, 'q'), whole);
  // Hop-by-hop, then destination options of 16 bytes, then UDP.
  Buffer extensions(24, 0);
  extensions[0] = 60;
  extensions[8] = 17;
  extensions[9] = 1;
  whole.insert(whole.begin() + 40, extensions.begin(), extensions.end());
  whole[6] = 0;
  store16(whole.data() + 4, static_cast<std::uint16_t>(whole.size() - 40));
  const DecodedPacket decoded = decode(whole);
  EXPECT_EQ(decoded.stop, DecodeStop::complete);
  EXPECT_EQ(decoded.packet.destination_port, 53);
  EXPECT_EQ(decoded.packet.payload_length, 5u);
  for (std::size_t cut = 40; cut < 64; ++cut)
    EXPECT_EQ(decode(Bytes(whole).first(cut), static_cast<std::uint32_t>(whole.size())).stop,
              cut == 40 || cut < 64 ? DecodeStop::ip_truncated : DecodeStop::complete);
}

TEST(Decode, names_the_protocol_it_does_not_know) {
  Buffer whole = tcp_bytes();
  whole[9] = 132;
  const DecodedPacket decoded = decode(whole);
  EXPECT_EQ(decoded.stop, DecodeStop::other_protocol);
  EXPECT_EQ(decoded.ip_protocol, 132);
}

TEST(Decode, survives_tcp_options_that_lie_about_their_length) {
  for (unsigned length = 0; length < 256; ++length) {
    Buffer whole = tcp_bytes(0);
    whole[41] = static_cast<std::uint8_t>(length);
    whole[40] = 5;
    EXPECT_EQ(decode(whole).stop, DecodeStop::complete);
  }
}

TEST(Decode, sums_up_what_sack_blocks_report) {
  Buffer whole = tcp_bytes(0);  // 12 bytes of options
  const Buffer option{1, 5, 10, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0x10, 0};
  std::copy(option.begin(), option.end(), whole.begin() + 40);
  EXPECT_EQ(decode(whole).sack_blocks, 1);
  EXPECT_EQ(decode(whole).sacked_bytes, 32u) << "across the wrap of sequence numbers";
  constexpr std::uint8_t options_length = 36;
  Buffer four(20 + 20, 0);
  std::copy_n(whole.begin(), four.size(), four.begin());
  four[2] = 0;
  four[3] = static_cast<std::uint8_t>(four.size() + options_length);
  four[32] = static_cast<std::uint8_t>((20 + options_length) / 4 << 4);
  four.insert(four.end(), {1, 1, 5, 34});
  for (std::uint8_t i = 1; i <= 4; ++i) four.insert(four.end(), {0, 0, i, 0, 0, 0, i, i});
  EXPECT_EQ(decode(four).sack_blocks, 4);
  EXPECT_EQ(decode(four).sacked_bytes, 1u + 2u + 3u);
}

TEST(VerifyChecksums, finds_a_changed_byte) {
  Buffer whole = tcp_bytes();
  EXPECT_EQ(verify_checksums(whole, decode(whole)).transport, ChecksumState::good);
  whole.back() ^= 1;
  EXPECT_EQ(verify_checksums(whole, decode(whole)).transport, ChecksumState::bad);
  EXPECT_EQ(verify_checksums(whole, decode(whole)).ip, ChecksumState::good);
  whole[8] ^= 1;
  EXPECT_EQ(verify_checksums(whole, decode(whole)).ip, ChecksumState::bad);
}

}  // namespace
}  // namespace fourtuple
