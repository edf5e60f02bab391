// Any bytes as an IP packet: decoding stays inside them, and what was understood survives encoding and decoding again.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/wire/decode.h"
#include "sim/wire/encode.h"
#include "sim/wire/fields.h"

using namespace fourtuple;

namespace {

void check_round_trip(Bytes bytes, const DecodedPacket& decoded) {
  const bool fragment = (decoded.packet.fragment_flags & FragmentFlag::is_fragment) != 0;
  if (decoded.stop != DecodeStop::complete || fragment || decoded.payload_captured > 2000) return;
  Packet packet = decoded.packet;
  std::vector<std::uint8_t> encoded;
  const Bytes payload = bytes.subspan(decoded.payload_at, decoded.payload_captured);
  encode_packet(packet, decoded.source, decoded.destination, payload, encoded);
  DecodedPacket again;
  decode_packet(encoded, 0, again);
  FT_CHECK(again.stop == DecodeStop::complete);
  FT_CHECK(again.packet.source_port == packet.source_port && again.packet.destination_port == packet.destination_port);
  FT_CHECK(again.packet.flags == packet.flags && again.packet.seq == packet.seq);
  FT_CHECK(again.packet.options == packet.options && again.packet.mss == packet.mss);
  FT_CHECK(again.packet.payload_length == payload.size());
  const ChecksumVerdict verdict = verify_checksums(encoded, again);
  FT_CHECK(verdict.transport == ChecksumState::good && verdict.ip != ChecksumState::bad);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  DecodedPacket decoded;
  decode_packet(bytes, static_cast<std::uint32_t>(size + 100), decoded);
  decode_packet(bytes, 0, decoded);
  FT_CHECK(std::uint64_t{decoded.payload_at} + decoded.payload_captured <= size);
  verify_checksums(bytes, decoded);
  check_round_trip(bytes, decoded);
  for (const FieldStart start : {FieldStart::ethernet, FieldStart::ip})
    for (const Field& field : list_fields(bytes, start)) FT_CHECK(field.offset + field.length <= size);
  return 0;
}
