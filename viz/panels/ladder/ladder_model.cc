#include "viz/panels/ladder/ladder_model.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/common/relative.h"
#include "viz/panels/ladder/ladder_columns.h"
#include "viz/panels/ladder/ladder_hops.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t scan_limit = 20000;  // packets looked at to find those of one flow
constexpr float usual_slant = 44;          // height of a transit of median length
constexpr float longest_step = 96;

// Of the packets with these packet_created records.
template <class Positions>
std::vector<PacketId> choose_of(const PanelContext& context, const Positions& created) {
  const std::uint32_t wanted = context.selection.flow;
  const bool filter = wanted < context.indexes.flows().size();
  const auto middle = static_cast<std::size_t>(
      std::lower_bound(created.begin(), created.end(), context.cursor.position()) - created.begin());
  const auto id_at = [&](std::size_t i) { return PacketId{context.trace.at(created[i])->subject}; };
  const auto takes = [&](PacketId id) { return !filter || context.indexes.packets().flow(id) == wanted; };
  std::vector<PacketId> before, after;
  for (std::size_t i = middle, n = 0; i > 0 && n < scan_limit && before.size() < ladder_span; --i, ++n) {
    if (takes(id_at(i - 1))) before.push_back(id_at(i - 1));
  }
  for (std::size_t i = middle, n = 0; i < created.size() && n < scan_limit && after.size() < ladder_span; ++i, ++n) {
    if (takes(id_at(i))) after.push_back(id_at(i));
  }
  std::reverse(before.begin(), before.end());
  before.insert(before.end(), after.begin(), after.end());
  return before;
}

// Those created in [from, to] of the packets with these packet_created records, `left_out` more beside them.
template <class Positions>
std::vector<PacketId> between(const PanelContext& context, const Positions& created, Time from, Time to,
                              std::size_t& left_out) {
  const std::uint32_t wanted = context.selection.flow;
  const bool filter = wanted < context.indexes.flows().size();
  std::vector<PacketId> packets;
  for (const auto position : created) {
    const auto& record = *context.trace.at(position);
    if (record.at < from) continue;
    if (record.at > to) break;
    const PacketId id{record.subject};
    if (filter && context.indexes.packets().flow(id) != wanted) continue;
    if (packets.size() < ladder_most) {
      packets.push_back(id);
    } else {
      ++left_out;
    }
  }
  return packets;
}

std::vector<PacketId> packets_between(const PanelContext& context, Time from, Time to, std::size_t& left_out) {
  if (context.filter != nullptr) return between(context, context.filter->positions(), from, to, left_out);
  return between(context, context.indexes.marks().positions(replay::Mark::packet), from, to, left_out);
}

std::vector<PacketId> choose_packets(const PanelContext& context) {
  if (context.filter != nullptr) return choose_of(context, context.filter->positions());
  return choose_of(context, context.indexes.marks().positions(replay::Mark::packet));
}

std::int64_t median_transit(const std::vector<LadderHop>& hops) {
  std::vector<std::int64_t> spans;
  for (const LadderHop& hop : hops)
    spans.push_back(std::max<std::int64_t>(1, (hop.transit.arrives - hop.transit.departs).ns));
  if (spans.empty()) return 1;
  std::nth_element(spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(spans.size() / 2), spans.end());
  return spans[spans.size() / 2];
}

struct Event {
  Time at;
  std::size_t arrow = 0;
  bool departs = true;
};

// Gives every end of every arrow its height: true time, but never so close that two labels of one lane touch.
class Spread {
 public:
  Spread(LadderModel& model, std::int64_t median) : model_(model), median_(median) {}

  void run() {
    std::vector<Event> events;
    for (std::size_t i = 0; i < model_.arrows.size(); ++i) {
      events.push_back({model_.arrows[i].departs, i, true});
      events.push_back({model_.arrows[i].arrives, i, false});
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
    for (const Event& event : events) take(event);
    model_.height = y_ + 24;
  }

 private:
  void take(const Event& event) {
    LadderArrow& arrow = model_.arrows[event.arrow];
    if (!model_.instants.empty()) advance(event.at);
    const std::pair<std::pair<std::size_t, std::size_t>, bool> lane{{arrow.from, arrow.to}, event.departs};
    const auto last = last_.find(lane);
    if (last != last_.end()) y_ = std::max(y_, last->second + ladder_row);
    // The two directions between the same hosts share the room for their labels at a column.
    const auto other = last_.find({{arrow.to, arrow.from}, !event.departs});
    if (other != last_.end()) y_ = std::max(y_, other->second + (event.departs ? 12 : 0));
    last_[lane] = y_;
    (event.departs ? arrow.y_from : arrow.y_to) = y_;
    in_flight_ += event.departs ? 1 : -1;
    if (!model_.instants.empty() && model_.instants.back().at == event.at) {
      model_.instants.back().y = y_;
    } else {
      model_.instants.push_back({event.at, y_});
    }
  }

  void advance(Time to) {
    const std::int64_t gap = (to - model_.instants.back().at).ns;
    if (in_flight_ == 0 && gap > std::max<std::int64_t>(3 * median_, 1'000'000)) {
      y_ += 16;
      model_.folds.push_back({y_, ladder_fold, span_text({gap}) + " idle"});
      y_ += ladder_fold + 16;
      return;
    }
    const double height = static_cast<double>(gap) * static_cast<double>(usual_slant) / static_cast<double>(median_);
    y_ += static_cast<float>(std::min(height, static_cast<double>(longest_step)));
  }

  LadderModel& model_;
  std::int64_t median_;
  std::map<std::pair<std::pair<std::size_t, std::size_t>, bool>, float> last_;
  float y_ = 20;
  int in_flight_ = 0;
};

std::string lost_reason(const PanelContext& context, PacketId packet) {
  const std::uint64_t end = context.indexes.packets().end(packet);
  if (end == replay::PacketIndex::none || context.trace.at(end)->kind != trace::Kind::packet_dropped) return "lost";
  return drop_words(context, end);
}

// What changed since the packet's hop before this one.
std::string rewritten_here(const PanelContext& context, const LadderHop& hop, const Packet& now) {
  const replay::PacketIndex& packets = context.indexes.packets();
  std::optional<Packet> before = packets.packet(now.id);
  for (const std::uint64_t record : packets.hops(now.id)) {
    if (record >= hop.transit.record) break;
    before = packets.packet_at(now.id, record);
  }
  return before ? rewrite_text(context.trace.tables(), *before, now) : std::string();
}

// Whether the host that drops it for this reason is silent about it, or its answer does not tell why. Refusals by
// transport protocols are told by what they send back.
bool tells_itself(trace::DropReason reason) {
  using trace::DropReason;
  return reason != DropReason::no_socket && reason != DropReason::no_process && reason != DropReason::tcp_unacceptable;
}

LadderArrow make_arrow(const PanelContext& context, const LadderHop& hop, std::size_t from, std::size_t to) {
  LadderArrow arrow;
  arrow.packet = hop.transit.packet;
  arrow.record = hop.transit.record;
  arrow.from = from;
  arrow.to = to;
  arrow.departs = hop.transit.departs;
  // One recorder does not see how long a packet was under way: level, so that no answer leaves before its question.
  arrow.arrives = hop.transit.inferred ? hop.transit.departs : hop.transit.arrives;
  arrow.first_hop = hop.first;
  if (hop.transit.lost) {
    const auto whole = static_cast<double>(std::max<std::int64_t>(1, (arrow.arrives - arrow.departs).ns));
    const double part = static_cast<double>((hop.transit.dies - arrow.departs).ns) / whole;
    arrow.lost_at = static_cast<float>(clamped(part, 0.3, 0.85));
    arrow.reason = lost_reason(context, arrow.packet);
  }
  const replay::PacketIndex& packets = context.indexes.packets();
  if (!hop.transit.lost && arrow.record == packets.last_hop(arrow.packet)) {
    const std::uint64_t end = packets.end(arrow.packet);
    const bool dropped = packets.fate(arrow.packet) == replay::Fate::dropped;
    if (dropped && tells_itself(trace::unpack_packet_dropped(context.trace.at(end)).reason))
      arrow.reason = drop_words(context, end);
  }
  // Each stretch shows the addresses and ports it had there.
  if (const std::optional<Packet> packet = packets.packet_at(arrow.packet, arrow.record)) {
    arrow.capsule = capsule_of(packets, arrow.packet, *packet);
    if (arrow.capsule.shape == PacketShape::icmp) arrow.capsule.text.clear();  // the words say it
    arrow.again = arrow.capsule.ring;
    arrow.words = ladder_words(context, arrow.packet, *packets.packet(arrow.packet));
    arrow.rewrite = rewritten_here(context, hop, *packet);
  }
  return arrow;
}

LadderArrow make_stub(const PanelContext& context, const LadderStub& stub, std::size_t column) {
  LadderArrow arrow;
  arrow.packet = stub.packet;
  arrow.record = stub.record;
  arrow.from = arrow.to = column;
  arrow.departs = arrow.arrives = stub.at;
  arrow.lost_at = 1;
  arrow.reason = drop_words(context, stub.record);
  arrow.first_hop = true;
  const replay::PacketIndex& packets = context.indexes.packets();
  if (const std::optional<Packet> packet = packets.packet_at(stub.packet, stub.record)) {
    arrow.capsule = capsule_of(packets, stub.packet, *packet);
    arrow.again = arrow.capsule.ring;
    arrow.words = ladder_words(context, stub.packet, *packet);
  }
  return arrow;
}

}  // namespace

float LadderModel::y_at(Time time) const {
  if (instants.empty()) return 0;
  if (time <= instants.front().at) return instants.front().y;
  if (time >= instants.back().at) return instants.back().y;
  const auto after = std::upper_bound(instants.begin(), instants.end(), time,
                                      [](Time wanted, const Instant& instant) { return wanted < instant.at; });
  const Instant& a = *(after - 1);
  const double part = static_cast<double>((time - a.at).ns) / static_cast<double>((after->at - a.at).ns);
  return a.y + (after->y - a.y) * static_cast<float>(part);
}

std::string ladder_words(const PanelContext& context, PacketId id, const Packet& packet) {
  if (packet.protocol != Protocol::tcp) {
    if (packet.protocol == Protocol::udp) return fmt::format("{} bytes", packet.payload_length);
    if (!replay::is_icmp_error(packet)) return trace::icmp_text(packet);
    const replay::PacketIndex& packets = context.indexes.packets();
    const std::optional<Packet> quoted = packets.packet(packets.quoted(id));
    return trace::icmp_text(packet) + (quoted ? " for " + capsule_text(*quoted) : "");
  }
  const SequenceBase base = sequence_base(context.indexes.packets(), context.indexes.packets().flow(id), packet);
  const std::uint32_t own = base.own ? packet.seq.raw - base.own->raw : packet.seq.raw;
  const std::uint32_t other = base.other ? packet.ack.raw - base.other->raw : packet.ack.raw;
  if (packet.has(TcpFlag::syn)) return packet.has(TcpFlag::ack) ? "SYN ACK" : "SYN";
  if (packet.has(TcpFlag::rst)) return packet.has(TcpFlag::ack) ? "RST ACK" : "RST";
  std::string text = packet.has(TcpFlag::fin) ? "FIN " : "";
  if (packet.payload_length > 0) return text + fmt::format("{}:{}", own, own + packet.payload_length);
  return text + fmt::format("ACK {}", other);
}

namespace {

void add_hops(const PanelContext& context, const LadderColumns& columns, const std::vector<LadderHop>& hops,
              LadderModel& model) {
  std::map<std::uint32_t, std::size_t> last;  // arrow of each packet
  for (const LadderHop& hop : hops) {
    const PacketId packet = hop.transit.packet;
    const auto from = columns.left(packet, hop.from, hop.first),
               to = columns.reached(packet, hop.to, hop.transit.record);
    if (!from || !to) continue;
    model.arrows.push_back(make_arrow(context, hop, *from, *to));
    LadderArrow& arrow = model.arrows.back();
    const auto before = last.find(packet.value);
    if (before != last.end() && model.arrows[before->second].to == *from) arrow.before = before->second;
    if (!arrow.rewrite.empty()) model.columns[*from].rewrites = true;
    last[packet.value] = model.arrows.size() - 1;
  }
}

// Around `middle` where there are more hosts than columns.
LadderModel build(const PanelContext& context, const std::vector<PacketId>& packets, Time middle) {
  LadderModel model;
  model.observed_only = context.trace.tables().source == trace::Source::capture;
  const LadderWays ways = collect_ways(context, packets, middle);
  model.hidden_columns = ways.hidden_hosts;
  const LadderColumns columns(context, ways.hosts, packets);
  model.columns = columns.list();
  add_hops(context, columns, ways.hops, model);
  for (const LadderStub& stub : ways.stubs) {
    if (const auto column = columns.left(stub.packet, stub.host, true))
      model.arrows.push_back(make_stub(context, stub, *column));
  }
  Spread(model, median_transit(ways.hops)).run();
  if (context.filter != nullptr) model.filtered_out = context.filter->packets() - context.filter->positions().size();
  if (model.arrows.empty()) {
    const bool filtered = context.selection.flow < context.indexes.flows().size();
    model.note = filtered ? "No packet of this conversation has travelled yet."
                          : "No packet has travelled between two hosts yet.";
    if (model.filtered_out > 0) model.note += fmt::format(" The filter hides {} packets.", grouped(model.filtered_out));
  }
  return model;
}

}  // namespace

LadderModel build_ladder(const PanelContext& context) {
  return build(context, choose_packets(context), context.now());
}

LadderModel build_ladder(const PanelContext& context, Time from, Time to) {
  std::size_t left_out = 0;
  LadderModel model = build(context, packets_between(context, from, to, left_out), from);
  model.left_out = left_out;
  return model;
}

}  // namespace fourtuple::viz
