// Well-known services by port, from the IANA registry of service names, for guessing which program a captured
// conversation belongs to. Our own table, so that an import is the same on every machine.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/wire/packet.h"

namespace fourtuple::capture {

// "http"; "" when the port is not well known for this protocol.
std::string_view service_name(Protocol protocol, std::uint16_t port);

}  // namespace fourtuple::capture
