#include "sim/replay/lanes.h"

#include <algorithm>

#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

constexpr std::uint32_t lost_bit = 0x80000000u;
constexpr std::uint32_t position_of(std::uint32_t record) {
  return record & ~lost_bit;
}
// A long queue on one lane is sampled at its ends when looking for its shortest transit.
constexpr std::size_t sampled = 32;

}  // namespace

Time Lanes::departs(std::uint32_t record) const {
  return trace_->at(position_of(record))->at;
}

Time Lanes::arrives(std::uint32_t record) const {
  const trace::Slot* slot = trace_->at(position_of(record));
  return slot->at + shown_transit(trace::unpack_packet_sent(slot).transit);
}

Duration Lanes::shown_transit(Duration recorded) const {
  const bool unknown = recorded.ns == 0 && trace_->tables().source == trace::Source::capture;
  return unknown ? nominal_transit : recorded;
}

void Lanes::add(std::uint64_t position, const trace::Slot* record) {
  if (record->kind == trace::Kind::packet_dropped) return mark_lost(record);
  if (record->kind != trace::Kind::packet_sent) return;
  const trace::PacketSent sent = trace::unpack_packet_sent(record);
  const LaneKey key{sent.from, sent.to};
  std::uint32_t number = index_.find(key);
  if (number == IndexMap<LaneKey>::absent) {
    number = size();
    index_.set(key, number);
    lanes_.push_back({key, {}, record->at, record->at});
  }
  Lane& lane = lanes_[number];
  lane.records.push_back(static_cast<std::uint32_t>(position));
  lane.last_arrives = std::max(lane.last_arrives, record->at + shown_transit(sent.transit));
}

void Lanes::mark_lost(const trace::Slot* record) {
  const trace::PacketDropped drop = trace::unpack_packet_dropped(record);
  using trace::DropReason;
  if (drop.reason != DropReason::link_loss && drop.reason != DropReason::link_fault &&
      drop.reason != DropReason::link_failed)
    return;
  const std::uint64_t hop = packets_->last_hop(drop.packet);
  if (hop == PacketIndex::none) return;
  const trace::Slot* slot = trace_->at(hop);
  const trace::PacketSent sent = trace::unpack_packet_sent(slot);
  // A packet that has arrived and then finds the next network down was not lost on this one.
  const auto& interfaces = trace_->tables().topology.interfaces;
  const Time arrives = slot->at + sent.transit;
  const bool other_network = drop.network.valid() && sent.from.value < interfaces.size() &&
                             interfaces[sent.from.value].network != drop.network;
  if (other_network || record->at > arrives) return;
  const std::uint32_t number = index_.find({sent.from, sent.to});
  if (number == IndexMap<LaneKey>::absent) return;
  auto& records = lanes_[number].records;
  const auto found = std::lower_bound(records.begin(), records.end(), static_cast<std::uint32_t>(hop),
                                      [](std::uint32_t a, std::uint32_t b) { return position_of(a) < b; });
  if (found != records.end() && position_of(*found) == hop) *found |= lost_bit;
}

Transit Lanes::transit_of(const LaneKey& key, std::uint32_t record) const {
  const trace::Slot* slot = trace_->at(position_of(record));
  const trace::PacketSent sent = trace::unpack_packet_sent(slot);
  Transit transit;
  transit.packet = sent.packet;
  transit.from = key.from;
  transit.to = key.to;
  transit.departs = slot->at;
  const Duration shown = shown_transit(sent.transit);
  transit.arrives = slot->at + shown;
  transit.inferred = shown != sent.transit;
  transit.dies = transit.arrives;
  transit.record = position_of(record);
  transit.ttl = sent.ttl;
  transit.lost = (record & lost_bit) != 0;
  if (transit.lost) {
    const std::uint64_t end = packets_->end(sent.packet);
    const Time drop = end == PacketIndex::none ? transit.departs : trace_->at(end)->at;
    // A loss decided on departure is shown half way, where it can be seen.
    transit.dies = drop > transit.departs ? std::min(drop, transit.arrives) : transit.departs + shown / 2;
  }
  return transit;
}

Transit Lanes::transit(std::uint64_t record) const {
  const trace::PacketSent sent = trace::unpack_packet_sent(trace_->at(record));
  const LaneKey key{sent.from, sent.to};
  auto entry = static_cast<std::uint32_t>(record);
  const std::uint32_t number = index_.find(key);
  if (number != IndexMap<LaneKey>::absent) {
    const auto& records = lanes_[number].records;
    const auto found = std::lower_bound(records.begin(), records.end(), entry,
                                        [](std::uint32_t a, std::uint32_t b) { return position_of(a) < b; });
    if (found != records.end() && position_of(*found) == entry) entry = *found;
  }
  return transit_of(key, entry);
}

// Records with departs <= to and arrives >= from: departures and arrivals are both in order.
Lanes::Range Lanes::overlapping(const Lane& lane, Time from, Time to) const {
  if (lane.first_departs > to || lane.last_arrives < from) return {0, 0};
  const auto& records = lane.records;
  const auto end = std::upper_bound(records.begin(), records.end(), to,
                                    [this](Time t, std::uint32_t record) { return t < departs(record); });
  const auto begin = std::lower_bound(records.begin(), end, from,
                                      [this](std::uint32_t record, Time t) { return arrives(record) < t; });
  return {static_cast<std::size_t>(begin - records.begin()), static_cast<std::size_t>(end - records.begin())};
}

void Lanes::transits(std::uint32_t number, Time from, Time to, std::vector<Transit>& out) const {
  const Lane& lane = lanes_[number];
  const Range range = overlapping(lane, from, to);
  for (std::size_t i = range.begin; i < range.end; ++i) out.push_back(transit_of(lane.key, lane.records[i]));
}

std::uint64_t Lanes::count(std::uint32_t number, Time from, Time to) const {
  const Range range = overlapping(lanes_[number], from, to);
  return range.end - range.begin;
}

void Lanes::in_flight(Time time, std::vector<Transit>& out) const {
  out.clear();
  for (const Lane& lane : lanes_) {
    const Range range = overlapping(lane, time + nanoseconds(1), time);
    for (std::size_t i = range.begin; i < range.end; ++i) {
      const Transit transit = transit_of(lane.key, lane.records[i]);
      if (time < transit.dies) out.push_back(transit);
    }
  }
}

void Lanes::in_window(Time from, Time to, std::vector<Transit>& out) const {
  out.clear();
  for (std::uint32_t lane = 0; lane < size(); ++lane) transits(lane, from, to, out);
}

std::optional<Duration> Lanes::shortest(Time time, bool backward) const {
  std::optional<Duration> best;
  const Time from = backward ? time : time + nanoseconds(1), to = backward ? time - nanoseconds(1) : time;
  for (const Lane& lane : lanes_) {
    const Range range = overlapping(lane, from, to);
    for (std::size_t i = range.begin; i < range.end; ++i) {
      if (i == range.begin + sampled && range.end - i > sampled) i = range.end - sampled;
      const Duration length = arrives(lane.records[i]) - departs(lane.records[i]);
      if (!best || length < *best) best = length;
    }
  }
  return best;
}

std::optional<Time> Lanes::change(Time time, bool backward) const {
  std::optional<Time> best;
  const auto offer = [&](Time t) {
    if (!best || (backward ? t > *best : t < *best)) best = t;
  };
  for (const Lane& lane : lanes_) {
    const auto& records = lane.records;
    if (backward ? lane.first_departs >= time : lane.last_arrives <= time) continue;
    const Time bound = backward ? time : time + nanoseconds(1);
    // The first departure, and the first arrival, not before `bound`; backward takes the ones before them.
    const auto departure = std::lower_bound(records.begin(), records.end(), bound,
                                            [this](std::uint32_t record, Time t) { return departs(record) < t; });
    const auto arrival = std::lower_bound(records.begin(), departure, bound,
                                          [this](std::uint32_t record, Time t) { return arrives(record) < t; });
    if (backward) {
      if (departure != records.begin()) offer(departs(*std::prev(departure)));
      if (arrival != records.begin()) offer(arrives(*std::prev(arrival)));
    } else {
      if (departure != records.end()) offer(departs(*departure));
      if (arrival != records.end()) offer(arrives(*arrival));
    }
  }
  return best;
}

std::uint64_t Lanes::bytes() const {
  std::uint64_t bytes = lanes_.capacity() * sizeof(Lane) + index_.bytes();
  for (const Lane& lane : lanes_) bytes += lane.records.capacity() * sizeof(std::uint32_t);
  return bytes;
}

}  // namespace fourtuple::replay
