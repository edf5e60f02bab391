// A capture's conversations that were seen on both sides of a router, all about them: for reports, and for the trace.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capture/nat/clock_offset.h"
#include "capture/nat/ties.h"

namespace fourtuple::capture {

// Clocks as they are to be taken: as proposed, as they are, or moved by hand.
struct ClockChoice {
  bool propose = true;
  std::vector<std::int64_t> offsets_ns;  // with `propose` off: of each file after the first; missing ones are 0
};

struct BothSides {
  Sightings seen;  // `packets` is empty afterwards: places and conversations only
  std::vector<FlowPair> pairs;
  PacketTies ties;
  std::vector<ClockOffset> proposals;    // of each file after the first
  std::vector<std::int64_t> offsets_ns;  // of each file, as applied
};

// Reads the files, of which at least one is a capture, and finds them. Nothing is found in one place alone.
Outcome<BothSides> find_both_sides(const std::vector<std::string>& paths, const ClockChoice& clocks);

}  // namespace fourtuple::capture
