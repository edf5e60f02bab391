// A packet's way in words, step by step: from the process that wrote it to the one that got it, or to its end. Uses
// stage and lookup records where the trace has them, facts otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"

namespace fourtuple::replay {

enum class Tone : std::uint8_t { plain, match, mismatch, delivered, dropped, answer };

struct JourneyStep {
  Time at;
  HostId host;
  std::uint64_t record = 0;
  trace::Kind kind = trace::Kind::padding;
  trace::Stage stage = trace::Stage::interface_in;  // where in the host
  Tone tone = Tone::plain;
  SocketId socket;  // delivered, lookup
  ProcessId process;
  PacketId answer;    // tone answer: the RST or ICMP error this packet brought about
  std::string place;  // "anna eth0", "server", "lan"
  std::string words;  // "sent", "routing: out by wan", "delivered to httpd (pid 80, fd 4)"
};

// Positions of the packet's records from its creation to its end, in order. A packet may wait very long in a busy
// network: behind some millions of slots only its hops and its end are listed.
std::vector<std::uint64_t> records_of(const Indexes& indexes, PacketId packet);

std::vector<JourneyStep> journey(const Indexes& indexes, const Cursor& cursor, PacketId packet);
// "anna eth0: sent", one a line with times: what `why` prints.
std::string journey_text(const std::vector<JourneyStep>& steps);

}  // namespace fourtuple::replay
