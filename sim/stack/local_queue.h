// The bytes that wait in a pipe or an AF_UNIX socket: references to contents, nothing is copied.
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

inline const state::Local& seen(const Context& c, LocalId id) {
  return c.system.visible.locals[id.value];
}
// What `local`'s queue holds from now on: bytes, or a listener's connections.
void set_local_queue(Context& c, LocalId local, std::uint32_t held);
void discard_pieces(Context& c, LocalId local);

}  // namespace fourtuple::stack
