#include "capture/nat/sides_text.h"

#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "capture/flow_owners.h"
#include "capture/plural.h"

namespace fourtuple::capture {
namespace {

using Json = nlohmann::ordered_json;

std::string place_words(const Sightings& seen, std::uint32_t place) {
  const PlaceInfo& info = seen.places[place];
  const std::string& file = seen.file_names[info.place.file];
  if (seen.file_names.size() > 1) return info.name.empty() ? file : fmt::format("{} of {}", info.name, file);
  return info.name.empty() ? fmt::format("interface {}", info.place.interface) : info.name;
}

std::string ends_words(Protocol protocol, const FarEnds& ends) {
  if (protocol == Protocol::icmp || protocol == Protocol::icmpv6)
    return fmt::format("{} → {} (ping, identifier {})", ends.a.to_string(), ends.b.to_string(), ends.a_port);
  return fmt::format("{} → {}", end_text(ends.a, ends.a_port), end_text(ends.b, ends.b_port));
}

FarEnds near_ends(const Sightings& seen, const FlowPair& pair) {
  const SeenFlow& near = seen.flows[pair.near];
  return {near.a, near.b, near.a_port, near.b_port};
}

std::string joined_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string_view protocol_word(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return "tcp";
    case Protocol::udp:
      return "udp";
    default:
      return "icmp";
  }
}

std::string seconds_words(std::int64_t ns) {
  const auto all = static_cast<std::uint64_t>(std::llabs(ns));
  return fmt::format("{}{}.{:09}", ns < 0 ? "-" : "", all / 1'000'000'000, all % 1'000'000'000);
}

Json side_json(const Sightings& seen, std::uint32_t flow, Protocol protocol, const FarEnds& ends) {
  const PlaceInfo& place = seen.places[seen.flows[flow].place];
  const bool ports = protocol == Protocol::tcp || protocol == Protocol::udp;
  Json out{{"file", seen.file_names[place.place.file]}, {"interface", place.place.interface}, {"name", place.name}};
  out["a"] = ends.a.to_string();
  out[ports ? "a_port" : "identifier"] = ends.a_port;
  out["b"] = ends.b.to_string();
  if (ports) out["b_port"] = ends.b_port;
  return out;
}

Json pair_json(const Sightings& seen, const FlowPair& pair) {
  const SeenFlow& near = seen.flows[pair.near];
  const TranslatedEnds ends = translated(seen, pair);
  Json out{{"proto", protocol_word(near.protocol)}};
  out["near"] = side_json(seen, pair.near, near.protocol, near_ends(seen, pair));
  out["far"] = side_json(seen, pair.far, near.protocol, far_ends(seen, pair));
  out["translated"] = {{"source", ends.source},
                       {"source_port", ends.source_port},
                       {"destination", ends.destination},
                       {"destination_port", ends.destination_port}};
  out["ttl_less"] = pair.hops;
  out["packets"] = pair.matched;
  out["confidence"] = pair.confidence;
  out["reasons"] = pair.reasons;
  return out;
}

}  // namespace

std::string pair_words(const BothSides& sides, const FlowPair& pair) {
  const Sightings& seen = sides.seen;
  const SeenFlow &near = seen.flows[pair.near], &far = seen.flows[pair.far];
  return fmt::format("{} ({}) is the same flow as {} ({}), confidence {} %: {}; {}",
                     ends_words(near.protocol, near_ends(seen, pair)), place_words(seen, near.place),
                     ends_words(near.protocol, far_ends(seen, pair)), place_words(seen, far.place), pair.confidence,
                     joined_words(pair.reasons), translation_words(seen, pair));
}

std::string offset_words(const BothSides& sides, std::size_t index) {
  const ClockOffset& proposed = sides.proposals[index];
  const std::string& file = sides.seen.file_names[proposed.file];
  const std::string& first = sides.seen.file_names.front();
  const std::int64_t applied = sides.offsets_ns[proposed.file];
  if (!proposed.known)
    return applied == 0
               ? fmt::format("{}: no packet was seen in it and in {}: its clock is taken as it is", file, first)
               : fmt::format("{}: {} s added to its times, as asked", file, seconds_words(applied));
  if (proposed.agrees && applied == 0) return fmt::format("{} and {}: {}", first, file, proposed.words);
  std::string words = proposed.agrees ? fmt::format("{} and {}: {}", first, file, proposed.words)
                                      : fmt::format("the clock of {} is {} s {} that of {} ({}; confidence {} %)", file,
                                                    seconds_words(std::llabs(proposed.add_ns)),
                                                    proposed.add_ns < 0 ? "ahead of" : "behind", first, proposed.words,
                                                    proposed.confidence);
  if (applied == proposed.add_ns) return words + ": corrected";
  return words + (applied == 0 ? ": not corrected, as asked"
                               : fmt::format("; {} s added to its times, as asked", seconds_words(applied)));
}

std::string sides_text(const BothSides& sides) {
  std::string text;
  for (const FlowPair& pair : sides.pairs) text += "  " + pair_words(sides, pair) + "\n";
  if (!text.empty()) text = fmt::format("{} seen at two places\n{}", plural(sides.pairs.size(), "flow"), text);
  if (!sides.seen.complete)
    text += fmt::format("  looked for among the first {} only\n", plural(Sightings::most_packets, "packet"));
  for (std::size_t i = 0; i < sides.proposals.size(); ++i)
    text += (i == 0 ? "clocks\n  " : "  ") + offset_words(sides, i) + "\n";
  return text;
}

std::vector<std::string> notes_of(const BothSides& sides, bool joined) {
  constexpr std::size_t most_told = 8;
  std::vector<std::string> notes;
  if (joined && !sides.pairs.empty())
    notes.push_back(fmt::format("{} seen at two places: drawn as one, the router in between is inferred",
                                plural(sides.pairs.size(), "flow")));
  for (std::size_t i = 0; joined && i < std::min(sides.pairs.size(), most_told); ++i)
    notes.push_back(pair_words(sides, sides.pairs[i]));
  for (std::size_t i = 0; joined && i < sides.proposals.size(); ++i) notes.push_back(offset_words(sides, i));
  return notes;
}

Json to_json(const BothSides& sides) {
  Json out{{"pairs", Json::array()}, {"clocks", Json::array()}};
  for (const FlowPair& pair : sides.pairs) out["pairs"].push_back(pair_json(sides.seen, pair));
  for (const ClockOffset& proposed : sides.proposals) {
    Json clock{{"file", sides.seen.file_names[proposed.file]}};
    clock["proposed"] = proposed.known ? Json(seconds_words(proposed.add_ns)) : Json(nullptr);
    clock["applied"] = seconds_words(sides.offsets_ns[proposed.file]);
    clock["agrees"] = proposed.agrees;
    clock["packets"] = {proposed.packets[0], proposed.packets[1]};
    clock["between"] = seconds_words(proposed.delay_ns);
    clock["confidence"] = proposed.confidence;
    out["clocks"].push_back(std::move(clock));
  }
  return out;
}

}  // namespace fourtuple::capture
