// The load of a capture: what the programs behind its conversations did, so that it can be done again in a simulation
// where packets meet other rules, delays and losses. Programs react: an answer follows its request after the time the
// program took, not at the time of the capture.
//
// The capture was made at one place. From the handshakes seen there follows how far each host is from it, and so when
// something that passed was known at the other end: a program's own time is what is left of the time between.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "capture/importer.h"

namespace fourtuple::capture {

// One thing the program at one end did.
struct Step {
  enum class Kind : std::uint8_t { send, finish, half_finish, reset };
  enum class Cause : std::uint8_t {
    opened,        // the connection was there; of UDP: `delay_ns` counts from the start of the capture
    received,      // it had read `amount` bytes of TCP, or got `amount` datagrams
    end_of_input,  // the other end had finished
    previous,      // its own step before; `delay_ns` counts from the start of that one
  };
  Kind kind = Kind::send;
  Cause cause = Cause::opened;
  std::uint64_t bytes = 0;   // send
  std::uint64_t amount = 0;  // received
  std::int64_t delay_ns = 0;
};

// A conversation as both ends made it. Index 0 is the client: who opened it, or sent the first datagram.
struct Exchange {
  enum class Answer : std::uint8_t {
    given,    // TCP: a handshake; UDP: a datagram, or silence that no ICMP error broke
    refused,  // RST or an ICMP error
    none,     // TCP: nothing came back
  };
  std::uint32_t flow = 0;     // index into ImportedCapture::flows
  std::int64_t start_ns = 0;  // when the client began, since the capture's start; at the client
  std::int64_t end_ns = 0;    // its last packet
  std::uint8_t client = 0;    // direction of the flow that is the client's
  Answer answer = Answer::given;
  std::array<std::vector<Step>, 2> steps;
  std::array<std::uint64_t, 2> bytes{};  // payload each end sent, without what was sent again
  bool gaps = false;                     // bytes that were not captured are counted by their sequence numbers
  bool open = false;                     // TCP: it was not closed when the capture ended
};

enum class LeftOut : std::uint8_t {
  no_handshake,
  one_direction,
  link_local,
  group,
  tunnel,
  fragmented,
  changed_mind,
  too_long,
  over_limit,
};
constexpr std::size_t left_out_reasons = 9;
// "began before the capture: no handshake seen"
std::string_view words_of(LeftOut reason);

struct LoadHost {
  AddressId address;
  std::int64_t distance_ns = 0;  // one way, from the place of the capture
  bool distance_seen = false;    // a handshake showed it; else it is taken as 0 and is part of the programs' time
};

struct Load {
  std::vector<Exchange> exchanges;  // in order of the flows
  std::vector<LoadHost> hosts;      // in order of appearance; loopback addresses are one
  std::array<std::uint32_t, left_out_reasons> left_out{};
  std::uint32_t conversations = 0;  // in the capture
};

struct LoadOptions {
  std::uint32_t max_flows = 200;
  std::uint32_t max_steps = 2000;  // of one conversation
};

// REQUIRES: the capture was imported with its records.
Load load_of(const ImportedCapture& capture, const LoadOptions& options = {});

}  // namespace fourtuple::capture
