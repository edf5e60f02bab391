#include "viz/panels/common/relative.h"

#include <algorithm>

namespace fourtuple::viz {
namespace {

// Packets looked at to find the first one of the other direction.
constexpr std::uint32_t search_limit = 256;

SeqNumber base_of(const Packet& first) {
  return first.has(TcpFlag::syn) ? first.seq : first.seq - 1;
}

}  // namespace

SequenceBase sequence_base(const replay::PacketIndex& packets, std::uint32_t flow, const Packet& packet) {
  SequenceBase base;
  if (packet.protocol != Protocol::tcp || flow >= packets.flows().size()) return base;
  const PacketId first = packets.flows()[flow].first_packet;
  std::optional<SeqNumber> ways[2];
  const FourTuple start = packets.flows()[flow].tuple;
  const std::uint32_t end = std::min(packets.size(), first.value + search_limit);
  for (std::uint32_t id = first.value; id < end && (!ways[0] || !ways[1]); ++id) {
    if (packets.flow({id}) != flow) continue;
    const std::optional<Packet> seen = packets.packet({id});
    if (!seen || seen->protocol != Protocol::tcp) continue;
    const std::size_t way = sender_tuple(*seen) == start ? 0 : 1;
    if (!ways[way]) ways[way] = base_of(*seen);
    // A first segment that acknowledges also tells where the other direction was.
    if (!ways[1 - way] && seen->has(TcpFlag::ack)) ways[1 - way] = seen->ack - 1;
  }
  const bool forward = sender_tuple(packet) == start;
  base.own = ways[forward ? 0 : 1];
  base.other = ways[forward ? 1 : 0];
  return base;
}

}  // namespace fourtuple::viz
