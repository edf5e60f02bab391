// Words for records with the names that were true at that moment: packets from the packet index, processes and sockets
// from a folded state.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/replay/net_state.h"
#include "sim/replay/packet_index.h"
#include "sim/replay/value_text.h"
#include "sim/trace/describe.h"

namespace fourtuple::replay {

// Names from an index and a state; both must outlive it.
class StateNames : public trace::Names {
 public:
  // Packets are named as they were behind the record at `position`; the default: as last known.
  StateNames(const trace::Trace& trace, const PacketIndex& packets, const state::State& state,
             std::uint64_t position = PacketIndex::none, const ValueText& value = hex_value)
      : trace_(&trace), packets_(&packets), state_(&state), position_(position), value_(value) {}
  bool packet(PacketId id, Packet& packet) const override;
  std::string process(ProcessId id) const override;
  std::string socket(SocketId id) const override;
  std::string error(std::uint8_t number) const override;
  const trace::RulesetInfo* ruleset(HostId host) const override;
  std::string value(HostId host, const std::vector<std::uint8_t>& types, const std::vector<std::uint8_t>& widths,
                    std::span<const std::uint32_t> words) const override {
    return value_(host, types, widths, words);
  }

 private:
  const trace::Trace* trace_;
  const PacketIndex* packets_;
  const state::State* state_;
  std::uint64_t position_;
  ValueText value_;
};

// Walks a trace, growing or complete, and tells each record: for `run --events` and `replay --events`.
class Narrator {
 public:
  explicit Narrator(const trace::Trace& trace, ValueText value = hex_value);
  // Takes the next published record; false when there is none. A process or socket that ends is still known in it.
  bool next();
  // About the record that next() took.
  std::uint64_t position() const { return position_; }
  std::string text() const;
  void fields(trace::Fields& fields) const;
  const state::State& state() const { return net_.state; }
  const PacketIndex& packets() const { return packets_; }

 private:
  void pass();

  const trace::Trace* trace_;
  ValueText value_;
  NetState net_;  // after the record at position_, but before one that ends a process or socket
  PacketIndex packets_;
  std::uint64_t position_ = 0;
  bool started_ = false;
  bool ends_ = false;
};

}  // namespace fourtuple::replay
