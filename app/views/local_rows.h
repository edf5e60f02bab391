// What ss and lsof say of AF_UNIX sockets.
#pragma once

#include <string>
#include <vector>

#include "app/views/views.h"

namespace fourtuple::app {

// AF_UNIX sockets of a host, by inode.
std::vector<LocalId> unix_rows(const ViewInput& input, HostId host);
// "/run/app.sock type=STREAM (LISTEN)", as lsof.
std::string unix_name(const ViewInput& input, const state::Local& local);

Listing ss_unix_listing(bool all, bool listening, bool processes);
Listing lsof_unix_listing();

}  // namespace fourtuple::app
