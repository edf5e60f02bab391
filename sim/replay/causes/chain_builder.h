// A chain of causes under construction, and the explanations that lengthen it. Each takes an event, adds one or more
// causes and goes on to what brought them about, until one of them is a root. Internal to sim/replay/causes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "sim/replay/causes/cause.h"
#include "sim/replay/causes/scene.h"

namespace fourtuple::replay {

// Packets of a conversation that are looked through.
constexpr int most_of_flow = 4096;

class ChainBuilder {
 public:
  // A chain this long goes round in circles or is no explanation any more.
  static constexpr std::size_t most_causes = 14;

  explicit ChainBuilder(const CauseSources& sources) : scene(sources) {}

  // Adds a cause told by `record`.
  Cause& add(std::uint64_t record, std::string headline, std::string evidence = {}, CauseTone tone = CauseTone::plain) {
    const trace::Slot* slot = scene.at(record);
    Cause cause;
    cause.headline = std::move(headline);
    cause.evidence = std::move(evidence);
    cause.record = record;
    cause.at = slot->at;
    cause.host = slot->host_id();
    cause.tone = tone;
    cause.packet = packet_of_record(*slot);
    chain.causes.push_back(std::move(cause));
    return chain.causes.back();
  }
  void root(CauseRoot kind) { chain.causes.back().root = kind; }
  // The same with a cause of its own: the end of the chain.
  void add_root(CauseRoot kind, std::uint64_t record, std::string headline, std::string evidence = {}) {
    add(record, std::move(headline), std::move(evidence)).root = kind;
  }
  bool full() const { return chain.causes.size() >= most_causes; }
  bool ended() const { return !chain.causes.empty() && chain.causes.back().root != CauseRoot::none; }
  void rule_out(std::string what) { chain.not_the_reason.push_back(std::move(what)); }

  Scene scene;
  CauseChain chain;

 private:
  static PacketId packet_of_record(const trace::Slot& slot);
};

// --- explanations; each ends with a root unless the trace tells no more ---
// A call that failed: why it did.
void explain_failed_call(ChainBuilder& b, std::uint64_t call);
// A socket_error record.
void explain_socket_error(ChainBuilder& b, std::uint64_t error);
// A packet_dropped record: the reason in words and what is behind it.
void explain_drop(ChainBuilder& b, std::uint64_t drop);
// No socket took the packet: which one nearly did.
void explain_no_socket(ChainBuilder& b, std::uint64_t drop, const Packet& packet);
// A netfilter verdict dropped it.
void explain_rule_drop(ChainBuilder& b, std::uint64_t drop);
// A segment that its connection did not accept.
void explain_unacceptable(ChainBuilder& b, std::uint64_t drop, const Packet& packet);
// A packet reached its socket: how it got there and why it was made.
void explain_arrival(ChainBuilder& b, PacketId packet);
// Why the packet exists. The packet itself has been named by the causes before.
void explain_made(ChainBuilder& b, PacketId packet);
// Why it was sent once more.
void explain_again(ChainBuilder& b, PacketId packet);
// Headers were changed on the way.
void explain_rewrite(ChainBuilder& b, std::uint64_t rewrite);
// How a socket came to be: the call that bound, opened or connected it.
void explain_socket(ChainBuilder& b, SocketId socket, std::uint64_t record);
// A program did it by itself: the call, and the timeline's line behind it.
void explain_call(ChainBuilder& b, std::uint64_t call, std::string headline);
// Nobody answered what this socket sent until `record`.
void explain_silence(ChainBuilder& b, SocketId socket, std::uint64_t record);
// The effect is in a capture: what was seen, and what it lets one suppose.
void explain_captured(ChainBuilder& b, PacketId packet);
// A packet_rewritten record of a capture: both sightings, and what they let one suppose.
void explain_captured_rewrite(ChainBuilder& b, std::uint64_t rewrite);
// What the records rule out about the fate of a packet at `record`.
void rule_out_for(ChainBuilder& b, PacketId packet, std::uint64_t record);

// "SYN", "RST", "1448 bytes", "UDP datagram", "port unreachable": a packet in a sentence.
std::string short_words(const Packet& packet);
// "a SYN", "an ACK".
std::string with_article(const Packet& packet);

}  // namespace fourtuple::replay
