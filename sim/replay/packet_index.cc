#include "sim/replay/packet_index.h"

#include <algorithm>

#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

// Packet ids count up as packets are created; a far larger one can only come from a damaged trace.
constexpr std::uint32_t id_slack = 1u << 16;

}  // namespace

PacketIndex::Entry* PacketIndex::entry(PacketId packet) {
  if (!packet.valid() || packet.value > std::uint64_t{size()} + id_slack) return nullptr;
  while (packet.value >= entries_.size()) entries_.push_back({});
  return &entries_.mut(packet.value);
}

void PacketIndex::add(std::uint64_t position, const trace::Slot* record) {
  const auto at = static_cast<std::uint32_t>(position);
  const PacketId id{record->subject};
  switch (record->kind) {
    case trace::Kind::packet_created:
      if (Entry* packet = entry(id); packet != nullptr && packet->created == nowhere) {
        bool retransmission = false;
        const std::uint32_t flow =
            flows_.add(trace::unpack_packet_created(record).packet, record->at, retransmission, record->host_id());
        packet->created = at;
        if (flow != FlowTable::none) packet->flow = flow;
        packet->retransmission = retransmission ? 1 : 0;
      }
      return;
    case trace::Kind::packet_sent:
      if (Entry* packet = entry(id); packet != nullptr) {
        const std::uint32_t hop = hops_.size();
        hops_.push_back({at, nowhere});
        if (packet->last_hop == nowhere) {
          packet->first_hop = hop;
        } else {
          hops_.mut(packet->last_hop).next = hop;
        }
        packet->last_hop = hop;
      }
      return;
    case trace::Kind::packet_dropped:
    case trace::Kind::packet_delivered:
      if (Entry* packet = entry(id); packet != nullptr) packet->end = at;
      return;
    case trace::Kind::packet_quoted:
      add_quote(trace::unpack_packet_quoted(record), at);
      return;
    case trace::Kind::packet_rewritten:
      add_rewrite(record, at);
      return;
    default:
      return;
  }
}

void PacketIndex::add_rewrite(const trace::Slot* record, std::uint32_t position) {
  const trace::PacketRewritten event = trace::unpack_packet_rewritten(record);
  const std::optional<Packet> before = packet_at(event.packet, position);
  const std::uint32_t previous = last_rewrite_.find({event.packet});
  last_rewrite_.set({event.packet}, static_cast<std::uint32_t>(rewrites_.size()));
  rewrites_.push_back({position, previous});
  if (event.inner || !before) return;
  // Answers come to the new addresses: they belong to the same flow.
  Packet after = *before;
  trace::rewrite(after, event);
  flows_.alias(*before, after);
}

void PacketIndex::add_quote(const trace::PacketQuoted& quote, std::uint32_t position) {
  Entry* error = entry(quote.packet);
  if (error == nullptr) return;
  error->flow = flow(quote.original);
  const auto place = std::lower_bound(quotes_.begin(), quotes_.end(), quote.packet,
                                      [](const Quote& known, PacketId id) { return known.packet < id; });
  quotes_.insert(place, {quote.packet, quote.original, position});
}

std::uint64_t PacketIndex::created(PacketId packet) const {
  const Entry* known = find(packet);
  return known == nullptr || known->created == nowhere ? none : known->created;
}

std::uint64_t PacketIndex::end(PacketId packet) const {
  const Entry* known = find(packet);
  return known == nullptr || known->end == nowhere ? none : known->end;
}

std::vector<std::uint64_t> PacketIndex::hops(PacketId packet) const {
  std::vector<std::uint64_t> positions;
  const Entry* known = find(packet);
  if (known == nullptr) return positions;
  for (std::uint32_t hop = known->first_hop; hop != nowhere; hop = hops_[hop].next)
    positions.push_back(hops_[hop].position);
  return positions;
}

std::uint64_t PacketIndex::last_hop(PacketId packet) const {
  const Entry* known = find(packet);
  return known == nullptr || known->last_hop == nowhere ? none : hops_[known->last_hop].position;
}

Fate PacketIndex::fate(PacketId packet) const {
  const std::uint64_t position = end(packet);
  if (position == none) return Fate::under_way;
  return trace_->at(position)->kind == trace::Kind::packet_dropped ? Fate::dropped : Fate::delivered;
}

const PacketIndex::Quote* PacketIndex::quote_of(PacketId packet) const {
  const auto place = std::lower_bound(quotes_.begin(), quotes_.end(), packet,
                                      [](const Quote& known, PacketId id) { return known.packet < id; });
  return place != quotes_.end() && place->packet == packet ? &*place : nullptr;
}

PacketId PacketIndex::quoted(PacketId packet) const {
  const Quote* quote = quote_of(packet);
  return quote == nullptr ? PacketId::none() : quote->original;
}

std::vector<std::uint64_t> PacketIndex::rewrites(PacketId packet) const {
  std::vector<std::uint64_t> positions;
  for (std::uint32_t at = last_rewrite_.find({packet}); at != IndexMap<PacketKey>::absent; at = rewrites_[at].previous)
    positions.push_back(rewrites_[at].position);
  std::reverse(positions.begin(), positions.end());
  return positions;
}

std::optional<Packet> PacketIndex::packet_at(PacketId id, std::uint64_t position) const {
  std::optional<Packet> image = packet(id);
  if (!image) return image;
  bool has_addresses = false;
  for (std::uint32_t at = last_rewrite_.find({id}); at != IndexMap<PacketKey>::absent; at = rewrites_[at].previous) {
    if (rewrites_[at].position > position) continue;
    const trace::PacketRewritten event = trace::unpack_packet_rewritten(trace_->at(rewrites_[at].position));
    if (event.inner) continue;
    // Each is a whole after-image of the addresses; of the TCP header only those that changed it.
    if (!has_addresses) trace::rewrite(*image, event);
    if (event.has_tcp) {
      trace::set_tcp_numbers(*image, event.tcp);
      break;
    }
    has_addresses = true;
  }
  return image;
}

std::optional<Packet> PacketIndex::quoted_at(PacketId error, std::uint64_t position) const {
  const Quote* quote = quote_of(error);
  if (quote == nullptr) return std::nullopt;
  std::optional<Packet> image = packet_at(quote->original, quote->position);
  if (!image) return image;
  for (const std::uint64_t at : rewrites(error)) {
    if (at > position) break;
    const trace::PacketRewritten event = trace::unpack_packet_rewritten(trace_->at(at));
    if (event.inner) trace::rewrite(*image, event);
  }
  return image;
}

std::optional<Packet> PacketIndex::packet(PacketId id) const {
  const std::uint64_t position = created(id);
  if (position == none) return std::nullopt;
  return trace::unpack_packet_created(trace_->at(position)).packet;
}

std::uint32_t PacketIndex::flow(PacketId packet) const {
  const Entry* known = find(packet);
  return known == nullptr ? FlowTable::none : known->flow;
}

bool PacketIndex::retransmission(PacketId packet) const {
  const Entry* known = find(packet);
  return known != nullptr && known->retransmission != 0;
}

std::uint64_t PacketIndex::bytes() const {
  return entries_.bytes() + hops_.bytes() + quotes_.capacity() * sizeof(Quote) +
         rewrites_.capacity() * sizeof(Rewrite) + last_rewrite_.bytes() + flows_.bytes();
}

}  // namespace fourtuple::replay
