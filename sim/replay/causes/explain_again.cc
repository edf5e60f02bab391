// Why something was sent again, and what became of the times before.
#include <fmt/format.h>

#include "sim/replay/causes/chain_builder.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;

struct Earlier {
  PacketId last;                      // the time before
  PacketId first;                     // the first time
  std::uint32_t times = 0;            // sent before this one
  std::uint32_t repeated = 0;         // acknowledgments that asked for these bytes since the time before
  std::uint64_t asked = Scene::none;  // where the last of them was received
};

bool same_bytes(const Packet& a, const Packet& b) {
  return sender_tuple(a) == sender_tuple(b) && a.seq.raw == b.seq.raw && a.has(TcpFlag::syn) == b.has(TcpFlag::syn) &&
         (a.payload_length > 0 || b.payload_length == 0 || a.has(TcpFlag::fin));
}

Earlier look_back(const Scene& scene, const Packet& packet, std::uint64_t created) {
  Earlier earlier;
  PacketId id = scene.events().previous_of_flow(packet.id);
  for (int i = 0; i < most_of_flow && id.valid(); ++i, id = scene.events().previous_of_flow(id)) {
    const auto other = scene.packets().packet(id);
    if (!other || other->protocol != Protocol::tcp) continue;
    if (same_bytes(*other, packet)) {
      if (!earlier.last.valid()) earlier.last = id;
      earlier.first = id;
      ++earlier.times;
      continue;
    }
    const std::uint64_t end = scene.packets().end(id);
    const bool asks = !earlier.last.valid() && other->has(TcpFlag::ack) && other->ack.raw == packet.seq.raw &&
                      other->payload_length == 0 && end != PacketIndex::none && end < created &&
                      scene.at(end)->host == scene.at(created)->host;
    if (!asks || packet.has(TcpFlag::syn)) continue;
    if (earlier.asked == Scene::none) earlier.asked = end;
    ++earlier.repeated;
  }
  return earlier;
}

std::string span_words(Duration span) {
  const std::int64_t us = span.ns / 1000;
  if (us < 1000) return fmt::format("{} µs", us);
  if (us < 1'000'000) return fmt::format("{}.{} ms", us / 1000, us / 100 % 10);
  return fmt::format("{}.{:02} s", us / 1'000'000, us / 10'000 % 100);
}

// An acknowledgment of the first time that was made and lost on its way back.
std::uint64_t lost_answer(const Scene& scene, const Packet& packet, PacketId first) {
  PacketId id = scene.events().previous_of_flow(packet.id);
  std::uint64_t lost = Scene::none;
  for (int i = 0; i < most_of_flow && id.valid() && id.value > first.value;
       ++i, id = scene.events().previous_of_flow(id)) {
    const auto other = scene.packets().packet(id);
    if (!other || other->source_port == packet.source_port || !other->has(TcpFlag::ack)) continue;
    if (static_cast<std::int32_t>(other->ack.raw - packet.seq.raw) <= 0) continue;
    if (scene.packets().fate(id) == Fate::dropped) lost = scene.packets().end(id);
  }
  return lost;
}

// What became of the time before.
void explain_first(ChainBuilder& b, const Packet& packet, const Earlier& earlier, std::uint64_t created) {
  const std::uint64_t end = b.scene.packets().end(earlier.last);
  const std::uint64_t sent = b.scene.packets().created(earlier.last);
  const std::string which = earlier.times > 1 ? "the time before" : "the first one";
  if (end != PacketIndex::none && b.scene.at(end)->kind == Kind::packet_dropped && end < created) {
    const NetworkId network = trace::unpack_packet_dropped(b.scene.at(end)).network;
    const std::string when = "it was sent at " + trace::time_text(b.scene.at(sent)->at);
    b.add(end,
          network.valid() ? fmt::format("{} was lost on {}", which, b.scene.network(network))
                          : fmt::format("{} was dropped on {}", which, b.scene.host(b.scene.at(end)->host_id())),
          when, CauseTone::failed);
    return explain_drop(b, end);
  }
  const std::uint64_t answer = lost_answer(b.scene, packet, earlier.first);
  if (answer != Scene::none && answer < created) {
    b.add(answer, fmt::format("{} had arrived, but its acknowledgment was lost", which), b.scene.event_words(answer),
          CauseTone::failed);
    return explain_drop(b, answer);
  }
  if (end == PacketIndex::none || end >= created) {
    b.add(sent, fmt::format("{} was still under way", which), "the timer was shorter than the way there and back");
    return b.root(CauseRoot::setting);
  }
  b.add(end, fmt::format("{} had arrived", which), "no acknowledgment of it came back in time", CauseTone::delivered);
  // Held back, or refused by the other end: why is told by what it made of it.
  b.add_root(CauseRoot::setting, end,
             packet.has(TcpFlag::syn) ? "the handshake's other half did not come to its end"
                                      : "the other end acknowledges later than the timer waits",
             b.scene.event_words(end));
}

// tcp_syn_linear_timeouts, since Linux 6.5.
void note_about_repetitions(ChainBuilder& b) {
  b.chain.book = "A SYN is sent again after 1, 3, 7, 15 seconds: doubling from the start.";
  b.chain.linux_does = "Since 6.5 Linux repeats at a steady pace of about 1 s first, then doubles.";
}

}  // namespace

void explain_again(ChainBuilder& b, PacketId id) {
  const std::uint64_t created = b.scene.packets().created(id);
  const Packet packet = trace::unpack_packet_created(b.scene.at(created)).packet;
  const Earlier earlier = look_back(b.scene, packet, created);
  const std::string host = b.scene.host(b.scene.at(created)->host_id());
  if (!earlier.last.valid()) {
    // Parts of longer segments: the bytes were sent before, cut elsewhere.
    return b.add_root(CauseRoot::setting, created, fmt::format("{} sends bytes again that were not acknowledged", host),
                      "they were sent before in other segments");
  }
  const std::uint64_t before = b.scene.packets().created(earlier.last);
  const bool asked = earlier.repeated >= 3 && b.scene.at(earlier.asked)->at == b.scene.at(created)->at;
  if (asked) {
    b.add(earlier.asked, fmt::format("{} acknowledgments in a row asked for the same byte", earlier.repeated),
          fmt::format("each said ack {}: something behind it had arrived, it had not", packet.seq.raw),
          CauseTone::again);
  } else {
    b.add(created, "no acknowledgment came, and the timer ran out",
          fmt::format("{} after the time before{}", span_words(b.scene.at(created)->at - b.scene.at(before)->at),
                      earlier.times > 1 ? fmt::format("; it had been sent {} times", earlier.times) : std::string()),
          CauseTone::again);
  }
  if (packet.has(TcpFlag::syn) && !asked) note_about_repetitions(b);
  explain_first(b, packet, earlier, created);
}

void explain_silence(ChainBuilder& b, SocketId socket, std::uint64_t record) {
  const state::Socket* held = b.scene.socket(socket, record);
  const std::uint32_t flow =
      held == nullptr ? FlowTable::none : b.scene.packets().flows().find(held->protocol, held->tuple);
  if (flow == FlowTable::none)
    return b.add_root(CauseRoot::setting, record, "nobody answered until patience ran out", {});
  // Back over the conversation from its last packet before the record.
  PacketId id = b.scene.events().last_of_flow(flow);
  std::uint32_t sent = 0, dropped = 0;
  std::uint64_t last_sent = Scene::none, last_drop = Scene::none;
  bool syn = false;
  for (int i = 0; i < most_of_flow && id.valid(); ++i, id = b.scene.events().previous_of_flow(id)) {
    const std::uint64_t created = b.scene.packets().created(id), end = b.scene.packets().end(id);
    if (created == PacketIndex::none || created > record) continue;
    const Packet packet = trace::unpack_packet_created(b.scene.at(created)).packet;
    const bool own = b.scene.at(created)->host == b.scene.at(record)->host && sender_tuple(packet) == held->tuple;
    if (!own) {
      // What came back ends the silence.
      if (end != PacketIndex::none && end < record && b.scene.at(end)->kind == Kind::packet_delivered &&
          b.scene.at(end)->host == b.scene.at(record)->host)
        break;
      continue;
    }
    if (last_sent == Scene::none) last_sent = created;
    syn = packet.has(TcpFlag::syn);
    ++sent;
    if (end == PacketIndex::none || end > record || b.scene.at(end)->kind != Kind::packet_dropped) continue;
    ++dropped;
    last_drop = end;
  }
  const std::string noun = syn ? "SYN" : "segment";
  b.add(last_sent == Scene::none ? record : last_sent,
        sent == 1 ? fmt::format("one {} had no answer", noun) : fmt::format("{} {}s had no answer", sent, noun),
        sent > 1 ? fmt::format("the first, and {} sent again", sent - 1) : std::string(), CauseTone::again)
      .socket = socket;
  if (last_drop == Scene::none)
    return b.add_root(CauseRoot::setting, record, "the other end kept silent", "what was sent had arrived");
  b.add(last_drop, dropped == sent ? "none of them was let through" : fmt::format("{} of them never arrived", dropped),
        b.scene.event_words(last_drop), CauseTone::failed);
  if (syn) note_about_repetitions(b);
  explain_drop(b, last_drop);
}

}  // namespace fourtuple::replay
