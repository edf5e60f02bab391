#include "sim/replay/value_text.h"

#include <fmt/format.h>

namespace fourtuple::replay {

std::string hex_value(HostId, const std::vector<std::uint8_t>&, const std::vector<std::uint8_t>& widths,
                      std::span<const std::uint32_t> words) {
  std::string text;
  std::size_t part = 0, left = 0;  // words left in this part
  bool leading = true;             // zeros before the first digit of a part are not printed
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (left == 0) {
      text += i == 0 ? "0x" : " . 0x";
      left = part < widths.size() && widths[part] > 32 ? (widths[part] + 31u) / 32u : 1;
      leading = true;
      ++part;
    }
    --left;
    if (leading && words[i] == 0 && left != 0) continue;
    text += leading ? fmt::format("{:x}", words[i]) : fmt::format("{:08x}", words[i]);
    leading = false;
  }
  return text;
}

}  // namespace fourtuple::replay
