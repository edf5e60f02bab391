// Ties later fragments, which carry no ports, to the conversation of their first one by addresses, protocol and IP
// identification. Remembers a fixed number of datagrams; a later one takes the place of an earlier one.
#pragma once

#include <array>
#include <cstdint>

#include "capture/flow_table.h"
#include "sim/wire/decode.h"

namespace fourtuple::capture {

class Fragments {
 public:
  static constexpr std::size_t most_early = 8;
  // Frames of later fragments that came before their first one.
  struct Early {
    std::array<std::uint32_t, most_early> frames{};
    std::uint8_t count = 0;
  };

  // A first fragment, whose ports were read; those of its later ones that came before it. REQUIRES: the addresses of
  // the packet are set, here and below.
  Early add(const DecodedPacket& first, const FlowPlace& place);
  // The conversation of a later fragment; invalid while its first one was not seen. `frame`: to be told by add() then.
  FlowPlace find(const DecodedPacket& later, std::uint32_t frame);

 private:
  static constexpr std::size_t capacity = 1024;
  struct Datagram {
    AddressId source, destination;
    std::uint32_t id = 0;
    std::uint8_t protocol = 0;
    FlowPlace place;  // invalid until the first fragment comes
    Early early;
  };
  static std::size_t slot_of(const DecodedPacket& decoded);
  static bool matches(const Datagram& datagram, const DecodedPacket& decoded);

  std::array<Datagram, capacity> datagrams_;
};

}  // namespace fourtuple::capture
