// Who holds a socket: after dup() and fork() several descriptors lead to one.
#pragma once

#include <vector>

#include "app/views/views.h"

namespace fourtuple::app {

struct Holder {
  ProcessId process;
  std::int32_t fd = -1;
};

// By process id, then descriptor.
std::vector<Holder> holders_of(const ViewInput& input, SocketId socket);
std::vector<Holder> holders_of(const ViewInput& input, LocalId local);
// ` users:(("httpd",pid=80,fd=3))` as ss -p writes it, the latest process first; "" when nobody holds it.
std::string users_words(const ViewInput& input, const std::vector<Holder>& holders);

}  // namespace fourtuple::app
