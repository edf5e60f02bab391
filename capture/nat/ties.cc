#include "capture/nat/ties.h"

#include <algorithm>
#include <limits>

namespace fourtuple::capture {

PacketTies tie_packets(const Sightings& seen, const SightingGroups& groups, const std::vector<FlowPair>& pairs,
                       const std::vector<std::int64_t>& offsets_ns) {
  PacketTies out;
  std::uint32_t frames = 0;
  for (const std::uint32_t count : seen.frames_of_file) {
    out.first_of_file.push_back(frames);
    frames += count;
  }
  out.ties.resize(frames);
  out.near_pair.assign(seen.flows.size(), Tie::none);
  out.far_pair.assign(seen.flows.size(), Tie::none);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> wanted;
  for (std::uint32_t i = 0; i < pairs.size(); ++i) {
    out.far_pair[pairs[i].near] = i;
    out.near_pair[pairs[i].far] = i;
    wanted.emplace_back(std::minmax(pairs[i].near, pairs[i].far));
  }
  std::sort(wanted.begin(), wanted.end());
  const auto file = [&](const Sighting& packet) { return seen.places[seen.flows[packet.flow].place].place.file; };
  const auto time = [&](const Sighting& packet) {
    const std::uint32_t of = file(packet);
    return packet.time_ns + (of < offsets_ns.size() ? offsets_ns[of] : 0);
  };
  for (const Sighting& packet : seen.packets) {
    Tie& tie = out.ties[out.id(file(packet), packet.frame)];
    tie.flow = packet.flow;
    tie.outward = packet.direction == 0;
  }
  groups.each_match(wanted, [&](std::uint32_t first, std::uint32_t second, std::uint32_t one, std::uint32_t other) {
    const std::uint32_t pair = out.far_pair[first];
    const bool first_near = pair != Tie::none && pairs[pair].far == second;
    const Sighting &near = seen.packets[first_near ? one : other], &far = seen.packets[first_near ? other : one];
    const Sighting &from = near.direction == 0 ? near : far, &to = near.direction == 0 ? far : near;
    const std::uint32_t from_id = out.id(file(from), from.frame), to_id = out.id(file(to), to.frame);
    Tie &leaves = out.ties[from_id], &comes = out.ties[to_id];
    if (leaves.next != Tie::none || comes.previous != Tie::none) return;
    leaves.next = to_id;
    comes.previous = from_id;
    leaves.gap_ns = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(time(to) - time(from), 0, std::numeric_limits<std::uint32_t>::max()));
    // Both ends count as the near side's.
    comes.outward = leaves.outward = near.direction == 0;
  });
  return out;
}

}  // namespace fourtuple::capture
