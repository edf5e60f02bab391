#include "capture/flow_owners.h"

#include <algorithm>
#include <fmt/format.h>

#include "capture/plural.h"

namespace fourtuple::capture {
namespace {

std::string conversation_text(const ConversationEnd& end) {
  return fmt::format("{} {} > {}", end.protocol == Protocol::tcp ? "TCP" : "UDP", end_text(end.local, end.local_port),
                     end_text(end.remote, end.remote_port));
}

// A SYN was answered with RST and nothing else.
bool refused(const Flow& flow) {
  const TcpFlow& tcp = flow.tcp;
  return flow.protocol == Protocol::tcp && tcp.syn[0] != 0 && tcp.syn_ack[0] + tcp.syn_ack[1] == 0 && tcp.rst[1] != 0;
}

struct Counts {
  std::size_t surely = 0, by_listener = 0, guessed = 0, unknown = 0, contested = 0;
};

Counts count(const FlowNames& names, std::size_t flows) {
  Counts counts;
  for (std::size_t i = 0; i < flows; ++i) {
    const FlowOwners owners = names.of(i);
    const OwnerMatch best = std::max(owners[0].match, owners[1].match);
    counts.surely += best >= OwnerMatch::exact;
    counts.by_listener += best == OwnerMatch::listener;
    counts.guessed += best == OwnerMatch::port;
    counts.unknown += best == OwnerMatch::none;
    counts.contested += owners[0].contested || owners[1].contested;
  }
  return counts;
}

// Where the list says something else than the packets.
void add_contradictions(const FlowNames& names, const std::vector<Flow>& flows, const AddressTable& addresses,
                        std::vector<std::string>& notes) {
  constexpr std::size_t most_listed = 8;
  std::size_t found = 0;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    const auto ends = ends_of(flows[i], addresses);
    if (!refused(flows[i]) || !names.lists().lists_listener(ends[1])) continue;
    if (++found <= most_listed)
      notes.push_back(fmt::format("{}: refused in the capture, though the port is listed as listening",
                                  conversation_text(ends[0])));
  }
  if (found > most_listed) notes.push_back(fmt::format("{} more such refusals", found - most_listed));
}

}  // namespace

std::string end_text(const IpAddress& address, std::uint16_t port) {
  if (address.family == Family::ipv6) return fmt::format("[{}]:{}", address.to_string(), port);
  return fmt::format("{}:{}", address.to_string(), port);
}

ConversationEnd sender_end(const Packet& packet, const AddressTable& addresses) {
  return {packet.protocol, addresses[packet.source], addresses[packet.destination], packet.source_port,
          packet.destination_port};
}

PerDirection<ConversationEnd> ends_of(const Flow& flow, const AddressTable& addresses) {
  const ConversationEnd a{flow.protocol, addresses[flow.a], addresses[flow.b], flow.a_port, flow.b_port};
  return {a, a.other()};
}

const FlowOwners& FlowNames::observe(const Packet& packet, const FlowPlace& place, const Frame& frame,
                                     const std::vector<CaptureProcess>& processes) {
  if (processes.empty() && lists_.empty()) return nobody_;
  if (owners_.size() <= place.flow) owners_.resize(place.flow + 1);
  FlowOwners& owners = owners_[place.flow];
  const std::size_t sender = place.direction;
  if (place.first && !lists_.empty()) {
    const ConversationEnd end = sender_end(packet, *addresses_);
    owners[sender] = lists_.find(end);
    owners[1 - sender] = lists_.find(end.other());
  }
  if (frame.process >= processes.size()) return owners;
  if (frame.direction == FrameDirection::unknown) {
    ++undirected_;
    return owners;
  }
  if (named_by_file_.size() <= frame.process) named_by_file_.resize(frame.process + 1, Attribution::nobody);
  std::uint32_t& process = named_by_file_[frame.process];
  if (process == Attribution::nobody)
    process = lists_.intern(processes[frame.process].name, processes[frame.process].pid);
  Attribution& owner = owners[frame.direction == FrameDirection::outbound ? sender : 1 - sender];
  // What says less than is known already: a guess of the file, or the same again.
  const OwnerMatch match = processes[frame.process].listens ? OwnerMatch::listener : OwnerMatch::packet;
  const bool comparable = owner.match == match || (owner.match == OwnerMatch::exact && match == OwnerMatch::packet);
  const bool differs = comparable && lists_.process(owner.process).pid != lists_.process(process).pid;
  owner.contested = owner.contested || differs;
  if (owner.match < match) owner = {process, match, -1, 0, owner.contested, 0};
  return owners;
}

Attribution FlowNames::bound(const ConversationEnd& end) const {
  return lists_.find({end.protocol, end.local, IpAddress::wildcard(end.local.family), end.local_port, 0});
}

std::string owner_text(const Attribution& owner, const SocketOwners& lists) {
  if (!owner.known()) return {};
  const OwnerProcess& process = lists.process(owner.process);
  std::string text = process.name;
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  text += fmt::format("[{}]", process.pid);
  if (owner.match == OwnerMatch::listener) text += '~';
  if (owner.guessed()) text += '?';
  if (owner.contested) text += '!';
  return text;
}

std::vector<std::string> notes_of(const FlowNames& names, const std::vector<Flow>& flows,
                                  const AddressTable& addresses) {
  std::vector<std::string> notes;
  if (names.undirected() != 0)
    notes.push_back(fmt::format("the file names a process for {} without their direction: not joined",
                                plural(names.undirected(), "packet")));
  const bool listed = !names.lists().empty();
  if (!listed && names.lists().process_count() == 0) return notes;
  const Counts counts = count(names, flows.size());
  std::string line = fmt::format("of {} {} joined to a process", plural(flows.size(), "conversation"), counts.surely);
  if (counts.by_listener != 0) line += fmt::format(", {} to the one that has the port (~)", counts.by_listener);
  if (counts.guessed != 0)
    line += fmt::format(", {} guessed (?: some address of the listing machine may be theirs)", counts.guessed);
  if (counts.unknown != 0)
    line += fmt::format(", {} to none: {}", counts.unknown,
                        listed ? "their sockets are not listed" : "the file names no process for their packets");
  notes.push_back(line);
  if (counts.contested != 0)
    notes.push_back(fmt::format("{} marked !: different processes are named for one socket", counts.contested));
  add_contradictions(names, flows, addresses, notes);
  return notes;
}

}  // namespace fourtuple::capture
