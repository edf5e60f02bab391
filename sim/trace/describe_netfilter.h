// Netfilter's part of trace/describe.h, and small words about rulesets that others need too.
#pragma once

#include "sim/trace/describe.h"

namespace fourtuple::trace {

// "ESTABLISHED" for a state::TcpTracking, "" for none.
std::string_view tracking_name(std::uint8_t tcp);
// "inet filter input"
std::string chain_text(const RulesetInfo& ruleset, std::uint32_t chain);

// Both return false when the record is not netfilter's.
bool describe_netfilter(const Tables& tables, const Slot* slots, const Names& names, std::string& text);
bool netfilter_fields(const Tables& tables, const Slot* slots, const Names& names, Fields& fields);

}  // namespace fourtuple::trace
