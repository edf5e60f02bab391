// The chain every simulator is measured on: host - router - router - host, three links of 10 Gbit/s and 1 ms, K TCP
// flows (MSS 1448 with timestamps) or K UDP senders of small datagrams. Built as an ordinary scenario plus endless
// senders, so that what is measured is the product.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/world/world.h"

namespace fourtuple::world {

struct ChainOptions {
  bool udp = false;
  std::uint32_t flows = 1;
  std::uint64_t window_bytes = 256 * 1024;    // TCP: socket buffers of all flows together
  std::uint32_t datagram_bytes = 22;          // UDP payload
  std::uint64_t datagrams_per_s = 1'000'000;  // UDP: of all senders together
  bool idle = false;                          // TCP: connect and send nothing
  std::shared_ptr<const RulesetSpec> rules;   // of both routers, whose interfaces are eth0 and eth1; null: none
};

// Idle flows go to as many server ports as needed, since one client address has 28,232 ephemeral ports toward each.
inline constexpr std::uint32_t idle_flows_per_port = 10'000;

// The scenario, and its World with the senders in place; they start within the first tenth of `span`.
Scenario chain_scenario(const ChainOptions& options);
World chain_world(const ChainOptions& options, Duration span, trace::Trace& trace);

}  // namespace fourtuple::world
