// One TCP connection as data: the states of both ends, the sequence numbers over time, the variables. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/tcp/transitions.h"
#include "viz/panel/context.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {

struct StateStep {
  std::uint64_t record = 0;
  Time at;
  TcpState from = TcpState::closed, to = TcpState::closed;
};

struct VariableSample {
  std::uint64_t record = 0;
  Time at;
  state::TcpVariables values;
};

// One end. Index 0 is the side that sent the first packet.
struct TcpEnd {
  HostId host;
  std::string name;
  std::string owner;   // "caddy fd 12"
  bool known = false;  // the trace tells its states
  bool inferred = false;
  std::vector<StateStep> steps;
  std::vector<VariableSample> samples;

  TcpState state_at(std::uint64_t boundary) const;
  // Latest sample before `boundary`, or none; and the one before it.
  std::pair<const VariableSample*, const VariableSample*> samples_at(std::uint64_t boundary) const;
};

// A segment with data (or SYN, FIN) or an acknowledgment, in numbers relative to its direction's start.
struct SegmentMark {
  PacketId packet;
  Time at;
  std::uint32_t from = 0, to = 0;
  bool lost = false, again = false;
};
struct AckMark {
  Time at;
  std::uint32_t acknowledged = 0;
  std::uint32_t edge = 0;  // where the receiver's window ends (unscaled windows are scaled by its SYN)
};

struct TcpModel {
  std::uint32_t flow = 0xffffffffu;
  std::string title;
  CapsuleModel capsule;
  TcpEnd ends[2];
  std::vector<SegmentMark> segments[2];  // by sender
  std::vector<AckMark> acks[2];          // of that sender's data, sent by the other end
  std::string note;                      // when there is no connection
};

// The connection of the selected socket, flow or packet; else of the latest TCP packet before the cursor.
std::uint32_t choose_connection(const PanelContext& context);
TcpModel build_tcp(const PanelContext& context, std::uint32_t flow);

// Rows of the variables table: name, value, and the value before the last change (empty when it did not change).
struct VariableRow {
  std::string name, value, before;
};
std::vector<VariableRow> variable_rows(const TcpEnd& end, std::uint64_t boundary);

}  // namespace fourtuple::viz
