// One change to a run at an instant, as a person says it and as the World carries it out:
//
//   server: nft add rule inet filter input tcp dport 3000 drop     commands as `nft -f` reads them
//   server: remove rule 4 of inet filter input                     rules count from 1, as `why` and the window count
//   server: replace rule 4 of inet filter input: tcp dport 1004 accept
//   server: insert rule 4 of inet filter input: tcp dport 1004 accept     the old rule 4 becomes rule 5
//   server: flush rules                                            nft flush ruleset
//   server: kill httpd                                             or its pid; SIGKILL
//   server: set tcp_syn_retries 2
//   internet: loss 10 %, delay 50 ms                               a network: loss, delay, rate, queue, down, up
//   drop packet 17                                                 numbered as `why` does: lost on the next wire
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/world/scenario/scenario.h"

namespace fourtuple::world {

// What becomes of a network; absent values stay.
struct LinkChange {
  std::optional<Duration> delay;
  std::optional<std::uint64_t> rate_bits_per_s;  // 0: unlimited
  std::optional<std::uint32_t> queue_packets;    // 0: unlimited
  std::optional<Ratio> loss;
  std::optional<bool> up;
};

// A rule by its place in a ruleset.
struct RulePlace {
  std::string family, table, chain;
  std::uint32_t number = 1;  // in its chain, from 1
};

struct Change {
  enum class Kind : std::uint8_t { nft, remove_rule, replace_rule, insert_rule, kill, set, link, drop_packet };
  Kind kind = Kind::nft;
  std::string words;             // as it was said, without blanks around
  std::uint32_t host = nothing;  // all but link and drop_packet
  std::uint32_t network = nothing;
  std::uint32_t process = nothing;  // kill: index on the host
  std::string text;                 // nft: the commands; replace and insert: the new rule
  RulePlace rule;
  SysctlSetting setting;
  LinkChange link;
  PacketId packet;
};

// The error's `where` names the change; it says what was expected and the nearest valid word.
Outcome<Change> parse_change(const Scenario& scenario, std::string_view words);

}  // namespace fourtuple::world
