// What a translator's connection tracking must look like for the packets seen on both its sides. Nobody saw the table:
// its host is flagged inferred, states follow Linux's table for segments in order (nf_conntrack_proto_tcp), timeouts
// are Linux's defaults.
#pragma once

#include <cstdint>
#include <vector>

#include "capture/nat/sides.h"
#include "sim/state/netfilter.h"
#include "sim/trace/trace.h"

namespace fourtuple::capture {

class InferredConntrack {
 public:
  InferredConntrack(const BothSides& sides, trace::Trace& trace) : sides_(&sides), trace_(&trace) {
    entries_.resize(sides.pairs.size());
  }

  // The number of a pair's entry; none before its first packet.
  static constexpr std::uint32_t none = 0x7fffffu;
  std::uint32_t entry(std::uint32_t pair);
  // A packet of the pair left the translator. `headers`: as it left, with its id. `reply`: by who was asked. `bytes`:
  // of the IP packet.
  void pass(Time now, HostId host, std::uint32_t pair, const Packet& headers, bool reply, std::uint32_t bytes);

 private:
  struct Entry {
    std::uint32_t number = none;
    bool created = false;
    std::uint16_t status = 0;
    state::TcpTracking tcp = state::TcpTracking::none;
  };

  void create(Time now, HostId host, std::uint32_t pair, const Packet& headers, std::uint32_t bytes);

  const BothSides* sides_;
  trace::Trace* trace_;
  std::vector<Entry> entries_;  // by pair
  std::uint32_t next_ = 0;
};

}  // namespace fourtuple::capture
