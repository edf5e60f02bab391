// A capture file as another one that can be given away: the same frames at the same times with addresses mapped,
// payload gone and names left out (see Scrubber and AddressMap). Names of interfaces, comments, processes, resolved
// names and statistics of the file are not carried over; numbers and link types of interfaces and directions are.
#pragma once

#include <cstdint>
#include <string>

#include "capture/anonymize/keyed_hash.h"
#include "capture/reader.h"

namespace fourtuple::capture {

struct AnonymizeOptions {
  HashKey key{};
  bool cut_payload = false;  // else it becomes zeros
};

struct Anonymized {
  std::uint64_t packets = 0;
  std::uint64_t addresses = 0;      // different IP addresses that were replaced
  std::uint64_t payload_bytes = 0;  // that were captured and are gone
  std::uint64_t opaque_frames = 0;  // neither IP nor ARP: only the link header is left
  ReadEnd end;                      // of the file read
};

// Reads `path` frame by frame and writes the pcapng file `out`, which is replaced if it exists. A damaged tail is not
// an error: it is in Anonymized::end. Errors name the file meant; `out` is then removed.
Outcome<Anonymized> anonymize(const std::string& path, const std::string& out, const AnonymizeOptions& options);

}  // namespace fourtuple::capture
