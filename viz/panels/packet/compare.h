// Two packets side by side, field by field: the addresses and ports first, the rest in byte order. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "viz/panels/packet/packet_model.h"

namespace fourtuple::viz {

struct ComparedField {
  std::string_view name;
  std::string pinned, shown;  // "" where a packet has no such field
  std::size_t field = 0;      // of the shown packet, or its number of fields
  bool same() const { return pinned == shown; }
};

struct PacketComparison {
  std::vector<ComparedField> fields;
  std::string summary;  // "Of the four-tuple, only the source port differs."
};

PacketComparison compare_packets(const PacketModel& pinned, const PacketModel& shown);

// The next field that differs behind the one chosen, around the end; `chosen` itself when none does.
std::size_t next_difference(const PacketComparison& comparison, std::size_t chosen);

}  // namespace fourtuple::viz
