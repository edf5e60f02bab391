// Stateful objects and set elements outside of a packet's walk: their initial values, and taking elements away.
#pragma once

#include "sim/netfilter/context.h"
#include "sim/netfilter/rules/program.h"

namespace fourtuple::netfilter {

// The value an object has before its first packet: a counter's and quota's given numbers, a full bucket.
trace::NetfilterObjectChanged initial_value(const Program& program, const Op& op, std::uint32_t object, Time now);

// Takes an element out of its set. Its objects go to the next element of the set.
void drop_element(Context& c, std::uint32_t id);
// Takes all elements out.
void drop_elements(Context& c, std::uint32_t set);
// Puts an element into a set: `added` with its key, data and timeout. Its objects get their initial values. Returns its
// id. REQUIRES: the set has no element with this key.
std::uint32_t put_element(Context& c, const Program& program, const SetCode& set, trace::SetElementAdded added);

}  // namespace fourtuple::netfilter
