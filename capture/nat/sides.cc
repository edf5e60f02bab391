#include "capture/nat/sides.h"

namespace fourtuple::capture {

Outcome<BothSides> find_both_sides(const std::vector<std::string>& paths, const ClockChoice& clocks) {
  auto reader = open_captures(paths);
  if (!reader) return tl::unexpected<Error>(reader.error());
  BothSides out;
  out.seen = collect_sightings(**reader);
  const SightingGroups groups(out.seen);
  out.pairs = pair_flows(out.seen, groups);
  out.proposals = propose_offsets(out.seen, groups, out.pairs);
  out.offsets_ns.assign(paths.size(), 0);
  for (std::size_t i = 0; i + 1 < paths.size(); ++i) {
    if (clocks.propose) {
      out.offsets_ns[i + 1] = out.proposals[i].add_ns;
    } else if (i < clocks.offsets_ns.size()) {
      out.offsets_ns[i + 1] = clocks.offsets_ns[i];
    }
  }
  out.ties = tie_packets(out.seen, groups, out.pairs, out.offsets_ns);
  out.seen.packets = {};
  return out;
}

}  // namespace fourtuple::capture
