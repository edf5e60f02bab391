#include "sim/replay/causes/causes.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/replay/causes/chain_builder.h"
#include "sim/replay/rule_words.h"
#include "sim/replay/step.h"
#include "sim/state/errno.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"

namespace fourtuple::replay {
namespace {

using trace::Call;
using trace::Kind;

// Records looked back over for the most telling one of an instant.
constexpr std::uint64_t most_of_instant = 4096;

std::string ends_of(Scene& scene, const Packet& packet) {
  const bool ports = packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp;
  return ports ? fmt::format("{}:{} to {}:{}", scene.owner_of(packet.source), packet.source_port,
                             scene.owner_of(packet.destination), packet.destination_port)
               : fmt::format("{} to {}", scene.owner_of(packet.source), scene.owner_of(packet.destination));
}

void dropped(ChainBuilder& b, std::uint64_t record) {
  const trace::PacketDropped event = trace::unpack_packet_dropped(b.scene.at(record));
  const Packet packet = b.scene.packet_at(event.packet, record).value_or(Packet{});
  const std::string place =
      event.network.valid() ? b.scene.network(event.network) : b.scene.host(b.scene.at(record)->host_id());
  b.chain.title = fmt::format("Why was this {} dropped?", short_words(packet));
  b.chain.summary = trace::drop_text(event, &packet);
  b.add(record, fmt::format("the {} ended on {}", short_words(packet), place), ends_of(b.scene, packet),
        CauseTone::failed);
  rule_out_for(b, event.packet, record);
  explain_drop(b, record);
}

void delivered(ChainBuilder& b, std::uint64_t record) {
  const trace::PacketDelivered event = trace::unpack_packet_delivered(b.scene.at(record));
  const Packet packet = b.scene.packet_at(event.packet, record).value_or(Packet{});
  const state::Socket* socket = b.scene.socket(event.socket, record);
  const std::string who = b.scene.program(event.process, record);
  b.chain.title = fmt::format("Why did this {} come to {}?", short_words(packet), who);
  b.chain.summary = ends_of(b.scene, packet);
  b.add(record, fmt::format("the {} was handed to {}", short_words(packet), who),
        socket == nullptr || socket->fd < 0 ? ends_of(b.scene, packet)
                                            : fmt::format("{}, fd {}", ends_of(b.scene, packet), socket->fd),
        CauseTone::delivered)
      .socket = event.socket;
  std::uint64_t fits = Scene::none;
  std::size_t tried = 0;
  for (const std::uint64_t i : b.scene.before(record, 4096)) {
    if (b.scene.at(i)->kind != Kind::lookup || b.scene.at(i)->subject != event.packet.value) continue;
    ++tried;
    if (trace::unpack_lookup(b.scene.at(i)).mismatch == trace::Mismatch::none)
      fits = std::max(fits == Scene::none ? 0 : fits, i);
  }
  if (event.socket.valid()) {
    b.add(fits == Scene::none ? record : fits, fmt::format("{} fits it", b.scene.socket_words(event.socket, record)),
          fmt::format(
              "{}{}", words_of(event.quality),
              tried > 1 ? fmt::format("; {} locks were tried, in the order of the kernel", tried) : std::string()))
        .socket = event.socket;
    return explain_socket(b, event.socket, record);
  }
  b.add(record, "the kernel takes it itself", std::string(words_of(event.quality)));
  explain_made(b, event.packet);
}

void made(ChainBuilder& b, std::uint64_t record) {
  const Packet packet = trace::unpack_packet_created(b.scene.at(record)).packet;
  const std::string host = b.scene.host(b.scene.at(record)->host_id());
  const bool again = b.scene.packets().retransmission(packet.id);
  b.chain.title =
      again ? "Why is this sent again?" : fmt::format("Why did {} send this {}?", host, short_words(packet));
  b.chain.summary = ends_of(b.scene, packet);
  b.add(record, fmt::format("{} sent {}{}", host, with_article(packet), again ? " once more" : ""),
        trace::packet_text(packet),
        again                                                          ? CauseTone::again
        : packet.has(TcpFlag::rst) && packet.protocol == Protocol::tcp ? CauseTone::failed
                                                                       : CauseTone::plain);
  explain_made(b, packet.id);
}

void rewritten(ChainBuilder& b, std::uint64_t record) {
  const trace::PacketRewritten event = trace::unpack_packet_rewritten(b.scene.at(record));
  const auto before = b.scene.packet_at(event.packet, record == 0 ? 0 : record - 1);
  const auto after = b.scene.packet_at(event.packet, record);
  const std::string host = b.scene.host(b.scene.at(record)->host_id());
  b.chain.title = fmt::format("Why did {} change this packet?", host);
  WalkEntry entry;
  entry.before = before.value_or(Packet{});
  entry.after = after.value_or(Packet{});
  entry.inner = event.inner;
  if (event.inner) {
    if (const auto inner = b.scene.packets().quoted_at(event.packet, record == 0 ? 0 : record - 1))
      entry.before = *inner;
    if (const auto inner = b.scene.packets().quoted_at(event.packet, record)) entry.after = *inner;
  }
  const std::string words = rewrite_words(b.scene.tables(), entry);
  b.chain.summary = words;
  b.add(record, fmt::format("{} rewrote the {}", host, short_words(entry.after)), words, CauseTone::rewritten);
  explain_rewrite(b, record);
}

void state_changed(ChainBuilder& b, std::uint64_t record) {
  const trace::SocketStateChanged event = trace::unpack_socket_state(b.scene.at(record));
  b.chain.title = fmt::format("Why is this connection {}?", name_of(event.to));
  b.chain.summary = b.scene.socket_words(event.socket, record);
  b.add(record, fmt::format("it went from {} to {}", name_of(event.from), name_of(event.to)), b.chain.summary,
        event.to == TcpState::established ? CauseTone::delivered : CauseTone::plain)
      .socket = event.socket;
  if (event.cause.valid()) return explain_arrival(b, event.cause);
  for (const auto& list : {b.scene.before(record), b.scene.after(record)})
    for (const std::uint64_t i : list) {
      const trace::Slot* slot = b.scene.at(i);
      if (slot->kind == Kind::syscall && trace::unpack_syscall(slot).socket == event.socket) {
        const trace::Syscall call = trace::unpack_syscall(slot);
        // A new socket's first calls leave it CLOSED.
        if (call.call == Call::socket || call.call == Call::setsockopt || call.call == Call::bind) continue;
        return explain_call(b, i, fmt::format("{} called {}()", b.scene.program(call.process, i), name_of(call.call)));
      }
      if (slot->kind == Kind::socket_error && slot->subject == event.socket.value &&
          trace::unpack_socket_error(slot).error != 0)
        return explain_socket_error(b, i);
    }
  if (event.from == TcpState::time_wait)
    return b.add_root(CauseRoot::setting, record, "its time in TIME-WAIT is over",
                      "60 s, tcp_fin_timeout has no say in it");
  explain_socket(b, event.socket, record);
}

void woke(ChainBuilder& b, std::uint64_t record) {
  const trace::ProcessActivity event = trace::unpack_process_activity(b.scene.at(record));
  const std::string who = b.scene.program(event.process, record);
  const bool sleeps = event.activity == 1;
  b.chain.title = fmt::format("Why {} {}?", sleeps ? "does" : "did", who + (sleeps ? " sleep" : " wake"));
  b.add(record, b.scene.event_words(record), "", sleeps ? CauseTone::plain : CauseTone::delivered);
  if (event.cause.valid()) return explain_arrival(b, event.cause);
  if (sleeps) {
    return b.add_root(CauseRoot::call, record,
                      fmt::format("what it asked for in {}() is not there yet", name_of(event.call)),
                      "a blocking call returns when it is");
  }
  for (const std::uint64_t i : b.scene.before(record)) {
    const Kind kind = b.scene.at(i)->kind;
    if (kind == Kind::syscall || kind == Kind::data_call)
      return explain_call(b, i, "a program on the same host did something it waited for");
    if (kind == Kind::socket_error && trace::unpack_socket_error(b.scene.at(i)).error != 0)
      return explain_socket_error(b, i);
  }
  b.add_root(CauseRoot::setting, record, "the time it wanted to wait was over", "");
}

void called(ChainBuilder& b, std::uint64_t record) {
  const trace::Syscall call = trace::unpack_syscall(b.scene.at(record));
  if (call_failed(call.error)) return explain_failed_call(b, record);
  const std::string who = b.scene.program(call.process, record);
  b.chain.title = fmt::format("Why did {} call {}()?", who, name_of(call.call));
  b.add(record, b.scene.event_words(record), b.scene.processed(call.process, record)).socket = call.socket;
  const std::uint64_t command = b.scene.command_of(record);
  if (command != Scene::none) {
    return b.add_root(CauseRoot::call, command, "the timeline asked for it: " + b.scene.event_words(command),
                      b.scene.command_words(record));
  }
  for (const std::uint64_t i : b.scene.before(record)) {
    if (b.scene.at(i)->kind != Kind::packet_delivered) continue;
    const trace::PacketDelivered event = trace::unpack_packet_delivered(b.scene.at(i));
    if (event.process.valid() && event.process != call.process) continue;
    return explain_arrival(b, event.packet);
  }
  b.add_root(CauseRoot::call, record, fmt::format("{} does so by itself", who), "it is what this program is for");
}

void tracked(ChainBuilder& b, std::uint64_t record) {
  const PacketId packet{b.scene.at(record)->a};
  const std::string host = b.scene.host(b.scene.at(record)->host_id());
  const bool fresh = b.scene.at(record)->kind == Kind::conntrack_created;
  b.chain.title = fmt::format("Why does {} {} this conversation?", host, fresh ? "remember" : "know");
  b.add(record, b.scene.event_words(record), "", CauseTone::rewritten).packet = packet;
  explain_made(b, packet);
}

// A rule or one of its statements was looked at: the rule itself is the reason.
void judged(ChainBuilder& b, std::uint64_t record) {
  const trace::Slot* slot = b.scene.at(record);
  const PacketId packet = packet_of(*slot);
  const trace::RulesetInfo* ruleset = b.scene.ruleset(record);
  const bool verdict = slot->kind == Kind::rule_verdict;
  const trace::RuleVerdictReached event = verdict ? trace::unpack_rule_verdict(slot) : trace::RuleVerdictReached{};
  const std::uint32_t rule = verdict ? event.rule : trace::unpack_rule_expression(slot).rule;
  const Packet header = b.scene.packet_at(packet, record).value_or(Packet{});
  b.chain.title = verdict ? fmt::format("Why did rules {} this {}?", name_of(event.verdict), short_words(header))
                          : fmt::format("Why is this {} compared?", short_words(header));
  b.add(record, b.scene.event_words(record), ends_of(b.scene, header),
        verdict && event.verdict == trace::RuleVerdict::drop ? CauseTone::failed : CauseTone::plain);
  if (ruleset == nullptr) return explain_made(b, packet);
  if (rule < ruleset->rules.size()) {
    const std::uint32_t line = ruleset->rules[rule].span.line;
    return b.add_root(CauseRoot::rule, record, fmt::format("{} says so", rule_words(*ruleset, rule)),
                      fmt::format("chain {}{}", chain_name(*ruleset, ruleset->rules[rule].chain),
                                  line == 0 ? std::string() : fmt::format(", line {}", line)));
  }
  b.add_root(CauseRoot::rule, record,
             event.chain < ruleset->chains.size() && ruleset->chains[event.chain].base
                 ? fmt::format("that is the policy of chain {}", chain_name(*ruleset, event.chain))
                 : std::string("the chain ended without a verdict"),
             "no rule of it decided");
}

// Anything else: what the record says, and the call or the timeline's entry of that instant.
void other(ChainBuilder& b, std::uint64_t record) {
  const PacketId packet = packet_of(*b.scene.at(record));
  b.chain.title = "Why this?";
  if (const auto header = packet.valid() ? b.scene.packet_at(packet, record) : std::nullopt)
    b.chain.title =
        fmt::format("Why is this {} on {}?", short_words(*header), b.scene.host(b.scene.at(record)->host_id()));
  b.add(record, b.scene.event_words(record), "");
  if (packet.valid()) return explain_made(b, packet);
  const std::uint64_t command = b.scene.command_of(record);
  if (command != Scene::none && command != record)
    return b.add_root(CauseRoot::call, command, "the timeline asked for it: " + b.scene.event_words(command),
                      b.scene.command_words(record));
  for (const std::uint64_t i : b.scene.before(record))
    if (b.scene.at(i)->kind == Kind::syscall) return explain_call(b, i, "a program called");
  b.root(CauseRoot::setting);
}

// In a capture only packets are observed; sockets and programs are what they let one suppose.
void captured(ChainBuilder& b, std::uint64_t record) {
  const trace::Slot& slot = *b.scene.at(record);
  PacketId packet = packet_of(slot);
  if (slot.kind == Kind::socket_state) packet = trace::unpack_socket_state(&slot).cause;
  if (slot.kind == Kind::packet_rewritten) return explain_captured_rewrite(b, record);
  if (packet.valid() && packet_of(slot).valid()) return explain_captured(b, packet);
  b.chain.title = "Why this?";
  b.add(record, b.scene.event_words(record), "supposed from the packets that were seen").inferred = true;
  if (!packet.valid()) return b.root(CauseRoot::unseen);
  std::string title = std::move(b.chain.title);
  explain_captured(b, packet);
  b.chain.title = std::move(title);
}

// What people ask about first among the records of an instant.
int telling(const Scene& scene, const trace::Slot& slot) {
  // A capture observes packets and supposes the rest.
  if (scene.from_capture()) {
    const bool tells = slot.kind == Kind::packet_created || slot.kind == Kind::packet_rewritten;
    return tells ? 2 : packet_of(slot).valid() ? 1 : 0;
  }
  switch (slot.kind) {
    case Kind::syscall:
      return call_failed(trace::unpack_syscall(&slot).error) ? 9 : 2;
    case Kind::socket_error:
      return trace::unpack_socket_error(&slot).error != 0 ? 8 : 1;
    case Kind::packet_dropped:
      return 7;
    case Kind::packet_created:
      return scene.packets().retransmission({slot.subject}) ? 6 : 2;
    case Kind::packet_rewritten:
      return 4;
    case Kind::socket_state:
      return 5;
    case Kind::packet_delivered:
      return 4;
    case Kind::process_activity:
      return trace::unpack_process_activity(&slot).activity == 0 ? 3 : 0;
    case Kind::command:
      return 1;
    default:
      return 0;
  }
}

std::uint64_t latest_of_packet(const Scene& scene, PacketId packet, std::uint64_t boundary) {
  const PacketIndex& packets = scene.packets();
  const std::uint64_t end = packets.end(packet), created = packets.created(packet);
  if (end != PacketIndex::none && end < boundary) return end;
  const std::vector<std::uint64_t> rewrites = packets.rewrites(packet);
  for (auto at = rewrites.rbegin(); at != rewrites.rend(); ++at)
    if (*at < boundary) return *at;
  if (created != PacketIndex::none && created < boundary) return created;
  return Scene::none;
}

}  // namespace

PacketId ChainBuilder::packet_of_record(const trace::Slot& slot) {
  return packet_of(slot);
}

CauseChain causes_of(const CauseSources& sources, std::uint64_t record) {
  ChainBuilder b(sources);
  if (record >= b.scene.end()) return {};
  const trace::Slot* slot = b.scene.at(record);
  if (b.scene.from_capture()) {
    captured(b, record);
    return std::move(b.chain);
  }
  switch (slot->kind) {
    case Kind::syscall:
    case Kind::data_call:
      called(b, record);
      break;
    case Kind::socket_error: {
      const trace::SocketError event = trace::unpack_socket_error(slot);
      b.chain.title = "Why did this connection fail?";
      b.chain.error = state::name_of(static_cast<state::Errno>(event.error));
      b.add(record, b.scene.event_words(record), "", CauseTone::failed).socket = event.socket;
      if (event.error != 0) {
        explain_socket_error(b, record);
      } else {
        explain_socket(b, event.socket, record);
      }
      break;
    }
    case Kind::packet_dropped:
      dropped(b, record);
      break;
    case Kind::packet_delivered:
      delivered(b, record);
      break;
    case Kind::packet_created:
      made(b, record);
      break;
    case Kind::packet_rewritten:
      rewritten(b, record);
      break;
    case Kind::socket_state:
      state_changed(b, record);
      break;
    case Kind::process_activity:
      woke(b, record);
      break;
    case Kind::rule_verdict:
    case Kind::rule_expression:
      judged(b, record);
      break;
    case Kind::conntrack_created:
    case Kind::conntrack_seen:
      tracked(b, record);
      break;
    default:
      other(b, record);
      break;
  }
  if (!b.ended()) b.root(CauseRoot::unseen);
  return std::move(b.chain);
}

std::uint64_t record_to_explain(const CauseSources& sources, std::uint64_t boundary, const CauseSubject& subject) {
  const Scene scene(sources);
  boundary = std::min(boundary, scene.end());
  if (subject.packet.valid())
    if (const std::uint64_t at = latest_of_packet(scene, subject.packet, boundary); at != Scene::none) return at;
  if (subject.socket.valid())
    if (const std::uint64_t at = scene.events().socket_before(subject.socket, boundary); at != EventIndex::none)
      return at;
  const trace::Index& index = sources.indexes.records();
  const std::uint64_t last = index.previous(boundary);
  if (last == trace::Index::none) return last;
  const std::uint64_t number = index.number_of(last);
  std::uint64_t best = last;
  int most = -1;
  for (std::uint64_t i = index.position_of(number > most_of_instant ? number - most_of_instant : 0); i < boundary;
       i = index.next(i)) {
    if (scene.at(i)->at != scene.at(last)->at) continue;
    const int worth = telling(scene, *scene.at(i));
    if (worth < most) continue;
    most = worth;
    best = i;
  }
  return best;
}

}  // namespace fourtuple::replay
