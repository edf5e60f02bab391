// What rules and NAT did, in the few words other panels have room for. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "viz/panel/context.h"

namespace fourtuple::viz {

// "192.168.1.10:50432"; without a port for protocols that have none.
std::string source_text(const trace::Tables& tables, const Packet& packet);
std::string destination_text(const trace::Tables& tables, const Packet& packet);
// "to 192.168.1.20:80", "from 203.0.113.7:50432"; only the port when the address stayed. "" when both are the same.
std::string rewrite_text(const trace::Tables& tables, const Packet& before, const Packet& after);

// The rule or policy behind a packet_dropped record: "fw input rule 3: tcp dport 22 drop", "fw input: policy drop".
// Nothing when no rule dropped it or the trace does not tell.
std::optional<std::string> rule_cause(const PanelContext& context, std::uint64_t drop);
// Why it was dropped: the rule where there is one, else the reason in words.
std::string drop_words(const PanelContext& context, std::uint64_t drop);

// What a hook made of a packet on one host, for its box in the X-ray.
struct HookNote {
  std::string decision;  // "accept, rule 3 of forward", "policy drop"
  std::string rewrite;   // "to 192.168.1.20:80"
};
// By hook. Only what has happened before the cursor. Empty when the host has no rules.
std::map<trace::Stage, HookNote> hook_notes(const PanelContext& context, PacketId packet, HostId host);

}  // namespace fourtuple::viz
