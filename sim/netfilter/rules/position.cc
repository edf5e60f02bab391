#include "sim/netfilter/rules/position.h"

#include <algorithm>

namespace fourtuple::netfilter {

Positions::Positions(const nft::Script& script) : script_(script), line_starts_{0} {
  for (std::uint32_t i = 0; i < script.text.size(); ++i)
    if (script.text[i] == '\n') line_starts_.push_back(i + 1);
}

SourcePosition Positions::at(std::uint32_t offset) const {
  nft::ScriptSource source;
  source.name = script_.source_name;
  for (const nft::ScriptSource& candidate : script_.sources)
    if (candidate.begin <= offset) source = candidate;
  const auto line_of = [&](std::uint32_t at) {
    return std::upper_bound(line_starts_.begin(), line_starts_.end(), at) - line_starts_.begin() - 1;
  };
  const auto line = line_of(offset), first = line_of(source.begin);
  const std::uint32_t start = std::max(line_starts_[static_cast<std::size_t>(line)], source.begin);
  const int column = static_cast<int>(offset - start);
  return {source.name, source.first_line + static_cast<int>(line - first),
          (line == first ? source.first_column : 1) + column};
}

}  // namespace fourtuple::netfilter
