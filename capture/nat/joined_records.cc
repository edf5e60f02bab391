#include "capture/nat/joined_records.h"

#include <algorithm>
#include <fmt/format.h>

namespace fourtuple::capture {
namespace {

// Arrivals of one lane never overtake each other; one whose time on the way is not known is drawn for this long
// (replay::Lanes::nominal_transit).
constexpr Duration nominal_transit = microseconds(100);

}  // namespace

JoinedRecords::JoinedRecords(const BothSides& sides, trace::Trace& trace, ObservedHosts& hosts,
                             ObservedSockets& sockets)
    : sides_(&sides), trace_(&trace), hosts_(&hosts), sockets_(&sockets), conntrack_(sides, trace) {
  packets_.resize(sides.ties.ties.size());
  make_networks();
  make_routers();
  give_addresses();
}

std::string JoinedRecords::place_name(const CapturePlace& place) const {
  for (const PlaceInfo& info : sides_->seen.places) {
    if (info.place != place) continue;
    const std::string& file = sides_->seen.file_names[place.file];
    if (sides_->seen.file_names.size() == 1)
      return info.name.empty() ? fmt::format("interface {}", place.interface) : info.name;
    return info.name.empty() ? file.substr(0, file.find('.')) : fmt::format("{} of {}", info.name, file);
  }
  return "?";
}

void JoinedRecords::make_networks() {
  for (const FlowPair& pair : sides_->pairs) {
    for (const std::uint32_t flow : {pair.near, pair.far}) {
      const CapturePlace& place = sides_->seen.places[sides_->seen.flows[flow].place].place;
      if (networks_.contains(place)) continue;
      networks_[place] = hosts_->add_network(place_name(place));
    }
  }
}

void JoinedRecords::make_routers() {
  std::map<std::pair<CapturePlace, CapturePlace>, bool> translates;
  const auto places_of = [&](const FlowPair& pair) {
    const auto place = [&](std::uint32_t flow) { return sides_->seen.places[sides_->seen.flows[flow].place].place; };
    const CapturePlace near = place(pair.near), far = place(pair.far);
    return near < far ? std::pair(near, far) : std::pair(far, near);
  };
  for (const FlowPair& pair : sides_->pairs) {
    bool& translating = translates[places_of(pair)];
    translating = translating || translated(sides_->seen, pair).any();
  }
  // A translator whose both sides pass one place (hairpin) is the one that joins it to another.
  const auto has_other = [&](const CapturePlace& place) {
    return std::any_of(translates.begin(), translates.end(), [&](const auto& known) {
      return known.first.first != known.first.second && (known.first.first == place || known.first.second == place);
    });
  };
  const auto is_part = [&](const auto& places) { return places.first == places.second && has_other(places.first); };
  const auto routers =
      std::count_if(translates.begin(), translates.end(), [&](const auto& known) { return !is_part(known.first); });
  std::map<std::pair<CapturePlace, CapturePlace>, std::uint32_t> made;
  for (const auto& [places, translating] : translates) {
    if (is_part(places)) continue;
    std::string name = translating ? "NAT" : "router";
    if (routers > 1) name += fmt::format(" {}", routers_.size() + 1);
    std::vector<ObservedHosts::RouterSide> sides{{place_name(places.first), network(places.first)}};
    if (places.second != places.first) sides.push_back({place_name(places.second), network(places.second)});
    made[places] = static_cast<std::uint32_t>(routers_.size());
    routers_.push_back({hosts_->add_router(name, sides), places.first, places.second});
  }
  for (const FlowPair& pair : sides_->pairs) {
    const auto places = places_of(pair);
    const auto found = made.find(places);
    const Router* other = found == made.end() ? router_at(places.first) : &routers_[found->second];
    router_of_pair_.push_back(static_cast<std::uint32_t>(other - routers_.data()));
  }
}

// What a translator shows for others is its own.
void JoinedRecords::give_addresses() {
  AddressTable& addresses = trace_->mutable_tables().addresses;
  for (std::size_t i = 0; i < sides_->pairs.size(); ++i) {
    const FlowPair& pair = sides_->pairs[i];
    const SeenFlow &near = sides_->seen.flows[pair.near], &far = sides_->seen.flows[pair.far];
    const TranslatedEnds ends = translated(sides_->seen, pair);
    const HostId host = routers_[router_of_pair_[i]].host;
    if (ends.source)
      hosts_->assign(addresses.intern(far_ends(sides_->seen, pair).a), host,
                     network(sides_->seen.places[far.place].place));
    if (ends.destination)
      hosts_->assign(addresses.intern(near.b), host, network(sides_->seen.places[near.place].place));
  }
}

NetworkId JoinedRecords::network(const CapturePlace& place) const {
  const auto found = networks_.find(place);
  return found == networks_.end() ? NetworkId::none() : found->second;
}

const JoinedRecords::Router* JoinedRecords::router_at(const CapturePlace& place) const {
  for (const Router& router : routers_)
    if (router.one == place || router.other == place) return &router;
  return nullptr;
}

std::uint32_t JoinedRecords::pair_between(const Tie& from, const Tie& to) const {
  const std::uint32_t pair = sides_->ties.far_pair[from.flow];
  return pair != Tie::none && sides_->pairs[pair].far == to.flow ? pair : sides_->ties.near_pair[from.flow];
}

std::uint64_t JoinedRecords::take(Time now, const SeenPacket& seen) {
  hosts_->prefer(network(seen.where));
  const std::vector<Tie>& ties = sides_->ties.ties;
  std::uint64_t created = none;
  if (const std::uint32_t previous = ties[seen.tie].previous; previous == Tie::none) {
    created = create(now, seen);
  } else if (packets_[previous].valid()) {
    proceed(now, seen, packets_[previous]);
  } else {
    waiting_[seen.tie] = seen;
    return none;
  }
  for (std::uint32_t next = ties[seen.tie].next; next != Tie::none; next = ties[next].next) {
    const auto found = waiting_.find(next);
    if (found == waiting_.end()) break;
    const SeenPacket held = found->second;
    waiting_.erase(found);
    hosts_->prefer(network(held.where));
    proceed(now, held, packets_[ties[next].previous]);
  }
  return created;
}

void JoinedRecords::remember(PacketId frame, PacketId packet) {
  if (shown_.size() <= frame.value) shown_.resize(frame.value + 1, PacketId::none());
  shown_[frame.value] = packet;
}

std::uint64_t JoinedRecords::create(Time now, const SeenPacket& seen) {
  const PacketId id = seen.packet.id;
  packets_[seen.tie] = id;
  remember(id, id);
  const HostId host = hosts_->host_of(seen.packet.source);
  const std::uint64_t created = trace_->append(now, host, trace::PacketCreated{seen.packet});
  observe(now, seen, seen.packet);
  if (seen.quoted.valid()) trace_->append(now, host, trace::PacketQuoted{id, seen.quoted, 0});
  send(now, seen, id);
  return created;
}

void JoinedRecords::proceed(Time now, const SeenPacket& seen, PacketId id) {
  packets_[seen.tie] = id;
  remember(seen.packet.id, id);
  Packet packet = seen.packet;
  packet.id = id;
  const Tie& tie = sides_->ties.ties[seen.tie];
  const std::uint32_t pair = pair_between(sides_->ties.ties[tie.previous], tie);
  if (translated(sides_->seen, sides_->pairs[pair]).any())
    rewrite(now, seen, routers_[router_of_pair_[pair]].host, pair, packet);
  observe(now, seen, packet);
  send(now, seen, id);
}

void JoinedRecords::rewrite(Time now, const SeenPacket& seen, HostId host, std::uint32_t pair, const Packet& packet) {
  trace::PacketRewritten event;
  event.packet = packet.id;
  event.source = packet.source;
  event.destination = packet.destination;
  event.source_port = packet.source_port;
  event.destination_port = packet.destination_port;
  event.entry = conntrack_.entry(pair);
  event.traffic_class = packet.traffic_class;
  trace_->append(now, host, event);
  if (!seen.quoted.valid())
    return conntrack_.pass(now, host, pair, packet, !sides_->ties.ties[seen.tie].outward, seen.ip_length);
  event.inner = true;
  event.source = seen.quoted_headers.source;
  event.destination = seen.quoted_headers.destination;
  event.source_port = seen.quoted_headers.source_port;
  event.destination_port = seen.quoted_headers.destination_port;
  trace_->append(now, host, event);
}

// Sockets are those of the ends whose addresses no translator on the way has changed; a packet tells of them once.
std::uint8_t JoinedRecords::ends_of(const SeenPacket& seen) const {
  const PacketTies& all = sides_->ties;
  const Tie& tie = all.ties[seen.tie];
  if (tie.flow == Tie::none) return ObservedSockets::both_ends;
  const auto translates = [&](std::uint32_t pair) { return translated(sides_->seen, sides_->pairs[pair]).any(); };
  if (tie.previous != Tie::none && !translates(pair_between(all.ties[tie.previous], tie))) return 0;
  bool begins = true, asked = true;
  for (std::uint32_t pair = all.near_pair[tie.flow]; pair != Tie::none && begins;
       pair = all.near_pair[sides_->pairs[pair].near])
    begins = !translates(pair);
  for (std::uint32_t pair = all.far_pair[tie.flow]; pair != Tie::none && asked;
       pair = all.far_pair[sides_->pairs[pair].far])
    asked = !translates(pair);
  const bool a_began = tie.outward == (seen.place.direction == 0);
  return static_cast<std::uint8_t>(((a_began ? begins : asked) ? 1 : 0) | ((a_began ? asked : begins) ? 2 : 0));
}

void JoinedRecords::observe(Time now, const SeenPacket& seen, const Packet& packet) {
  if (!seen.place.valid()) return;
  if (const std::uint8_t ends = ends_of(seen); ends != 0) sockets_->observe(now, packet, seen.place, seen.owners, ends);
}

void JoinedRecords::send(Time now, const SeenPacket& seen, PacketId id) {
  const Tie& tie = sides_->ties.ties[seen.tie];
  const NetworkId here = network(seen.where);
  const trace::Topology& topology = trace_->tables().topology;
  // An end that is not in this network lies behind the router.
  const auto side_of = [&](AddressId address, std::uint32_t neighbour) {
    if (neighbour != Tie::none) {
      const Tie& other = sides_->ties.ties[neighbour];
      return hosts_->interface_in(routers_[router_of_pair_[pair_between(tie, other)]].host, here);
    }
    const InterfaceId own = hosts_->interface_in(hosts_->host_of(address), here);
    const Router* router = router_at(seen.where);
    const bool away = own.valid() && router != nullptr && topology.interfaces[own.value].network != here;
    return away ? hosts_->interface_in(router->host, here) : own;
  };
  const Lane lane{side_of(seen.packet.source, tie.previous), side_of(seen.packet.destination, tie.next)};
  const HostId host = lane.from.valid() ? topology.interfaces[lane.from.value].host : HostId::none();
  const Duration way = transit(now, lane, tie.next == Tie::none ? 0 : tie.gap_ns);
  trace_->append(now, host, trace::PacketSent{id, lane.from, lane.to, seen.packet.ttl, way});
}

Duration JoinedRecords::transit(Time now, Lane lane, std::uint32_t gap_ns) {
  const Duration way{gap_ns};
  const Time wanted = now + (way.ns != 0 ? way : nominal_transit);
  Time& last = last_arrival_[lane];
  if (wanted >= last) {
    last = wanted;
    return way;
  }
  return last - now;
}

}  // namespace fourtuple::capture
