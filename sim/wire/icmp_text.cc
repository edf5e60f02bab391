#include "sim/wire/fields.h"

namespace fourtuple {
namespace {

struct IcmpName {
  std::uint8_t type;
  std::int16_t code;  // -1: any
  std::string_view name;
};

constexpr IcmpName icmp_names[] = {
    {0, -1, "echo reply"},
    {3, 0, "network unreachable"},
    {3, 1, "host unreachable"},
    {3, 2, "protocol unreachable"},
    {3, 3, "port unreachable"},
    {3, 4, "fragmentation needed"},
    {3, 9, "network prohibited"},
    {3, 10, "host prohibited"},
    {3, 13, "administratively prohibited"},
    {3, -1, "destination unreachable"},
    {5, -1, "redirect"},
    {8, -1, "echo request"},
    {11, 0, "time to live exceeded"},
    {11, 1, "reassembly time exceeded"},
    {12, -1, "parameter problem"},
};

constexpr IcmpName icmpv6_names[] = {
    {1, 0, "no route"},
    {1, 1, "administratively prohibited"},
    {1, 3, "address unreachable"},
    {1, 4, "port unreachable"},
    {1, -1, "destination unreachable"},
    {2, -1, "packet too big"},
    {3, 0, "hop limit exceeded"},
    {3, 1, "reassembly time exceeded"},
    {4, -1, "parameter problem"},
    {128, -1, "echo request"},
    {129, -1, "echo reply"},
    {130, -1, "multicast listener query"},
    {131, -1, "multicast listener report"},
    {133, -1, "router solicitation"},
    {134, -1, "router advertisement"},
    {135, -1, "neighbour solicitation"},
    {136, -1, "neighbour advertisement"},
    {143, -1, "multicast listener report"},
};

template <std::size_t n>
std::string_view find(const IcmpName (&names)[n], std::uint8_t type, std::uint8_t code) {
  for (const IcmpName& entry : names)
    if (entry.type == type && (entry.code < 0 || entry.code == code)) return entry.name;
  return {};
}

}  // namespace

std::string icmp_text(bool v6, std::uint8_t type, std::uint8_t code) {
  const std::string_view name = v6 ? find(icmpv6_names, type, code) : find(icmp_names, type, code);
  if (!name.empty()) return std::string(name);
  return "type " + std::to_string(type) + " code " + std::to_string(code);
}

}  // namespace fourtuple
