// All indexes of one trace, filled together in a single pass. The viewer keeps one of these and calls refresh() once a
// frame; with a budget, a large trace is taken in over several frames. One thread.
#pragma once

#include <cstdint>

#include "sim/replay/histogram.h"
#include "sim/replay/lanes.h"
#include "sim/replay/packet_index.h"
#include "sim/trace/index.h"
#include "sim/trace/streams.h"

namespace fourtuple::replay {

class Indexes {
 public:
  explicit Indexes(const trace::Trace& trace);
  Indexes(const Indexes&) = delete;
  Indexes& operator=(const Indexes&) = delete;

  // Takes in published records, at most about `max_slots` of them. True when nothing is left.
  bool refresh(std::uint64_t max_slots = ~std::uint64_t{0});
  // Boundary behind what was taken in.
  std::uint64_t end() const { return end_; }
  std::uint64_t bytes() const;

  const trace::Trace& trace() const { return *trace_; }
  const trace::Index& records() const { return records_; }
  const PacketIndex& packets() const { return packets_; }
  const FlowTable& flows() const { return packets_.flows(); }
  const Lanes& lanes() const { return lanes_; }
  const Marks& marks() const { return marks_; }
  const trace::Streams& streams() const { return streams_; }

 private:
  const trace::Trace* trace_;
  trace::Index records_;
  PacketIndex packets_;
  Lanes lanes_;
  Marks marks_;
  trace::Streams streams_;
  std::uint64_t end_ = 0;
};

}  // namespace fourtuple::replay
