// Which frames of a capture are one packet on its way, and between which places it passed a router.
#pragma once

#include <cstdint>
#include <vector>

#include "capture/nat/pairing.h"

namespace fourtuple::capture {

// One frame's place on its packet's way. Frames are numbered over all files, see PacketTies::id.
struct Tie {
  static constexpr std::uint32_t none = 0xffffffffu;
  std::uint32_t previous = none, next = none;  // the sightings before and after it
  std::uint32_t flow = none;                   // Sightings::flows; none: it is nowhere tied
  std::uint32_t gap_ns = 0;                    // until the next sighting; at most 4 s, 0 when the clocks contradict
  bool outward = false;                        // by the one who began

  bool tied() const { return previous != none || next != none; }
};

struct PacketTies {
  std::vector<std::uint32_t> first_of_file;
  std::vector<Tie> ties;                           // by id
  std::vector<std::uint32_t> near_pair, far_pair;  // by flow: the pair in which it is the far, the near side

  // `frame`: in its file, from 0.
  std::uint32_t id(std::uint32_t file, std::uint32_t frame) const { return first_of_file[file] + frame; }
};

// `offsets_ns`: added to the times of each file; may be shorter than there are files.
PacketTies tie_packets(const Sightings& seen, const SightingGroups& groups, const std::vector<FlowPair>& pairs,
                       const std::vector<std::int64_t>& offsets_ns);

}  // namespace fourtuple::capture
