// The closed vocabularies of the scenario format, taken from the enumerations they name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/nearest.h"
#include "sim/world/scenario/scenario.h"

namespace fourtuple::world {

enum class Words : std::uint8_t {
  none,
  protocols,  // tcp udp
  packet_protocols,
  families,
  host_kinds,
  programs,
  tcp_states,
  errnos,
  drop_reasons,
  match_qualities,
  calls,
  shutdown_hows,
  fates,
  answers,
  lessons,
  on_off,
  nat_dependences,
  cone_names,
  nat_ports,
  operating_systems,
  socket_kinds,
  calls_or_none,
  tracked_states,  // of connection tracking; the last one: words_in() knows all up to it
};

// All words of a vocabulary, in the order of their enumeration.
const std::vector<std::string_view>& words_in(Words vocabulary);
bool is_word(Words vocabulary, std::string_view word);

using fourtuple::nearest;

// The enumerator a word of the vocabulary names.
std::optional<Protocol> protocol_from(std::string_view word);
std::optional<trace::HostKind> host_kind_from(std::string_view word);
std::optional<Program> program_from(std::string_view word);
std::optional<OperatingSystem> operating_system_from(std::string_view word);
std::optional<Sysctl> sysctl_from(std::string_view word);
std::optional<NatDependence> nat_dependence_from(std::string_view word);
// The old names of combinations: "full-cone", "restricted-cone", "port-restricted-cone", "symmetric" (RFC 3489).
struct Cone {
  NatDependence mapping, filtering;
};
std::optional<Cone> cone_from(std::string_view word);
std::optional<TcpState> tcp_state_from(std::string_view word);
std::optional<trace::Call> call_from(std::string_view word);
std::optional<Expectation::Answer> answer_from(std::string_view word);

}  // namespace fourtuple::world
