// How far the clocks of capture files are apart, from packets seen in two of them. A packet that goes from the first
// file's place to the second's is dated later by the offset and the time it took; one that comes back by the offset
// less that time. So half the sum of both medians is the offset, half their difference the time on the way.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capture/nat/pairing.h"

namespace fourtuple::capture {

// What is to be added to the times of one file so that they are those of the first file.
struct ClockOffset {
  std::uint32_t file = 0;
  bool known = false;                 // false: no packet ties it to the first file
  bool agrees = false;                // the clocks agree as they are: nothing is to be added
  std::int64_t add_ns = 0;            // the proposal; 0 when they agree
  std::int64_t delay_ns = 0;          // median time from one place to the other
  std::uint32_t packets[2] = {0, 0};  // seen in both files: away from the first one, and back
  int confidence = 0;                 // percent
  std::string words;                  // "from 12 packets away and 11 back, …"
};

// One for each file after the first.
std::vector<ClockOffset> propose_offsets(const Sightings& seen, const SightingGroups& groups,
                                         const std::vector<FlowPair>& pairs);

}  // namespace fourtuple::capture
