// A packet in words a person uses, for the sheet and its lists. Pure.
#pragma once

#include <string>

#include "sim/replay/packet_index.h"
#include "sim/trace/trace.h"

namespace fourtuple::viz {

// "SYN", "SYN ACK", "517 bytes", "ACK", "echo request", "sent again" stays out of it.
std::string what_words(const Packet& packet);
// "SYN from anna to server": names of hosts where they are known, else addresses.
std::string headline(const trace::Tables& tables, const Packet& packet);
// The name of the host with this address, else the address.
std::string owner_words(const trace::Tables& tables, AddressId address);

// What the list of packets says at the right: its fate if that is remarkable, else what it is.
struct PacketRemark {
  std::string words;
  enum class Tone { plain, drop, again, reset } tone = Tone::plain;
};
// `boundary`: records at or behind it have not happened yet.
PacketRemark remark(const replay::PacketIndex& packets, const Packet& packet, std::uint64_t boundary);

}  // namespace fourtuple::viz
