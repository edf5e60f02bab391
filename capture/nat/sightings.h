// Packets as seen at the places of a capture, in the form in which two sightings of one packet can be told: what no
// translator changes is in a key, what it may change or keeps by habit stands beside it. A place is an interface of a
// file; conversations are kept for each place by itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "capture/flow_table.h"
#include "capture/merge/merged_reader.h"
#include "sim/wire/address.h"
#include "sim/wire/decode.h"

namespace fourtuple::capture {

struct CapturePlace {
  std::uint32_t file = 0, interface = 0;  // CaptureInterface::number
  friend auto operator<=>(const CapturePlace&, const CapturePlace&) = default;
};

struct Sighting {
  std::uint64_t key = 0;  // equal keys: possibly the same packet
  std::int64_t time_ns = 0;
  std::uint32_t frame = 0;    // in its file, from 0
  std::uint32_t flow = 0;     // Sightings::flows
  std::uint32_t payload = 0;  // hash of its first bytes; 0: none, or not captured
  std::uint32_t stamp = 0;    // TCP timestamp value; 0: none
  std::uint16_t ip_id = 0;
  std::uint8_t ttl = 0;
  std::uint8_t direction = 0;  // 0: by the conversation's a
};
static_assert(sizeof(Sighting) == 40);

// A conversation at one place; ICMP echo counts its identifier as the port of both ends.
struct SeenFlow {
  std::uint32_t place = 0;  // Sightings::places
  Protocol protocol = Protocol::none;
  IpAddress a, b;  // a sent the first packet seen
  std::uint16_t a_port = 0, b_port = 0;
  PerDirection<std::optional<SeqNumber>> isn;
  PerDirection<std::uint32_t> packets{}, with_payload{};  // sightings; with_payload: whose payload is known

  bool same_ends(const SeenFlow& other) const {
    return a == other.a && b == other.b && a_port == other.a_port && b_port == other.b_port;
  }
};

struct PlaceInfo {
  CapturePlace place;
  std::string name;  // of the interface; empty: the file does not say
};

struct Sightings {
  // Later packets are not looked at, so that work and memory are bounded.
  static constexpr std::size_t most_packets = 4'000'000, most_places = 64;

  std::vector<PlaceInfo> places;
  std::vector<SeenFlow> flows;
  std::vector<Sighting> packets;              // in reading order
  std::vector<std::uint32_t> frames_of_file;  // frames read
  std::vector<std::string> file_names;        // by file
  bool complete = true;                       // all packets were looked at
};

Sightings collect_sightings(MergedReader& reader);

}  // namespace fourtuple::capture
