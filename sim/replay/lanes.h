// Packets on their way: for each ordered pair of interfaces the transits in order of departure, which is also their
// order of arrival. What is in flight at an instant is found by two binary searches a lane. 4 bytes a hop.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/index_map.h"
#include "sim/replay/packet_index.h"
#include "sim/trace/trace.h"

namespace fourtuple::replay {

struct Transit {
  PacketId packet;
  InterfaceId from;
  InterfaceId to;  // none: nobody on the network takes it
  Time departs;
  Time arrives;  // where a lost packet would have arrived
  bool lost = false;
  Time dies;                 // lost: when; between departs and arrives
  std::uint64_t record = 0;  // the packet_sent record
  std::uint8_t ttl = 0;
  bool inferred = false;  // a capture does not say when it arrived: drawn for nominal_transit
};

struct LaneKey {
  InterfaceId from, to;
  friend bool operator==(const LaneKey&, const LaneKey&) = default;
};
inline std::uint64_t hash_of(const LaneKey& key) {
  return mix_bits((std::uint64_t{key.from.value} << 32) | key.to.value);
}

// A stretch of time in which nothing is in flight.
struct Gap {
  Time begin, end;
};

class Lanes {
 public:
  // A capture sees a packet at one instant; to be seen on the map it travels for this long.
  static constexpr Duration nominal_transit = microseconds(100);

  Lanes(const trace::Trace& trace, const PacketIndex& packets) : trace_(&trace), packets_(&packets) {}
  void add(std::uint64_t position, const trace::Slot* record);

  std::uint32_t size() const { return static_cast<std::uint32_t>(lanes_.size()); }
  LaneKey key(std::uint32_t lane) const { return lanes_[lane].key; }
  // All transits of a lane that overlap [from, to], appended in order of departure.
  void transits(std::uint32_t lane, Time from, Time to, std::vector<Transit>& out) const;
  // How many of them there are, lost ones included, without listing them.
  std::uint64_t count(std::uint32_t lane, Time from, Time to) const;
  // Everything with departs <= time < arrives (lost: < dies), lane by lane. `out` is cleared first.
  void in_flight(Time time, std::vector<Transit>& out) const;
  // Everything that overlaps [from, to].
  void in_window(Time from, Time to, std::vector<Transit>& out) const;
  // The transit of one packet_sent record.
  Transit transit(std::uint64_t record) const;

  // For playback. The shortest transit under way just after (or, with `backward`, just before) `time`; nothing when
  // idle.
  std::optional<Duration> shortest(Time time, bool backward) const;
  // Next departure or arrival after `time` (before it, with `backward`); nothing when there is none.
  std::optional<Time> change(Time time, bool backward) const;
  std::uint64_t bytes() const;

 private:
  struct Lane {
    LaneKey key;
    std::vector<std::uint32_t> records;  // positions of packet_sent; the top bit says lost
    Time first_departs{0}, last_arrives{0};
  };
  struct Range {
    std::size_t begin, end;
  };

  Range overlapping(const Lane& lane, Time from, Time to) const;
  Time departs(std::uint32_t record) const;
  Duration shown_transit(Duration recorded) const;
  Time arrives(std::uint32_t record) const;
  Transit transit_of(const LaneKey& key, std::uint32_t record) const;
  void mark_lost(const trace::Slot* record);

  const trace::Trace* trace_;
  const PacketIndex* packets_;
  std::vector<Lane> lanes_;
  IndexMap<LaneKey> index_;
};

}  // namespace fourtuple::replay
