// How much happened when: sorted positions of packets, drops, resets and retransmissions, and counts of them in bins
// for the timeline. 4 bytes an event.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/replay/packet_index.h"
#include "sim/trace/index.h"

namespace fourtuple::replay {

enum class Mark : std::uint8_t { packet, drop, reset, retransmission };
constexpr std::size_t mark_kinds = 4;

class Marks {
 public:
  void add(std::uint64_t position, const trace::Slot* record, const PacketIndex& packets);

  // Record positions of that kind in order. packet, reset, retransmission: packet_created; drop: packet_dropped.
  const std::vector<std::uint32_t>& positions(Mark mark) const { return positions_[static_cast<std::size_t>(mark)]; }
  // First position of that kind at or after `boundary`, or last before it; trace::Index::none.
  std::uint64_t next(Mark mark, std::uint64_t boundary) const;
  std::uint64_t previous(Mark mark, std::uint64_t boundary) const;
  std::uint64_t bytes() const;

 private:
  std::vector<std::uint32_t> positions_[mark_kinds];
};

struct Bin {
  std::uint32_t counts[mark_kinds] = {0, 0, 0, 0};
  std::uint32_t operator[](Mark mark) const { return counts[static_cast<std::size_t>(mark)]; }
};

// Counts in `bins` equal parts of [from, to). REQUIRES: bins > 0. The last bin includes `to`.
std::vector<Bin> histogram(const trace::Index& index, const Marks& marks, Time from, Time to, std::uint32_t bins);

}  // namespace fourtuple::replay
