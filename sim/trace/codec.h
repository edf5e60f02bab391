// pack() and unpack(): typed events to slots and back. The layout of every record kind is here, in
// codec_local.h and codec_netfilter.h; docs/trace-format.md documents it. Inline, because a packet-hop writes one.
#pragma once

#include <cstring>

#include "sim/trace/codec_detail.h"
#include "sim/trace/codec_local.h"
#include "sim/trace/codec_netfilter.h"
#include "sim/trace/events.h"

namespace fourtuple::trace {

// A Packet without its id is 60 bytes; its first 48 (up to the low half of payload_offset) travel in the head's a…d and
// slot 1. Fragment flags share the byte of the TCP options, the payload's kind the top bits of its source. The last 12
// bytes go to slot 2, present only when one of them says something.
constexpr std::uint32_t payload_source_bits = 29;

inline void pack(Time at, HostId host, const PacketCreated& event, Packed& out) {
  Packet packet = event.packet;
  packet.options = static_cast<std::uint8_t>(packet.options | (packet.fragment_flags << 4));
  packet.payload_source = (packet.payload_source & ((1u << payload_source_bits) - 1)) |
                          (static_cast<std::uint32_t>(packet.payload_kind) << payload_source_bits);
  const auto* raw = reinterpret_cast<const unsigned char*>(&packet);
  out.slots[0] = detail::head(at, host, PacketCreated::kind, packet.id.value);
  std::memcpy(&out.slots[0].a, raw + 4, 16);
  detail::put(out.slots[1], raw + 20, 32);
  const bool common = (packet.payload_offset >> 32) == 0 && packet.mss == 0 && packet.window_scale == 0 &&
                      packet.traffic_class == 0 && packet.fragment_offset == 0;
  out.count = common ? 2 : 3;
  out.slots[0].extra = static_cast<std::uint8_t>(out.count - 1);
  if (!common) {
    out.slots[2] = Slot{};
    detail::put(out.slots[2], raw + 52, 12);
  }
}
inline PacketCreated unpack_packet_created(const Slot* slots) {
  PacketCreated event;
  auto* raw = reinterpret_cast<unsigned char*>(&event.packet);
  event.packet.id = {slots[0].subject};
  std::memcpy(raw + 4, &slots[0].a, 16);
  detail::get(slots[1], raw + 20, 32);
  if (slots[0].extra == 2) detail::get(slots[2], raw + 52, 12);
  Packet& packet = event.packet;
  packet.fragment_flags = static_cast<std::uint8_t>(packet.options >> 4);
  packet.options &= 0x0f;
  packet.payload_kind = static_cast<PayloadKind>(packet.payload_source >> payload_source_bits);
  packet.payload_source &= (1u << payload_source_bits) - 1;
  return event;
}

inline void pack(Time at, HostId host, const PacketSent& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, PacketSent::kind, event.packet.value);
  const auto transit = static_cast<std::uint64_t>(event.transit.ns);
  slot.a = event.from.value;
  slot.b = (event.to.value & 0xffffffu) | (std::uint32_t{event.ttl} << 24);
  slot.c = detail::low(transit);
  slot.d = detail::high(transit);
}
inline PacketSent unpack_packet_sent(const Slot* slots) {
  const Slot& slot = slots[0];
  const std::uint32_t to = slot.b & 0xffffffu;
  return {{slot.subject},
          {slot.a},
          to == 0xffffffu ? InterfaceId::none() : InterfaceId{to},
          detail::byte<std::uint8_t>(slot.b, 3),
          {static_cast<std::int64_t>(detail::join(slot.c, slot.d))}};
}

inline void pack(Time at, HostId host, const PacketDropped& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, PacketDropped::kind, event.packet.value);
  slot.a = detail::bytes(static_cast<std::uint8_t>(event.reason), static_cast<std::uint8_t>(event.stage));
  slot.b = event.network.value;
  slot.c = event.socket.value;
}
inline PacketDropped unpack_packet_dropped(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject}, detail::byte<DropReason>(slot.a, 0), detail::byte<Stage>(slot.a, 1), {slot.b}, {slot.c}};
}

inline void pack(Time at, HostId host, const PacketDelivered& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, PacketDelivered::kind, event.packet.value);
  slot.a = event.socket.value;
  slot.b = static_cast<std::uint32_t>(event.quality);
  slot.c = event.queued;
  slot.d = event.process.value;
}
inline PacketDelivered unpack_packet_delivered(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject}, {slot.a}, static_cast<MatchQuality>(slot.b), slot.c, {slot.d}};
}

inline void pack(Time at, HostId host, const PacketQuoted& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, PacketQuoted::kind, event.packet.value);
  slot.a = event.original.value;
  slot.b = event.quote;
}
inline PacketQuoted unpack_packet_quoted(const Slot* slots) {
  return {{slots[0].subject}, {slots[0].a}, slots[0].b};
}

inline void pack(Time at, HostId host, const ProcessStarted& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, ProcessStarted::kind, event.process.value);
  slot.a = event.name.value;
  slot.b = event.user.value;
  slot.c = event.pid;
  slot.d = (event.guessed ? 1 : 0) | event.uid << 1;
}
inline ProcessStarted unpack_process_started(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject}, {slot.a}, {slot.b}, slot.c, (slot.d & 1) != 0, slot.d >> 1};
}

inline void pack(Time at, HostId host, const ProcessActivity& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, ProcessActivity::kind, event.process.value);
  slot.a = detail::bytes(event.activity, static_cast<std::uint8_t>(event.call));
  slot.b = static_cast<std::uint32_t>(event.fd + 1);  // none is 0, here and in c
  slot.c = event.cause.value + 1;
}
inline ProcessActivity unpack_process_activity(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject},
          detail::byte<std::uint8_t>(slot.a, 0),
          detail::byte<Call>(slot.a, 1),
          static_cast<std::int32_t>(slot.b - 1),
          {slot.c - 1}};
}

inline void pack(Time at, HostId host, const ProcessForked& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, ProcessForked::kind, event.process.value);
  slot.a = event.parent.value;
}
inline ProcessForked unpack_process_forked(const Slot* slots) {
  return {{slots[0].subject}, {slots[0].a}};
}

inline void pack(Time at, HostId host, const ProcessLimit& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, ProcessLimit::kind, event.process.value);
  slot.a = event.nofile;
}
inline ProcessLimit unpack_process_limit(const Slot* slots) {
  return {{slots[0].subject}, slots[0].a};
}

inline void pack(Time at, HostId host, const ProcessEnded& event, Packed& out) {
  out.slots[0] = detail::head(at, host, ProcessEnded::kind, event.process.value);
}
inline ProcessEnded unpack_process_ended(const Slot* slots) {
  return {{slots[0].subject}};
}

inline void pack(Time at, HostId host, const DescriptorOpened& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, DescriptorOpened::kind, event.process.value);
  slot.a = static_cast<std::uint32_t>(event.fd);
  slot.b = detail::bytes(event.descriptor_kind, event.local.valid() ? 1 : 0);
  slot.c = event.socket.value;
  slot.d = (event.local.valid() ? event.local.value : event.path.value) + 1;  // none is 0
}
inline DescriptorOpened unpack_descriptor_opened(const Slot* slots) {
  const Slot& slot = slots[0];
  DescriptorOpened event{
      {slot.subject}, static_cast<std::int32_t>(slot.a), detail::byte<std::uint8_t>(slot.b, 0), {slot.c}};
  if (detail::byte<std::uint8_t>(slot.b, 1) != 0) {
    event.local = {slot.d - 1};
  } else {
    event.path = {slot.d - 1};
  }
  return event;
}

inline void pack(Time at, HostId host, const DescriptorFlags& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, DescriptorFlags::kind, event.process.value);
  slot.a = static_cast<std::uint32_t>(event.fd);
  slot.b = event.close_on_exec ? 1 : 0;
}
inline DescriptorFlags unpack_descriptor_flags(const Slot* slots) {
  return {{slots[0].subject}, static_cast<std::int32_t>(slots[0].a), slots[0].b != 0};
}

inline void pack(Time at, HostId host, const DescriptorClosed& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, DescriptorClosed::kind, event.process.value);
  slot.a = static_cast<std::uint32_t>(event.fd);
}
inline DescriptorClosed unpack_descriptor_closed(const Slot* slots) {
  return {{slots[0].subject}, static_cast<std::int32_t>(slots[0].a)};
}

inline void pack(Time at, HostId host, const Syscall& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, Syscall::kind, event.process.value);
  slot.extra = 1;
  slot.a = detail::bytes(static_cast<std::uint8_t>(event.call), event.error);
  slot.b = static_cast<std::uint32_t>(event.fd);
  slot.c = event.socket.value;
  slot.d = static_cast<std::uint32_t>(event.result);
  const std::uint32_t rest[8] = {event.tuple.local.value,
                                 event.tuple.remote.value,
                                 detail::ports(event.tuple.local_port, event.tuple.remote_port),
                                 event.conflict.value,
                                 event.local.value + 1,  // none is 0, here and in the two below
                                 event.path.value + 1,
                                 static_cast<std::uint32_t>(event.second_fd + 1)};
  detail::put(out.slots[1], rest, sizeof(rest));
  out.count = 2;
}
inline Syscall unpack_syscall(const Slot* slots) {
  const Slot& slot = slots[0];
  std::uint32_t rest[8];
  detail::get(slots[1], rest, sizeof(rest));
  const FourTuple tuple{
      {rest[0]}, {rest[1]}, static_cast<std::uint16_t>(rest[2] >> 16), static_cast<std::uint16_t>(rest[2])};
  return {{slot.subject},
          detail::byte<Call>(slot.a, 0),
          detail::byte<std::uint8_t>(slot.a, 1),
          static_cast<std::int32_t>(slot.b),
          {slot.c},
          static_cast<std::int32_t>(slot.d),
          tuple,
          {rest[3]},
          {rest[4] - 1},
          {rest[5] - 1},
          static_cast<std::int32_t>(rest[6] - 1)};
}

inline void pack(Time at, HostId host, const DataCall& event, Packed& out) {
  pack(at, host, event.call, out);
  out.slots[0].kind = DataCall::kind;
}
inline DataCall unpack_data_call(const Slot* slots) {
  return {unpack_syscall(slots)};
}

inline void pack(Time at, HostId host, const SocketCreated& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, SocketCreated::kind, event.socket.value);
  slot.a =
      detail::bytes(static_cast<std::uint8_t>(event.protocol), static_cast<std::uint8_t>(event.family), event.flags);
  slot.b = event.inode;
  slot.c = event.listener.value;
  slot.d = event.owner.value;
}
inline SocketCreated unpack_socket_created(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject},
          detail::byte<Protocol>(slot.a, 0),
          detail::byte<Family>(slot.a, 1),
          detail::byte<std::uint8_t>(slot.a, 2),
          slot.b,
          {slot.c},
          {slot.d}};
}

inline void pack(Time at, HostId host, const SocketBound& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, SocketBound::kind, event.socket.value);
  slot.a = event.address.value;
  slot.b = event.port;
  slot.c = event.flags;
}
inline SocketBound unpack_socket_bound(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject}, {slot.a}, static_cast<std::uint16_t>(slot.b), detail::byte<std::uint8_t>(slot.c, 0)};
}

inline void pack(Time at, HostId host, const SocketConnected& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, SocketConnected::kind, event.socket.value);
  slot.a = event.tuple.local.value;
  slot.b = event.tuple.remote.value;
  slot.c = detail::ports(event.tuple.local_port, event.tuple.remote_port);
}
inline SocketConnected unpack_socket_connected(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject},
          {{slot.a}, {slot.b}, static_cast<std::uint16_t>(slot.c >> 16), static_cast<std::uint16_t>(slot.c)}};
}

inline void pack(Time at, HostId host, const SocketListening& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, SocketListening::kind, event.socket.value);
  slot.a = event.backlog;
}
inline SocketListening unpack_socket_listening(const Slot* slots) {
  return {{slots[0].subject}, slots[0].a};
}

inline void pack(Time at, HostId host, const SocketStateChanged& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, SocketStateChanged::kind, event.socket.value);
  slot.a = detail::bytes(static_cast<std::uint8_t>(event.from), static_cast<std::uint8_t>(event.to));
  slot.b = event.cause.value;
}
inline SocketStateChanged unpack_socket_state(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject}, detail::byte<TcpState>(slot.a, 0), detail::byte<TcpState>(slot.a, 1), {slot.b}};
}

inline void pack(Time at, HostId host, const SocketOwner& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, SocketOwner::kind, event.socket.value);
  slot.a = event.owner.value;
  slot.b = static_cast<std::uint32_t>(event.fd);
}
inline SocketOwner unpack_socket_owner(const Slot* slots) {
  return {{slots[0].subject}, {slots[0].a}, static_cast<std::int32_t>(slots[0].b)};
}

inline void pack(Time at, HostId host, const SocketError& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, SocketError::kind, event.socket.value);
  slot.a = event.error;
  slot.b = event.cause.value;
}
inline SocketError unpack_socket_error(const Slot* slots) {
  return {{slots[0].subject}, detail::byte<std::uint8_t>(slots[0].a, 0), {slots[0].b}};
}

inline void pack(Time at, HostId host, const SocketClosed& event, Packed& out) {
  out.slots[0] = detail::head(at, host, SocketClosed::kind, event.socket.value);
}
inline SocketClosed unpack_socket_closed(const Slot* slots) {
  return {{slots[0].subject}};
}

inline void pack(Time at, HostId host, const StreamWritten& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, StreamWritten::kind, event.stream.value);
  slot.extra = 1;
  slot.a = event.socket.value;
  slot.b = event.content.value;
  slot.c = event.content_offset;
  slot.d = event.length;
  const std::uint64_t rest[4] = {event.offset};
  detail::put(out.slots[1], rest, sizeof(rest));
  out.count = 2;
}
inline StreamWritten unpack_stream_written(const Slot* slots) {
  const Slot& slot = slots[0];
  std::uint64_t offset = 0;
  detail::get(slots[1], &offset, sizeof(offset));
  return {{slot.subject}, {slot.a}, offset, {slot.b}, slot.c, slot.d};
}

inline void pack(Time at, HostId host, const CommandRan& event, Packed& out) {
  out.slots[0] = detail::head(at, host, CommandRan::kind, event.index);
}
inline CommandRan unpack_command(const Slot* slots) {
  return {slots[0].subject};
}

inline void pack(Time at, HostId host, const StageEntered& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, StageEntered::kind, event.packet.value);
  slot.a = static_cast<std::uint32_t>(event.stage);
  slot.b = event.interface.value;
}
inline StageEntered unpack_stage(const Slot* slots) {
  return {{slots[0].subject}, static_cast<Stage>(slots[0].a), {slots[0].b}};
}

inline void pack(Time at, HostId host, const LookupTried& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, LookupTried::kind, event.packet.value);
  slot.a = event.socket.value;
  slot.b = detail::bytes(static_cast<std::uint8_t>(event.quality), static_cast<std::uint8_t>(event.mismatch));
}
inline LookupTried unpack_lookup(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject}, {slot.a}, detail::byte<MatchQuality>(slot.b, 0), detail::byte<Mismatch>(slot.b, 1)};
}

inline void pack(Time at, HostId host, const SocketQueues& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, SocketQueues::kind, event.socket.value);
  slot.a = event.receive;
  slot.b = event.send;
}
inline SocketQueues unpack_socket_queues(const Slot* slots) {
  return {{slots[0].subject}, slots[0].a, slots[0].b};
}

inline void pack(Time at, HostId host, const StreamRead& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, StreamRead::kind, event.socket.value);
  slot.a = event.process.value;
  slot.b = event.length;
}
inline StreamRead unpack_stream_read(const Slot* slots) {
  return {{slots[0].subject}, {slots[0].a}, slots[0].b};
}

inline void pack(Time at, HostId host, const TcpVariablesChanged& event, Packed& out) {
  out.slots[0] = detail::head(at, host, TcpVariablesChanged::kind, event.socket.value);
  out.slots[0].extra = 2;
  detail::put(out.slots[1], event.image, 32);
  detail::put(out.slots[2], event.image + 32, 32);
  std::memcpy(&out.slots[0].a, event.image + 64, 4);
  std::memcpy(&out.slots[0].b, event.image + 68, 4);
  out.count = 3;
}
inline TcpVariablesChanged unpack_tcp_variables(const Slot* slots) {
  TcpVariablesChanged event;
  event.socket = {slots[0].subject};
  detail::get(slots[1], event.image, 32);
  detail::get(slots[2], event.image + 32, 32);
  std::memcpy(event.image + 64, &slots[0].a, 4);
  std::memcpy(event.image + 68, &slots[0].b, 4);
  return event;
}

inline void pack(Time at, HostId host, const TcpSegmentJudged& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, TcpSegmentJudged::kind, event.packet.value);
  slot.a = event.socket.value;
  slot.b = event.disposition;
}
inline TcpSegmentJudged unpack_tcp_segment_judged(const Slot* slots) {
  return {{slots[0].subject}, {slots[0].a}, detail::byte<std::uint8_t>(slots[0].b, 0)};
}

}  // namespace fourtuple::trace
