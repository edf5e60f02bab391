// Names that content gave to a packet's hosts and conversation, each with the place it was read from. Given by the
// application: no trace holds them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/base/ids.h"

namespace fourtuple::viz {

struct NameLine {
  std::string subject;  // "about", "sender", "receiver"
  std::string name;     // "www.example.com"; with ? when it is inferred
  std::string place;    // "TLS SNI in frame 8"
};

using PacketNames = std::function<std::vector<NameLine>(PacketId)>;

}  // namespace fourtuple::viz
