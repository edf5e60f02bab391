#include "sim/replay/quiz/question.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/replay/rule_words.h"
#include "sim/replay/step.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;
using trace::RulesetInfo;
using trace::RuleVerdict;
using trace::RuleVerdictReached;

constexpr std::uint64_t most_back = 4096;  // records between the arrival of a packet and its end

// The first record of the packet on this host at this instant for which `part` holds without a break before `record`.
template <class Part>
std::uint64_t first_of(const Indexes& indexes, std::uint64_t record, Part part) {
  const trace::Trace& trace = indexes.trace();
  const trace::Slot& last = *trace.at(record);
  const std::uint64_t number = indexes.records().number_of(record);
  std::uint64_t first = record;
  bool inside = false;
  for (std::uint64_t i = indexes.records().position_of(number > most_back ? number - most_back : 0); i < record;
       i = indexes.records().next(i)) {
    const trace::Slot& slot = *trace.at(i);
    if (slot.at != last.at || slot.host != last.host || packet_of(slot) != packet_of(last)) continue;
    if (!part(slot)) {
      inside = false;
      continue;
    }
    if (!inside) first = i;
    inside = true;
  }
  return inside ? first : record;
}

// Where the packet comes to the transport lookup on this host at this instant; `record` when that is not recorded.
std::uint64_t lookup_begin(const Indexes& indexes, std::uint64_t record) {
  const trace::Trace& trace = indexes.trace();
  const trace::Slot& last = *trace.at(record);
  const std::uint64_t number = indexes.records().number_of(record);
  for (std::uint64_t i = indexes.records().position_of(number > most_back ? number - most_back : 0); i < record;
       i = indexes.records().next(i)) {
    const trace::Slot& slot = *trace.at(i);
    if (slot.at != last.at || slot.host != last.host || packet_of(slot) != packet_of(last)) continue;
    if (slot.kind == Kind::lookup) return i;
    if (slot.kind == Kind::stage && trace::unpack_stage(&slot).stage == trace::Stage::transport_lookup) return i;
  }
  return record;
}

std::string packet_noun(const Packet& packet) {
  if (packet.protocol == Protocol::udp) return fmt::format("datagram to port {}", packet.destination_port);
  if (packet.has(TcpFlag::syn)) return fmt::format("SYN to port {}", packet.destination_port);
  return fmt::format("segment from port {} to port {}", packet.source_port, packet.destination_port);
}

std::string socket_choice(const trace::Tables& tables, const state::State& state, SocketId id) {
  const state::Socket& socket = state.sockets[id.value];
  std::string who = "the kernel";
  if (socket.owner.valid() && state.processes.alive(socket.owner.value))
    who = fmt::format("{} (pid {})", tables.strings[state.processes[socket.owner.value].name],
                      state.processes[socket.owner.value].pid);
  if (socket.fd >= 0) who += fmt::format(", fd {}", socket.fd);
  const std::string local = trace::endpoint_text(tables, socket.tuple.local, socket.tuple.local_port, true);
  if (socket.tuple.remote_port != 0)
    return fmt::format("{}: {} with {}", who, local,
                       trace::endpoint_text(tables, socket.tuple.remote, socket.tuple.remote_port));
  return fmt::format("{}: {} {}", who, socket.protocol == Protocol::udp ? "waits on" : "listens on", local);
}

// Sockets a person might think of, the nearest first: on the same port, then the others.
std::vector<SocketId> candidates(const state::State& state, HostId host, const Packet& packet, SocketId right) {
  std::vector<SocketId> same, others;
  for (std::uint32_t id = 0; id < state.sockets.end(); ++id) {
    if (!state.sockets.alive(id) || SocketId{id} == right) continue;
    const state::Socket& socket = state.sockets[id];
    if (socket.host != host || socket.protocol != packet.protocol || socket.tuple.local_port == 0) continue;
    std::vector<SocketId>& list = socket.tuple.local_port == packet.destination_port ? same : others;
    if (list.size() < Question::most_choices) list.push_back({id});
  }
  same.insert(same.end(), others.begin(), others.end());
  return same;
}

bool worth_asking(const Indexes& indexes, const Packet& packet, std::uint64_t record) {
  if (packet.protocol == Protocol::udp) return true;
  if (packet.protocol != Protocol::tcp) return false;
  if (packet.has(TcpFlag::syn)) return !packet.has(TcpFlag::ack);
  // Of a conversation only what it says first; what follows goes the same way.
  return packet.payload_length > 0 && !packet.has(TcpFlag::rst) &&
         indexes.trace().at(record)->kind == Kind::packet_delivered;
}

void add_choices(Question& question, const trace::Tables& tables, const state::State& state, const Packet& packet,
                 SocketId right) {
  std::vector<SocketId> sockets = candidates(state, question.host, packet, right);
  const std::size_t room = Question::most_choices - 1 - (right.valid() ? 1 : 0);
  if (sockets.size() > room) sockets.resize(room);
  if (right.valid()) sockets.push_back(right);
  // In the order of the socket table: their place tells nothing.
  std::sort(sockets.begin(), sockets.end());
  for (const SocketId id : sockets) {
    Choice choice;
    choice.words = socket_choice(tables, state, id);
    choice.socket = id;
    const bool twice = std::any_of(question.choices.begin(), question.choices.end(),
                                   [&](const Choice& other) { return other.words == choice.words; });
    if (twice && id != right) continue;
    if (id == right) question.right = question.choices.size();
    question.choices.push_back(std::move(choice));
  }
  Choice nobody;
  nobody.words = packet.protocol == Protocol::udp ? "nobody: the kernel answers with ICMP port unreachable"
                                                  : "nobody: the kernel answers with a RST";
  if (!right.valid()) question.right = question.choices.size();
  question.choices.push_back(std::move(nobody));
}

bool distinct(const std::vector<Choice>& choices) {
  for (std::size_t i = 0; i < choices.size(); ++i)
    for (std::size_t k = i + 1; k < choices.size(); ++k)
      if (choices[i].words == choices[k].words) return false;
  return true;
}

std::optional<Question> finished(Question&& question) {
  if (question.choices.size() < Question::fewest_choices || !distinct(question.choices)) return std::nullopt;
  return std::move(question);
}

std::optional<Question> delivery_question(const Indexes& indexes, const Cursor& cursor, std::uint64_t record) {
  const trace::Slot& slot = *indexes.trace().at(record);
  SocketId right;
  Question question;
  if (slot.kind == Kind::packet_delivered) {
    const trace::PacketDelivered event = trace::unpack_packet_delivered(&slot);
    if (!event.socket.valid() || event.quality == trace::MatchQuality::none ||
        event.quality == trace::MatchQuality::synproxy || event.quality == trace::MatchQuality::chance)
      return std::nullopt;
    right = event.socket;
    question.because = fmt::format("The first that fits in the kernel's order: {}.", words_of(event.quality));
  } else {
    if (trace::unpack_packet_dropped(&slot).reason != trace::DropReason::no_socket) return std::nullopt;
  }
  const PacketId id = packet_of(slot);
  const std::optional<Packet> packet = indexes.packets().packet_at(id, record);
  if (!packet || !worth_asking(indexes, *packet, record)) return std::nullopt;
  question.host = slot.host_id();
  question.packet = id;
  question.answer = record;
  question.pause = lookup_begin(indexes, record);
  const NetState before = cursor.state_at(question.pause);
  if (right.valid() && !before.state.sockets.alive(right.value)) return std::nullopt;
  const trace::Tables& tables = indexes.trace().tables();
  question.words =
      fmt::format("Which socket of {} takes this {}?", trace::host_name(tables, question.host), packet_noun(*packet));
  if (!right.valid())
    question.because =
        fmt::format("No socket of {} fits {}, so the kernel answers itself.", trace::host_name(tables, question.host),
                    trace::endpoint_text(tables, packet->destination, packet->destination_port));
  add_choices(question, tables, before.state, *packet, right);
  question.key = *question_key(indexes, record);
  return finished(std::move(question));
}

const RulesetInfo* ruleset_before(const Indexes& indexes, const NetState& net, HostId host) {
  const auto& rulesets = indexes.trace().tables().rulesets;
  const std::uint32_t number =
      host.value < net.state.rulesets.size() ? net.state.rulesets[host.value] : state::no_ruleset;
  return number < rulesets.size() ? &rulesets[number] : nullptr;
}

// The rules around the right one, and "none of them".
void add_rules(Question& question, const RulesetInfo& ruleset, const RuleVerdictReached& event) {
  const trace::ChainInfo& chain = ruleset.chains[event.chain];
  const bool by_rule = event.rule < ruleset.rules.size();
  const std::uint32_t count = std::min<std::uint32_t>(chain.rule_count, Question::most_choices - 1);
  const std::uint32_t middle = by_rule ? event.rule - chain.first_rule : 0;
  std::uint32_t from = middle > count / 2 ? middle - count / 2 : 0;
  from = std::min(from, chain.rule_count - count);
  for (std::uint32_t i = from; i < from + count; ++i) {
    Choice choice;
    choice.rule = chain.first_rule + i;
    choice.words = rule_words(ruleset, choice.rule);
    if (choice.rule == event.rule) question.right = question.choices.size();
    question.choices.push_back(std::move(choice));
  }
  Choice none;
  none.words = chain.base ? fmt::format("none of them: the policy decides ({})", chain.policy)
                          : "none of them: back to the chain before";
  if (!by_rule) question.right = question.choices.size();
  question.choices.push_back(std::move(none));
}

std::optional<Question> verdict_question(const Indexes& indexes, const Cursor& cursor, std::uint64_t record) {
  const trace::Slot& slot = *indexes.trace().at(record);
  const RuleVerdictReached event = trace::unpack_rule_verdict(&slot);
  const bool decides = event.verdict == RuleVerdict::accept || event.verdict == RuleVerdict::drop;
  if (!decides || event.rule == RuleVerdictReached::chain_end) return std::nullopt;
  Question question;
  question.kind = QuestionKind::verdict;
  question.host = slot.host_id();
  question.packet = event.packet;
  question.answer = record;
  // Back to where this chain begins: another chain's verdict lies between.
  question.pause = first_of(indexes, record, [&](const trace::Slot& other) {
    if (other.kind == Kind::rule_verdict) return trace::unpack_rule_verdict(&other).verdict == RuleVerdict::continue_;
    return other.kind == Kind::rule_expression;
  });
  const NetState before = cursor.state_at(question.pause);
  const RulesetInfo* ruleset = ruleset_before(indexes, before, question.host);
  const std::optional<Packet> packet = indexes.packets().packet_at(event.packet, question.pause);
  if (ruleset == nullptr || !packet || event.chain >= ruleset->chains.size()) return std::nullopt;
  const trace::ChainInfo& chain = ruleset->chains[event.chain];
  if (chain.rule_count < Question::fewest_choices - 1 || (!chain.base && event.rule >= ruleset->rules.size()))
    return std::nullopt;
  question.words = fmt::format("Which rule of chain {} on {} decides about this {}?", chain.name,
                               trace::host_name(indexes.trace().tables(), question.host), packet_noun(*packet));
  add_rules(question, *ruleset, event);
  question.because = event.rule < ruleset->rules.size()
                         ? fmt::format("It is the first that matches and ends in {}.", name_of(event.verdict))
                         : fmt::format("No rule matched to a verdict, so the policy says {}.", name_of(event.verdict));
  question.key = *question_key(indexes, record);
  return finished(std::move(question));
}

}  // namespace

std::optional<std::uint64_t> question_key(const Indexes& indexes, std::uint64_t record) {
  const trace::Slot& slot = *indexes.trace().at(record);
  const std::uint64_t host = slot.host;
  switch (slot.kind) {
    case Kind::packet_delivered: {
      const std::uint64_t socket = trace::unpack_packet_delivered(&slot).socket.value;
      return mix_bits((host << 40) ^ (socket << 8) ^ 1U);
    }
    case Kind::packet_dropped: {
      if (trace::unpack_packet_dropped(&slot).reason != trace::DropReason::no_socket) return std::nullopt;
      const std::optional<Packet> packet = indexes.packets().packet_at({slot.subject}, record);
      if (!packet) return std::nullopt;
      return mix_bits((host << 40) ^ (std::uint64_t{packet->destination_port} << 8) ^ 2U);
    }
    case Kind::rule_verdict: {
      const RuleVerdictReached event = trace::unpack_rule_verdict(&slot);
      return mix_bits((host << 48) ^ (std::uint64_t{event.chain} << 32) ^ (event.rule & 0xffffffU) ^
                      (std::uint64_t{1} << 63));
    }
    default:
      return std::nullopt;
  }
}

std::optional<Question> question_at(const Indexes& indexes, const Cursor& cursor, std::uint64_t record) {
  switch (indexes.trace().at(record)->kind) {
    case Kind::packet_delivered:
    case Kind::packet_dropped:
      return delivery_question(indexes, cursor, record);
    case Kind::rule_verdict:
      return verdict_question(indexes, cursor, record);
    default:
      return std::nullopt;
  }
}

}  // namespace fourtuple::replay
