// What `why` prints: one packet's way, and the packets that were dropped.
#pragma once

#include <cstdint>
#include <string>

#include "app/filter/select.h"
#include "sim/replay/causes/cause.h"
#include "sim/replay/rule_walk.h"
#include "sim/trace/trace.h"

namespace fourtuple::app {

// Packets as a person counts them: frames of a capture from 1, as other tools do; packets of a simulation by their id,
// as `run --events ndjson` names them.
std::uint32_t packet_number(const trace::Trace& trace, PacketId packet);
PacketId packet_with_number(const trace::Trace& trace, std::uint64_t number);  // none() when it cannot be one

// "192.168.1.10:50432 → 203.0.113.80:80"
std::string ends_text(const trace::Tables& tables, const Packet& packet);

// Several lines, each with its line end. REQUIRES: the walk is not empty.
std::string story_text(const replay::Indexes& indexes, const replay::RuleWalk& walk);
// With the chain of causes as its "causes".
std::string story_json(const replay::Indexes& indexes, const replay::RuleWalk& walk, const replay::CauseChain& chain);

// A chain of causes alone.
std::string chain_json(const trace::Tables& tables, const replay::CauseChain& chain);

// A line for each dropped packet; with `selected`, of those.
std::string dropped_text(const replay::Indexes& indexes, const SelectedPackets* selected = nullptr);
std::string dropped_json(const replay::Indexes& indexes, const SelectedPackets* selected = nullptr);

}  // namespace fourtuple::app
