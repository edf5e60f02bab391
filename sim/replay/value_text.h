// How values of rules become text. Replay does not know the nft language, so its callers pass the renderer that does.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sim/base/ids.h"

namespace fourtuple::replay {

// The text of a value with parts of these types and widths (trace::ExpressionInfo, SetInfo): "10.0.0.1 . 443".
// `words`: one for each 32 bits of each part, most significant first. `host` knows what its interfaces' indexes mean.
using ValueText =
    std::function<std::string(HostId host, const std::vector<std::uint8_t>& types,
                              const std::vector<std::uint8_t>& widths, std::span<const std::uint32_t> words)>;

// A ValueText that knows no types: "0xa000001 . 0x1bb".
std::string hex_value(HostId host, const std::vector<std::uint8_t>& types, const std::vector<std::uint8_t>& widths,
                      std::span<const std::uint32_t> words);

}  // namespace fourtuple::replay
