#include "capture/live/frame_keeper.h"

#include "capture/names/written_names.h"

namespace fourtuple::capture {
namespace {

constexpr std::int64_t longest_wait_ns = 300'000'000;
constexpr std::uint64_t most_held_bytes = 64u << 20;

// Whose the frame is on this machine: the sender's when it goes out, else the receiver's.
const Attribution& owner_of(const FlowOwners& owners, const FlowPlace& place, FrameDirection direction) {
  return owners[direction == FrameDirection::outbound ? place.direction : 1 - place.direction];
}

std::string words_of(const Attribution& owner, const LiveFlows& flows) {
  return owner.known() ? owner_text(owner, flows.processes()) : "unknown";
}

}  // namespace

Outcome<FrameKeeper> FrameKeeper::create(const std::string& path, const std::string& interface, LinkType link) {
  auto writer = PcapngWriter::create(path, interface, link);
  if (!writer) return tl::unexpected<Error>(writer.error());
  return FrameKeeper(std::move(*writer));
}

void FrameKeeper::add(const Frame& frame, const FrameView& view, const LiveFlows& flows, std::int64_t now_ns) {
  Held held;
  held.bytes.assign(frame.bytes.begin(), frame.bytes.end());
  held.original = frame.original;
  held.time_ns = frame.time_ns;
  held.since_ns = now_ns;
  held.place = view.place;
  if (view.has_packet && flows.own(view.decoded->packet.source)) {
    held.direction = FrameDirection::outbound;
  } else if (view.has_packet && flows.own(view.decoded->packet.destination)) {
    held.direction = FrameDirection::inbound;
  }
  held_bytes_ += held.bytes.size();
  held_.push_back(std::move(held));
}

void FrameKeeper::release(const LiveFlows& flows, std::int64_t now_ns) {
  while (!held_.empty()) {
    const Held& first = held_.front();
    const bool known =
        !first.place.valid() || first.direction == FrameDirection::unknown || flows.settled(first.place.flow) ||
        owner_of(flows.owners(first.place.flow), first.place, first.direction).match == OwnerMatch::exact;
    if (!known && now_ns - first.since_ns < longest_wait_ns && held_bytes_ < most_held_bytes) break;
    held_bytes_ -= first.bytes.size();
    write(first, flows);
    held_.pop_front();
  }
  writer_.flush();
}

Outcome<void> FrameKeeper::close(const LiveFlows& flows) {
  for (const Held& held : held_) write(held, flows);
  held_.clear();
  writer_.add_names(told_names(flows.names()));
  return writer_.close();
}

std::uint32_t FrameKeeper::process_number(const Attribution& owner, const SocketOwners& processes) {
  if (numbers_.size() <= owner.process) numbers_.resize(owner.process + 1, {Frame::no_process, Frame::no_process});
  const bool listens = owner.match == OwnerMatch::listener;
  std::uint32_t& number = numbers_[owner.process][listens ? 1 : 0];
  if (number == Frame::no_process) {
    const OwnerProcess& known = processes.process(owner.process);
    number = writer_.add_process({known.name, known.pid, listens});
  }
  return number;
}

void FrameKeeper::write(const Held& held, const LiveFlows& flows) {
  OutgoingFrame frame;
  frame.time_ns = held.time_ns;
  frame.bytes = held.bytes;
  frame.original = held.original;
  frame.inbound = held.direction == FrameDirection::inbound;
  frame.direction_known = held.direction != FrameDirection::unknown;
  std::string comment;
  if (held.place.valid()) {
    const FlowOwners& owners = flows.owners(held.place.flow);
    const Attribution& owner = owner_of(owners, held.place, held.direction);
    if (frame.direction_known && owner.known()) frame.process = process_number(owner, flows.processes());
    if (held.place.first && (owners[0].known() || owners[1].known()))
      comment =
          words_of(owners[held.place.direction], flows) + " > " + words_of(owners[1 - held.place.direction], flows);
    frame.comment = comment;
  }
  writer_.write(frame);
}

}  // namespace fourtuple::capture
