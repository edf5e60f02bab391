// The objects of the format that its parts share: the values of key_values.cc and the networks and hosts of
// key_hosts.cc. Included by the files that make up the table only.
#pragma once

#include "sim/world/scenario/keys.h"

namespace fourtuple::world::format {

extern const Object languages, pattern, selector, condition, bytes;
extern const Object network, fault, interface, sysctl, listen, process, nft, nat, container, clients, host;

// Most repetitions and the like.
inline constexpr std::int64_t max_count = 1'000'000;

// A text, or a mapping from languages to texts.
constexpr Key translated(std::string_view name, std::string_view doc, std::string_view example) {
  return {.name = name, .form = Form::text, .object = &languages, .doc = doc, .example = example};
}
// A ruleset as text, or in a file.
constexpr Key nft_key(std::string_view doc) {
  return {.name = "nft", .form = Form::text, .object = &nft, .doc = doc, .example = "{ file: home.nft }"};
}

}  // namespace fourtuple::world::format
