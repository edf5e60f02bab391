#include "viz/panels/common/relative.h"

#include <algorithm>

namespace fourtuple::viz {
namespace {

// Packets looked at to find where the directions begin: of all, and of the flow.
constexpr std::uint32_t search_limit_of_packets = 256, search_limit_of_flow = 12;

// Where the numbers of one direction begin. There are two beginnings when synproxy answered for the server before the
// server itself did.
struct Beginnings {
  std::optional<SeqNumber> first, second;

  void add(const Packet& segment) {
    const SeqNumber base = segment.has(TcpFlag::syn) ? segment.seq : segment.seq - 1;
    if (!first) {
      first = base;
    } else if (segment.has(TcpFlag::syn) && base != *first) {
      second = base;
    }
  }
  // The one that `number` counts from: the nearest below.
  std::optional<SeqNumber> of(SeqNumber number) const {
    const bool later = second && number.raw - second->raw < number.raw - first->raw;
    return later ? second : first;
  }
};

}  // namespace

SequenceBase sequence_base(const replay::PacketIndex& packets, std::uint32_t flow, const Packet& packet) {
  SequenceBase base;
  if (packet.protocol != Protocol::tcp || flow >= packets.flows().size()) return base;
  const PacketId first = packets.flows()[flow].first_packet;
  Beginnings ways[2];
  const FourTuple start = packets.flows()[flow].tuple;
  const std::uint32_t end = std::min(packets.size(), first.value + search_limit_of_packets);
  std::uint32_t of_flow = 0;
  for (std::uint32_t id = first.value; id < end; ++id) {
    if (packets.flow({id}) != flow) continue;
    if (++of_flow > search_limit_of_flow && ways[0].first && ways[1].first) break;
    const std::optional<Packet> seen = packets.packet({id});
    if (!seen || seen->protocol != Protocol::tcp) continue;
    const std::size_t way = sender_tuple(*seen) == start ? 0 : 1;
    ways[way].add(*seen);
    // A first segment that acknowledges also tells where the other direction was.
    if (!ways[1 - way].first && seen->has(TcpFlag::ack)) ways[1 - way].first = seen->ack - 1;
  }
  const std::size_t forward = sender_tuple(packet) == start ? 0 : 1;
  base.own = ways[forward].of(packet.seq);
  base.other = ways[1 - forward].of(packet.ack);
  return base;
}

}  // namespace fourtuple::viz
