// A ruleset alone, tried out: a router with it between a laptop, a server and a stranger who knock on the ports that
// the rules name and on a few that everybody knows.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sim/world/scenario/parse.h"

namespace fourtuple::app {

// Whether a text is rules, of nft or of iptables-save, by its name or its first words.
bool is_ruleset(const std::string& path);
// The network to try it in; its faults name line and column of the ruleset.
tl::expected<world::Scenario, std::vector<Error>> ruleset_trial(const std::string& path);
// TCP ports that the text names after dport, ascending, at most `most`.
std::vector<int> ports_named(std::string_view rules, std::size_t most);

}  // namespace fourtuple::app
