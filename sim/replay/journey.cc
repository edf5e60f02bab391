#include "sim/replay/journey.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/replay/narrator.h"
#include "sim/replay/step.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;
using trace::Stage;

// Records looked through for one packet: it may wait long in a busy network, but an answer is due at once.
constexpr std::uint64_t most_slots = 4u << 20;

class Teller {
 public:
  Teller(const Indexes& indexes, const Cursor& cursor, std::uint64_t first)
      : indexes_(indexes),
        cursor_(cursor),
        trace_(indexes.trace()),
        tables_(trace_.tables()),
        net_(cursor.state_at(first)) {}

  void tell(std::uint64_t position, const trace::Slot* slots);
  // Keeps names current for records between those of the packet.
  void follow(std::uint64_t boundary) {
    // Beyond that the cursor knows a shorter way.
    constexpr std::uint64_t walks = 4096;
    if (boundary > net_.position + walks)
      net_ = cursor_.state_at(boundary);
    else
      fold_to(net_, trace_, boundary);
  }
  void answer(PacketId packet);
  void woken(PacketId packet);
  std::vector<JourneyStep> take() { return std::move(steps_); }

 private:
  JourneyStep& add(std::uint64_t position, const trace::Slot* slots, std::string words, Tone tone = Tone::plain) {
    JourneyStep step;
    step.at = slots->at;
    step.host = slots->host_id();
    step.record = position;
    step.kind = slots->kind;
    step.tone = tone;
    step.place = trace::host_name(tables_, step.host);
    step.words = std::move(words);
    steps_.push_back(std::move(step));
    return steps_.back();
  }
  std::string at_interface(InterfaceId interface) const {
    const auto& interfaces = tables_.topology.interfaces;
    if (interface.value >= interfaces.size()) return "";
    return fmt::format("{} {}", trace::host_name(tables_, interfaces[interface.value].host),
                       trace::interface_name(tables_, interface));
  }
  StateNames names() const { return {trace_, indexes_.packets(), net_.state}; }
  std::string holder(ProcessId process, SocketId socket) const;
  void created(std::uint64_t position, const trace::Slot* slots);
  void sent(std::uint64_t position, const trace::Slot* slots);
  void stage(std::uint64_t position, const trace::Slot* slots);
  void lookup(std::uint64_t position, const trace::Slot* slots);
  void delivered(std::uint64_t position, const trace::Slot* slots);
  void dropped(std::uint64_t position, const trace::Slot* slots);

  const Indexes& indexes_;
  const Cursor& cursor_;
  const trace::Trace& trace_;
  const trace::Tables& tables_;
  NetState net_;
  std::vector<JourneyStep> steps_;
};

// "httpd (pid 80, fd 4)", "the kernel for UDP *:68".
std::string Teller::holder(ProcessId process, SocketId socket) const {
  const bool known = net_.state.sockets.alive(socket.value);
  if (!process.valid() || !net_.state.processes.alive(process.value))
    return known ? fmt::format("the kernel for {}", names().socket(socket)) : "the kernel";
  const state::Process& owner = net_.state.processes[process.value];
  const std::int32_t fd = known ? net_.state.sockets[socket.value].fd : -1;
  return fmt::format("{} (pid {}{})", tables_.strings[owner.name], owner.pid, fd < 0 ? "" : fmt::format(", fd {}", fd));
}

void Teller::created(std::uint64_t position, const trace::Slot* slots) {
  const Packet packet = trace::unpack_packet_created(slots).packet;
  std::string words = "created: " + trace::packet_text(packet);
  // The socket it came from, found by its tuple among those of this host.
  const FourTuple tuple = sender_tuple(packet);
  for (std::uint32_t id = 0; id < net_.state.sockets.end(); ++id) {
    if (!net_.state.sockets.alive(id)) continue;
    const state::Socket& socket = net_.state.sockets[id];
    if (socket.host != slots->host_id() || socket.protocol != packet.protocol || socket.tuple != tuple) continue;
    words += fmt::format(", by {}", holder(socket.owner, {id}));
    JourneyStep& step = add(position, slots, std::move(words));
    step.socket = {id};
    step.process = socket.owner;
    step.stage = Stage::process_write;
    return;
  }
  add(position, slots, std::move(words)).stage = Stage::transport_output;
}

void Teller::sent(std::uint64_t position, const trace::Slot* slots) {
  const trace::PacketSent event = trace::unpack_packet_sent(slots);
  const auto& interfaces = tables_.topology.interfaces;
  const bool known = event.from.value < interfaces.size();
  const std::string_view network = known ? trace::network_name(tables_, interfaces[event.from.value].network) : "";
  JourneyStep& step = add(position, slots, network.empty() ? "sent" : fmt::format("sent on {}", network));
  step.place = at_interface(event.from);
  step.stage = Stage::interface_out;
  // The arrival has no record of its own.
  const Transit transit = indexes_.lanes().transit(position);
  if (!event.to.valid() || transit.lost || transit.arrives > indexes_.records().last_time()) return;
  JourneyStep arrival = step;
  arrival.at = transit.arrives;
  arrival.host = event.to.value < interfaces.size() ? interfaces[event.to.value].host : HostId::none();
  arrival.place = at_interface(event.to);
  arrival.stage = Stage::interface_in;
  arrival.words = fmt::format("received, ttl {}", event.ttl);
  steps_.push_back(std::move(arrival));
}

void Teller::stage(std::uint64_t position, const trace::Slot* slots) {
  const trace::StageEntered event = trace::unpack_stage(slots);
  // Said by the packet_sent record already, or by what follows.
  if (event.stage == Stage::interface_in || event.stage == Stage::interface_out) return;
  std::string words(trace::name_of(event.stage));
  std::replace(words.begin(), words.end(), '-', ' ');
  const bool routes = event.stage == Stage::routing || event.stage == Stage::routing_output;
  const auto& interfaces = tables_.topology.interfaces;
  if (routes && event.interface.value < interfaces.size())
    words = interfaces[event.interface.value].loopback
                ? "routing: to this host"
                : fmt::format("routing: out by {}", trace::interface_name(tables_, event.interface));
  add(position, slots, std::move(words)).stage = event.stage;
}

void Teller::lookup(std::uint64_t position, const trace::Slot* slots) {
  const trace::LookupTried event = trace::unpack_lookup(slots);
  const bool fits = event.mismatch == trace::Mismatch::none;
  std::string words =
      fits ? fmt::format("fits {}: {}", names().socket(event.socket), trace::words_of(event.quality))
           : fmt::format("does not fit {}: {}", names().socket(event.socket), trace::name_of(event.mismatch));
  JourneyStep& step = add(position, slots, std::move(words), fits ? Tone::match : Tone::mismatch);
  step.stage = Stage::transport_lookup;
  step.socket = event.socket;
}

void Teller::delivered(std::uint64_t position, const trace::Slot* slots) {
  const trace::PacketDelivered event = trace::unpack_packet_delivered(slots);
  std::string words = fmt::format("delivered to {}", holder(event.process, event.socket));
  const std::optional<Packet> packet = indexes_.packets().packet(event.packet);
  if (event.quality == trace::MatchQuality::synproxy && packet)
    words = fmt::format("synproxy {}", trace::synproxy_words(*packet));
  JourneyStep& step = add(position, slots, std::move(words), Tone::delivered);
  step.stage = Stage::socket_queue;
  step.socket = event.socket;
  step.process = event.process;
}

void Teller::dropped(std::uint64_t position, const trace::Slot* slots) {
  const trace::PacketDropped event = trace::unpack_packet_dropped(slots);
  const std::optional<Packet> packet = indexes_.packets().packet(event.packet);
  JourneyStep& step = add(position, slots, trace::drop_text(event, packet ? &*packet : nullptr), Tone::dropped);
  step.stage = event.stage;
  step.socket = event.socket;
  if (event.network.valid()) step.place = trace::network_name(tables_, event.network);
}

void Teller::tell(std::uint64_t position, const trace::Slot* slots) {
  // Names as they are when the record has happened.
  follow(indexes_.records().next(position));
  switch (slots->kind) {
    case Kind::packet_created:
      return created(position, slots);
    case Kind::packet_sent:
      return sent(position, slots);
    case Kind::stage:
      return stage(position, slots);
    case Kind::lookup:
      return lookup(position, slots);
    case Kind::packet_delivered:
      return delivered(position, slots);
    case Kind::packet_dropped:
      return dropped(position, slots);
    default:
      return;
  }
}

// The RST or ICMP error that the host sent back when it dropped the packet: made at the same instant, the other way.
void Teller::answer(PacketId id) {
  const std::uint64_t end = indexes_.packets().end(id);
  const std::optional<Packet> packet = indexes_.packets().packet(id);
  if (end == PacketIndex::none || !packet || trace_.at(end)->kind != Kind::packet_dropped) return;
  const Time at = trace_.at(end)->at;
  // It may stand just before the drop or after it.
  const trace::Index& records = indexes_.records();
  for (std::uint64_t i = records.boundary_before(at); i < indexes_.end() && trace_.at(i)->at == at;
       i = records.next(i)) {
    const trace::Slot* slots = trace_.at(i);
    if (slots->kind != Kind::packet_created || slots->host != trace_.at(end)->host) continue;
    const Packet reply = trace::unpack_packet_created(slots).packet;
    const bool resets =
        reply.protocol == Protocol::tcp && reply.has(TcpFlag::rst) && sender_tuple(reply) == receiver_tuple(*packet);
    if (!resets && indexes_.packets().quoted(reply.id) != id) continue;
    add(i, slots, "answered: " + trace::packet_text(reply), Tone::answer).answer = reply.id;
    return;
  }
}

// The processes that slept until this packet came: they wake at the instant of its delivery.
void Teller::woken(PacketId id) {
  const std::uint64_t end = indexes_.packets().end(id);
  if (end == PacketIndex::none || trace_.at(end)->kind != Kind::packet_delivered) return;
  const Time at = trace_.at(end)->at;
  const trace::Index& records = indexes_.records();
  for (std::uint64_t i = records.next(end); i < indexes_.end() && trace_.at(i)->at == at; i = records.next(i)) {
    const trace::Slot* slots = trace_.at(i);
    if (slots->kind != Kind::process_activity) continue;
    const trace::ProcessActivity event = trace::unpack_process_activity(slots);
    if (event.cause != id) continue;
    follow(records.next(i));
    const std::string fd = event.fd >= 0 ? std::to_string(event.fd) : std::string();
    JourneyStep& step = add(
        i, slots,
        fmt::format("wakes {} from {}({})", holder(event.process, SocketId::none()), trace::name_of(event.call), fd));
    step.stage = Stage::process_wakeup;
    step.process = event.process;
  }
}

// Goes over records from a packet's creation on, and past those of others while it is on a link: nothing is told of it
// there before it arrives or is lost.
class Flight {
 public:
  Flight(const Indexes& indexes, const std::vector<std::uint64_t>& hops) : indexes_(indexes), hops_(hops) {}

  std::uint64_t next(std::uint64_t at) {
    const trace::Index& records = indexes_.records();
    const std::uint64_t following = records.next(at);
    if (passed_ < hops_.size() && hops_[passed_] <= at) {
      ++passed_;
      left_ = true;
    }
    if (!left_ || following >= indexes_.end()) return following;
    const Time now = indexes_.trace().at(at)->at;
    if (indexes_.trace().at(following)->at == now) return following;
    left_ = false;
    // A network may have carried it to several hosts: the first of them counts.
    Time first = Time::never();
    for (std::size_t i = 0; i < passed_; ++i) {
      const Transit transit = indexes_.lanes().transit(hops_[i]);
      if (transit.inferred) return following;
      const Time over = transit.lost ? transit.dies : transit.arrives;
      if (over > now) first = std::min(first, over);
    }
    return first == Time::never() ? following : std::max(following, records.boundary_before(first));
  }

 private:
  const Indexes& indexes_;
  const std::vector<std::uint64_t>& hops_;
  std::size_t passed_ = 0;  // hops whose records were gone over
  bool left_ = false;       // the latest of them at this instant
};

}  // namespace

std::vector<std::uint64_t> records_of(const Indexes& indexes, PacketId packet) {
  const PacketIndex& packets = indexes.packets();
  const trace::Trace& trace = indexes.trace();
  const std::vector<std::uint64_t> hops = packets.hops(packet);
  std::uint64_t begin = packets.created(packet);
  if (begin == PacketIndex::none && !hops.empty()) begin = hops.front();
  if (begin == PacketIndex::none) return {};
  std::uint64_t last = packets.end(packet);
  // Without an end: what befalls it where it was made, or where its last hop arrived, happens at that instant.
  if (last == PacketIndex::none)
    last = indexes.records().boundary_after(hops.empty() ? trace.at(begin)->at
                                                         : indexes.lanes().transit(hops.back()).arrives);
  std::vector<std::uint64_t> positions;
  const std::uint64_t limit = std::min(last, begin + most_slots);
  Flight flight(indexes, hops);
  for (std::uint64_t at = begin; at <= limit && at < indexes.end(); at = flight.next(at))
    if (packet_of(*trace.at(at)) == packet) positions.push_back(at);
  for (const std::uint64_t hop : hops)
    if (hop > limit) positions.push_back(hop);
  if (last > limit && packets.end(packet) == last) positions.push_back(last);
  return positions;
}

std::vector<JourneyStep> journey(const Indexes& indexes, const Cursor& cursor, PacketId packet) {
  const std::vector<std::uint64_t> positions = records_of(indexes, packet);
  if (positions.empty()) return {};
  Teller teller(indexes, cursor, positions.front());
  for (const std::uint64_t at : positions) teller.tell(at, indexes.trace().at(at));
  teller.answer(packet);
  teller.woken(packet);
  return teller.take();
}

std::string journey_text(const std::vector<JourneyStep>& steps) {
  std::string text;
  for (const JourneyStep& step : steps) {
    text += trace::time_text(step.at) + "  ";
    if (!step.place.empty()) text += step.place + ": ";
    text += step.words + "\n";
  }
  return text;
}

}  // namespace fourtuple::replay
