// What was not the reason, as far as the records prove it.
#include "sim/replay/causes/chain_builder.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

using trace::DropReason;
using trace::Kind;

// The packet whose fate decided: the one an ICMP error quotes or a RST answers, else itself.
std::uint64_t deciding_drop(const Scene& scene, PacketId packet, std::uint64_t record) {
  const PacketIndex& packets = scene.packets();
  const PacketId original = packets.quoted(packet);
  const PacketId victim = original.valid() ? original : packet;
  const std::uint64_t end = packets.end(victim);
  if (end != PacketIndex::none && scene.at(end)->kind == Kind::packet_dropped && end <= record) return end;
  const std::uint64_t created = packets.created(packet);
  if (created == PacketIndex::none) return Scene::none;
  const auto answer = packets.packet(packet);
  for (const auto& list : {scene.before(created), scene.after(created)})
    for (const std::uint64_t i : list) {
      if (scene.at(i)->kind != Kind::packet_dropped) continue;
      const auto dropped = scene.packet_at({scene.at(i)->subject}, i);
      if (dropped && answer && receiver_tuple(*dropped) == sender_tuple(*answer)) return i;
    }
  return Scene::none;
}

bool lost_on_a_network(DropReason reason) {
  return reason == DropReason::link_loss || reason == DropReason::link_fault || reason == DropReason::queue_full ||
         reason == DropReason::link_failed;
}

}  // namespace

void rule_out_for(ChainBuilder& b, PacketId packet, std::uint64_t record) {
  const std::uint64_t drop = deciding_drop(b.scene, packet, record);
  if (drop == Scene::none) return;
  const trace::PacketDropped event = trace::unpack_packet_dropped(b.scene.at(drop));
  // The lookup comes behind every hook: no rule and no translator stopped it.
  const bool looked_up = event.reason == DropReason::no_socket;
  const bool in_socket = event.reason == DropReason::accept_queue_full || event.reason == DropReason::syn_queue_full ||
                         event.reason == DropReason::receive_queue_full || event.reason == DropReason::tcp_unacceptable;
  if (looked_up || in_socket) {
    b.rule_out("a rule");
    b.rule_out("NAT");
  }
  if (looked_up) b.rule_out("a full backlog");
  if (event.reason == DropReason::rule) {
    // A program waits for it on this very host.
    const auto victim = b.scene.packet_at(event.packet, drop);
    const state::State& state = b.scene.state_after(drop);
    for (std::uint32_t id = 0; victim && id < state.sockets.end(); ++id) {
      if (!state.sockets.alive(id) || state.sockets[id].host != b.scene.at(drop)->host_id()) continue;
      const state::Socket& socket = state.sockets[id];
      if (socket.protocol != victim->protocol || socket.tuple.local_port != victim->destination_port) continue;
      b.rule_out("a closed port");
      break;
    }
  }
  if (!lost_on_a_network(event.reason)) b.rule_out("the network");
}

}  // namespace fourtuple::replay
