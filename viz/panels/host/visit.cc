#include "viz/panels/host/visit.h"

#include "sim/replay/step.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

// Records looked at for one stay, and back from the cursor for the latest one: bounded, so that a frame stays short.
constexpr int stay_limit = 4096;
constexpr int search_limit_of_visit = 60000;

// When and through which interface the packet reached the host.
void find_arrival(const PanelContext& context, Visit& visit) {
  for (const std::uint64_t hop : context.indexes.packets().hops(visit.packet)) {
    const trace::Slot* record = context.trace.at(hop);
    const trace::PacketSent sent = trace::unpack_packet_sent(record);
    if (host_of(context.trace.tables(), sent.to) == visit.host) {
      visit.passage = Passage::incoming;
      visit.arrives = record->at + sent.transit;
      visit.interface = sent.to;
    } else if (host_of(context.trace.tables(), sent.from) == visit.host && visit.passage == Passage::incoming) {
      visit.passage = Passage::forwarded;
    }
  }
}

void take_record(const trace::Slot* record, std::uint64_t position, Visit& visit) {
  switch (record->kind) {
    case trace::Kind::stage: {
      const trace::StageEntered entered = trace::unpack_stage(record);
      if (entered.stage == trace::Stage::interface_in && visit.passage == Passage::incoming) visit.stages.clear();
      visit.stages.push_back({entered.stage, entered.interface, position, record->at});
      return;
    }
    case trace::Kind::lookup:
      visit.lookups.push_back({trace::unpack_lookup(record), position});
      return;
    case trace::Kind::packet_delivered:
      visit.delivered = trace::unpack_packet_delivered(record);
      break;
    case trace::Kind::packet_dropped:
      visit.dropped = trace::unpack_packet_dropped(record);
      visit.missed = visit.dropped->reason == trace::DropReason::no_socket;
      break;
    case trace::Kind::packet_sent:
      if (visit.passage == Passage::incoming) return;
      visit.interface = trace::unpack_packet_sent(record).from;
      break;
    default:
      return;
  }
  visit.end = position;
  visit.end_time = record->at;
}

void read_stay(const PanelContext& context, Visit& visit) {
  const trace::Index& index = context.indexes.records();
  const std::uint64_t created = context.indexes.packets().created(visit.packet);
  const bool born_here = visit.passage == Passage::outgoing;
  visit.begin = born_here ? created : index.boundary_before(visit.arrives);
  std::uint64_t at = visit.begin;
  for (int count = 0; count < stay_limit && at < index.end(); ++count, at = index.next(at)) {
    const trace::Slot* record = context.trace.at(at);
    if (record->host != visit.host.value || replay::packet_of(*record) != visit.packet) continue;
    take_record(record, at, visit);
    if (visit.end != trace::Index::none) break;
  }
}

bool answers(const PanelContext& context, const Visit& visit, PacketId candidate, const Packet& answer) {
  if (context.indexes.packets().quoted(candidate) == visit.packet) return true;
  const bool reset = answer.protocol == Protocol::tcp && answer.has(TcpFlag::rst);
  return reset && receiver_tuple(answer) == sender_tuple(visit.header);
}

// The kernel's answer is created at the same instant as the drop, before or after it.
void find_answer(const PanelContext& context, Visit& visit) {
  const trace::Index& index = context.indexes.records();
  std::uint64_t at = index.boundary_before(visit.end_time);
  for (int count = 0; count < stay_limit && at < index.end(); ++count, at = index.next(at)) {
    const trace::Slot* record = context.trace.at(at);
    if (record->at > visit.end_time) return;
    if (record->kind != trace::Kind::packet_created || record->host != visit.host.value) continue;
    const Packet answer = trace::unpack_packet_created(record).packet;
    if (!answers(context, visit, answer.id, answer)) continue;
    visit.answer = answer.id;
    return;
  }
}

// A capture sees packets arrive, not what becomes of them. A SYN whose first reply is a reset found no socket, as far
// as one can tell.
void infer_end(const PanelContext& context, Visit& visit) {
  if (context.trace.tables().source != trace::Source::capture || visit.end != trace::Index::none) return;
  if (visit.passage != Passage::incoming) return;
  visit.seen_only = true;
  visit.end = context.indexes.packets().last_hop(visit.packet);
  visit.end_time = visit.arrives;
  if (visit.header.protocol != Protocol::tcp || !visit.header.has(TcpFlag::syn) || visit.header.has(TcpFlag::ack))
    return;
  const trace::Index& index = context.indexes.records();
  std::uint64_t at = index.next(visit.end);
  for (int count = 0; count < stay_limit && at < index.end(); ++count, at = index.next(at)) {
    const trace::Slot* record = context.trace.at(at);
    if (record->kind != trace::Kind::packet_created || record->host != visit.host.value) continue;
    const Packet reply = trace::unpack_packet_created(record).packet;
    if (reply.protocol != Protocol::tcp || receiver_tuple(reply) != sender_tuple(visit.header)) continue;
    visit.missed = reply.has(TcpFlag::rst);
    if (visit.missed) visit.answer = reply.id;
    return;
  }
}

HostId receiver_of(const PanelContext& context, PacketId packet) {
  const std::uint64_t end = context.indexes.packets().end(packet);
  if (end != replay::PacketIndex::none && context.trace.at(end)->host_id().valid()) {
    return context.trace.at(end)->host_id();
  }
  const std::uint64_t hop = context.indexes.packets().last_hop(packet);
  if (hop == replay::PacketIndex::none) return HostId::none();
  return host_of(context.trace.tables(), trace::unpack_packet_sent(context.trace.at(hop)).to);
}

bool forwards(const PanelContext& context, HostId host) {
  const auto& hosts = context.trace.tables().topology.hosts;
  return host.value < hosts.size() && hosts[host.value].forwarding;
}

// Where and which packet ended latest before the cursor.
struct LatestEnd {
  PacketId packet;
  HostId host;
};

// On `host`, on any when none. A router's packets also end there by going on; in a capture all end where they were seen
// to go.
std::optional<LatestEnd> latest_end(const PanelContext& context, HostId host) {
  const trace::Index& index = context.indexes.records();
  const trace::Tables& tables = context.trace.tables();
  const bool router = forwards(context, host), seen_only = tables.source == trace::Source::capture;
  std::uint64_t at = index.previous(std::min(context.cursor.position(), index.end()));
  for (int count = 0; count < search_limit_of_visit && at != trace::Index::none; ++count, at = index.previous(at)) {
    const trace::Slot* record = context.trace.at(at);
    const bool sent = record->kind == trace::Kind::packet_sent;
    const bool ends = record->kind == trace::Kind::packet_delivered || record->kind == trace::Kind::packet_dropped;
    if (!ends && !(sent && (router || seen_only))) continue;
    const bool arrives = sent && !router;
    const HostId place = arrives ? host_of(tables, trace::unpack_packet_sent(record).to) : record->host_id();
    if (place.valid() && (!host.valid() || place == host)) return LatestEnd{replay::packet_of(*record), place};
  }
  return std::nullopt;
}

}  // namespace

bool stopped_before_lookup(const Visit& visit) {
  using trace::Stage;
  if (!visit.dropped || visit.missed) return false;
  const Stage stage = visit.dropped->stage;
  return stage == Stage::interface_in || stage == Stage::prerouting || stage == Stage::routing ||
         stage == Stage::input || stage == Stage::defragment;
}

std::optional<Visit> find_visit(const PanelContext& context, PacketId packet, HostId host) {
  const std::optional<Packet> header = context.indexes.packets().packet(packet);
  if (!header || !host.valid()) return std::nullopt;
  Visit visit;
  visit.host = host;
  visit.packet = packet;
  visit.header = *header;
  find_arrival(context, visit);
  if (visit.passage == Passage::none) {
    const trace::Slot* created = context.trace.at(context.indexes.packets().created(packet));
    if (created->host_id() != host) return std::nullopt;
    visit.passage = Passage::outgoing;
    visit.arrives = created->at;
  }
  read_stay(context, visit);
  infer_end(context, visit);
  if (visit.passage == Passage::incoming) {
    for (const StageMark& mark : visit.stages) {
      if (mark.stage == trace::Stage::forward) visit.passage = Passage::forwarded;
    }
  }
  const replay::PacketIndex& packets = context.indexes.packets();
  const std::uint64_t looked_up = !visit.lookups.empty() ? visit.lookups.front().record : visit.end;
  if (visit.passage == Passage::incoming) visit.header = packets.packet_at(packet, looked_up).value_or(*header);
  if (visit.passage == Passage::forwarded && visit.begin > 0)
    visit.header = packets.packet_at(packet, visit.begin - 1).value_or(*header);
  if (visit.dropped) find_answer(context, visit);
  return visit;
}

std::optional<Inside> packet_inside(const PanelContext& context) {
  using trace::Kind;
  const std::uint64_t last = context.cursor.last_record();
  if (last == trace::Index::none) return std::nullopt;
  const trace::Slot* record = context.trace.at(last);
  const PacketId packet = replay::packet_of(*record);
  const bool inside = record->kind == Kind::stage || record->kind == Kind::rule_expression ||
                      record->kind == Kind::rule_verdict || record->kind == Kind::packet_rewritten ||
                      record->kind == Kind::conntrack_created;
  if (!inside || !packet.valid() || record->at != context.now()) return std::nullopt;
  const auto& hosts = context.trace.tables().topology.hosts;
  return record->host < hosts.size() ? std::optional<Inside>({packet, record->host_id()}) : std::nullopt;
}

std::string routing_words(const PanelContext& context, const Visit& visit) {
  using trace::Stage;
  if (visit.passage == Passage::incoming) return "to this host";
  InterfaceId out;
  for (const StageMark& mark : visit.stages) {
    if ((mark.stage == Stage::routing || mark.stage == Stage::routing_output) && mark.interface.valid())
      out = mark.interface;
  }
  const trace::Tables& tables = context.trace.tables();
  if (out.value >= tables.topology.interfaces.size()) return "next hop found";
  if (tables.topology.interfaces[out.value].loopback) return "to this host";
  return "out by " + trace::interface_name(tables, out);
}

HostId choose_host(const PanelContext& context) {
  const auto& hosts = context.trace.tables().topology.hosts;
  if (context.selection.host.value < hosts.size()) return context.selection.host;
  const std::optional<Inside> inside = packet_inside(context);
  if (inside && (!context.selection.packet.valid() || context.selection.packet == inside->packet)) return inside->host;
  if (context.selection.packet.valid()) {
    const HostId receiver = receiver_of(context, context.selection.packet);
    if (receiver.value < hosts.size()) return receiver;
  }
  if (const auto latest = latest_end(context, HostId::none())) return latest->host;
  for (std::uint32_t i = 0; i < hosts.size(); ++i) {
    if (hosts[i].kind == trace::HostKind::server) return {i};
  }
  return hosts.empty() ? HostId::none() : HostId{0};
}

std::optional<Visit> choose_visit(const PanelContext& context, HostId host) {
  if (context.selection.packet.valid()) {
    if (auto visit = find_visit(context, context.selection.packet, host)) return visit;
  }
  if (const auto inside = packet_inside(context); inside && inside->host == host)
    return find_visit(context, inside->packet, host);
  const auto latest = latest_end(context, host);
  return latest ? find_visit(context, latest->packet, host) : std::nullopt;
}

}  // namespace fourtuple::viz
