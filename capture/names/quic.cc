#include "capture/names/quic.h"

#include <fmt/format.h>

#include "capture/names/byte_cursor.h"

namespace fourtuple::capture {
namespace {

std::string hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

std::string quic_words(std::uint32_t version) {
  constexpr std::uint32_t negotiation = 0, one = 1, two = 0x6b3343cf;  // RFC 9000, RFC 9369
  if (version == negotiation) return "QUIC";
  if (version == one) return "QUIC v1";
  if (version == two) return "QUIC v2";
  if ((version & 0xffffff00) == 0xff000000) return fmt::format("QUIC draft-{}", version & 0xff);
  if ((version & 0x0f0f0f0f) == 0x0a0a0a0a) return "QUIC";  // kept to exercise version negotiation (RFC 9000 15)
  const auto letter = static_cast<char>(version >> 24);
  const std::uint32_t digits = version & 0xffffff;
  const bool decimal = (digits & 0xf0f0f0) == 0x303030 && (digits & 0xf) < 10 && ((digits >> 8) & 0xf) < 10;
  if ((letter == 'Q' || letter == 'T') && decimal)
    return fmt::format("gQUIC {}{:03}", letter,
                       ((digits >> 16) & 0xf) * 100 + ((digits >> 8) & 0xf) * 10 + (digits & 0xf));
  return {};
}

std::optional<QuicHeader> read_quic(Bytes datagram) {
  constexpr std::uint32_t long_form = 0x80, longest_id = 20;  // RFC 9000 section 17.2
  ByteCursor from(datagram);
  if ((from.number(1) & long_form) == 0) return std::nullopt;
  QuicHeader header;
  header.version = from.number(4);
  const std::uint32_t destination = from.number(1);
  header.destination = hex(from.take(destination));
  const std::uint32_t source = from.number(1);
  header.source = hex(from.take(source));
  if (from.failed() || destination > longest_id || source > longest_id) return std::nullopt;
  if (quic_words(header.version).empty()) return std::nullopt;
  // A version negotiation lists versions; anything else that begins with four zeros is not QUIC.
  if (header.version == 0 && (from.rest() == 0 || from.rest() % 4 != 0)) return std::nullopt;
  return header;
}

}  // namespace fourtuple::capture
