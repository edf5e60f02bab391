// Packets as cases and answers write them: objects with src, dst, proto and so on (nftoracle/wire.py).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/stack/system.h"
#include "tests/kernel/names.h"

namespace fourtuple::kernel_case {

// A packet of a case. Quoted packets are added to the System's quotes; addresses must be known to its table.
// Payload is PayloadKind::content of `filler`, a content of 'x', unless the packet has none.
Packet read_packet(const Json& spec, stack::System& system, ContentId filler);

enum class Detail {
  whole,   // as seen at an interface
  quoted,  // inside an ICMP error, of which `captured` bytes are there
  traced,  // the first headers, as the kernel's packet trace has them
};
// A packet as an answer shows it, before labels are put in.
Json show_packet(const Packet& packet, const stack::System& system, Detail detail = Detail::whole,
                 std::uint32_t captured = 65535);

std::uint8_t flag_bits(const std::string& text);  // "SA"
std::string flag_text(std::uint8_t bits);
bool is_icmp_error(const Packet& packet);

}  // namespace fourtuple::kernel_case
