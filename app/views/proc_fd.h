// `ls -l /proc/PID/fd`: the descriptors of one process as links.
#pragma once

#include "app/views/views.h"

namespace fourtuple::app {

std::string proc_fd_text(const ViewInput& input, HostId host, std::uint32_t pid);
// One row for each descriptor.
Json proc_fd_json(const ViewInput& input, HostId host, std::uint32_t pid);

}  // namespace fourtuple::app
