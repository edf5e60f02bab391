// pack() and unpack() of the records about things of one kernel alone; see codec.h.
#pragma once

#include "sim/trace/codec_detail.h"
#include "sim/trace/events.h"

namespace fourtuple::trace {

inline void pack(Time at, HostId host, const LocalCreated& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, LocalCreated::kind, event.local.value);
  slot.a = event.local_kind;
  slot.b = event.inode;
}
inline LocalCreated unpack_local_created(const Slot* slots) {
  return {{slots[0].subject}, detail::byte<std::uint8_t>(slots[0].a, 0), slots[0].b};
}

inline void pack(Time at, HostId host, const LocalChanged& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, LocalChanged::kind, event.local.value);
  slot.a = event.local_state;
  slot.b = event.path.value;
  slot.c = event.peer.value;
  slot.d = event.backlog;
}
inline LocalChanged unpack_local_changed(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject}, detail::byte<std::uint8_t>(slot.a, 0), {slot.b}, {slot.c}, slot.d};
}

inline void pack(Time at, HostId host, const LocalOwner& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, LocalOwner::kind, event.local.value);
  slot.a = event.owner.value;
  slot.b = static_cast<std::uint32_t>(event.fd);
}
inline LocalOwner unpack_local_owner(const Slot* slots) {
  return {{slots[0].subject}, {slots[0].a}, static_cast<std::int32_t>(slots[0].b)};
}

inline void pack(Time at, HostId host, const LocalClosed& event, Packed& out) {
  out.slots[0] = detail::head(at, host, LocalClosed::kind, event.local.value);
}
inline LocalClosed unpack_local_closed(const Slot* slots) {
  return {{slots[0].subject}};
}

inline void pack(Time at, HostId host, const LocalQueues& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, LocalQueues::kind, event.local.value);
  slot.a = event.receive;
}
inline LocalQueues unpack_local_queues(const Slot* slots) {
  return {{slots[0].subject}, slots[0].a};
}

inline void pack(Time at, HostId host, const LocalRead& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, LocalRead::kind, event.local.value);
  slot.a = event.process.value;
  slot.b = event.content.value;
  slot.c = event.content_offset;
  slot.d = event.length;
}
inline LocalRead unpack_local_read(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject}, {slot.a}, {slot.b}, slot.c, slot.d};
}

}  // namespace fourtuple::trace
