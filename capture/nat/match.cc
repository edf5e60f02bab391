#include "capture/nat/match.h"

#include <algorithm>
#include <numeric>

#include "sim/base/index_map.h"

namespace fourtuple::capture {
namespace {

struct PairKey {
  std::uint32_t first = 0, second = 0;
  friend bool operator==(const PairKey&, const PairKey&) = default;
};
std::uint64_t hash_of(const PairKey& key) {
  return mix_bits((std::uint64_t{key.first} << 32) | key.second);
}

}  // namespace

SightingGroups::SightingGroups(const Sightings& seen) : seen_(&seen), order_(seen.packets.size()) {
  std::iota(order_.begin(), order_.end(), 0);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t x, std::uint32_t y) {
    const Sighting &a = seen.packets[x], &b = seen.packets[y];
    return std::tie(a.key, a.flow, x) < std::tie(b.key, b.flow, y);
  });
}

std::size_t SightingGroups::read_group(std::size_t at, Group& group) const {
  group.flows.clear();
  const std::uint64_t key = seen_->packets[order_[at]].key;
  std::size_t end = at;
  bool common = false;
  for (; end < order_.size() && seen_->packets[order_[end]].key == key; ++end) {
    const std::uint32_t flow = seen_->packets[order_[end]].flow;
    if (group.flows.empty() || group.flows.back() != flow) {
      common = common || group.flows.size() >= most_flows_of_key;
      if (common) continue;
      if (group.packets.size() <= group.flows.size()) group.packets.emplace_back();
      group.packets[group.flows.size()].clear();
      group.flows.push_back(flow);
    }
    if (!common) group.packets[group.flows.size() - 1].push_back(order_[end]);
  }
  if (common) group.flows.clear();
  return end;
}

bool SightingGroups::may_be_one(std::uint32_t first, std::uint32_t second) const {
  const SeenFlow &a = seen_->flows[first], &b = seen_->flows[second];
  return a.protocol == b.protocol && a.a.family == b.a.family && (a.place != b.place || !a.same_ends(b));
}

void SightingGroups::join(const std::vector<std::uint32_t>& first, const std::vector<std::uint32_t>& second,
                          Matches& matches) const {
  matches.clear();
  const auto id = [&](std::uint32_t packet) { return seen_->packets[packet].ip_id; };
  if (first.size() > 1 || second.size() > 1) {
    std::vector<std::uint32_t> ours = first, theirs = second;
    const auto by_id = [&](std::uint32_t x, std::uint32_t y) { return id(x) < id(y); };
    std::stable_sort(ours.begin(), ours.end(), by_id);
    std::stable_sort(theirs.begin(), theirs.end(), by_id);
    for (std::size_t i = 0, j = 0; i < ours.size() && j < theirs.size();) {
      if (id(ours[i]) == id(theirs[j])) {
        matches.emplace_back(ours[i++], theirs[j++]);
      } else {
        ++(id(ours[i]) < id(theirs[j]) ? i : j);
      }
    }
    if (!matches.empty()) return;
  }
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) matches.emplace_back(first[i], second[i]);
}

void SightingGroups::add(Evidence& evidence, std::uint32_t first, std::uint32_t second) const {
  const Sighting &a = seen_->packets[first], &b = seen_->packets[second];
  const std::uint8_t way = a.direction;
  ++evidence.matched[way];
  evidence.matched_with_payload[way] += a.payload != 0 && a.payload == b.payload;
  evidence.payloads_differ += a.payload != 0 && b.payload != 0 && a.payload != b.payload;
  evidence.reversed += a.direction != b.direction;
  evidence.ids += a.ip_id != 0 || b.ip_id != 0;
  evidence.ids_same += a.ip_id != 0 && a.ip_id == b.ip_id;
  evidence.stamps += a.stamp != 0 || b.stamp != 0;
  evidence.stamps_same += a.stamp != 0 && a.stamp == b.stamp;
  const int step = int{a.ttl} - int{b.ttl};
  evidence.least_ttl_step[way] = std::min(evidence.least_ttl_step[way], step);
  evidence.most_ttl_step[way] = std::max(evidence.most_ttl_step[way], step);
  evidence.first_earlier[way] += a.time_ns < b.time_ns;
}

std::vector<Evidence> SightingGroups::evidence() const {
  std::vector<Evidence> all;
  IndexMap<PairKey> known;
  visit([&](std::uint32_t first, std::uint32_t second, const Matches& matches) {
    const PairKey key{first, second};
    std::uint32_t index = known.find(key);
    if (index == IndexMap<PairKey>::absent) {
      if (all.size() >= most_evidence) return;
      index = static_cast<std::uint32_t>(all.size());
      known.set(key, index);
      all.emplace_back();
      all.back().first = first;
      all.back().second = second;
    }
    for (const auto& [one, other] : matches) add(all[index], one, other);
  });
  std::sort(all.begin(), all.end(), [](const Evidence& a, const Evidence& b) {
    return std::tie(a.first, a.second) < std::tie(b.first, b.second);
  });
  return all;
}

}  // namespace fourtuple::capture
