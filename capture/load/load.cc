#include "capture/load/load.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "capture/load/steps.h"

namespace fourtuple::capture {
namespace {

constexpr std::int64_t never = INT64_MAX;

class LoadReader {
 public:
  LoadReader(const ImportedCapture& capture, const LoadOptions& options) : capture_(&capture), options_(options) {}

  Load read();

 private:
  const std::vector<Flow>& flows() const { return capture_->flows.flows(); }
  const IpAddress& address(AddressId id) const { return capture_->trace.tables().addresses[id]; }
  std::int64_t frame_ns(std::uint32_t number) const { return capture_->frames[number - 1].time_ns - epoch_ns_; }
  AddressId host_address(AddressId id) const;
  std::uint8_t client_of(const Flow& flow) const;
  bool answered(const Flow& flow) const;
  std::optional<LeftOut> reason_against(const Flow& flow) const;
  void measure(const Flow& flow);
  void add_host(AddressId id);
  void choose();
  void follow();
  void conclude();
  void leave_out(LeftOut reason) { ++load_.left_out[static_cast<std::size_t>(reason)]; }
  void leave_out_changed();
  Distances distances(const Flow& flow) const;

  const ImportedCapture* capture_;
  LoadOptions options_;
  Load load_;
  std::int64_t epoch_ns_ = 0;
  std::map<AddressId, std::int64_t> there_and_back_;    // from the place of capture; `never` when not seen
  std::vector<std::optional<StepRecorder>> recorders_;  // by flow
  std::vector<bool> fragmented_;                        // by flow: TCP in fragments, whose length is not told
  std::vector<bool> inner_;                             // by flow: packets of it were the innermost of their frames
};

AddressId LoadReader::host_address(AddressId id) const {
  return address(id).is_loopback() ? loopback_v4 : id;
}

// Who opened it; of UDP who spoke first.
std::uint8_t LoadReader::client_of(const Flow& flow) const {
  return flow.protocol == Protocol::tcp && flow.tcp.handshake.syn != 0 ? flow.tcp.handshake.syn_direction : 0;
}

bool LoadReader::answered(const Flow& flow) const {
  const Handshake& shake = flow.tcp.handshake;
  return flow.protocol == Protocol::tcp ? shake.syn != 0 && shake.syn_ack != 0 && shake.ack != 0
                                        : flow.packets[0] != 0 && flow.packets[1] != 0;
}

std::optional<LeftOut> LoadReader::reason_against(const Flow& flow) const {
  const auto group = [](const IpAddress& a) { return a.is_multicast() || a.is_broadcast() || a.is_wildcard(); };
  const IpAddress &a = address(flow.a), &b = address(flow.b);
  if (group(a) || group(b)) return LeftOut::group;
  if (a.is_link_local() || b.is_link_local()) return LeftOut::link_local;
  if (flow.protocol != Protocol::tcp) return std::nullopt;
  if (flow.later_fragments[0] + flow.later_fragments[1] != 0) return LeftOut::fragmented;
  const std::uint8_t client = client_of(flow);
  if (flow.tcp.syn[client] == 0) return LeftOut::no_handshake;
  const bool silent = flow.packets[1 - client] == 0;
  const bool only_syns =
      flow.payload[client] == 0 && flow.tcp.fin[client] == 0 && flow.packets[client] == flow.tcp.syn[client];
  if (silent && !only_syns) return LeftOut::one_direction;
  const bool refused = flow.tcp.rst[1 - client] != 0 || flow.icmp_errors != 0;
  if (!silent && !answered(flow) && !refused) return LeftOut::no_handshake;
  // One SYN shortly before the end of the capture: the answer may have come behind it.
  constexpr std::int64_t second_syn_ns = 1'000'000'000;
  const bool at_the_end = capture_->report.max_time_ns - flow.end_ns < second_syn_ns;
  if (silent && !refused && flow.tcp.syn[client] == 1 && at_the_end) return LeftOut::no_handshake;
  return std::nullopt;
}

void LoadReader::add_host(AddressId id) {
  id = host_address(id);
  const auto known = [&](const LoadHost& host) { return host.address == id; };
  if (std::none_of(load_.hosts.begin(), load_.hosts.end(), known)) load_.hosts.push_back({id, 0, false});
}

// How far both ends of a conversation are, from its handshake.
void LoadReader::measure(const Flow& flow) {
  const Handshake& shake = flow.tcp.handshake;
  if (flow.protocol != Protocol::tcp || !answered(flow)) return;
  const std::int64_t asked = flow.tcp.last_syn_ns ? *flow.tcp.last_syn_ns - epoch_ns_ : frame_ns(shake.syn);
  const std::int64_t reached = frame_ns(shake.syn_ack), came_back = frame_ns(shake.ack);
  const AddressId client = host_address(shake.syn_direction == 0 ? flow.a : flow.b);
  const AddressId server = host_address(shake.syn_direction == 0 ? flow.b : flow.a);
  const auto learn = [&](AddressId id, std::int64_t there_and_back) {
    auto [known, fresh] = there_and_back_.emplace(id, never);
    if (there_and_back >= 0) known->second = std::min(known->second, there_and_back);
  };
  learn(server, reached - asked);
  learn(client, came_back - reached);
}

Distances LoadReader::distances(const Flow& flow) const {
  const auto of = [&](AddressId id) {
    const auto known = there_and_back_.find(host_address(id));
    return known == there_and_back_.end() || known->second == never ? 0 : known->second;
  };
  const bool swapped = client_of(flow) != 0;
  return {of(swapped ? flow.b : flow.a), of(swapped ? flow.a : flow.b)};
}

// Which conversations are taken, and a recorder for each.
void LoadReader::choose() {
  recorders_.resize(flows().size());
  fragmented_.resize(flows().size());
  std::uint32_t taken = 0;
  for (std::size_t i = 0; i < flows().size(); ++i) {
    const Flow& flow = flows()[i];
    std::optional<LeftOut> against = reason_against(flow);
    if (!against && !inner_[i]) against = LeftOut::tunnel;
    if (!against && taken >= options_.max_flows) against = LeftOut::over_limit;
    if (against) {
      leave_out(*against);
      continue;
    }
    ++taken;
    const Handshake& shake = flow.tcp.handshake;
    const bool tcp = flow.protocol == Protocol::tcp && answered(flow);
    // The client knows of the connection by the SYN-ACK, the server by the ACK.
    recorders_[i].emplace(distances(flow), tcp ? frame_ns(shake.syn_ack) : 0, tcp ? frame_ns(shake.ack) : 0);
  }
}

void LoadReader::follow() {
  const trace::Trace& trace = capture_->trace;
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    if (trace.at(at)->kind != trace::Kind::packet_created) continue;
    const Packet packet = trace::unpack_packet_created(trace.at(at)).packet;
    const FrameInfo& frame = capture_->frames[packet.id.value];
    if (frame.flow >= recorders_.size() || !recorders_[frame.flow]) continue;
    StepRecorder& recorder = *recorders_[frame.flow];
    if (recorder.steps() > options_.max_steps) continue;
    const Flow& flow = flows()[frame.flow];
    const std::size_t side = frame.direction == client_of(flow) ? 0 : 1;
    const std::int64_t now = frame.time_ns - epoch_ns_;
    if (frame.kind == FrameKind::later_fragment) {
      recorder.more_of_datagram(side, packet.payload_length);
    } else if (frame.kind == FrameKind::conversation) {
      constexpr std::uint32_t udp_header = 8;
      const bool fragment = (packet.fragment_flags & FragmentFlag::is_fragment) != 0;
      const std::uint32_t header = fragment ? std::min(udp_header, packet.payload_length) : 0;
      if (flow.protocol == Protocol::tcp) fragmented_[frame.flow] = fragmented_[frame.flow] || fragment;
      if (flow.protocol == Protocol::tcp)
        recorder.segment(side, packet, now);
      else
        recorder.datagram(side, packet.payload_length - header, now);
    }
  }
}

void LoadReader::conclude() {
  for (std::uint32_t i = 0; i < recorders_.size(); ++i) {
    if (!recorders_[i]) continue;
    if (recorders_[i]->steps() > options_.max_steps || fragmented_[i]) {
      leave_out(fragmented_[i] ? LeftOut::fragmented : LeftOut::too_long);
      continue;
    }
    const Flow& flow = flows()[i];
    Exchange& exchange = load_.exchanges.emplace_back();
    exchange.flow = i;
    exchange.client = client_of(flow);
    exchange.start_ns = std::max<std::int64_t>(0, flow.start_ns - epoch_ns_ - distances(flow)[0] / 2);
    exchange.end_ns = flow.end_ns - epoch_ns_;
    recorders_[i]->finish(exchange);
    const bool tcp = flow.protocol == Protocol::tcp;
    const bool refused = tcp ? !answered(flow) && flow.packets[1 - exchange.client] + flow.icmp_errors != 0
                             : flow.packets[1] == 0 && flow.icmp_errors != 0;
    if (refused) exchange.answer = Exchange::Answer::refused;
    if (tcp && !refused && !answered(flow)) exchange.answer = Exchange::Answer::none;
    if (tcp && exchange.answer != Exchange::Answer::given) exchange.steps = {};
    exchange.open &= tcp && exchange.answer == Exchange::Answer::given;
  }
}

// A port that answers some and not others: its program came or went meanwhile.
void LoadReader::leave_out_changed() {
  using Door = std::tuple<Protocol, AddressId, std::uint16_t>;
  const auto door_of = [&](const Exchange& exchange) {
    const Flow& flow = flows()[exchange.flow];
    return exchange.client == 0 ? Door{flow.protocol, flow.b, flow.b_port} : Door{flow.protocol, flow.a, flow.a_port};
  };
  std::set<Door> answering;
  for (const Exchange& exchange : load_.exchanges)
    if (exchange.answer == Exchange::Answer::given) answering.insert(door_of(exchange));
  std::erase_if(load_.exchanges, [&](const Exchange& exchange) {
    const bool changed = exchange.answer != Exchange::Answer::given && answering.contains(door_of(exchange));
    if (changed) leave_out(LeftOut::changed_mind);
    return changed;
  });
}

Load LoadReader::read() {
  load_.conversations = static_cast<std::uint32_t>(flows().size());
  epoch_ns_ = capture_->report.min_time_ns;
  inner_.resize(flows().size());
  for (const FrameInfo& frame : capture_->frames)
    if (frame.kind == FrameKind::conversation && frame.flow < inner_.size()) inner_[frame.flow] = true;
  for (const Flow& flow : flows()) measure(flow);
  choose();
  follow();
  conclude();
  leave_out_changed();
  for (const Exchange& exchange : load_.exchanges) {
    const Flow& flow = flows()[exchange.flow];
    add_host(exchange.client == 0 ? flow.a : flow.b);
    add_host(exchange.client == 0 ? flow.b : flow.a);
  }
  for (LoadHost& host : load_.hosts) {
    const auto known = there_and_back_.find(host.address);
    host.distance_seen = known != there_and_back_.end() && known->second != never;
    if (host.distance_seen) host.distance_ns = known->second / 2;
  }
  return std::move(load_);
}

}  // namespace

std::string_view words_of(LeftOut reason) {
  switch (reason) {
    case LeftOut::no_handshake:
      return "no handshake seen: it began before the capture or was not finished";
    case LeftOut::one_direction:
      return "only one direction was captured";
    case LeftOut::link_local:
      return "link-local addresses, which pass no router";
    case LeftOut::group:
      return "to a group or to all";
    case LeftOut::tunnel:
      return "a tunnel: what is inside is taken, without the tunnel";
    case LeftOut::fragmented:
      return "TCP in IP fragments";
    case LeftOut::changed_mind:
      return "refused or not answered where others were answered";
    case LeftOut::too_long:
      return "more back and forth than a scenario should hold";
    case LeftOut::over_limit:
      return "beyond --max-flows";
  }
  return "?";
}

Load load_of(const ImportedCapture& capture, const LoadOptions& options) {
  return LoadReader(capture, options).read();
}

}  // namespace fourtuple::capture
