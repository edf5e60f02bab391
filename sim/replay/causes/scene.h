// Looking around in a trace at one moment: names as they were then, the records of the same instant, who holds a
// packet, which ruleset a host had. Everything that explanations ask; nothing here decides anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/replay/causes/event_index.h"
#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"

namespace fourtuple::replay {

// What a chain of causes is read from. `events` has taken in what `indexes` has.
struct CauseSources {
  const Indexes& indexes;
  const EventIndex& events;
  const Cursor& cursor;
};

class Scene {
 public:
  static constexpr std::uint64_t none = trace::Index::none;

  explicit Scene(const CauseSources& sources) : sources_(sources) {}

  const trace::Trace& trace() const { return sources_.indexes.trace(); }
  const trace::Tables& tables() const { return trace().tables(); }
  const PacketIndex& packets() const { return sources_.indexes.packets(); }
  const EventIndex& events() const { return sources_.events; }
  const trace::Slot* at(std::uint64_t record) const { return trace().at(record); }
  bool from_capture() const { return tables().source == trace::Source::capture; }
  std::uint64_t end() const { return sources_.indexes.end(); }
  std::uint64_t next(std::uint64_t record) const { return sources_.indexes.records().next(record); }
  // The trace's own index of lanes, for what is under way.
  const Lanes& lanes() const { return sources_.indexes.lanes(); }
  const trace::Streams& streams() const { return sources_.indexes.streams(); }

  // The state right after the record; what ends with it is still there.
  const state::State& state_after(std::uint64_t record);

  // --- words ---
  std::string host(HostId host) const;            // "bob"; "a network" for none
  std::string owner_of(AddressId address) const;  // the host's name, else the address
  HostId host_with(AddressId address) const;      // none(): nobody in the topology
  std::string address(AddressId address) const;   // "198.51.100.80"
  std::string network(NetworkId network) const;
  std::string program(ProcessId process, std::uint64_t record);     // "firefox"; "the kernel" for none
  std::string processed(ProcessId process, std::uint64_t record);   // "firefox, pid 3054"
  std::string socket_words(SocketId socket, std::uint64_t record);  // "TCP *:80"
  std::string event_words(std::uint64_t record);                    // as `run --events` tells it, without time and host
  // "bind(19, 127.0.0.1:3000) = 0": a call without the process.
  std::string call_words(std::uint64_t record);

  // --- finding ---
  const state::Socket* socket(SocketId socket, std::uint64_t record);  // null: not alive then
  std::optional<Packet> packet_at(PacketId packet, std::uint64_t record) const {
    return packets().packet_at(packet, record);
  }
  // Records of the same host at the same instant, at most so many before and after; `record` is left out.
  std::vector<std::uint64_t> before(std::uint64_t record, std::uint32_t most = 256) const;  // newest first
  std::vector<std::uint64_t> after(std::uint64_t record, std::uint32_t most = 64) const;    // oldest first
  // The socket on the packet's host that it was sent from; none().
  SocketId sender_socket(const Packet& packet, std::uint64_t created);
  // The entry of the timeline that was carried out at that instant on this host before the record; none.
  std::uint64_t command_of(std::uint64_t record) const;
  // "line 42 of the scenario"; "" when no entry of the timeline is behind the record.
  std::string command_words(std::uint64_t record) const;
  // The ruleset of the record's host at that moment, or null.
  const trace::RulesetInfo* ruleset(std::uint64_t record);

 private:
  CauseSources sources_;
  NetState net_;
  std::uint64_t net_record_ = none;
};

}  // namespace fourtuple::replay
