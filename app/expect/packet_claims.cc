// Expectations about packets: which are selected, what became of them, what was sent back.
#include <algorithm>
#include <fmt/format.h>

#include "app/expect/expect.h"
#include "sim/trace/describe.h"
#include "sim/world/selector.h"

namespace fourtuple::app {
namespace {

using world::Expectation;
using world::Fate;
using world::nothing;
using world::Selector;

// --- selection ---

bool fate_fits(const Evidence& evidence, const Selector& selector, PacketId id) {
  const auto& packets = evidence.indexes().packets();
  if (selector.fate == Fate::delivered) return packets.fate(id) == replay::Fate::delivered;
  if (selector.fate != Fate::dropped && !selector.reason) return true;
  if (packets.fate(id) != replay::Fate::dropped) return false;
  const trace::PacketDropped drop = trace::unpack_packet_dropped(evidence.trace().at(packets.end(id)));
  return !selector.reason || drop.reason == *selector.reason;
}

// Whether one of the packet's sendings fits; a packet that was never sent counts as it was made.
bool sending_fits(const Evidence& evidence, const Selector& selector, PacketId id, const Packet& packet) {
  const trace::Trace& trace = evidence.trace();
  const auto& packets = evidence.indexes().packets();
  const trace::Slot* made = trace.at(packets.created(id));
  world::PacketSight sight;
  sight.packet = packet;
  sight.made_by = made->host_id();
  sight.at = made->at;
  const std::vector<world::NameTuple> no_names;  // the name is judged by the socket's life
  const auto hops = packets.hops(id);
  for (const std::uint64_t hop : hops) {
    const trace::PacketSent sent = trace::unpack_packet_sent(trace.at(hop));
    const auto& interfaces = evidence.tables().topology.interfaces;
    if (sent.from.value < interfaces.size()) sight.network = interfaces[sent.from.value].network;
    sight.at = trace.at(hop)->at;
    sight.packet = *packets.packet_at(id, hop);
    if (world::fits(selector, sight, evidence.tables(), no_names)) return true;
  }
  // A packet the network refused has no sending, only an end there.
  if (packets.fate(id) == replay::Fate::dropped) {
    const trace::PacketDropped drop = trace::unpack_packet_dropped(trace.at(packets.end(id)));
    if (drop.network.valid()) sight.network = drop.network;
  } else if (!hops.empty()) {
    return false;
  }
  return world::fits(selector, sight, evidence.tables(), no_names);
}

// All packets the selector means, in the order they were made; with `any_nth`, before nth chooses among them.
std::vector<PacketId> select(const Evidence& evidence, Selector selector, bool any_nth = false) {
  const world::SocketRef socket = selector.socket;
  selector.socket = nothing;
  std::vector<PacketId> selected;
  std::uint32_t fitting = 0;
  const auto& packets = evidence.indexes().packets();
  for (std::uint32_t value = 0; value < packets.size(); ++value) {
    const PacketId id{value};
    const auto packet = packets.packet(id);
    if (!packet) continue;
    const Time made = evidence.trace().at(packets.created(id))->at;
    // Behind a NAT a packet fits its receiver's socket only as it arrived.
    if (socket != nothing && !evidence.belongs(socket, *packet, made) &&
        !evidence.belongs(socket, *packets.packet_at(id, replay::PacketIndex::none), made))
      continue;
    if (!fate_fits(evidence, selector, id) || !sending_fits(evidence, selector, id, *packet)) continue;
    ++fitting;
    if (any_nth || world::wants_nth(selector, fitting)) selected.push_back(id);
  }
  return selected;
}

std::string why_none(const Evidence& evidence, const Selector& selector) {
  if (!selector.nth.empty()) {
    const std::size_t without = select(evidence, selector, true).size();
    if (without != 0) return fmt::format("only {} such packet{} sent", without, without == 1 ? " was" : "s were");
  }
  if (selector.fate != Fate::any || selector.reason) {
    Selector wider = selector;
    wider.fate = Fate::any;
    wider.reason.reset();
    const std::size_t without = select(evidence, wider).size();
    if (without != 0) return fmt::format("no such packet met that fate; {} met another", without);
  }
  if (selector.socket != nothing && evidence.life(selector.socket, evidence.ended()) == nullptr)
    return fmt::format("socket {} was never opened", evidence.socket_name(selector.socket));
  return "no such packet was sent";
}

// --- fate ---

std::string host_of(const Evidence& evidence, std::uint64_t position) {
  return std::string(trace::host_name(evidence.tables(), evidence.trace().at(position)->host_id()));
}

std::string fate_words(Evidence& evidence, PacketId id) {
  const auto& packets = evidence.indexes().packets();
  const std::uint64_t end = packets.end(id);
  if (end == replay::PacketIndex::none) return "was still under way when the run ended";
  const trace::Slot* slots = evidence.trace().at(end);
  if (slots->kind == trace::Kind::packet_dropped) {
    const trace::PacketDropped drop = trace::unpack_packet_dropped(slots);
    const std::string_view network = trace::network_name(evidence.tables(), drop.network);
    if (drop.reason == trace::DropReason::link_loss) return fmt::format("was lost on {}", network);
    if (drop.reason == trace::DropReason::link_fault || drop.reason == trace::DropReason::link_failed)
      return fmt::format("was lost on {}: {}", network, trace::words_of(drop.reason));
    const std::string rule = drop.reason == trace::DropReason::rule ? dropping_rule(evidence, id) : "";
    return fmt::format("was dropped at {}: {}", host_of(evidence, end),
                       rule.empty() ? trace::words_of(drop.reason) : std::string_view(rule));
  }
  const trace::PacketDelivered delivered = trace::unpack_packet_delivered(slots);
  const state::State& state = evidence.state_before(end);
  std::string to = "the kernel";
  if (delivered.process.valid() && state.processes.alive(delivered.process.value))
    to = evidence.tables().strings[state.processes[delivered.process.value].name];
  const std::string how =
      delivered.quality == trace::MatchQuality::none ? "" : fmt::format(" ({})", trace::name_of(delivered.quality));
  return fmt::format("reached {} on {}{}", to, host_of(evidence, end), how);
}

bool was_delivered_to(Evidence& evidence, PacketId id, world::ProcessRef process) {
  const auto& packets = evidence.indexes().packets();
  if (packets.fate(id) != replay::Fate::delivered) return false;
  const std::uint64_t end = packets.end(id);
  const trace::Slot* slots = evidence.trace().at(end);
  if (slots->host_id().value != process.host) return false;
  if (process.process == nothing) return true;
  return evidence.is_process(evidence.state_before(end), trace::unpack_packet_delivered(slots).process, process);
}

bool was_matched_by(const Evidence& evidence, PacketId id, trace::MatchQuality quality) {
  const auto& packets = evidence.indexes().packets();
  return packets.fate(id) == replay::Fate::delivered &&
         trace::unpack_packet_delivered(evidence.trace().at(packets.end(id))).quality == quality;
}

bool was_dropped_by(Evidence& evidence, PacketId id, const Expectation::Dropped& wanted) {
  const auto& packets = evidence.indexes().packets();
  if (packets.fate(id) != replay::Fate::dropped) return false;
  const trace::Slot* slots = evidence.trace().at(packets.end(id));
  const trace::PacketDropped drop = trace::unpack_packet_dropped(slots);
  if (wanted.reason && drop.reason != *wanted.reason) return false;
  if (wanted.host != nothing && slots->host_id().value != wanted.host) return false;
  if (wanted.network != nothing && drop.network.value != wanted.network) return false;
  return (wanted.chain.empty() && wanted.rule.empty()) || was_dropped_by_rule(evidence, id, wanted.chain, wanted.rule);
}

// --- answers ---

bool is_echo_reply(const Packet& packet) {
  return (packet.protocol == Protocol::icmp && packet.icmp_type() == 0) ||
         (packet.protocol == Protocol::icmpv6 && packet.icmp_type() == 129);
}

bool goes_back(const Packet& answer, const Packet& packet) {
  if (answer.protocol != packet.protocol || answer.source != packet.destination || answer.destination != packet.source)
    return false;
  if (packet.protocol == Protocol::icmp || packet.protocol == Protocol::icmpv6)
    return is_echo_reply(answer) && answer.destination_port == packet.destination_port && answer.seq == packet.seq;
  return answer.source_port == packet.destination_port && answer.destination_port == packet.source_port;
}

// What its end brought about: the ICMP error that quotes it, or what that host sent back in the same instant.
std::vector<PacketId> answers_to(const Evidence& evidence, PacketId id) {
  std::vector<PacketId> answers;
  const auto& packets = evidence.indexes().packets();
  const std::uint64_t end = packets.end(id);
  if (end == replay::PacketIndex::none) return answers;
  const Packet arrived = *packets.packet_at(id, end);
  const trace::Slot* ended = evidence.trace().at(end);
  for (std::uint32_t value = id.value + 1; value < packets.size(); ++value) {
    const auto other = packets.packet({value});
    if (!other) continue;
    const trace::Slot* made = evidence.trace().at(packets.created({value}));
    const bool at_once = made->at == ended->at && made->host_id() == ended->host_id() && goes_back(*other, arrived);
    if (at_once || packets.quoted({value}) == id) answers.push_back({value});
  }
  return answers;
}

Expectation::Answer answer_kind(const Packet& packet) {
  using Answer = Expectation::Answer;
  if (packet.protocol == Protocol::tcp) return packet.has(TcpFlag::rst) ? Answer::rst : Answer::none;
  if (is_echo_reply(packet)) return Answer::echo_reply;
  const int code = packet.icmp_code();
  if (packet.protocol == Protocol::icmp) {
    if (packet.icmp_type() == 11) return Answer::time_exceeded;
    if (packet.icmp_type() != 3) return Answer::none;
    return code == 0    ? Answer::network_unreachable
           : code == 1  ? Answer::host_unreachable
           : code == 3  ? Answer::port_unreachable
           : code == 4  ? Answer::fragmentation_needed
           : code == 13 ? Answer::admin_prohibited
                        : Answer::none;
  }
  if (packet.protocol != Protocol::icmpv6) return Answer::none;
  if (packet.icmp_type() == 2) return Answer::fragmentation_needed;
  if (packet.icmp_type() == 3) return Answer::time_exceeded;
  if (packet.icmp_type() != 1) return Answer::none;
  return code == 0   ? Answer::network_unreachable
         : code == 1 ? Answer::admin_prohibited
         : code == 3 ? Answer::host_unreachable
         : code == 4 ? Answer::port_unreachable
                     : Answer::none;
}

bool was_answered(const Evidence& evidence, PacketId id, Expectation::Answer wanted) {
  const auto& packets = evidence.indexes().packets();
  const auto answers = answers_to(evidence, id);
  if (wanted == Expectation::Answer::nothing) return answers.empty();
  return std::any_of(answers.begin(), answers.end(),
                     [&](PacketId answer) { return answer_kind(*packets.packet(answer)) == wanted; });
}

std::string answer_words(const Evidence& evidence, PacketId id) {
  const auto& packets = evidence.indexes().packets();
  const auto answers = answers_to(evidence, id);
  if (answers.empty()) return "nothing was sent back";
  return fmt::format("the answer was {}", trace::packet_text(*packets.packet(answers.front())));
}

bool meets(Evidence& evidence, const Expectation& expectation, PacketId id) {
  if (expectation.delivered_to.valid() && !was_delivered_to(evidence, id, expectation.delivered_to)) return false;
  if (expectation.matched && !was_matched_by(evidence, id, *expectation.matched)) return false;
  if (expectation.dropped_by && !was_dropped_by(evidence, id, *expectation.dropped_by)) return false;
  return expectation.answered_with == Expectation::Answer::none ||
         was_answered(evidence, id, expectation.answered_with);
}

}  // namespace

std::string judge_packet(Evidence& evidence, const Expectation& expectation) {
  const auto selected = select(evidence, expectation.packet);
  for (const PacketId id : selected)
    if (meets(evidence, expectation, id)) return "";
  if (selected.empty()) return why_none(evidence, expectation.packet);
  const PacketId first = selected.front();
  const auto& packets = evidence.indexes().packets();
  const Time made = evidence.trace().at(packets.created(first))->at;
  std::string found = fmt::format("{} of {} {}", trace::packet_text(*packets.packet(first)), trace::time_text(made),
                                  fate_words(evidence, first));
  if (expectation.answered_with != Expectation::Answer::none) found += "; " + answer_words(evidence, first);
  if (selected.size() > 1) found += fmt::format(" (and so on for {} packets)", selected.size());
  return found;
}

std::string judge_packet_count(Evidence& evidence, const Expectation& expectation) {
  const std::size_t count = select(evidence, expectation.packet).size();
  if (expectation.count.contains(count)) return "";
  return count == 1 ? "there was 1" : fmt::format("there were {}", count);
}

}  // namespace fourtuple::app
