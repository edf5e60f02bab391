#include "capture/nat/pairing.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <map>

namespace fourtuple::capture {
namespace {

struct Candidate {
  Evidence evidence;
  FlowPair pair;
  double doubt = 1;  // 0: sure
};

bool has_echo(const SeenFlow& flow) {
  return flow.protocol == Protocol::icmp || flow.protocol == Protocol::icmpv6;
}

std::string count_word(int n) {
  constexpr std::string_view words[] = {"none", "one", "two", "three", "four"};
  return n >= 0 && n < 5 ? std::string(words[n]) : std::to_string(n);
}

// What the evidence of one candidate says, one subject after the other; each lowers or raises the doubt.
class Judge {
 public:
  Judge(const Sightings& seen, Candidate& candidate)
      : evidence_(candidate.evidence),
        a_(seen.flows[candidate.evidence.first]),
        b_(seen.flows[candidate.evidence.second]),
        candidate_(&candidate) {}

  // False: they cannot be one.
  bool run(bool one_clock) {
    candidate_->pair.flipped = evidence_.flipped();
    if (a_.protocol == Protocol::tcp ? !judge_numbers() : !judge_datagrams()) return false;
    if (evidence_.payloads_differ != 0) return false;
    judge_identification();
    judge_ttl();
    if (a_.place == b_.place && candidate_->pair.hops == 0) return false;  // a retransmission, or two alike
    judge_stamps();
    judge_ends();
    judge_share();
    if (one_clock) judge_time();
    candidate_->pair.matched = evidence_.total();
    const double percent = std::floor(100 * (1 - std::min(candidate_->doubt, 1.0)));
    candidate_->pair.confidence = std::clamp(static_cast<int>(percent), 1, 99);
    return true;
  }

 private:
  void say(std::string words) { candidate_->pair.reasons.push_back(std::move(words)); }

  bool judge_numbers() {
    int same = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& ours = a_.isn[i];
      const auto& theirs = b_.isn[candidate_->pair.flipped ? 1 - i : i];
      if (!ours || !theirs) continue;
      if (*ours != *theirs) return false;
      ++same;
    }
    constexpr double doubts[] = {0.25, 0.1, 0.04};
    candidate_->doubt = doubts[same];
    if (same == 0 && evidence_.total() < 2) candidate_->doubt = 0.5;
    if (same == 0) say("sequence numbers");
    if (same != 0) say(same == 2 ? "ISN both ways" : "ISN one way");
    const std::uint32_t of = payload_packets();
    const std::uint32_t found = evidence_.matched_with_payload[0] + evidence_.matched_with_payload[1];
    if (of == 0) return true;
    say(fmt::format("{} of {} payloads", std::min(found, of), of));
    if (found >= of) candidate_->doubt *= 0.5;
    return true;
  }

  bool judge_datagrams() {
    const std::uint32_t found = evidence_.matched_with_payload[0] + evidence_.matched_with_payload[1];
    if (found == 0) {
      // Datagrams without payload are all alike.
      candidate_->doubt = 0.6;
      return evidence_.ids_same != 0;
    }
    candidate_->doubt = found > 1 ? 0.15 : 0.25;
    if (evidence_.matched_with_payload[0] != 0 && evidence_.matched_with_payload[1] != 0) candidate_->doubt *= 0.6;
    const std::uint32_t of = payload_packets();
    say(fmt::format("{} of {} payloads", std::min(found, of), of));
    return true;
  }

  // Packets with known payload that the side which saw less of them has.
  std::uint32_t payload_packets() const {
    const auto all = [](const SeenFlow& flow) { return flow.with_payload[0] + flow.with_payload[1]; };
    return std::min(all(a_), all(b_));
  }

  void judge_identification() {
    if (evidence_.ids == 0) return;
    if (evidence_.ids_same == evidence_.ids) {
      candidate_->doubt *= 0.5;
      say("IP identification kept");
    } else if (evidence_.ids_same == 0) {
      candidate_->doubt *= 2;
      say("IP identification changed");
    } else {
      say(fmt::format("IP identification kept in {} of {}", evidence_.ids_same, evidence_.ids));
    }
  }

  // The side where the TTL is greater is nearer to the sender.
  void judge_ttl() {
    bool steady = true;
    int hops = 0;
    for (std::size_t way = 0; way < 2; ++way) {
      if (evidence_.matched[way] == 0) continue;
      steady = steady && evidence_.least_ttl_step[way] == evidence_.most_ttl_step[way];
      const int step = way == 0 ? evidence_.least_ttl_step[way] : -evidence_.least_ttl_step[way];
      steady = steady && (hops == 0 || hops == step);
      hops = step;
    }
    if (!steady) {
      candidate_->doubt *= 3;
      say("TTL not steadily less");
      hops = 0;
    } else if (hops == 0) {
      candidate_->doubt *= 1.5;
      say("TTL the same");
    } else {
      candidate_->doubt *= 0.5;
      say(fmt::format("TTL {} less", count_word(std::abs(hops))));
    }
    // Without a TTL to go by the sender's side is that which saw it first, or that of the first file.
    const bool first_near =
        hops != 0 ? hops > 0 : evidence_.first_earlier[0] * 2 >= evidence_.matched[0] || evidence_.matched[0] == 0;
    // Whose sides cannot be told is no pair.
    if (!first_near && candidate_->pair.flipped) candidate_->doubt = 1;
    candidate_->pair.hops = std::abs(hops);
    candidate_->pair.near = first_near ? evidence_.first : evidence_.second;
    candidate_->pair.far = first_near ? evidence_.second : evidence_.first;
  }

  void judge_stamps() {
    if (evidence_.stamps == 0 || evidence_.stamps_same != evidence_.stamps) return;
    candidate_->doubt *= 0.7;
    say("the same TCP timestamps");
  }

  void judge_ends() {
    const bool flipped = candidate_->pair.flipped;
    const bool source =
        a_.a == (flipped ? b_.b : b_.a) && (has_echo(a_) || a_.a_port == (flipped ? b_.b_port : b_.a_port));
    const bool destination =
        a_.b == (flipped ? b_.a : b_.b) && (has_echo(a_) || a_.b_port == (flipped ? b_.a_port : b_.b_port));
    if (source && destination) {
      say("the same addresses and ports");
    } else if (source || destination) {
      say("one end as it was");
    } else {
      candidate_->doubt *= 1.25;
      say("both ends translated");
    }
    if (source || destination) candidate_->doubt *= 0.8;
    // Translators keep the port where they can.
    const std::uint16_t port = flipped ? b_.b_port : b_.a_port;
    if (!source && a_.a_port == port) candidate_->doubt *= 0.5;
  }

  void judge_share() {
    const auto all = [](const SeenFlow& flow) { return flow.packets[0] + flow.packets[1]; };
    const std::uint32_t of = std::min(all(a_), all(b_));
    const std::uint32_t found = std::min(evidence_.total(), of);
    if (found == of) return;
    candidate_->doubt *= 2 - static_cast<double>(found) / of;
    say(fmt::format("{} of {} packets seen on both sides", found, of));
  }

  void judge_time() {
    std::uint32_t in_order = 0;
    for (std::size_t way = 0; way < 2; ++way) {
      const bool first_sends = (candidate_->pair.near == evidence_.first) == (way == 0);
      in_order += first_sends ? evidence_.first_earlier[way] : evidence_.matched[way] - evidence_.first_earlier[way];
    }
    if (in_order * 2 >= evidence_.total()) return;
    candidate_->doubt *= 4;
    say("seen behind before in front");
  }

  const Evidence evidence_;
  const SeenFlow &a_, &b_;
  Candidate* candidate_;
};

// Somebody else fits nearly as well: at the same place and on the same side.
void mark_ambiguous(const Sightings& seen, std::vector<Candidate>& candidates) {
  struct Best {
    double least = 2, next = 2;
  };
  using Key = std::pair<std::uint32_t, std::uint32_t>;  // conversation, place of the other one
  std::map<Key, Best> best;
  const auto note = [&](std::uint32_t flow, std::uint32_t other, double doubt) {
    Best& b = best[{flow, seen.flows[other].place}];
    b.next = std::min(b.next, std::max(b.least, doubt));
    b.least = std::min(b.least, doubt);
  };
  for (const Candidate& c : candidates) {
    note(c.evidence.first, c.evidence.second, c.doubt);
    note(c.evidence.second, c.evidence.first, c.doubt);
  }
  for (Candidate& c : candidates) {
    const double rival = std::min(best[{c.evidence.first, seen.flows[c.evidence.second].place}].next,
                                  best[{c.evidence.second, seen.flows[c.evidence.first].place}].next);
    if (rival >= 2 * c.doubt) continue;
    c.pair.confidence = std::min(c.pair.confidence, least_confidence - 1);
  }
}

}  // namespace

FarEnds far_ends(const Sightings& seen, const FlowPair& pair) {
  const SeenFlow& far = seen.flows[pair.far];
  return pair.flipped ? FarEnds{far.b, far.a, far.b_port, far.a_port} : FarEnds{far.a, far.b, far.a_port, far.b_port};
}

TranslatedEnds translated(const Sightings& seen, const FlowPair& pair) {
  const SeenFlow& near = seen.flows[pair.near];
  const FarEnds far = far_ends(seen, pair);
  return {near.a != far.a, near.a_port != far.a_port, near.b != far.b, !has_echo(near) && near.b_port != far.b_port};
}

std::string translation_words(const Sightings& seen, const FlowPair& pair) {
  const TranslatedEnds ends = translated(seen, pair);
  if (!ends.any()) return "routed, not translated";
  const std::string_view port = has_echo(seen.flows[pair.near]) ? "identifier" : "port";
  std::string words;
  if (ends.source || ends.source_port)
    words = fmt::format("source NAT, {} {}", port, ends.source_port ? "changed" : "kept");
  if (ends.destination || ends.destination_port)
    words += fmt::format("{}destination NAT, {} {}", words.empty() ? "" : "; ", port,
                         ends.destination_port ? "changed" : "kept");
  return words;
}

std::vector<FlowPair> pair_flows(const Sightings& seen, const SightingGroups& groups) {
  std::vector<Candidate> candidates;
  for (const Evidence& evidence : groups.evidence()) {
    Candidate candidate{evidence, {}, 1};
    const auto file = [&](std::uint32_t flow) { return seen.places[seen.flows[flow].place].place.file; };
    if (Judge(seen, candidate).run(file(evidence.first) == file(evidence.second)))
      candidates.push_back(std::move(candidate));
  }
  mark_ambiguous(seen, candidates);
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.pair.hops != b.pair.hops ? a.pair.hops < b.pair.hops : a.doubt < b.doubt;
  });
  std::vector<bool> has_far(seen.flows.size()), has_near(seen.flows.size());
  std::vector<FlowPair> pairs;
  for (Candidate& c : candidates) {
    if (c.pair.confidence < least_confidence || has_far[c.pair.near] || has_near[c.pair.far]) continue;
    has_far[c.pair.near] = has_near[c.pair.far] = true;
    pairs.push_back(std::move(c.pair));
  }
  std::sort(pairs.begin(), pairs.end(), [](const FlowPair& a, const FlowPair& b) { return a.near < b.near; });
  return pairs;
}

}  // namespace fourtuple::capture
