#include "viz/panels/conntrack/conntrack_model.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "sim/trace/describe_netfilter.h"
#include "sim/trace/tcp_changes.h"
#include "viz/panels/common/names.h"
#include "viz/panels/host/visit.h"

namespace fourtuple::viz {
namespace {

using state::ConntrackEntry;
using state::ConntrackStatus;

constexpr std::size_t most_rows = 500;

bool has(const ConntrackEntry& entry, std::uint16_t status) {
  return (entry.status & status) != 0;
}

bool has_ports(Protocol protocol) {
  return protocol == Protocol::tcp || protocol == Protocol::udp;
}

TupleEnd end_of(const trace::Tables& tables, Protocol protocol, AddressId address, std::uint16_t port) {
  TupleEnd end;
  end.address = address_text(tables, address);
  if (has_ports(protocol)) end.port = std::to_string(port);
  return end;
}

void mark_rewritten(TupleEnd& end, const TupleEnd& expected) {
  end.address_rewritten = end.address != expected.address;
  end.port_rewritten = end.port != expected.port;
}

std::string seconds_text(Duration left) {
  if (left.ns >= 10'000'000'000) return grouped(static_cast<std::uint64_t>(left.ns / 1'000'000'000)) + " s";
  return fmt::format("{}.{} s", left.ns / 1'000'000'000, left.ns / 100'000'000 % 10);
}

// "what 10.0.0.2:80 sends to anna's 192.168.1.10:50432 …": what the entry makes the host do, for a tooltip.
std::string sentence_of(const ConntrackRow& row) {
  const std::string way = row.original[0].text() + " to " + row.original[1].text();
  if (!row.source_nat && !row.destination_nat)
    return "Packets from " + way + " belong to this flow; nothing is changed.";
  return fmt::format("Packets from {} leave as {} to {}.", way, row.reply[1].text(), row.reply[0].text());
}

void fill_time(const PanelContext& context, const ConntrackEntry& entry, ConntrackRow& row) {
  const Duration left{std::max<std::int64_t>((entry.expires - context.now()).ns, 0)};
  row.left_text = seconds_text(left);
  const double whole = static_cast<double>(entry.timeout_s) * 1e9;
  row.left = whole > 0 ? static_cast<float>(clamped(static_cast<double>(left.ns) / whole, 0.0, 1.0)) : 0.0F;
}

// What both tuples say, and what NAT changed between them.
void fill_tuples(const PanelContext& context, const ConntrackEntry& entry, ConntrackRow& row) {
  const trace::Tables& tables = context.trace.tables();
  row.protocol = entry.protocol;
  row.protocol_word = trace::protocol_name(entry.protocol);
  std::transform(row.protocol_word.begin(), row.protocol_word.end(), row.protocol_word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto fill = [&](TupleEnd(&ends)[2], const state::ConntrackTuple& tuple) {
    ends[0] = end_of(tables, entry.protocol, tuple.source, tuple.source_port);
    ends[1] = end_of(tables, entry.protocol, tuple.destination, tuple.destination_port);
  };
  fill(row.original, entry.original);
  fill(row.reply, entry.reply);
  mark_rewritten(row.reply[0], row.original[1]);
  mark_rewritten(row.reply[1], row.original[0]);
  row.source_nat = row.reply[1].address_rewritten || row.reply[1].port_rewritten;
  row.destination_nat = row.reply[0].address_rewritten || row.reply[0].port_rewritten;
  const FourTuple tuple{entry.original.source, entry.original.destination, entry.original.source_port,
                        entry.original.destination_port};
  row.flow_number = context.indexes.flows().find(entry.protocol, tuple);
  if (row.flow_number != replay::FlowTable::none) row.flow = flow_slot(row.flow_number);
  row.sentence = sentence_of(row);
}

ConntrackRow make_row(const PanelContext& context, const ConntrackEntry& entry, std::uint32_t id) {
  ConntrackRow row;
  row.entry = id;
  fill_tuples(context, entry, row);
  row.state = trace::tracking_name(static_cast<std::uint8_t>(entry.tcp));
  if (entry.protocol == Protocol::icmp || entry.protocol == Protocol::icmpv6) {
    row.detail = fmt::format("type {} code {} id {}", entry.original.destination_port >> 8,
                             entry.original.destination_port & 255, entry.original.source_port);
    if (entry.reply.destination_port != entry.original.source_port &&
        entry.reply.source_port != entry.original.source_port)
      row.detail += fmt::format(" → {}", entry.reply.source_port);
  }
  row.replied = has(entry, ConntrackStatus::seen_reply);
  row.assured = has(entry, ConntrackStatus::assured);
  if (entry.mark != 0) row.mark = fmt::format("0x{:x}", entry.mark);
  fill_time(context, entry, row);
  for (int way = 0; way < 2; ++way) {
    row.packets[way] = grouped(entry.packets[way]);
    row.bytes[way] = grouped(entry.bytes[way]);
  }
  return row;
}

bool same_entry(const state::State& before, const ConntrackEntry& now, std::uint32_t id) {
  return before.conntrack.alive(id) && before.conntrack[id].host == now.host &&
         before.conntrack[id].original == now.original;
}

void mark_change(const state::State& before, const ConntrackEntry& now, ConntrackRow& row) {
  if (!same_entry(before, now, row.entry)) {
    row.change = RowChange::added;
    return;
  }
  const ConntrackEntry& old = before.conntrack[row.entry];
  if (old.tcp != now.tcp) row.old_state = trace::tracking_name(static_cast<std::uint8_t>(old.tcp));
  const bool counted = old.packets[0] != now.packets[0] || old.packets[1] != now.packets[1];
  if (counted || old.status != now.status || old.mark != now.mark || old.tcp != now.tcp)
    row.change = RowChange::changed;
}

// The kernel no longer lists what has run out, though it is swept away later.
std::vector<std::uint32_t> live_entries(const PanelContext& context, HostId host) {
  const state::State& state = context.cursor.state();
  std::vector<std::uint32_t> live;
  for (std::uint32_t id = 0; id < state.conntrack.end(); ++id) {
    const bool alive = state.conntrack.alive(id) && state.conntrack[id].host == host;
    if (alive && state.conntrack[id].expires > context.now()) live.push_back(id);
  }
  return live;
}

bool is_translated(const ConntrackEntry& entry) {
  const state::ConntrackTuple &way = entry.original, &back = entry.reply;
  if (!has_ports(entry.protocol)) return back.source != way.destination || back.destination != way.source;
  return back != state::ConntrackTuple{way.destination, way.source, way.destination_port, way.source_port};
}

// All of them, or of very many those that saw a packet last.
std::vector<std::uint32_t> latest_of(const state::State& state, std::vector<std::uint32_t> live) {
  if (live.size() <= most_rows) return live;
  const auto seen = [&](std::uint32_t id) {
    return state.conntrack[id].expires.ns - std::int64_t{state.conntrack[id].timeout_s} * 1'000'000'000;
  };
  std::nth_element(live.begin(), live.begin() + most_rows, live.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return seen(a) != seen(b) ? seen(a) > seen(b) : a > b; });
  live.resize(most_rows);
  std::sort(live.begin(), live.end());
  return live;
}

bool fits(const state::ConntrackTuple& tuple, const Packet& packet) {
  const bool addresses = tuple.source == packet.source && tuple.destination == packet.destination;
  if (!has_ports(packet.protocol)) return addresses;
  return addresses && tuple.source_port == packet.source_port && tuple.destination_port == packet.destination_port;
}

// The headers by which conntrack knows the packet: as it came to the host; of an ICMP error those it quotes.
std::optional<Packet> tracked_header(const PanelContext& context, PacketId packet, HostId host) {
  const std::optional<Visit> visit = find_visit(context, packet, host);
  if (!visit || visit->begin > context.cursor.position()) return std::nullopt;
  const replay::PacketIndex& packets = context.indexes.packets();
  const std::uint64_t before = visit->begin == 0 ? 0 : visit->begin - 1;
  std::optional<Packet> header = packets.packet_at(packet, before);
  if (header && replay::is_icmp_error(*header)) return packets.quoted_at(packet, before);
  return header;
}

state::ConntrackTuple tuple_of(const Packet& packet) {
  return {packet.source, packet.destination, packet.source_port, packet.destination_port};
}

// The entry of a packet that is still on its way through the host. Errors and fragments make none.
std::optional<ConntrackRow> pending_row(const PanelContext& context, PacketId packet, HostId host,
                                        const Packet& header) {
  const std::optional<Inside> inside = packet_inside(context);
  if (!inside || inside->packet != packet || inside->host != host || !has_ports(header.protocol)) return std::nullopt;
  const auto now = context.indexes.packets().packet_at(packet, context.cursor.last_record());
  if (!now) return std::nullopt;
  ConntrackEntry entry;
  entry.protocol = header.protocol;
  entry.original = tuple_of(header);
  entry.reply = {now->destination, now->source, now->destination_port, now->source_port};
  ConntrackRow row;
  fill_tuples(context, entry, row);
  row.state = "not stored yet";
  row.current = row.pending = true;
  return row;
}

void mark_current(const PanelContext& context, ConntrackModel& model, HostId host) {
  const PacketId packet = context.selection.packet;
  if (!packet.valid()) return;
  const std::optional<Packet> header = tracked_header(context, packet, host);
  if (!header) return;
  model.packet = packet;
  model.header = header_changes(context, packet, host);
  model.untracked_yet = true;
  const state::State& state = context.cursor.state();
  for (ConntrackRow& row : model.rows) {
    if (row.change == RowChange::removed || row.protocol != header->protocol) continue;
    const ConntrackEntry& entry = state.conntrack[row.entry];
    row.current = fits(entry.original, *header) || fits(entry.reply, *header);
    if (row.current) model.untracked_yet = false;
  }
  if (model.untracked_yet) model.pending = pending_row(context, packet, host, *header);
}

std::string end_words(const trace::Tables& tables, const Packet& packet, bool source) {
  const AddressId address = source ? packet.source : packet.destination;
  if (!has_ports(packet.protocol)) return address_text(tables, address);
  return trace::endpoint_text(tables, address, source ? packet.source_port : packet.destination_port);
}

std::uint8_t ttl_on_arrival(const PanelContext& context, const Visit& visit) {
  std::uint8_t ttl = visit.header.ttl;
  for (const std::uint64_t hop : context.indexes.packets().hops(visit.packet)) {
    const trace::PacketSent sent = trace::unpack_packet_sent(context.trace.at(hop));
    if (host_of(context.trace.tables(), sent.to) == visit.host) ttl = sent.ttl;
  }
  return ttl;
}

}  // namespace

std::string TupleEnd::text() const {
  if (port.empty()) return address;
  return address.find(':') == std::string::npos ? address + ":" + port : "[" + address + "]:" + port;
}

std::vector<HostId> hosts_with_rules(const trace::Trace& trace) {
  std::vector<HostId> hosts;
  for (const trace::RulesetInfo& ruleset : trace.tables().rulesets) {
    if (!ruleset.host.valid() || std::find(hosts.begin(), hosts.end(), ruleset.host) != hosts.end()) continue;
    hosts.push_back(ruleset.host);
  }
  std::sort(hosts.begin(), hosts.end());
  return hosts;
}

std::vector<HostId> hosts_that_track(const trace::Trace& trace) {
  std::vector<HostId> hosts = hosts_with_rules(trace);
  const auto& all = trace.tables().topology.hosts;
  for (std::uint32_t i = 0; i < all.size(); ++i)
    if (all[i].inferred && all[i].forwarding) hosts.push_back({i});
  return hosts;
}

HostId choose_filter_host(const PanelContext& context) {
  const std::vector<HostId> hosts = hosts_that_track(context.trace);
  if (hosts.empty()) return HostId::none();
  const auto among = [&](HostId host) { return std::find(hosts.begin(), hosts.end(), host) != hosts.end(); };
  if (among(context.selection.host)) return context.selection.host;
  HostId found = hosts.front();
  if (!context.selection.packet.valid()) return found;
  bool met = false;
  for (const std::uint64_t hop : context.indexes.packets().hops(context.selection.packet)) {
    const trace::Slot* record = context.trace.at(hop);
    const trace::PacketSent sent = trace::unpack_packet_sent(record);
    for (const HostId host : {record->host_id(), host_of(context.trace.tables(), sent.to)}) {
      // The last of them that it has reached, else the first one it will reach.
      const Time at = host == record->host_id() ? record->at : record->at + sent.transit;
      if (!among(host) || (met && at > context.now())) continue;
      found = host;
      met = true;
    }
  }
  return found;
}

std::vector<HeaderChange> header_changes(const PanelContext& context, PacketId packet, HostId host) {
  const std::optional<Visit> visit = find_visit(context, packet, host);
  const std::uint64_t now = context.cursor.position();
  if (!visit || visit->begin > now || visit->arrives > context.now()) return {};
  const trace::Tables& tables = context.trace.tables();
  const replay::PacketIndex& packets = context.indexes.packets();
  const auto before = packets.packet_at(packet, visit->begin == 0 ? 0 : visit->begin - 1);
  // What another host did to it later is not this host's work.
  const std::uint64_t last = visit->end == trace::Index::none ? now : std::min(now, visit->end + 1);
  const auto after = packets.packet_at(packet, last == 0 ? 0 : last - 1);
  const auto created = packets.packet(packet);
  if (!created) return {};
  const Packet &old = before.value_or(*created), &young = after.value_or(*created);
  std::vector<HeaderChange> changes = {
      {"from", end_words(tables, old, true), end_words(tables, young, true)},
      {"to", end_words(tables, old, false), end_words(tables, young, false)},
  };
  const std::uint8_t ttl = ttl_on_arrival(context, *visit);
  const bool forwarded = std::any_of(visit->stages.begin(), visit->stages.end(), [&](const StageMark& mark) {
    return mark.stage == trace::Stage::forward && mark.record < now;
  });
  changes.push_back({"TTL", std::to_string(ttl), std::to_string(forwarded && ttl > 0 ? ttl - 1 : ttl)});
  if (old.traffic_class != young.traffic_class) {
    changes.push_back({"DSCP", std::to_string(old.traffic_class >> 2), std::to_string(young.traffic_class >> 2)});
  }
  if (old.protocol == Protocol::tcp)
    for (trace::NumberChange& change : trace::tcp_changes(trace::tcp_numbers(old), trace::tcp_numbers(young)))
      changes.push_back({std::string(change.name), std::move(change.before), std::move(change.after)});
  return changes;
}

ConntrackModel build_conntrack(const PanelContext& context, HostId host, const state::State& before) {
  ConntrackModel model;
  const trace::Tables& tables = context.trace.tables();
  model.hosts = hosts_that_track(context.trace);
  if (host.valid()) model.inferred = tables.topology.hosts[host.value].inferred;
  for (std::size_t i = 0; i < model.hosts.size(); ++i) {
    model.host_names.emplace_back(trace::host_name(tables, model.hosts[i]));
    if (model.hosts[i] == host) model.host = i;
  }
  if (model.hosts.empty()) {
    model.note = "No host has rules, so nobody tracks connections. Give a host an nft ruleset with NAT or ct.";
    return model;
  }
  const state::State& state = context.cursor.state();
  const std::vector<std::uint32_t> live = live_entries(context, host);
  model.total = live.size();
  for (const std::uint32_t id : live) model.translated += is_translated(state.conntrack[id]) ? 1 : 0;
  for (const std::uint32_t id : latest_of(state, live)) {
    ConntrackRow row = make_row(context, state.conntrack[id], id);
    mark_change(before, state.conntrack[id], row);
    model.rows.push_back(std::move(row));
  }
  for (std::uint32_t id = 0; id < before.conntrack.end(); ++id) {
    if (!before.conntrack.alive(id) || before.conntrack[id].host != host) continue;
    if (same_entry(state, before.conntrack[id], id) || model.rows.size() >= 2 * most_rows) continue;
    ConntrackRow row = make_row(context, before.conntrack[id], id);
    row.change = RowChange::removed;
    model.rows.push_back(std::move(row));
  }
  mark_current(context, model, host);
  if (model.rows.empty()) model.note = "The table is empty: no tracked packet has passed yet.";
  return model;
}

}  // namespace fourtuple::viz
