// Everything netfilter keeps for all hosts of a World beyond the visible state: compiled rulesets, connection
// tracking's private parts and indexes. A value: copying it is a checkpoint.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/pool.h"
#include "sim/base/random.h"
#include "sim/netfilter/conntrack/tables.h"
#include "sim/netfilter/middlebox/tables.h"
#include "sim/netfilter/nft/value.h"
#include "sim/netfilter/rules/counted_connections.h"
#include "sim/netfilter/rules/program.h"
#include "sim/netfilter/rules/sets.h"

namespace fourtuple::netfilter {

struct InterfaceName {
  nft::Value name;          // nft::value_of_name
  std::uint32_t index = 0;  // ifindex: lo is 1
  bool loopback = false;
};

// One host's part.
struct HostFilter {
  // The current ruleset, shared by copies of the World; constant once compiled. Null: no ruleset was ever loaded.
  std::shared_ptr<const Program> program;
  ConntrackConfig conntrack;
  Middlebox middlebox;
  Random random;
};

struct Netfilter {
  std::vector<HostFilter> hosts;          // by HostId
  std::vector<InterfaceName> interfaces;  // by InterfaceId
  ConntrackTables conntrack;
  SetTables sets;
  CountedConnections counted;
  std::uint32_t next_object = 0;  // State::objects
};

}  // namespace fourtuple::netfilter
