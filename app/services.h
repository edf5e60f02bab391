// The names of ports on this machine: /etc/services, read when first asked for.
#pragma once

#include "sim/wire/services.h"

namespace fourtuple::app {

struct SystemServices {
  Services table;
  bool from_file = false;  // false: there is no /etc/services (package netbase); the well-known names built in
};

// Reads `path`; without it falls back to the names that the nft language knows, for TCP and UDP alike.
SystemServices load_services(const char* path = "/etc/services");

}  // namespace fourtuple::app
