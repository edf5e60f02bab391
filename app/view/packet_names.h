// What the window says of the names behind a captured packet.
#pragma once

#include <memory>

#include "app/session.h"
#include "viz/viewer/packet_names.h"

namespace fourtuple::app {

// REQUIRES: the file is a capture.
viz::PacketNames packet_names(std::shared_ptr<const LoadedFile> file);

}  // namespace fourtuple::app
