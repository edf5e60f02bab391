// The objects of the format that its parts share: the values of key_values.cc and the networks and hosts of
// key_hosts.cc. Included by the files that make up the table only.
#pragma once

#include "sim/world/scenario/keys.h"

namespace fourtuple::world::format {

extern const Object languages, pattern, selector, condition, bytes;
extern const Object network, fault, interface, sysctl, listen, process, limits, nft, nat, container, clients, host,
    keep_alive;

// Most repetitions and the like.
inline constexpr std::int64_t max_count = 1'000'000;

// A text, or a mapping from languages to texts.
constexpr Key translated(std::string_view name, std::string_view doc, std::string_view example) {
  return {.name = name, .form = Form::text, .object = &languages, .doc = doc, .example = example};
}
// Options of a TCP socket; `with` names the verbs that make one.
constexpr Key keep_alive_key(std::string_view with) {
  return {.name = "keep-alive",
          .form = Form::boolean,
          .object = &keep_alive,
          .with = with,
          .doc = "SO_KEEPALIVE: asks a silent peer whether it is still there.",
          .example = "{ idle: 10 s, interval: 1 s, count: 3 }"};
}
constexpr Key user_timeout_key(std::string_view with) {
  return {.name = "user-timeout",
          .form = Form::duration,
          .with = with,
          .doc = "TCP_USER_TIMEOUT: how long sent data may stay unacknowledged; in ms.",
          .example = "5 s"};
}
constexpr Key syn_count_key(std::string_view with) {
  return {.name = "syn-count",
          .form = Form::integer,
          .least = 1,
          .most = 127,
          .with = with,
          .doc = "TCP_SYNCNT: in place of tcp_syn_retries, or of tcp_synack_retries for a listener.",
          .example = "2"};
}
// A ruleset as text, or in a file.
constexpr Key nft_key(std::string_view doc) {
  return {.name = "nft", .form = Form::text, .object = &nft, .doc = doc, .example = "{ file: home.nft }"};
}

}  // namespace fourtuple::world::format
