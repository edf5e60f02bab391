#include "viz/panels/tcp/tcp_model.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "viz/panels/common/relative.h"

namespace fourtuple::viz {
namespace {

constexpr std::uint64_t tcp_scan_limit = 400000;  // records read for one connection
constexpr std::uint32_t packet_limit = 200000;    // packets looked at
constexpr std::size_t mark_limit = 20000;

bool is_tcp_flow(const PanelContext& context, std::uint32_t flow) {
  const replay::FlowTable& flows = context.indexes.flows();
  return flow < flows.size() && flows[flow].protocol == Protocol::tcp;
}

// Which of the connection's sockets live under which id at the moment; ids are reused.
struct Lives {
  SocketId sockets[2];
  int end_of(SocketId id) const { return id == sockets[0] ? 0 : id == sockets[1] ? 1 : -1; }
};

// The tuples of the sockets at both ends. They differ by more than direction where a NAT stands between: what the far
// end knows is in the headers that reached it.
struct EndTuples {
  FourTuple of[2];
  int end_with(const FourTuple& tuple) const { return tuple == of[0] ? 0 : tuple == of[1] ? 1 : -1; }
};

EndTuples end_tuples(const PanelContext& context, std::uint32_t number) {
  const replay::PacketIndex& packets = context.indexes.packets();
  const replay::Flow& flow = packets.flows()[number];
  EndTuples tuples{{flow.tuple, flow.tuple.reversed()}};
  const std::uint32_t end = std::min(packets.size(), flow.first_packet.value + packet_limit);
  int read = 0;
  // The latest say it: before an entry of the NAT is made, packets may pass unchanged.
  for (std::uint32_t id = end; id-- > flow.first_packet.value && read < 32;) {
    if (packets.flow({id}) != number || packets.rewrites({id}).empty()) continue;
    const std::uint64_t reached = packets.end({id});
    const std::optional<Packet> made = packets.packet({id});
    if (!made || reached == replay::PacketIndex::none || packets.fate({id}) != replay::Fate::delivered) continue;
    ++read;
    const int way = tuples.end_with(sender_tuple(*made));
    const std::optional<Packet> arrived = packets.packet_at({id}, reached);
    if (way == 0 && arrived) {
      tuples.of[1] = receiver_tuple(*arrived);
      break;
    }
  }
  return tuples;
}

void take_record(const PanelContext& context, const EndTuples& tuples, const trace::Slot* record,
                 std::uint64_t position, Lives& lives, TcpModel& model) {
  switch (record->kind) {
    case trace::Kind::socket_connected: {
      const trace::SocketConnected connected = trace::unpack_socket_connected(record);
      const int end = tuples.end_with(connected.tuple);
      if (end < 0) return;
      lives.sockets[end] = connected.socket;
      model.ends[end].known = true;
      model.ends[end].host = record->host_id();
      model.ends[end].name = std::string(trace::host_name(context.trace.tables(), record->host_id()));
      return;
    }
    case trace::Kind::socket_state: {
      const trace::SocketStateChanged changed = trace::unpack_socket_state(record);
      const int end = lives.end_of(changed.socket);
      if (end >= 0 && changed.socket.valid())
        model.ends[end].steps.push_back({position, record->at, changed.from, changed.to});
      return;
    }
    case trace::Kind::socket_closed: {
      const int end = lives.end_of(trace::unpack_socket_closed(record).socket);
      if (end >= 0) lives.sockets[end] = SocketId::none();
      return;
    }
    case trace::Kind::tcp_variables: {
      const trace::TcpVariablesChanged changed = trace::unpack_tcp_variables(record);
      const int end = lives.end_of(changed.socket);
      if (end < 0 || !changed.socket.valid() || model.ends[end].samples.size() >= mark_limit) return;
      VariableSample sample{position, record->at, {}};
      std::memcpy(&sample.values, changed.image, sizeof sample.values);
      model.ends[end].samples.push_back(sample);
      return;
    }
    default:
      return;
  }
}

void read_records(const PanelContext& context, const replay::Flow& flow, const EndTuples& tuples, TcpModel& model) {
  const trace::Index& index = context.indexes.records();
  std::uint64_t at = index.boundary_before(flow.first_time);
  Lives lives;
  for (std::uint64_t count = 0; count < tcp_scan_limit && at < index.end(); ++count, at = index.next(at)) {
    const trace::Slot* record = context.trace.at(at);
    take_record(context, tuples, record, at, lives, model);
  }
}

void take_packet(const PanelContext& context, PacketId id, const Packet& packet, const FourTuple& start,
                 const SequenceBase& base, std::uint8_t (&scale)[2], TcpModel& model) {
  const std::size_t way = sender_tuple(packet) == start ? 0 : 1;
  const replay::PacketIndex& packets = context.indexes.packets();
  const Time at = context.trace.at(packets.created(id))->at;
  // `base` belongs to direction 0.
  const std::optional<SeqNumber> own = way == 0 ? base.own : base.other, other = way == 0 ? base.other : base.own;
  if (packet.has(TcpFlag::syn) && packet.has_option(TcpOption::window_scale))
    scale[way] = std::min<std::uint8_t>(packet.window_scale, 14);
  if (own && packet.payload_length > 0 && model.segments[way].size() < mark_limit) {
    const std::uint32_t from = packet.seq.raw - own->raw;
    model.segments[way].push_back({id, at, from, from + packet.payload_length,
                                   packets.fate(id) == replay::Fate::dropped, packets.retransmission(id)});
  }
  if (other && packet.has(TcpFlag::ack) && !packet.has(TcpFlag::rst) && model.acks[1 - way].size() < mark_limit) {
    const std::uint32_t acknowledged = packet.ack.raw - other->raw;
    const std::uint32_t window = static_cast<std::uint32_t>(packet.window)
                                 << (packet.has(TcpFlag::syn) ? 0 : scale[way]);
    model.acks[1 - way].push_back({at, acknowledged, acknowledged + window});
  }
}

void read_packets(const PanelContext& context, std::uint32_t flow, TcpModel& model) {
  const replay::PacketIndex& packets = context.indexes.packets();
  const PacketId first = packets.flows()[flow].first_packet;
  const std::optional<Packet> opening = packets.packet(first);
  if (!opening) return;
  const SequenceBase base = sequence_base(packets, flow, *opening);
  std::uint8_t scale[2] = {0, 0};
  const std::uint32_t end = std::min(packets.size(), first.value + packet_limit);
  for (std::uint32_t id = first.value; id < end; ++id) {
    if (packets.flow({id}) != flow) continue;
    const std::optional<Packet> packet = packets.packet({id});
    if (packet && packet->protocol == Protocol::tcp)
      take_packet(context, {id}, *packet, sender_tuple(*opening), base, scale, model);
  }
}

void name_ends(const PanelContext& context, const EndTuples& tuples, TcpModel& model) {
  const trace::Tables& tables = context.trace.tables();
  const state::State& state = context.cursor.state();
  for (int i = 0; i < 2; ++i) {
    TcpEnd& end = model.ends[i];
    const FourTuple& tuple = tuples.of[i];
    if (!end.host.valid()) end.host = host_with(tables, tuple.local);
    if (end.name.empty())
      end.name = end.host.valid() ? std::string(trace::host_name(tables, end.host)) : address_text(tables, tuple.local);
    for (std::uint32_t at = 0; at < state.sockets.end(); ++at) {
      if (!state.sockets.alive(at) || state.sockets[at].tuple != tuple || state.sockets[at].protocol != Protocol::tcp)
        continue;
      const state::Socket& socket = state.sockets[at];
      end.inferred = socket.has(state::SocketFlag::inferred);
      if (!socket.owner.valid()) continue;
      end.owner = process_name(context.trace, state, socket.owner);
      if (socket.fd >= 0) end.owner += fmt::format(" fd {}", socket.fd);
    }
  }
}

std::string milliseconds_of(std::uint32_t us) {
  return us == 0 ? "none yet" : fmt::format("{}.{} ms", us / 1000, us / 100 % 10);
}

std::vector<std::pair<std::string, std::string>> describe(const state::TcpVariables& v) {
  // As Linux names tcp_ca_state.
  constexpr std::string_view recovery[] = {"Open", "Disorder", "CWR", "Recovery", "Loss"};
  constexpr std::string_view timers[] = {"none",       "retransmission", "window probe",
                                         "FIN-WAIT-2", "TIME-WAIT",      "keep-alive"};
  const std::string threshold = v.ssthresh >= 0x7fffffffu ? "none" : grouped(v.ssthresh);
  return {{"ca_state", std::string(v.recovery < 5 ? recovery[v.recovery] : "?")},
          {"cwnd", grouped(v.cwnd)},
          {"ssthresh", threshold},
          {"in flight", grouped(v.snd_nxt.raw - v.snd_una.raw)},
          {"dup acks", std::to_string(v.duplicate_acks)},
          {"snd.una", grouped(v.snd_una.raw - v.iss.raw)},
          {"snd.nxt", grouped(v.snd_nxt.raw - v.iss.raw)},
          {"snd.wnd", grouped(v.snd_wnd)},
          {"rcv.nxt", grouped(v.rcv_nxt.raw - v.irs.raw)},
          {"rcv.wnd", grouped(v.rcv_wnd)},
          {"srtt", milliseconds_of(v.srtt_us)},
          {"rto", fmt::format("{} ms", v.rto_ms)},
          {"timer", std::string(v.timer < 6 ? timers[v.timer] : "?")},
          {"mss", std::to_string(v.mss)}};
}

}  // namespace

TcpState TcpEnd::state_at(std::uint64_t boundary) const {
  TcpState state = TcpState::closed;
  for (const StateStep& step : steps) {
    if (step.record < boundary) state = step.to;
  }
  return state;
}

std::pair<const VariableSample*, const VariableSample*> TcpEnd::samples_at(std::uint64_t boundary) const {
  const auto after =
      std::lower_bound(samples.begin(), samples.end(), boundary,
                       [](const VariableSample& sample, std::uint64_t limit) { return sample.record < limit; });
  if (after == samples.begin()) return {nullptr, nullptr};
  const auto index = static_cast<std::size_t>(after - samples.begin()) - 1;
  return {&samples[index], index > 0 ? &samples[index - 1] : nullptr};
}

std::uint32_t choose_connection(const PanelContext& context) {
  if (const state::Socket* socket = find_socket(context.cursor.state(), context.selection.socket)) {
    const std::uint32_t flow = context.indexes.flows().find(socket->protocol, socket->tuple);
    if (is_tcp_flow(context, flow)) return flow;
  }
  if (is_tcp_flow(context, context.selection.flow)) return context.selection.flow;
  const std::uint32_t selected = context.indexes.packets().flow(context.selection.packet);
  if (is_tcp_flow(context, selected)) return selected;
  std::uint64_t at = context.indexes.marks().previous(replay::Mark::packet, context.cursor.position());
  for (int i = 0; i < 5000 && at != trace::Index::none; ++i) {
    const std::uint32_t flow = context.indexes.packets().flow({context.trace.at(at)->subject});
    if (is_tcp_flow(context, flow)) return flow;
    at = context.indexes.marks().previous(replay::Mark::packet, at);
  }
  return replay::FlowTable::none;
}

TcpModel build_tcp(const PanelContext& context, std::uint32_t flow) {
  TcpModel model;
  model.flow = flow;
  if (!is_tcp_flow(context, flow)) {
    model.note = "No TCP connection yet. Play on, or choose one of its packets or sockets.";
    return model;
  }
  const replay::Flow entry = context.indexes.flows()[flow];
  const EndTuples tuples = end_tuples(context, flow);
  read_records(context, entry, tuples, model);
  read_packets(context, flow, model);
  name_ends(context, tuples, model);
  model.title = model.ends[0].name + " to " + model.ends[1].name;
  model.capsule.text = fmt::format("{}→{}", entry.tuple.local_port, entry.tuple.remote_port);
  model.capsule.flow = flow_slot(flow);
  return model;
}

std::vector<VariableRow> variable_rows(const TcpEnd& end, std::uint64_t boundary) {
  const auto [now, before] = end.samples_at(boundary);
  std::vector<VariableRow> rows;
  if (now == nullptr) return rows;
  const auto values = describe(now->values);
  const auto old = before != nullptr ? describe(before->values) : values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    rows.push_back({values[i].first, values[i].second, old[i].second == values[i].second ? "" : old[i].second});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const VariableRow& a, const VariableRow& b) { return !a.before.empty() && b.before.empty(); });
  return rows;
}

}  // namespace fourtuple::viz
