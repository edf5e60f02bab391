// `--sockets FILE`: lists of sockets to be joined to a capture.
#pragma once

#include <string>
#include <vector>

#include "capture/sockets/owners.h"
#include "sim/base/outcome.h"

namespace fourtuple::app {

struct SocketLists {
  capture::SocketOwners owners;
  std::vector<std::string> notes;  // "FILE: note: …"
};

Outcome<SocketLists> read_lists(const std::vector<std::string>& files);

}  // namespace fourtuple::app
