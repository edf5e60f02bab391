#include "capture/names/name_text.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>

namespace fourtuple::capture {
namespace {

constexpr std::string_view ellipsis = "…";

struct Character {
  std::uint32_t code = 0;
  std::size_t length = 0;  // bytes; 0: not UTF-8
};

// The character at the beginning (RFC 3629: shortest form, no surrogates).
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {};
  std::uint32_t code = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3f);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
  return {code, length};
}

// Control and format characters (Unicode Cc, Zl, Zp and the Cf that people are deceived with), blanks and backslashes.
bool is_hidden(std::uint32_t code) {
  struct Range {
    std::uint32_t from, to;
  };
  constexpr Range ranges[] = {{0, 0x20},        {'\\', '\\'},       {0x7f, 0xa0},     {0xad, 0xad},
                              {0x61c, 0x61c},   {0x180e, 0x180e},   {0x2000, 0x200f}, {0x2028, 0x202f},
                              {0x205f, 0x206f}, {0x3000, 0x3000},   {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
                              {0xfff9, 0xffff}, {0xe0000, 0x10ffff}};
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& range) { return code >= range.from && code <= range.to; });
}

}  // namespace

std::string within_limit(std::string text) {
  if (text.size() <= max_name_text) return text;
  std::size_t end = max_name_text - ellipsis.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + std::string(ellipsis);
}

std::string escaped(std::string_view raw, std::string_view special) {
  std::string text;
  while (!raw.empty() && text.size() <= max_name_text) {
    const Character character = first_character(raw);
    const std::string_view bytes = raw.substr(0, std::max<std::size_t>(character.length, 1));
    if (character.length == 0 || is_hidden(character.code) || special.find(raw.front()) != std::string_view::npos) {
      for (const char byte : bytes) text += fmt::format("\\{:03}", static_cast<unsigned char>(byte));
    } else {
      text += bytes;
    }
    raw.remove_prefix(bytes.size());
  }
  return within_limit(std::move(text));
}

}  // namespace fourtuple::capture
