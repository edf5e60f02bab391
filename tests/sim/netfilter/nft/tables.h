// The tables a script of additions builds, for tests of the printer: no deletions, no checks of meaning.
#pragma once

#include <string>
#include <vector>

#include "sim/netfilter/nft/parse.h"

namespace fourtuple::nft::test {

struct Built {
  std::vector<Table> tables;
  std::string error;  // the parser's first one
};

Built build_tables(const std::string& text);

}  // namespace fourtuple::nft::test
