#include "sim/stack/fragments.h"

namespace fourtuple::stack {
namespace {

constexpr Duration reassembly_timeout = seconds(30);  // net.ipv4.ipfrag_time
constexpr std::size_t max_reassemblies = 256;
constexpr std::size_t max_parts = 64 * 1024 / 8;

bool same_datagram(const Packet& a, const Packet& b) {
  return a.source == b.source && a.destination == b.destination && a.ip_id == b.ip_id && a.protocol == b.protocol;
}

void expire(Context& c) {
  std::vector<Reassembly>& all = c.system.reassemblies;
  for (std::size_t i = 0; i < all.size();) {
    if (c.now - all[i].started < reassembly_timeout && all.size() <= max_reassemblies) {
      ++i;
      continue;
    }
    for (const PacketId part : all[i].parts)
      change(c, all[i].host,
             trace::PacketDropped{part, trace::DropReason::reassembly_failed, trace::Stage::defragment, {}, {}});
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::size_t find_or_start(Context& c, HostId host, const Packet& packet) {
  std::vector<Reassembly>& all = c.system.reassemblies;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].host == host && same_datagram(all[i].first, packet)) return i;
  Reassembly fresh;
  fresh.first = packet;
  fresh.host = host;
  fresh.started = c.now;
  all.push_back(fresh);
  return all.size() - 1;
}

// Whether [0, total) is covered. Overlaps are harmless here: there are no bytes to disagree about.
bool covered(std::vector<std::pair<std::uint32_t, std::uint32_t>>& ranges, std::uint32_t total) {
  std::sort(ranges.begin(), ranges.end());
  std::uint32_t reached = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin > reached) return false;
    reached = std::max(reached, end);
  }
  return reached >= total;
}

}  // namespace

bool reassemble(Context& c, HostId host, Packet& packet) {
  enter_stage(c, host, packet, trace::Stage::defragment);
  expire(c);
  const std::size_t index = find_or_start(c, host, packet);
  Reassembly& datagram = c.system.reassemblies[index];
  const std::uint32_t begin = packet.fragment_offset * 8u, end = begin + packet.payload_length;
  if (datagram.parts.size() >= max_parts) return false;
  datagram.parts.push_back(packet.id);
  datagram.ranges.emplace_back(begin, end);
  if (begin == 0) {
    datagram.first = packet;
    datagram.have_first = true;
  }
  if ((packet.fragment_flags & FragmentFlag::more_fragments) == 0) datagram.total = end;
  if (datagram.total == 0 || !datagram.have_first || !covered(datagram.ranges, datagram.total)) return false;
  Packet whole = datagram.first;
  whole.fragment_flags = 0;
  whole.fragment_offset = 0;
  whole.payload_length = datagram.total - transport_header_length(whole);
  whole.id = {c.system.next_packet++};
  c.system.reassemblies.erase(c.system.reassemblies.begin() + static_cast<std::ptrdiff_t>(index));
  note(c, host, trace::PacketCreated{whole});
  packet = whole;
  return true;
}

}  // namespace fourtuple::stack
