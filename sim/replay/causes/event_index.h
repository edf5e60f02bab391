// Which records tell of one socket, process, tracked flow or conversation, newest first: what walking back from an
// effect to its causes needs. 8 bytes for every such record, 4 for every packet. Built in one pass when first asked for
// and then followed as the trace grows. One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/replay/packet_index.h"
#include "sim/trace/trace.h"

namespace fourtuple::replay {

class EventIndex {
 public:
  static constexpr std::uint64_t none = ~std::uint64_t{0};

  EventIndex(const trace::Trace& trace, const PacketIndex& packets) : trace_(&trace), packets_(&packets) {}

  // Takes in records before `end`, a boundary that `packets` has taken in too; at most about `max_slots` of them. True
  // when all of them are.
  bool refresh(std::uint64_t end, std::uint64_t max_slots = ~std::uint64_t{0});

  // The last record before `boundary` about the socket, without transfers: created, bound, connected, listening, state,
  // owner, error, closed, and calls on it other than successful accepts; or none.
  std::uint64_t socket_before(SocketId socket, std::uint64_t boundary) const;
  // The same about a process: started, forked, limit, ended, close(), and calls that failed.
  std::uint64_t process_before(ProcessId process, std::uint64_t boundary) const;
  // The conntrack_created record of an entry.
  std::uint64_t entry_created(std::uint32_t entry, std::uint64_t boundary) const;
  // The last `command` record before `boundary`.
  std::uint64_t command_before(std::uint64_t boundary) const;
  // The packet of the same flow that was created before this one, or none().
  PacketId previous_of_flow(PacketId packet) const;
  // The newest packet of a flow, or none().
  PacketId last_of_flow(std::uint32_t flow) const;
  // Positions of calls that failed, in order.
  const std::vector<std::uint32_t>& failed_calls() const { return failed_calls_; }
  std::uint64_t bytes() const;

 private:
  static constexpr std::uint32_t nowhere = 0xffffffffu;
  struct Link {
    std::uint32_t position;
    std::uint32_t previous;
  };
  using Heads = std::vector<std::uint32_t>;  // the newest link of each id

  void add(std::uint64_t position, const trace::Slot* record);
  void link(Heads& heads, std::uint32_t id, std::uint64_t position);
  void add_call(std::uint64_t position, const trace::Slot* record);
  std::uint64_t before(const Heads& heads, std::uint32_t id, std::uint64_t boundary) const;

  const trace::Trace* trace_;
  const PacketIndex* packets_;
  std::uint64_t end_ = 0;
  std::vector<Link> links_;
  Heads sockets_, processes_, entries_;
  std::vector<std::uint32_t> commands_, failed_calls_;
  std::vector<std::uint32_t> flow_packet_before_;  // by packet id
  std::vector<std::uint32_t> flow_last_;           // by flow
};

// Whether a call with this result is told as one that failed: not those that only say "not yet".
bool call_failed(std::uint8_t error);

}  // namespace fourtuple::replay
