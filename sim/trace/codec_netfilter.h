// pack() and unpack() of the netfilter records; the rest is in trace/codec.h, which includes this file.
#pragma once

#include "sim/trace/codec_detail.h"
#include "sim/trace/events.h"

namespace fourtuple::trace {

inline void pack(Time at, HostId host, const PacketRewritten& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, PacketRewritten::kind, event.packet.value);
  slot.a = event.source.value;
  slot.b = event.destination.value;
  slot.c = detail::ports(event.source_port, event.destination_port);
  slot.d = (event.entry & 0x7fffffu) | (event.inner ? 1u << 23 : 0u) | (std::uint32_t{event.traffic_class} << 24);
  if (!event.has_tcp) return;
  const TcpNumbers& tcp = event.tcp;
  const std::uint32_t rest[8] = {
      tcp.seq.raw, tcp.ack.raw, tcp.ts_value, tcp.ts_echo, detail::ports(tcp.window, tcp.mss), tcp.flags};
  detail::put(out.slots[1], rest, sizeof(rest));
  slot.extra = 1;
  out.count = 2;
}
inline PacketRewritten unpack_packet_rewritten(const Slot* slots) {
  const Slot& slot = slots[0];
  const std::uint32_t entry = slot.d & 0x7fffffu;
  PacketRewritten event{{slot.subject},
                        {slot.a},
                        {slot.b},
                        static_cast<std::uint16_t>(slot.c >> 16),
                        static_cast<std::uint16_t>(slot.c),
                        entry == 0x7fffffu ? 0xffffffffu : entry,
                        (slot.d >> 23 & 1) != 0,
                        detail::byte<std::uint8_t>(slot.d, 3)};
  if (slot.extra == 0) return event;
  std::uint32_t rest[8];
  detail::get(slots[1], rest, sizeof(rest));
  event.has_tcp = true;
  event.tcp = {{rest[0]},
               {rest[1]},
               rest[2],
               rest[3],
               static_cast<std::uint16_t>(rest[4] >> 16),
               static_cast<std::uint16_t>(rest[4]),
               detail::byte<std::uint8_t>(rest[5], 0)};
  return event;
}

inline void set_tcp_numbers(Packet& packet, const TcpNumbers& tcp) {
  packet.seq = tcp.seq;
  packet.ack = tcp.ack;
  packet.ts_value = tcp.ts_value;
  packet.ts_echo = tcp.ts_echo;
  packet.window = tcp.window;
  packet.mss = tcp.mss;
  packet.flags = tcp.flags;
}

// The packet as the rewriting left it. REQUIRES: event.inner says whether `packet` is the quoted one.
inline void rewrite(Packet& packet, const PacketRewritten& event) {
  if (event.has_tcp) set_tcp_numbers(packet, event.tcp);
  packet.source = event.source;
  packet.destination = event.destination;
  packet.source_port = event.source_port;
  packet.destination_port = event.destination_port;
  packet.traffic_class = event.traffic_class;
}

inline void pack(Time at, HostId host, const RulesetLoaded& event, Packed& out) {
  out.slots[0] = detail::head(at, host, RulesetLoaded::kind, event.ruleset);
}
inline RulesetLoaded unpack_ruleset_loaded(const Slot* slots) {
  return {slots[0].subject};
}

inline void pack(Time at, HostId host, const ConntrackCreated& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, ConntrackCreated::kind, event.entry);
  slot.extra = 1;
  slot.a = event.packet.value;
  slot.b = event.original_source.value;
  slot.c = event.original_destination.value;
  slot.d = detail::ports(event.original_source_port, event.original_destination_port);
  const std::uint32_t status =
      event.status | (static_cast<std::uint32_t>(event.protocol) << 16) | (std::uint32_t{event.tcp} << 24);
  const std::uint32_t rest[8] = {event.reply_source.value,
                                 event.reply_destination.value,
                                 detail::ports(event.reply_source_port, event.reply_destination_port),
                                 event.mark,
                                 event.timeout_s,
                                 event.bytes,
                                 status};
  detail::put(out.slots[1], rest, sizeof(rest));
  out.count = 2;
}
inline ConntrackCreated unpack_conntrack_created(const Slot* slots) {
  const Slot& slot = slots[0];
  std::uint32_t rest[8];
  detail::get(slots[1], rest, sizeof(rest));
  ConntrackCreated event;
  event.entry = slot.subject;
  event.packet = {slot.a};
  event.original_source = {slot.b};
  event.original_destination = {slot.c};
  event.original_source_port = static_cast<std::uint16_t>(slot.d >> 16);
  event.original_destination_port = static_cast<std::uint16_t>(slot.d);
  event.reply_source = {rest[0]};
  event.reply_destination = {rest[1]};
  event.reply_source_port = static_cast<std::uint16_t>(rest[2] >> 16);
  event.reply_destination_port = static_cast<std::uint16_t>(rest[2]);
  event.mark = rest[3];
  event.timeout_s = rest[4];
  event.bytes = rest[5];
  event.status = static_cast<std::uint16_t>(rest[6]);
  event.protocol = detail::byte<Protocol>(rest[6], 2);
  event.tcp = detail::byte<std::uint8_t>(rest[6], 3);
  return event;
}

inline void pack(Time at, HostId host, const ConntrackSeen& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, ConntrackSeen::kind, event.entry);
  slot.a = event.packet.value;
  slot.b = event.timeout_s;
  slot.c = (event.bytes & 0xffffffu) | (event.reply ? 1u << 24 : 0u);
  slot.d = event.status | (std::uint32_t{event.tcp} << 16);
}
inline ConntrackSeen unpack_conntrack_seen(const Slot* slots) {
  const Slot& slot = slots[0];
  return {slot.subject,
          {slot.a},
          slot.c & 0xffffffu,
          slot.b,
          static_cast<std::uint16_t>(slot.d),
          detail::byte<std::uint8_t>(slot.d, 2),
          (slot.c >> 24 & 1) != 0};
}

inline void pack(Time at, HostId host, const ConntrackMarked& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, ConntrackMarked::kind, event.entry);
  slot.a = event.mark;
}
inline ConntrackMarked unpack_conntrack_marked(const Slot* slots) {
  return {slots[0].subject, slots[0].a};
}

inline void pack(Time at, HostId host, const ConntrackDestroyed& event, Packed& out) {
  out.slots[0] = detail::head(at, host, ConntrackDestroyed::kind, event.entry);
}
inline ConntrackDestroyed unpack_conntrack_destroyed(const Slot* slots) {
  return {slots[0].subject};
}

inline void pack(Time at, HostId host, const NetfilterObjectChanged& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, NetfilterObjectChanged::kind, event.object);
  slot.a = detail::low(event.first);
  slot.b = detail::high(event.first);
  slot.c = detail::low(event.second);
  slot.d = detail::high(event.second);
}
inline NetfilterObjectChanged unpack_netfilter_object(const Slot* slots) {
  const Slot& slot = slots[0];
  return {slot.subject, detail::join(slot.a, slot.b), detail::join(slot.c, slot.d)};
}

// Words travel in as many slots of 8 as they need: one for most keys, two for long ones.
inline void pack(Time at, HostId host, const SetElementAdded& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, SetElementAdded::kind, event.element);
  slot.a = (event.set & 0xffffffu) | (std::uint32_t{event.word_count} << 24);
  slot.b = event.object;
  slot.c = detail::low(event.timeout_ns);
  slot.d = detail::high(event.timeout_ns);
  const std::uint64_t data[4] = {event.data, event.expires_in_ns};
  detail::put(out.slots[1], data, sizeof(data));
  detail::put(out.slots[2], event.words, 32);
  out.count = event.word_count > 8 ? 4 : 3;
  if (out.count == 4) detail::put(out.slots[3], event.words + 8, 32);
  slot.extra = static_cast<std::uint8_t>(out.count - 1);
}
inline SetElementAdded unpack_set_element_added(const Slot* slots) {
  const Slot& slot = slots[0];
  SetElementAdded event;
  event.element = slot.subject;
  event.set = slot.a & 0xffffffu;
  event.word_count = detail::byte<std::uint8_t>(slot.a, 3);
  event.object = slot.b;
  event.timeout_ns = detail::join(slot.c, slot.d);
  std::uint64_t data[4];
  detail::get(slots[1], data, sizeof(data));
  event.data = data[0];
  event.expires_in_ns = data[1];
  detail::get(slots[2], event.words, 32);
  if (slot.extra == 3) detail::get(slots[3], event.words + 8, 32);
  return event;
}

inline void pack(Time at, HostId host, const SetElementRemoved& event, Packed& out) {
  out.slots[0] = detail::head(at, host, SetElementRemoved::kind, event.element);
}
inline SetElementRemoved unpack_set_element_removed(const Slot* slots) {
  return {slots[0].subject};
}

inline void pack(Time at, HostId host, const PacketLogged& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, PacketLogged::kind, event.packet.value);
  slot.a = event.rule;
}
inline PacketLogged unpack_packet_logged(const Slot* slots) {
  return {{slots[0].subject}, slots[0].a};
}

inline void pack(Time at, HostId host, const RuleVerdictReached& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, RuleVerdictReached::kind, event.packet.value);
  slot.a = event.rule;
  slot.b = (event.chain & 0xffffu) | (std::uint32_t{event.target} << 16);
  slot.c = detail::bytes(static_cast<std::uint8_t>(event.verdict), static_cast<std::uint8_t>(event.ct));
  slot.d = event.mark;
}
inline RuleVerdictReached unpack_rule_verdict(const Slot* slots) {
  const Slot& slot = slots[0];
  return {{slot.subject},
          slot.b & 0xffffu,
          slot.a,
          detail::byte<RuleVerdict>(slot.c, 0),
          detail::byte<CtInfo>(slot.c, 1),
          static_cast<std::uint16_t>(slot.b >> 16),
          slot.d};
}

// A value of up to two words fits the head; longer ones take a slot for every eight.
inline void pack(Time at, HostId host, const RuleExpressionEvaluated& event, Packed& out) {
  Slot& slot = out.slots[0] = detail::head(at, host, RuleExpressionEvaluated::kind, event.packet.value);
  slot.a = event.rule;
  slot.b =
      event.expression | (static_cast<std::uint32_t>(event.result) << 16) | (std::uint32_t{event.word_count} << 24);
  slot.c = event.words[0];
  slot.d = event.words[1];
  if (event.word_count <= 2) return;
  out.count = event.word_count > 8 ? 3 : 2;
  slot.extra = static_cast<std::uint8_t>(out.count - 1);
  detail::put(out.slots[1], event.words, 32);
  if (out.count == 3) detail::put(out.slots[2], event.words + 8, 32);
}
inline RuleExpressionEvaluated unpack_rule_expression(const Slot* slots) {
  const Slot& slot = slots[0];
  RuleExpressionEvaluated event;
  event.packet = {slot.subject};
  event.rule = slot.a;
  event.expression = static_cast<std::uint16_t>(slot.b);
  event.result = detail::byte<ExpressionResult>(slot.b, 2);
  event.word_count = detail::byte<std::uint8_t>(slot.b, 3);
  event.words[0] = slot.c;
  event.words[1] = slot.d;
  if (slot.extra >= 1) detail::get(slots[1], event.words, 32);
  if (slot.extra >= 2) detail::get(slots[2], event.words + 8, 32);
  return event;
}

}  // namespace fourtuple::trace
