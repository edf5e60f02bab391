// Why a packet exists: the call of a program that it carries out, or the packet that it answers.
#include <fmt/format.h>

#include "sim/replay/causes/chain_builder.h"
#include "sim/state/errno.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"

namespace fourtuple::replay {
namespace {

using trace::Call;
using trace::Kind;

bool is_call(const trace::Slot& slot) {
  return slot.kind == Kind::syscall || slot.kind == Kind::data_call;
}

bool sends(Call call) {
  return call == Call::connect || call == Call::send || call == Call::sendto || call == Call::write;
}

// A packet that a program's own call made: with the call, or with the socket behind it.
void made_by_program(ChainBuilder& b, std::uint64_t created, const Packet& packet) {
  const SocketId socket = b.scene.sender_socket(packet, created);
  const auto tell = [&](std::uint64_t i) {
    const trace::Syscall call = trace::unpack_syscall(b.scene.at(i));
    explain_call(b, i, fmt::format("{} called {}()", b.scene.program(call.process, i), name_of(call.call)));
    b.chain.causes.back().socket = call.socket;
  };
  const auto fits = [&](std::uint64_t i) {
    if (!is_call(*b.scene.at(i))) return false;
    const trace::Syscall call = trace::unpack_syscall(b.scene.at(i));
    return sends(call.call) && (!socket.valid() || call.socket == socket);
  };
  for (const std::uint64_t i : b.scene.after(created))
    if (fits(i)) return tell(i);
  for (const std::uint64_t i : b.scene.before(created))
    if (fits(i)) return tell(i);
  if (const std::uint64_t command = b.scene.command_of(created); command != Scene::none) {
    return b.add_root(CauseRoot::call, command, "the timeline asked for it: " + b.scene.event_words(command),
                      b.scene.command_words(created));
  }
  const state::Socket* held = b.scene.socket(socket, created);
  const std::string who =
      held == nullptr ? b.scene.host(b.scene.at(created)->host_id()) : b.scene.program(held->owner, created);
  b.add_root(CauseRoot::call, created, fmt::format("{} sent it", who), b.scene.event_words(created));
}

// Data of a stream: the send() that wrote these bytes, maybe long before.
bool made_by_write(ChainBuilder& b, const Packet& packet) {
  if (packet.payload_kind != PayloadKind::stream || packet.payload_length == 0) return false;
  const std::uint64_t write =
      b.scene.streams().write_of(b.scene.trace(), {packet.payload_source}, packet.payload_offset);
  if (write >= b.scene.end()) return false;
  const SocketId socket = trace::unpack_stream_written(b.scene.at(write)).socket;
  std::uint64_t told = Scene::none;
  for (const auto& list : {b.scene.after(write), b.scene.before(write)})
    for (const std::uint64_t i : list)
      if (told == Scene::none && is_call(*b.scene.at(i)) && trace::unpack_syscall(b.scene.at(i)).socket == socket)
        told = i;
  if (told != Scene::none) {
    const trace::Syscall call = trace::unpack_syscall(b.scene.at(told));
    explain_call(b, told, fmt::format("{} called {}()", b.scene.program(call.process, told), name_of(call.call)));
  } else {
    const state::Socket* held = b.scene.socket(socket, write);
    const std::string who = held == nullptr ? std::string("a program") : b.scene.program(held->owner, write);
    explain_call(b, write, fmt::format("{} wrote these bytes", who));
  }
  b.chain.causes.back().socket = socket;
  return true;
}

// A FIN or RST that its own end wanted: close(), shutdown() or the end of the process.
bool made_by_close(ChainBuilder& b, std::uint64_t created, const Packet& packet, bool same_instant) {
  const SocketId socket = b.scene.sender_socket(packet, created);
  const auto closes = [&](std::uint64_t i) {
    if (b.scene.at(i)->kind != Kind::syscall) return false;
    const Call call = trace::unpack_syscall(b.scene.at(i)).call;
    return call == Call::close || call == Call::shutdown || call == Call::exit || call == Call::kill;
  };
  const auto tell = [&](std::uint64_t i) {
    const trace::Syscall call = trace::unpack_syscall(b.scene.at(i));
    const std::string who = b.scene.program(call.process, i);
    explain_call(b, i,
                 packet.has(TcpFlag::rst) ? fmt::format("{} closed the connection hard", who)
                                          : fmt::format("{} called {}()", who, name_of(call.call)));
    b.chain.causes.back().socket = socket;
    return true;
  };
  if (!same_instant) {
    for (std::uint64_t i = b.scene.events().socket_before(socket, created); i != EventIndex::none;
         i = b.scene.events().socket_before(socket, i)) {
      if (closes(i)) return tell(i);
      if (b.scene.at(i)->kind == Kind::socket_created) break;
    }
  }
  for (const std::uint64_t i : b.scene.before(created))
    if (closes(i)) return tell(i);
  return false;
}

// A packet that came to this host at the instant of `created`, the other way round.
std::uint64_t answered(const Scene& scene, std::uint64_t created, const Packet& answer, Kind kind) {
  for (const auto& list : {scene.before(created), scene.after(created)})
    for (const std::uint64_t i : list) {
      if (scene.at(i)->kind != kind) continue;
      const auto packet = scene.packet_at({scene.at(i)->subject}, i);
      if (packet && packet->id != answer.id && receiver_tuple(*packet) == sender_tuple(answer)) return i;
    }
  return Scene::none;
}

// A close() behind `from`, at the same instant as `created`.
bool closed_between(const Scene& scene, std::uint64_t from, std::uint64_t created) {
  for (const std::uint64_t i : scene.before(created)) {
    if (i <= from) return false;
    if (scene.at(i)->kind == Kind::syscall && trace::unpack_syscall(scene.at(i)).call == Call::close) return true;
  }
  return false;
}

void made_as_reset(ChainBuilder& b, std::uint64_t created, const Packet& packet) {
  if (const std::uint64_t drop = answered(b.scene, created, packet, Kind::packet_dropped); drop != Scene::none)
    return explain_drop(b, drop);
  const std::uint64_t came = answered(b.scene, created, packet, Kind::packet_delivered);
  if ((came == Scene::none || closed_between(b.scene, came, created)) && made_by_close(b, created, packet, true))
    return;
  if (came != Scene::none) {
    const Packet other = b.scene.packet_at({b.scene.at(came)->subject}, came).value_or(Packet{});
    const std::string host = b.scene.host(b.scene.at(created)->host_id());
    b.add(came, fmt::format("{} got {} that its connection cannot take any more", host, with_article(other)),
          "such a segment is answered with a RST");
    if (made_by_close(b, came, packet, false)) return;
    return explain_made(b, other.id);
  }
  if (made_by_close(b, created, packet, false)) return;
  b.add_root(CauseRoot::setting, created,
             fmt::format("the kernel of {} gave the connection up", b.scene.host(b.scene.at(created)->host_id())),
             "a timer of TCP had run out");
}

// The last packet of the conversation that had come to this host before.
std::uint64_t last_received(const Scene& scene, std::uint64_t created, const Packet& packet) {
  PacketId other = scene.events().previous_of_flow(packet.id);
  for (int i = 0; i < most_of_flow && other.valid(); ++i, other = scene.events().previous_of_flow(other)) {
    const std::uint64_t end = scene.packets().end(other);
    if (end == PacketIndex::none || end >= created || scene.at(end)->host != scene.at(created)->host) continue;
    if (scene.at(end)->kind == Kind::packet_delivered) return end;
  }
  return Scene::none;
}

void made_as_answer(ChainBuilder& b, std::uint64_t created, const Packet& packet) {
  std::uint64_t came = answered(b.scene, created, packet, Kind::packet_delivered);
  if (came == Scene::none) came = answered(b.scene, created, packet, Kind::packet_dropped);
  if (came == Scene::none) came = last_received(b.scene, created, packet);
  if (came == Scene::none) return made_by_program(b, created, packet);
  const Packet other = b.scene.packet_at({b.scene.at(came)->subject}, came).value_or(Packet{});
  const bool delivered = b.scene.at(came)->kind == Kind::packet_delivered;
  b.add(came,
        fmt::format("{} had got {} from {}", b.scene.host(b.scene.at(came)->host_id()), with_article(other),
                    b.scene.owner_of(other.source)),
        delivered ? std::string(words_of(trace::unpack_packet_delivered(b.scene.at(came)).quality)) : std::string(),
        delivered ? CauseTone::delivered : CauseTone::failed);
  if (other.id != packet.id) explain_made(b, other.id);
}

// A probe: a segment without data below what was acknowledged, sent by a timer.
bool is_probe(ChainBuilder& b, std::uint64_t created, const Packet& packet) {
  if (packet.payload_length > 1 || (packet.flags & (TcpFlag::syn | TcpFlag::fin | TcpFlag::rst)) != 0) return false;
  if (!b.scene.trace().wants(Kind::tcp_variables)) return false;
  const SocketId socket = b.scene.sender_socket(packet, created);
  const state::State& state = b.scene.state_after(created);
  if (!socket.valid() || socket.value >= state.tcp_variables.size()) return false;
  return packet.seq.raw == state.tcp_variables[socket.value].snd_una.raw - 1;
}

void explain_probe(ChainBuilder& b, std::uint64_t created, const Packet& packet) {
  const SocketId socket = b.scene.sender_socket(packet, created);
  const state::TcpVariables values = b.scene.state_after(created).tcp_variables[socket.value];
  const std::string host = b.scene.host(b.scene.at(created)->host_id());
  const bool closed = values.snd_wnd == 0;
  b.add(created,
        closed ? fmt::format("{} asks whether the window is open again", host)
               : fmt::format("{} asks whether the other end is still there", host),
        closed ? "the other end offered a window of 0; an old byte makes it say its window once more"
               : "keep-alive: an old byte makes it answer",
        CauseTone::again)
      .socket = socket;
  if (!closed) {
    for (std::uint64_t i = b.scene.events().socket_before(socket, created); i != EventIndex::none;
         i = b.scene.events().socket_before(socket, i)) {
      if (b.scene.at(i)->kind != Kind::syscall) continue;
      if (trace::unpack_syscall(b.scene.at(i)).call == Call::setsockopt)
        return explain_call(b, i, "the program asked for keep-alive");
    }
    return b.add_root(CauseRoot::setting, created, "keep-alive is on for this connection", "SO_KEEPALIVE");
  }
  const std::uint64_t told = last_received(b.scene, created, packet);
  if (told == Scene::none) return b.add_root(CauseRoot::setting, created, "the window is closed", {});
  b.add(told, fmt::format("{} had closed its window", b.scene.owner_of(packet.destination)),
        "its receive buffer is full; its last ACK said window 0")
      .socket = socket;
  const HostId other = b.scene.host_with(packet.destination);
  b.add_root(CauseRoot::call, told,
             fmt::format("the program on {} does not read", b.scene.owner_of(packet.destination)),
             other.valid() ? "what arrives stays in the kernel until recv() takes it" : "");
}

void made_icmp(ChainBuilder& b, std::uint64_t created, const Packet& packet) {
  const PacketId original = b.scene.packets().quoted(packet.id);
  if (!original.valid()) {
    // An echo reply answers its request; everything else a program asked for.
    const std::uint64_t came = answered(b.scene, created, packet, Kind::packet_delivered);
    return came == Scene::none ? made_by_program(b, created, packet) : made_as_answer(b, created, packet);
  }
  const std::uint64_t end = b.scene.packets().end(original);
  if (end != PacketIndex::none && b.scene.at(end)->kind == Kind::packet_dropped) return explain_drop(b, end);
  b.add(created, fmt::format("{} did not take a packet", b.scene.host(b.scene.at(created)->host_id())),
        "the message quotes it");
  explain_made(b, original);
}

}  // namespace

std::string short_words(const Packet& packet) {
  switch (packet.protocol) {
    case Protocol::tcp: {
      if (packet.has(TcpFlag::rst)) return "RST";
      if (packet.has(TcpFlag::syn)) return packet.has(TcpFlag::ack) ? "SYN ACK" : "SYN";
      if (packet.has(TcpFlag::fin)) return "FIN";
      if (packet.payload_length == 0) return "ACK";
      return fmt::format("segment of {} byte{}", packet.payload_length, packet.payload_length == 1 ? "" : "s");
    }
    case Protocol::udp:
      return "datagram";
    case Protocol::icmp:
    case Protocol::icmpv6:
      return trace::icmp_text(packet);
    default:
      return "packet";
  }
}

std::string with_article(const Packet& packet) {
  const std::string words = short_words(packet);
  return (std::string_view("AEIOUaeio").find(words.front()) != std::string_view::npos ? "an " : "a ") + words;
}

void explain_arrival(ChainBuilder& b, PacketId id) {
  const std::uint64_t end = b.scene.packets().end(id);
  const auto packet = b.scene.packets().packet(id);
  if (end == PacketIndex::none || !packet) return explain_made(b, id);
  const std::string host = b.scene.host(b.scene.at(end)->host_id());
  const bool error = packet->protocol == Protocol::icmp || packet->protocol == Protocol::icmpv6;
  const bool reset = packet->protocol == Protocol::tcp && packet->has(TcpFlag::rst);
  std::string evidence;
  if (reset && packet->has(TcpFlag::ack))
    evidence = fmt::format("seq {}, ack {}: it names what it refuses", packet->seq.raw, packet->ack.raw);
  if (error) evidence = fmt::format("from {}", b.scene.owner_of(packet->source));
  if (evidence.empty()) evidence = trace::packet_text(*packet);
  b.add(end,
        error ? fmt::format("ICMP told {}: {}", host, short_words(*packet))
              : fmt::format("{} came to {}", with_article(*packet), host),
        std::move(evidence), reset || error ? CauseTone::failed : CauseTone::delivered);
  const std::vector<std::uint64_t> rewrites = b.scene.packets().rewrites(id);
  if (!rewrites.empty() && !b.full()) {
    const std::uint64_t last = rewrites.back();
    const trace::PacketRewritten event = trace::unpack_packet_rewritten(b.scene.at(last));
    const auto before = b.scene.packet_at(id, last == 0 ? 0 : last - 1);
    b.add(last, fmt::format("{} knew whose it was", b.scene.host(b.scene.at(last)->host_id())),
          before && !event.inner
              ? fmt::format("its entry for {}:{} said {}:{}", b.scene.address(before->destination),
                            before->destination_port, b.scene.address(event.destination), event.destination_port)
              : std::string("its entry for the quoted packet said so"),
          CauseTone::rewritten);
  }
  explain_made(b, id);
}

void explain_made(ChainBuilder& b, PacketId id) {
  const std::uint64_t created = b.scene.packets().created(id);
  if (created == PacketIndex::none || b.full()) {
    if (!b.chain.causes.empty()) b.root(CauseRoot::unseen);
    return;
  }
  const Packet packet = trace::unpack_packet_created(b.scene.at(created)).packet;
  if (packet.protocol == Protocol::icmp || packet.protocol == Protocol::icmpv6) return made_icmp(b, created, packet);
  if (packet.protocol != Protocol::tcp) return made_by_program(b, created, packet);
  if (packet.has(TcpFlag::rst)) return made_as_reset(b, created, packet);
  if (is_probe(b, created, packet)) return explain_probe(b, created, packet);
  if (b.scene.packets().retransmission(id)) return explain_again(b, id);
  if (packet.has(TcpFlag::syn) && !packet.has(TcpFlag::ack)) return made_by_program(b, created, packet);
  if (made_by_write(b, packet)) return;
  if (packet.has(TcpFlag::fin) && made_by_close(b, created, packet, false)) return;
  made_as_answer(b, created, packet);
}

}  // namespace fourtuple::replay
