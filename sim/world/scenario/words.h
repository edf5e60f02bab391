// The closed vocabularies of the scenario format, taken from the enumerations they name, and the nearest valid word to
// a mistyped one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
};

// All words of a vocabulary, in the order of their enumeration.
const std::vector<std::string_view>& words_in(Words vocabulary);
bool is_word(Words vocabulary, std::string_view word);

// The candidate nearest to `word` by edit distance, if one is near enough to be a slip of the keyboard; else "".
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

// The enumerator a word of the vocabulary names.
std::optional<Protocol> protocol_from(std::string_view word);
std::optional<trace::HostKind> host_kind_from(std::string_view word);
std::optional<Program> program_from(std::string_view word);
std::optional<TcpState> tcp_state_from(std::string_view word);
std::optional<trace::Call> call_from(std::string_view word);
std::optional<Expectation::Answer> answer_from(std::string_view word);

}  // namespace fourtuple::world
