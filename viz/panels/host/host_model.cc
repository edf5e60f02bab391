#include "viz/panels/host/host_model.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"

namespace fourtuple::viz {
namespace {

bool has_ports(const Packet& packet) {
  const bool later = (packet.fragment_flags & FragmentFlag::is_fragment) != 0 && packet.fragment_offset != 0;
  return !later && (packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp);
}

std::string sender_words(const PanelContext& context, const Visit& visit) {
  const trace::Tables& tables = context.trace.tables();
  const trace::Slot* created = context.trace.at(context.indexes.packets().created(visit.packet));
  const std::string_view name = trace::host_name(tables, created->host_id());
  return name.empty() ? address_text(tables, visit.header.source) : std::string(name);
}

std::vector<Words> make_sentence(const PanelContext& context, const Visit& visit) {
  const Packet& packet = visit.header;
  std::vector<Words> words;
  if (visit.passage == Passage::outgoing) {
    words.push_back({"to "});
    words.push_back({trace::endpoint_text(context.trace.tables(), packet.destination, packet.destination_port), true});
  } else {
    words.push_back({"from " + sender_words(context, visit)});
  }
  if (packet.payload_length > 0 && packet.payload_kind != PayloadKind::quote) {
    words.push_back({fmt::format(": {} bytes", grouped(packet.payload_length))});
  }
  if (packet.protocol == Protocol::tcp) {
    words.push_back({",  "});
    words.push_back({flag_words(packet), true});
    words.push_back({"   seq "});
    words.push_back({std::to_string(packet.seq.raw), true});
  } else if (!has_ports(packet)) {
    words.push_back({", " + trace::packet_text(packet)});
  }
  return words;
}

std::string receiver_name(const PanelContext& context, const Visit& visit, const LockModel& locks,
                          const state::State& at_lookup) {
  if (visit.passage == Passage::outgoing) {
    const state::State& state = context.cursor.state();
    for (std::uint32_t at = 0; at < state.sockets.end(); ++at) {
      if (!state.sockets.alive(at)) continue;
      const state::Socket& socket = state.sockets[at];
      if (socket.host != visit.host || socket.protocol != visit.header.protocol) continue;
      if (socket.tuple == sender_tuple(visit.header)) return process_name(context.trace, state, socket.owner);
    }
    return {};
  }
  if (visit.delivered && find_process(at_lookup, visit.delivered->process) != nullptr) {
    return process_name(context.trace, at_lookup, visit.delivered->process);
  }
  const state::Socket* socket = find_socket(at_lookup, locks.winner);
  return socket == nullptr ? std::string() : process_name(context.trace, at_lookup, socket->owner);
}

std::string why_no_key(const Visit& visit) {
  switch (visit.passage) {
    case Passage::outgoing:
      return "This packet leaves here. Its four values come from the sender's socket; the receiver tries them on its "
             "own "
             "locks.";
    case Passage::forwarded:
      return "A router only forwards: it looks at the destination address, not at ports, and tries no lock.";
    default:
      break;
  }
  if (visit.header.protocol == Protocol::icmp || visit.header.protocol == Protocol::icmpv6) {
    return "ICMP is the kernel's own: no port, no lock. An error names the packet it is about, and that packet's "
           "socket "
           "is told.";
  }
  return "Only the first piece of a fragmented packet carries ports.";
}

}  // namespace

std::uint64_t lookup_boundary(const PanelContext& context, const std::optional<Visit>& visit) {
  const std::uint64_t now = context.cursor.position();
  if (!visit) return now;
  std::uint64_t boundary = visit->begin;
  if (visit->seen_only) {
    boundary = context.indexes.packets().created(visit->packet);
  } else if (!visit->lookups.empty()) {
    boundary = visit->lookups.front().record;
  } else if (visit->end != trace::Index::none) {
    boundary = visit->end;
  }
  return std::min(boundary, now);
}

AnswerBox build_answer(const PanelContext& context, const Visit& visit) {
  const trace::Tables& tables = context.trace.tables();
  AnswerBox box;
  box.door = trace::interface_name(tables, visit.interface);
  const std::optional<Packet> answer = context.indexes.packets().packet(visit.answer);
  if (!answer) {
    box.title = "No answer";
    const bool reset = visit.header.protocol == Protocol::tcp && visit.header.has(TcpFlag::rst);
    box.lines[0] = reset ? "A reset is never answered with a reset." : "The kernel says nothing; the sender must wait.";
    return box;
  }
  box.sent = true;
  box.packet = visit.answer;
  box.capsule = capsule_of(context.indexes.packets(), visit.answer, *answer);
  if (const auto rewrites = context.indexes.packets().rewrites(visit.answer); !rewrites.empty()) {
    const std::uint64_t last = rewrites.back();
    const trace::PacketRewritten event = trace::unpack_packet_rewritten(context.trace.at(last));
    box.lines[1] = fmt::format("{} finds its entry and turns it to {}",
                               trace::host_name(tables, context.trace.at(last)->host_id()),
                               address_text(tables, event.destination));
  }
  if (answer->protocol == Protocol::tcp) {
    box.title = flag_words(*answer);
    const bool next = answer->ack.raw == visit.header.seq.raw + 1;
    box.lines[0] = fmt::format("seq {}   ack {}{}   window {}   TTL {}", answer->seq.raw, answer->ack.raw,
                               next ? " = its seq + 1" : "", answer->window, answer->ttl);
    if (visit.header.has(TcpFlag::syn)) {
      box.told = "Connection refused";
      box.errno_name = "ECONNREFUSED";
    } else {
      box.told = "Connection reset by peer";
      box.errno_name = "ECONNRESET";
    }
  } else {
    box.capsule.text = "";
    box.title = "ICMP " + trace::icmp_text(*answer);
    box.lines[0] = fmt::format("type {} code {}, with the refused packet's first bytes inside", answer->icmp_type(),
                               answer->icmp_code());
    if (visit.header.protocol == Protocol::udp) {
      box.told = "Connection refused, if the socket is connected";
      box.errno_name = "ECONNREFUSED";
    }
  }
  return box;
}

HostModel build_host(const PanelContext& context, HostId host, std::optional<Visit> visit,
                     const state::State& at_lookup) {
  HostModel model;
  const trace::Tables& tables = context.trace.tables();
  model.host = host;
  if (host.value >= tables.topology.hosts.size()) {
    model.note = "There is no host to look into yet: play on, or choose one on the map.";
    return model;
  }
  const trace::HostInfo& info = tables.topology.hosts[host.value];
  model.name = std::string(trace::host_name(tables, host));
  model.address = host_address(tables, host);
  if (model.address == model.name) model.address.clear();
  model.kind = info.kind;
  model.inferred = info.inferred;
  const std::uint64_t now = context.cursor.position();
  const bool tries = visit && visit->passage == Passage::incoming && has_ports(visit->header);
  model.locks = build_locks(context.trace, at_lookup, host, tries ? &*visit : nullptr, now);
  if (visit) {
    model.router = visit->passage == Passage::forwarded;
    model.capsule = capsule_of(context.indexes.packets(), visit->packet, visit->header);
    if (model.capsule.shape == PacketShape::icmp) model.capsule.text.clear();  // the sentence says it
    model.sentence = make_sentence(context, *visit);
    model.stages = build_stages(context, *visit, model.locks, receiver_name(context, *visit, model.locks, at_lookup));
    if (!tries) model.note = why_no_key(*visit);
    if (tries && visit->missed && visit->end < now) model.answer = build_answer(context, *visit);
  } else {
    const bool locks = std::any_of(model.locks.classes.begin(), model.locks.classes.end(),
                                   [](const LockClass& entry) { return !entry.locks.empty(); });
    model.note = locks ? "No packet has ended here yet. Every socket below is a lock: play on, or choose a packet."
                       : "No packet has ended here yet, and no program has a socket open. Play on, or choose another "
                         "host above.";
  }
  model.processes = build_processes(context, host, model.locks.winner);
  model.visit = std::move(visit);
  return model;
}

HostModel build_host_now(const PanelContext& context) {
  const HostId host = choose_host(context);
  const std::optional<Visit> visit = choose_visit(context, host);
  const std::uint64_t boundary = lookup_boundary(context, visit);
  const auto build_at = [&](std::uint64_t position) {
    if (position == context.cursor.position()) return build_host(context, host, visit, context.cursor.state());
    const replay::NetState past = context.cursor.state_at(position);
    return build_host(context, host, visit, past.state);
  };
  HostModel model = build_at(boundary);
  // Of a conversation that a capture joins, the first packet is what says that there is a socket.
  const bool unknown = visit && visit->seen_only && !visit->missed && !model.locks.winner.valid();
  if (unknown && visit->end < context.cursor.position()) model = build_at(visit->end);
  return model;
}

}  // namespace fourtuple::viz
