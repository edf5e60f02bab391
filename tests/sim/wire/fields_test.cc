#include "sim/wire/fields.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "sim/wire/encode.h"

namespace fourtuple {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer udp_bytes() {
  Packet packet;
  packet.protocol = Protocol::udp;
  packet.source_port = 40000;
  packet.destination_port = 53;
  Buffer out;
  encode_packet(packet, IpAddress::v4(0x0a000001), IpAddress::v4(0x0a000002), Buffer(4, 'x'), out);
  return out;
}

const Field* find(const std::vector<Field>& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

TEST(Fields, point_at_the_destination_port) {
  const auto fields = list_fields(udp_bytes(), FieldStart::ip);
  const Field* port = find(fields, "Destination port");
  ASSERT_NE(port, nullptr);
  EXPECT_EQ(port->offset, 22u);
  EXPECT_EQ(port->length, 2u);
  EXPECT_EQ(port->value, "53");
  ASSERT_NE(find(fields, "Payload"), nullptr);
  EXPECT_EQ(find(fields, "Payload")->length, 4u);
}

TEST(Fields, list_the_packet_an_icmp_error_quotes) {
  Packet packet;
  packet.protocol = Protocol::icmp;
  packet.source_port = 3 << 8 | 3;
  Buffer out;
  encode_packet(packet, IpAddress::v4(0x0a000002), IpAddress::v4(0x0a000001), udp_bytes(), out);
  const auto fields = list_fields(out, FieldStart::ip);
  EXPECT_EQ(find(fields, "ICMP")->value, "port unreachable");
  ASSERT_NE(find(fields, "Destination port"), nullptr);
  EXPECT_EQ(find(fields, "Destination port")->offset, 20u + 8 + 22);
}

TEST(Fields, stay_inside_the_bytes_at_every_cut) {
  Buffer frame = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x81, 0, 0, 5, 8, 0};
  const Buffer packet = udp_bytes();
  frame.insert(frame.end(), packet.begin(), packet.end());
  for (std::size_t length = 0; length <= frame.size(); ++length) {
    const Buffer cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length));
    for (const Field& field : list_fields(cut, FieldStart::ethernet))
      EXPECT_LE(field.offset + field.length, length) << field.name;
  }
}

TEST(Fields, name_flags_and_icmp_messages) {
  EXPECT_EQ(tcp_flags_text(0x12), "SYN ACK");
  EXPECT_EQ(tcp_flags_text(0), "none");
  EXPECT_EQ(icmp_text(false, 3, 3), "port unreachable");
  EXPECT_EQ(icmp_text(true, 1, 4), "port unreachable");
  EXPECT_EQ(icmp_text(false, 77, 2), "type 77 code 2");
}

}  // namespace
}  // namespace fourtuple
