// Which sightings may be one packet: groups of equal keys, and the evidence they give that two conversations, seen at
// different places or with different addresses, are one.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "capture/nat/sightings.h"

namespace fourtuple::capture {

// What the packets common to two conversations show. `first` < `second` are numbers of Sightings::flows; directions are
// those of `first`.
struct Evidence {
  std::uint32_t first = 0, second = 0;
  PerDirection<std::uint32_t> matched{};
  PerDirection<std::uint32_t> matched_with_payload{};
  std::uint32_t ids = 0, ids_same = 0;        // IP identifications, of those that have one
  std::uint32_t stamps = 0, stamps_same = 0;  // TCP timestamps
  std::uint32_t payloads_differ = 0;
  std::uint32_t reversed = 0;                                             // the other one's a is this one's b
  PerDirection<int> least_ttl_step{256, 256}, most_ttl_step{-256, -256};  // TTL at `first` minus TTL at `second`
  PerDirection<std::uint32_t> first_earlier{};                            // `first` saw it before `second` did

  std::uint32_t total() const { return matched[0] + matched[1]; }
  bool flipped() const { return reversed * 2 > total(); }
};

class SightingGroups {
 public:
  // A key that so many conversations have tells nothing.
  static constexpr std::size_t most_flows_of_key = 16;
  static constexpr std::size_t most_evidence = 1u << 20;

  // `seen` must outlive this.
  explicit SightingGroups(const Sightings& seen);

  // One entry for every two conversations that share packets and can be two sides of a router, in order of their
  // numbers. Work is bounded by the number of packets times most_flows_of_key.
  std::vector<Evidence> evidence() const;
  // Calls take(sighting of `first`, sighting of `second`) for each packet both have. `wanted`: sorted pairs of
  // conversations, the lower number first.
  template <class Take>
  void each_match(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& wanted, Take take) const {
    visit([&](std::uint32_t first, std::uint32_t second, const Matches& matches) {
      if (!std::binary_search(wanted.begin(), wanted.end(), std::pair(first, second))) return;
      for (const auto& [one, other] : matches) take(first, second, one, other);
    });
  }

 private:
  using Matches = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // Sightings::packets
  struct Group {
    std::vector<std::uint32_t> flows;
    std::vector<std::vector<std::uint32_t>> packets;  // by flow
  };

  template <class Take>
  void visit(Take take) const {
    Group group;
    Matches matches;
    for (std::size_t at = 0; at < order_.size();) {
      at = read_group(at, group);
      for (std::size_t i = 0; i < group.flows.size(); ++i)
        for (std::size_t j = i + 1; j < group.flows.size(); ++j) {
          if (!may_be_one(group.flows[i], group.flows[j])) continue;
          join(group.packets[i], group.packets[j], matches);
          take(group.flows[i], group.flows[j], matches);
        }
    }
  }
  // The group that begins at `at` of order_; without conversations when it tells nothing. Where the next one begins.
  std::size_t read_group(std::size_t at, Group& group) const;
  bool may_be_one(std::uint32_t first, std::uint32_t second) const;
  // Which of one conversation's equal packets is which of the other's: by IP identification where they share some, else
  // in order.
  void join(const std::vector<std::uint32_t>& first, const std::vector<std::uint32_t>& second, Matches& matches) const;
  void add(Evidence& evidence, std::uint32_t first, std::uint32_t second) const;

  const Sightings* seen_;
  std::vector<std::uint32_t> order_;  // Sightings::packets by key, conversation and time
};

}  // namespace fourtuple::capture
