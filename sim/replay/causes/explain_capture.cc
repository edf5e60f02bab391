// Causes in a capture. One place on the way was watched: what passed it is observed, everything about the far ends is
// supposed and says so.
#include <algorithm>
#include <fmt/format.h>

#include "sim/replay/causes/chain_builder.h"
#include "sim/replay/rule_words.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"

namespace fourtuple::replay {
namespace {

void suppose(ChainBuilder& b, std::uint64_t record, std::string headline, std::string evidence) {
  b.add_root(CauseRoot::unseen, record, std::move(headline), std::move(evidence));
  b.chain.causes.back().inferred = true;
}

// The packet of the other direction that came before, nothing when there is none.
PacketId other_side(const Scene& scene, const Packet& packet) {
  PacketId id = scene.events().previous_of_flow(packet.id);
  for (int i = 0; i < most_of_flow && id.valid(); ++i, id = scene.events().previous_of_flow(id)) {
    const auto other = scene.packets().packet(id);
    if (other && sender_tuple(*other) == receiver_tuple(packet)) return id;
  }
  return PacketId::none();
}

// Where the hop was seen: the capturing interface or file, named as its network; "" in a capture of one place.
std::string place_of(const Scene& scene, std::uint64_t hop) {
  const InterfaceId from = trace::unpack_packet_sent(scene.at(hop)).from;
  const trace::Topology& topology = scene.tables().topology;
  if (topology.networks.size() < 2 || from.value >= topology.interfaces.size()) return {};
  return scene.network(topology.interfaces[from.value].network);
}

void seen(ChainBuilder& b, PacketId id) {
  const std::uint64_t created = b.scene.packets().created(id);
  const Packet packet = trace::unpack_packet_created(b.scene.at(created)).packet;
  std::string evidence = trace::packet_text(packet);
  const std::vector<std::uint64_t> hops = b.scene.packets().hops(id);
  for (std::size_t i = 0; i < hops.size(); ++i)
    if (const std::string place = place_of(b.scene, hops[i]); !place.empty())
      evidence += (i == 0 ? "; seen on " : ", then on ") + place;
  b.add(created, fmt::format("{} sent {}", b.scene.owner_of(packet.source), with_article(packet)), std::move(evidence));
}

// The headers of a packet as one of its sightings showed them.
void sighting(ChainBuilder& b, PacketId id, std::uint64_t hop) {
  const Packet headers = b.scene.packet_at(id, hop).value_or(Packet{});
  const std::string place = place_of(b.scene, hop);
  b.add(hop,
        fmt::format("it was seen{} on its way to {}", place.empty() ? "" : " on " + place,
                    b.scene.owner_of(headers.destination)),
        fmt::format("{}:{} to {}:{}, TTL {}", b.scene.address(headers.source), headers.source_port,
                    b.scene.address(headers.destination), headers.destination_port,
                    trace::unpack_packet_sent(b.scene.at(hop)).ttl));
}

void reset(ChainBuilder& b, const Packet& packet, std::uint64_t created) {
  const PacketId before = other_side(b.scene, packet);
  if (before.valid()) seen(b, before);
  const auto asked = before.valid() ? b.scene.packets().packet(before) : std::nullopt;
  if (asked && asked->has(TcpFlag::syn) && !asked->has(TcpFlag::ack)) {
    return suppose(b, created,
                   fmt::format("nothing listens on port {} there, or a firewall refuses", packet.source_port),
                   "a RST right after a SYN means one of the two; a capture cannot tell which");
  }
  suppose(b, created, fmt::format("{} gave the connection up", b.scene.owner_of(packet.source)),
          "its program ended, closed with data unread, or lost its memory of the connection");
}

void again(ChainBuilder& b, const Packet& packet, std::uint64_t created) {
  PacketId id = b.scene.events().previous_of_flow(packet.id);
  std::uint32_t repeated = 0;
  std::uint64_t asked = Scene::none, first = Scene::none;
  for (int i = 0; i < most_of_flow && id.valid(); ++i, id = b.scene.events().previous_of_flow(id)) {
    const auto other = b.scene.packets().packet(id);
    if (!other) continue;
    if (sender_tuple(*other) == sender_tuple(packet) && other->seq.raw == packet.seq.raw) {
      first = b.scene.packets().created(id);
      break;
    }
    const bool asks = sender_tuple(*other) == receiver_tuple(packet) && other->payload_length == 0 &&
                      other->has(TcpFlag::ack) && other->ack.raw == packet.seq.raw;
    if (!asks) continue;
    if (asked == Scene::none) asked = b.scene.packets().created(id);
    ++repeated;
  }
  if (repeated >= 3) {
    b.add(asked, fmt::format("{} acknowledgments in a row asked for the same byte", repeated),
          fmt::format("each said ack {}", packet.seq.raw), CauseTone::again);
  } else {
    b.add(created, "no acknowledgment of it was seen before", "so the sender's timer ran out", CauseTone::again)
        .inferred = true;
  }
  if (first != Scene::none) {
    b.add(first, "the first time was seen here", "so it got lost behind this place, or its acknowledgment did");
    return suppose(b, first, "it or its acknowledgment was lost on the way",
                   "the loss itself is outside of the capture");
  }
  suppose(b, created, "the first time did not pass here", "it was lost before this place, or before the capture began");
}

// "curl of anna", "a program of anna": as far as lists of sockets or well-known ports tell.
std::string program_of(ChainBuilder& b, const Packet& packet, std::uint64_t created) {
  const std::string host = b.scene.owner_of(packet.source);
  const state::Socket* socket = b.scene.socket(b.scene.sender_socket(packet, created), created);
  if (socket == nullptr || !socket->owner.valid()) return "a program of " + host;
  return fmt::format("{} of {}", b.scene.program(socket->owner, created), host);
}

// The first packet of the conversation, where it is another one than those told.
void began(ChainBuilder& b, const Packet& packet) {
  const std::uint32_t flow = b.scene.packets().flow(packet.id);
  if (flow >= b.scene.packets().flows().size()) return;
  const PacketId first = b.scene.packets().flows()[flow].first_packet;
  const std::uint64_t created = b.scene.packets().created(first);
  if (first == packet.id || created == PacketIndex::none) return;
  if (std::any_of(b.chain.causes.begin(), b.chain.causes.end(), [&](const Cause& c) { return c.packet == first; }))
    return;
  const Packet opened = trace::unpack_packet_created(b.scene.at(created)).packet;
  const bool seen_opening = packet.protocol != Protocol::tcp || (opened.has(TcpFlag::syn) && !opened.has(TcpFlag::ack));
  b.add(created,
        seen_opening ? fmt::format("{} had begun the conversation", b.scene.owner_of(opened.source))
                     : std::string("the conversation had begun before the capture"),
        trace::packet_text(opened));
}

// The kernels' own part of a connection: beginning, acknowledging.
bool by_kernel(ChainBuilder& b, const Packet& packet, std::uint64_t created) {
  if (packet.has(TcpFlag::syn) && !packet.has(TcpFlag::ack)) {
    suppose(b, created,
            fmt::format("{} opened a connection to port {}", program_of(b, packet, created), packet.destination_port),
            "it called connect(): programs are not in a capture");
    return true;
  }
  const bool pure = packet.payload_length == 0 && !packet.has(TcpFlag::fin);
  const PacketId before = pure ? other_side(b.scene, packet) : PacketId::none();
  if (!before.valid()) return false;
  seen(b, before);
  const auto asked = b.scene.packets().packet(before);
  if (packet.has(TcpFlag::syn)) {
    suppose(b, created, fmt::format("something listens on port {} there", packet.source_port),
            "a SYN is answered so only where a listener has room; what the kernel there saw is not in the capture");
  } else if (asked && asked->has(TcpFlag::syn)) {
    suppose(b, created, "the kernel there finishes the handshake", "no program is asked for that");
  } else {
    suppose(b, created, fmt::format("the kernel there tells that everything before byte {} has come", packet.ack.raw),
            "it does so by itself, whether or not the program has read it");
  }
  return true;
}

// What programs made a segment: the words of the other side before it, and how the conversation began.
void segment(ChainBuilder& b, const Packet& packet, std::uint64_t created) {
  if (by_kernel(b, packet, created)) return;
  const PacketId before = other_side(b.scene, packet);
  const auto other = b.scene.packets().packet(before);
  const bool asked = other && (other->payload_length > 0 || other->has(TcpFlag::fin));
  if (asked) seen(b, before);
  began(b, packet);
  const std::string who = program_of(b, packet, created);
  if (packet.has(TcpFlag::fin)) {
    const bool too = asked && other->has(TcpFlag::fin);
    return suppose(b, created, fmt::format("{} closed its side{}", who, too ? " too" : " of the connection"),
                   "close(), shutdown() or its end; a FIN says that no more data comes from there");
  }
  suppose(b, created, fmt::format("{} {}", who, asked ? "answered that" : "had something to say"),
          fmt::format("it wrote these {} bytes with send(); programs are not in a capture", packet.payload_length));
}

void datagram(ChainBuilder& b, const Packet& packet, std::uint64_t created) {
  const PacketId before = other_side(b.scene, packet);
  if (before.valid()) seen(b, before);
  if (packet.protocol != Protocol::udp) {
    return suppose(b, created, before.valid() ? "the kernel there answers it" : "a program or the kernel there sent it",
                   "ICMP belongs to the kernel; ping asks it to send one");
  }
  const std::string who = program_of(b, packet, created);
  if (before.valid()) return suppose(b, created, who + " answered that", "programs are not in a capture");
  suppose(b, created, fmt::format("{} spoke to port {}", who, packet.destination_port),
          "the first datagram of this conversation that was seen");
}

}  // namespace

void explain_captured_rewrite(ChainBuilder& b, std::uint64_t record) {
  const PacketId id = trace::unpack_packet_rewritten(b.scene.at(record)).packet;
  const std::string host = b.scene.host(b.scene.at(record)->host_id());
  WalkEntry entry;
  entry.before = b.scene.packet_at(id, record == 0 ? 0 : record - 1).value_or(Packet{});
  entry.after = b.scene.packet_at(id, record).value_or(Packet{});
  b.chain.title = fmt::format("Why did {} change this packet?", host);
  b.chain.summary = "a capture: what is dashed is supposed, not observed";
  b.add(record, fmt::format("{} rewrote the {}", host, short_words(entry.after)),
        rewrite_words(b.scene.tables(), entry), CauseTone::rewritten)
      .inferred = true;
  const std::vector<std::uint64_t> hops = b.scene.packets().hops(id);
  const auto behind = std::lower_bound(hops.begin(), hops.end(), record);
  if (behind != hops.end()) sighting(b, id, *behind);
  if (behind != hops.begin()) sighting(b, id, *std::prev(behind));
  suppose(b, record, "both are the same packet, so something in between translates",
          "sequence numbers or payload, identification and TTL agree; the notes of the file tell how surely");
}

void explain_captured(ChainBuilder& b, PacketId id) {
  const std::uint64_t created = b.scene.packets().created(id);
  if (created == PacketIndex::none) return;
  const Packet packet = trace::unpack_packet_created(b.scene.at(created)).packet;
  const bool tcp = packet.protocol == Protocol::tcp;
  b.chain.title = fmt::format("Why this {}?", short_words(packet));
  b.chain.summary = "a capture: what is dashed is supposed, not observed";
  seen(b, id);
  if (tcp && packet.has(TcpFlag::rst)) {
    b.chain.causes.back().tone = CauseTone::failed;
    return reset(b, packet, created);
  }
  if (b.scene.packets().retransmission(id)) {
    b.chain.title = "Why is this sent again?";
    b.chain.causes.back().tone = CauseTone::again;
    return again(b, packet, created);
  }
  if (const PacketId original = b.scene.packets().quoted(id); original.valid()) {
    b.chain.causes.back().tone = CauseTone::failed;
    seen(b, original);
    return suppose(b, created,
                   fmt::format("{} or the network before it did not take that packet", b.scene.owner_of(packet.source)),
                   "the message quotes it");
  }
  if (tcp) return segment(b, packet, created);
  datagram(b, packet, created);
}

}  // namespace fourtuple::replay
