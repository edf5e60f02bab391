// Hosts by what people call them.
#pragma once

#include <string_view>

#include "sim/trace/tables.h"

namespace fourtuple::trace {

// The host with an interface of this address; none() when there is none.
HostId host_at(const Tables& tables, const IpAddress& address);

// The host with this name, else with an interface of this address; none() when there is none.
HostId find_host(const Tables& tables, std::string_view name_or_address);

}  // namespace fourtuple::trace
