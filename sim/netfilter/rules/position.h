// Places in the text of a script, for messages and the side table.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/netfilter/nft/syntax.h"

namespace fourtuple::netfilter {

// Finds files, lines and columns; included files have their own names. Keeps a reference to the script.
class Positions {
 public:
  explicit Positions(const nft::Script& script);
  SourcePosition at(std::uint32_t offset) const;

 private:
  const nft::Script& script_;
  std::vector<std::uint32_t> line_starts_;
};

}  // namespace fourtuple::netfilter
