#include "sim/world/world.h"

#include "sim/stack/packet_path.h"
#include "sim/stack/routing.h"
#include "sim/stack/tcp_socket.h"
#include "sim/world/builder.h"
#include "sim/world/events.h"
#include "sim/world/rules.h"
#include "sim/world/script_runner.h"

namespace fourtuple::world {
namespace {

constexpr Duration neighbour_timeout = milliseconds(3072);  // three unanswered probes a second apart (measured: 3.1 s)
constexpr Time longest_run{seconds(600).ns};
constexpr std::uint32_t ethernet_overhead = 14;  // bytes on the wire around an IP packet; preamble and gap left out

}  // namespace

World::World(const Scenario& scenario, std::uint64_t seed, trace::Trace& trace) {
  WorldBuilder{*this, trace.mutable_tables(), scenario, seed}.build();
  RuleLoader{*this, {system_, trace, now_}}.load_initial();
}

Time World::end() const {
  return script_.scenario->until.value_or(longest_run);
}

void World::add_load(const LoadSender& sender, Time first) {
  calendar_.push({first, kind_number(EventKind::tick), static_cast<std::uint32_t>(senders_.size())});
  senders_.push_back(sender);
}

bool World::run_until(Time limit, trace::Trace& trace) {
  Event event;
  while (calendar_.pop(limit, event)) {
    now_ = event.at;
    handle(event, trace);
    carry_out(trace);
    if (script_.waits()) ScriptRunner{*this, {system_, trace, now_}}.check_conditions();
  }
  trace.publish();
  return !calendar_.empty();
}

void World::handle(const Event& event, trace::Trace& trace) {
  stack::Context c{system_, trace, now_};
  system_.arriving = PacketId::none();
  switch (static_cast<EventKind>(event.kind)) {
    case EventKind::arrival:
      return arrive({event.target}, trace);
    case EventKind::socket_timer:
      if (system_.cores.alive(event.target)) stack::tcp_deadline(c, {event.target});
      return;
    case EventKind::command:
      return ScriptRunner{*this, c}.run(event.target);
    case EventKind::start_process:
      return ScriptRunner{*this, c}.start_process(event.target);
    case EventKind::neighbour_timeout:
      return stack::neighbour_failed(c, waiting_hosts_[event.target], waiting_for_neighbour_[event.target]);
    case EventKind::linger_over:  // run_until() looks at all of them after every event
      return;
    case EventKind::tick: {
      LoadSender& sender = senders_[event.target];
      if (tick(c, applications_, sender)) calendar_.push({now_ + sender.period, event.kind, event.target});
      return;
    }
  }
}

void World::arrive(InterfaceId from, trace::Trace& trace) {
  Packet packet = links_.front(from).packet;
  const InterfaceId to = links_.front(from).to;
  links_.pop(from);
  if (!links_.idle(from)) calendar_.push({links_.front(from).arrives, kind_number(EventKind::arrival), from.value});
  ++packet_hops_;
  if (!script_.condemned.empty() && script_.is_condemned(packet.id)) return lose_in_flight(from, packet, trace);
  system_.arriving = packet.id;
  if (watching_) sightings_.push_back({now_, to, false, packet});
  const stack::Interface& interface = system_.interfaces[to.value];
  if (system_.hosts[interface.host.value].silent) return swallow(interface, packet, trace);
  stack::Context c{system_, trace, now_};
  stack::receive(c, to, packet);
}

// A packet that was on the wire when somebody decided that it is lost.
void World::lose_in_flight(InterfaceId from, const Packet& packet, trace::Trace& trace) {
  stack::Context c{system_, trace, now_};
  const stack::Interface& interface = system_.interfaces[from.value];
  change(c, interface.host,
         trace::PacketDropped{packet.id, trace::DropReason::link_fault, trace::Stage::interface_out, interface.network,
                              SocketId::none()});
}

// A host without a kernel takes what comes and says nothing.
void World::swallow(const stack::Interface& at, const Packet& packet, trace::Trace& trace) {
  stack::Context c{system_, trace, now_};
  change(c, at.host, trace::PacketDelivered{packet.id, {}, trace::MatchQuality::none, 0, {}});
}

// Order within an instant: packets leave, timers are set, then processes wake one after the other, each followed by
// what it caused.
void World::carry_out(trace::Trace& trace) {
  stack::Outbox& outbox = system_.outbox;
  for (std::size_t next = 0;; ++next) {
    send_outgoing(trace);
    if (next >= outbox.ready.size()) break;
    const SocketId socket = outbox.ready[next];
    if (!system_.cores.alive(socket.value)) continue;
    stack::Context c{system_, trace, now_};
    c.mut_core(socket).flags &= static_cast<std::uint16_t>(~stack::CoreFlag::in_ready_list);
    applications_.ready(c, socket);
  }
  outbox.ready.clear();
}

void World::send_outgoing(trace::Trace& trace) {
  stack::Outbox& outbox = system_.outbox;
  for (const stack::Outgoing& outgoing : outbox.packets) put_on_wire(outgoing, trace);
  outbox.packets.clear();
  for (const stack::TimerRequest& timer : outbox.timers)
    calendar_.push({timer.at, kind_number(EventKind::socket_timer), timer.socket.value});
  outbox.timers.clear();
  for (const stack::NeighbourWait& wait : outbox.neighbour_waits) {
    const auto index = static_cast<std::uint32_t>(waiting_for_neighbour_.size());
    waiting_for_neighbour_.push_back(wait.packet);
    waiting_hosts_.push_back(wait.host);
    calendar_.push({now_ + neighbour_timeout, kind_number(EventKind::neighbour_timeout), index});
  }
  outbox.neighbour_waits.clear();
}

void World::put_on_wire(const stack::Outgoing& outgoing, trace::Trace& trace) {
  stack::Context c{system_, trace, now_};
  const stack::Interface& interface = system_.interfaces[outgoing.from.value];
  const Packet& packet = outgoing.packet;
  const std::uint32_t bytes = outgoing.bytes + (interface.loopback ? 0 : ethernet_overhead);
  FaultEffect fault = script_.has_faults ? fault_for(interface.network, packet, trace) : FaultEffect{};
  if (!script_.condemned.empty() && script_.is_condemned(packet.id)) fault.drop = true;
  const net::Sending sending = links_.send(now_, outgoing.from, outgoing.to, packet, bytes, fault.drop, fault.delay);
  if (sending.accepted)
    change(c, interface.host,
           trace::PacketSent{packet.id, outgoing.from, outgoing.to, packet.ttl, sending.arrives - now_});
  if (watching_ && sending.accepted) sightings_.push_back({now_, outgoing.from, true, packet});
  if (!sending.accepted || sending.lost)
    change(c, interface.host,
           trace::PacketDropped{packet.id, sending.reason, trace::Stage::interface_out, interface.network,
                                SocketId::none()});
  if (sending.first) calendar_.push({sending.arrives, kind_number(EventKind::arrival), outgoing.from.value});
}

World::FaultEffect World::fault_for(NetworkId network, const Packet& packet, const trace::Trace& trace) {
  FaultEffect effect;
  if (network.value >= script_.fault_hits.size()) return effect;
  const std::vector<Fault>& faults = script_.scenario->networks[network.value].faults;
  PacketSight sight{packet, owner_of(packet.source), network, now_};
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (!fits(faults[i].packet, sight, trace.tables(), script_.packets.names())) continue;
    if (!wants_nth(faults[i].packet, ++script_.fault_hits[network.value][i])) continue;
    if (faults[i].action == Fault::Action::drop) effect.drop = true;
    if (faults[i].action == Fault::Action::delay) effect.delay = effect.delay + faults[i].delay;
  }
  return effect;
}

HostId World::owner_of(AddressId address) const {
  for (const stack::Interface& interface : system_.interfaces)
    for (const AddressId own : interface.addresses)
      if (own == address) return interface.host;
  for (const InterfaceId id : system_.answering) {
    const HostId host = system_.interfaces[id.value].host;
    if (stack::is_local_address(system_, host, address)) return host;
  }
  return HostId::none();
}

std::uint64_t World::connection_bytes() const {
  const state::State& seen = system_.visible;
  return system_.connections.bytes() + system_.cores.bytes() + system_.buckets.bytes() + system_.ports.bytes() +
         system_.by_tuple.bytes() + system_.streams.bytes() + system_.extents.bytes() + seen.sockets.bytes() +
         seen.descriptors.bytes() + seen.descriptor_index.bytes() + applications_.bytes();
}

}  // namespace fourtuple::world
