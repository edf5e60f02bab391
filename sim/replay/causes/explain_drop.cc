// Why a packet was dropped: what each reason means and what stands behind it.
#include <fmt/format.h>

#include "sim/replay/causes/chain_builder.h"
#include "sim/state/errno.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"

namespace fourtuple::replay {
namespace {

using trace::Call;
using trace::DropReason;
using trace::Kind;

struct Drop {
  std::uint64_t record = 0;
  trace::PacketDropped event;
  Packet packet;
  std::string host;     // where
  std::string network;  // on which network it died; "" in a host
};

std::string ratio_text(const Ratio& ratio) {
  if (ratio.denominator == 0) return "a part";
  return fmt::format("{} in {}", ratio.numerator, ratio.denominator);
}

const trace::NetworkInfo* network_info(const Scene& scene, NetworkId id) {
  const auto& networks = scene.tables().topology.networks;
  return id.value < networks.size() ? &networks[id.value] : nullptr;
}

std::string rate_text(std::uint64_t bits_per_s) {
  if (bits_per_s == 0) return "no limit";
  if (bits_per_s % 1'000'000 == 0) return fmt::format("{} Mbit/s", bits_per_s / 1'000'000);
  return bits_per_s % 1000 == 0 ? fmt::format("{} kbit/s", bits_per_s / 1000) : fmt::format("{} bit/s", bits_per_s);
}

void lost_on_link(ChainBuilder& b, const Drop& drop) {
  const trace::NetworkInfo* network = network_info(b.scene, drop.event.network);
  switch (drop.event.reason) {
    case DropReason::link_fault:
      b.add_root(CauseRoot::fault, drop.record, fmt::format("a fault of the scenario drops it on {}", drop.network),
                 "`faults` of this network names this packet");
      return;
    case DropReason::link_failed: {
      b.add(drop.record, fmt::format("{} was switched off", drop.network), "what is sent on it reaches nobody",
            CauseTone::failed);
      const std::uint64_t command = b.scene.events().command_before(drop.record);
      if (command == EventIndex::none) return b.root(CauseRoot::setting);
      return b.add_root(CauseRoot::fault, command, "the scenario did that: " + b.scene.event_words(command),
                        b.scene.command_words(command));
    }
    case DropReason::queue_full:
      b.add_root(CauseRoot::setting, drop.record, fmt::format("the queue into {} was full", drop.network),
                 network == nullptr ? std::string()
                                    : fmt::format("it holds {} packets and is emptied at {}", network->queue_packets,
                                                  rate_text(network->rate_bits_per_s)));
      return;
    default:
      b.add_root(
          CauseRoot::setting, drop.record, fmt::format("{} lost it", drop.network),
          network == nullptr ? std::string() : fmt::format("this network loses {} packets", ratio_text(network->loss)));
      return;
  }
}

// The sender chose a small TTL; or the way is too long.
void ttl_expired(ChainBuilder& b, const Drop& drop) {
  const std::uint64_t created = b.scene.packets().created(drop.event.packet);
  const int ttl = created == PacketIndex::none ? 0 : trace::unpack_packet_created(b.scene.at(created)).packet.ttl;
  b.add(drop.record, fmt::format("its TTL reached 0 on {}", drop.host),
        "every router takes one off; this one would have had to send it with 0", CauseTone::failed);
  if (created == PacketIndex::none) return b.root(CauseRoot::setting);
  b.add(created, fmt::format("it set out with TTL {}", ttl),
        fmt::format("{} is hop number {} on its way", drop.host, b.scene.packets().hops(drop.event.packet).size()));
  explain_made(b, drop.event.packet);
}

void too_big(ChainBuilder& b, const Drop& drop) {
  b.add(drop.record, "it is larger than the next network carries, and must not be cut",
        fmt::format("{} bytes of payload with \"don't fragment\"; the router says so by ICMP",
                    drop.packet.payload_length),
        CauseTone::failed);
  // The network that the packet was to be sent on.
  std::uint32_t mtu = 0;
  std::string name;
  for (const std::uint64_t i : b.scene.before(drop.record)) {
    const trace::Slot* slot = b.scene.at(i);
    if (slot->kind != Kind::stage || slot->subject != drop.event.packet.value) continue;
    const trace::StageEntered stage = trace::unpack_stage(slot);
    const auto& interfaces = b.scene.tables().topology.interfaces;
    if (stage.stage != trace::Stage::routing || stage.interface.value >= interfaces.size()) continue;
    mtu = interfaces[stage.interface.value].mtu;
    name = trace::interface_name(b.scene.tables(), stage.interface);
    break;
  }
  b.add_root(CauseRoot::setting, drop.record,
             mtu == 0 ? std::string("the next interface has a smaller MTU")
                      : fmt::format("{} of {} has an MTU of {}", name, drop.host, mtu),
             "a setting of that interface");
}

void no_route(ChainBuilder& b, const Drop& drop) {
  const auto& hosts = b.scene.tables().topology.hosts;
  const HostId host = b.scene.at(drop.record)->host_id();
  b.add_root(CauseRoot::setting, drop.record,
             fmt::format("{} has no route to {}", drop.host, b.scene.address(drop.packet.destination)),
             host.value < hosts.size() ? fmt::format("routes it has: {}; none fits", hosts[host.value].routes.size())
                                       : std::string("none of its routes fits"));
}

// The listen() that said how many may wait, else how the socket came to be.
void explain_listen(ChainBuilder& b, SocketId listener, std::uint64_t record) {
  for (std::uint64_t at = b.scene.events().socket_before(listener, record); at != EventIndex::none;
       at = b.scene.events().socket_before(listener, at)) {
    if (b.scene.at(at)->kind == Kind::socket_created) break;
    if (b.scene.at(at)->kind != Kind::syscall) continue;
    const trace::Syscall call = trace::unpack_syscall(b.scene.at(at));
    if (call.call != Call::listen) continue;
    const state::Socket* socket = b.scene.socket(listener, record);
    const std::string room =
        socket == nullptr ? std::string("so much room") : fmt::format("room for {}", socket->send_queue);
    explain_call(b, at, fmt::format("{} asked listen() for {}", b.scene.program(call.process, at), room));
    b.chain.causes.back().socket = listener;
    return;
  }
  explain_socket(b, listener, record);
}

// The listener's queue: how full, and since when nobody accepts.
void listener_full(ChainBuilder& b, const Drop& drop, bool half_open) {
  const state::Socket* listener = b.scene.socket(drop.event.socket, drop.record);
  SocketId id = drop.event.socket;
  if (listener != nullptr && listener->tcp_state != TcpState::listen && listener->listener.valid()) {
    id = listener->listener;
    listener = b.scene.socket(id, drop.record);
  }
  const std::string who =
      listener == nullptr ? std::string("the program") : b.scene.program(listener->owner, drop.record);
  std::string evidence;
  if (listener != nullptr)
    evidence = half_open ? fmt::format("listen() gave room for {}, and the queue of unfinished handshakes is full",
                                       listener->send_queue)
                         : fmt::format("{} connections wait, listen() gave {}. Linux refuses only beyond that",
                                       listener->receive_queue, listener->send_queue);
  b.add(drop.record,
        half_open ? fmt::format("{} has too many half-open connections", who)
                  : fmt::format("the waiting room of {} is full", who),
        std::move(evidence), CauseTone::failed)
      .socket = id;
  if (!half_open && listener != nullptr)
    b.add(drop.record, fmt::format("{} does not accept them", who),
          "the kernel finishes handshakes; only accept() takes a connection out of the queue")
        .socket = id;
  explain_listen(b, id, drop.record);
}

void receive_queue_full(ChainBuilder& b, const Drop& drop) {
  const state::Socket* socket = b.scene.socket(drop.event.socket, drop.record);
  b.add(drop.record, "the socket's receive buffer was full",
        socket == nullptr ? std::string() : fmt::format("{} bytes wait to be read", socket->receive_queue),
        CauseTone::failed)
      .socket = drop.event.socket;
  const std::string who = socket == nullptr ? "the program" : b.scene.program(socket->owner, drop.record);
  b.add_root(CauseRoot::setting, drop.record, fmt::format("{} reads more slowly than data comes", who),
             "the buffer has the size that the kernel's settings give it");
}

// A middlebox translator keeps strangers out.
void nat_filtered(ChainBuilder& b, const Drop& drop, bool exhausted) {
  if (exhausted) {
    return b.add_root(CauseRoot::setting, drop.record, fmt::format("{} has no port left to translate to", drop.host),
                      "every port of its range is taken by a mapping");
  }
  b.add(drop.record, fmt::format("{} lets nobody in whom the inside has not sent to", drop.host),
        fmt::format("no mapping of {} allows {} port {}", drop.host, b.scene.address(drop.packet.source),
                    drop.packet.source_port),
        CauseTone::failed);
  b.add_root(CauseRoot::setting, drop.record, "its kind of NAT filters by the other end", "`nat:` of this host");
}

void by_setting(ChainBuilder& b, const Drop& drop) {
  std::string headline(words_of(drop.event.reason)), evidence;
  switch (drop.event.reason) {
    case DropReason::not_for_this_host:
      headline = fmt::format("{} is not {}, and {} forwards nothing", b.scene.address(drop.packet.destination),
                             drop.host, drop.host);
      evidence = "net.ipv4.ip_forward is 0 there";
      break;
    case DropReason::no_neighbour:
      headline = "nobody on that network has the address of the next hop";
      evidence = fmt::format("on the way to {}", b.scene.address(drop.packet.destination));
      break;
    case DropReason::interface_down:
      headline = "the interface it should leave by is down";
      break;
    case DropReason::martian:
      headline = "a loopback address came from outside";
      evidence = fmt::format("{} belongs to lo alone", b.scene.address(drop.packet.destination));
      break;
    case DropReason::reassembly_failed:
      headline = "not all of its fragments came in time";
      break;
    case DropReason::no_process:
      headline = "no program takes this protocol";
      break;
    case DropReason::bad_checksum:
      headline = "its checksum is wrong";
      evidence = "a kernel drops such a packet in silence";
      break;
    case DropReason::bad_cookie:
      headline = "synproxy did not know the cookie in it";
      break;
    default:
      break;
  }
  b.add_root(drop.event.reason == DropReason::bad_checksum ? CauseRoot::fault : CauseRoot::setting, drop.record,
             std::move(headline), std::move(evidence));
}

}  // namespace

void explain_drop(ChainBuilder& b, std::uint64_t record) {
  Drop drop;
  drop.record = record;
  drop.event = trace::unpack_packet_dropped(b.scene.at(record));
  drop.packet = b.scene.packet_at(drop.event.packet, record).value_or(Packet{});
  drop.host = b.scene.host(b.scene.at(record)->host_id());
  if (drop.event.network.valid()) drop.network = b.scene.network(drop.event.network);
  switch (drop.event.reason) {
    case DropReason::link_loss:
    case DropReason::link_fault:
    case DropReason::link_failed:
    case DropReason::queue_full:
      return lost_on_link(b, drop);
    case DropReason::no_socket:
      return explain_no_socket(b, record, drop.packet);
    case DropReason::rule:
      return explain_rule_drop(b, record);
    case DropReason::ttl_expired:
      return ttl_expired(b, drop);
    case DropReason::too_big:
      return too_big(b, drop);
    case DropReason::no_route:
      return no_route(b, drop);
    case DropReason::accept_queue_full:
      return listener_full(b, drop, false);
    case DropReason::syn_queue_full:
      return listener_full(b, drop, true);
    case DropReason::receive_queue_full:
      return receive_queue_full(b, drop);
    case DropReason::tcp_unacceptable:
      return explain_unacceptable(b, record, drop.packet);
    case DropReason::nat_filtered:
    case DropReason::nat_exhausted:
      return nat_filtered(b, drop, drop.event.reason == DropReason::nat_exhausted);
    default:
      return by_setting(b, drop);
  }
}

}  // namespace fourtuple::replay
