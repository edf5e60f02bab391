// The commands of `nft -f`: one for each line, `table … { … }` being one of them.
#pragma once

#include <map>
#include <tuple>

#include "sim/netfilter/nft/parser.h"

namespace fourtuple::nft {

// Sets that commands before define, by family, table and name.
using KnownSets = std::map<std::tuple<TableFamily, std::string, std::string>, Set>;

// One command up to its separator, into the script.
bool parse_command(Parser& p, KnownSets& sets);

}  // namespace fourtuple::nft
