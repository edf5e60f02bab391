#include "sim/replay/causes/event_index.h"

#include <algorithm>

#include "sim/state/errno.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {

using trace::Call;
using trace::Kind;

bool call_failed(std::uint8_t error) {
  const auto number = static_cast<state::Errno>(error);
  return number != state::Errno::ok && number != state::Errno::einprogress && number != state::Errno::eagain;
}

void EventIndex::link(Heads& heads, std::uint32_t id, std::uint64_t position) {
  if (id == nowhere) return;
  if (id >= heads.size()) heads.resize(std::size_t{id} + 1, nowhere);
  links_.push_back({static_cast<std::uint32_t>(position), heads[id]});
  heads[id] = static_cast<std::uint32_t>(links_.size() - 1);
}

std::uint64_t EventIndex::before(const Heads& heads, std::uint32_t id, std::uint64_t boundary) const {
  if (id >= heads.size()) return none;
  for (std::uint32_t at = heads[id]; at != nowhere; at = links_[at].previous)
    if (links_[at].position < boundary) return links_[at].position;
  return none;
}

void EventIndex::add_call(std::uint64_t position, const trace::Slot* record) {
  const trace::Syscall call = trace::unpack_syscall(record);
  const bool failed = call_failed(call.error);
  if (failed) failed_calls_.push_back(static_cast<std::uint32_t>(position));
  if (failed || call.call == Call::close) link(processes_, call.process.value, position);
  if (failed || call.call != Call::accept) link(sockets_, call.socket.value, position);
}

void EventIndex::add(std::uint64_t position, const trace::Slot* record) {
  switch (record->kind) {
    case Kind::socket_created:
    case Kind::socket_bound:
    case Kind::socket_connected:
    case Kind::socket_state:
    case Kind::socket_owner:
    case Kind::socket_error:
    case Kind::socket_closed:
    case Kind::socket_listening:
      return link(sockets_, record->subject, position);
    case Kind::syscall:
      return add_call(position, record);
    case Kind::process_started:
    case Kind::process_forked:
    case Kind::process_limit:
    case Kind::process_ended:
      return link(processes_, record->subject, position);
    case Kind::conntrack_created:
      return link(entries_, record->subject, position);
    case Kind::command:
      commands_.push_back(static_cast<std::uint32_t>(position));
      return;
    case Kind::packet_created: {
      const std::uint32_t packet = record->subject, flow = packets_->flow({packet});
      if (flow == FlowTable::none) return;
      if (packet >= flow_packet_before_.size()) flow_packet_before_.resize(std::size_t{packet} + 1, nowhere);
      if (flow >= flow_last_.size()) flow_last_.resize(std::size_t{flow} + 1, nowhere);
      flow_packet_before_[packet] = flow_last_[flow];
      flow_last_[flow] = packet;
      return;
    }
    default:
      return;
  }
}

bool EventIndex::refresh(std::uint64_t end, std::uint64_t max_slots) {
  const std::uint64_t limit = max_slots < end - std::min(end, end_) ? end_ + max_slots : end;
  for (std::uint64_t at = trace_->skip_padding(end_); at < limit; at = trace_->next(at)) {
    add(at, trace_->at(at));
    end_ = std::min(trace_->next(at), end);
  }
  return end_ >= end;
}

std::uint64_t EventIndex::socket_before(SocketId socket, std::uint64_t boundary) const {
  return before(sockets_, socket.value, boundary);
}

std::uint64_t EventIndex::process_before(ProcessId process, std::uint64_t boundary) const {
  return before(processes_, process.value, boundary);
}

std::uint64_t EventIndex::entry_created(std::uint32_t entry, std::uint64_t boundary) const {
  return before(entries_, entry, boundary);
}

std::uint64_t EventIndex::command_before(std::uint64_t boundary) const {
  const auto after = std::lower_bound(commands_.begin(), commands_.end(), boundary);
  return after == commands_.begin() ? none : *(after - 1);
}

PacketId EventIndex::previous_of_flow(PacketId packet) const {
  return packet.value < flow_packet_before_.size() ? PacketId{flow_packet_before_[packet.value]} : PacketId::none();
}

PacketId EventIndex::last_of_flow(std::uint32_t flow) const {
  return flow < flow_last_.size() ? PacketId{flow_last_[flow]} : PacketId::none();
}

std::uint64_t EventIndex::bytes() const {
  const std::size_t numbers = sockets_.capacity() + processes_.capacity() + entries_.capacity() + commands_.capacity() +
                              failed_calls_.capacity() + flow_packet_before_.capacity() + flow_last_.capacity();
  return links_.capacity() * sizeof(Link) + numbers * sizeof(std::uint32_t);
}

}  // namespace fourtuple::replay
