#include "sim/world/selector.h"

#include <algorithm>

namespace fourtuple::world {
namespace {

bool protocol_fits(Protocol wanted, Protocol actual) {
  return wanted == Protocol::none || wanted == actual || (wanted == Protocol::icmp && actual == Protocol::icmpv6);
}

bool host_has_address(const trace::Tables& tables, std::uint32_t host, const IpAddress& address) {
  for (const InterfaceId interface : tables.topology.hosts[host].interfaces)
    for (const Prefix& prefix : tables.topology.interfaces[interface.value].addresses)
      if (prefix.address == address) return true;
  return false;
}

bool endpoint_fits(const EndpointPattern& pattern, AddressId id, std::uint16_t port, const trace::Tables& tables) {
  const IpAddress& address = tables.addresses[id];
  if (pattern.host != nothing && !host_has_address(tables, pattern.host, address)) return false;
  if (pattern.address && !pattern.address->contains(address)) return false;
  return pattern.port.contains(port) && pattern.not_port != port;
}

bool same_end(AddressId named, AddressId actual, const trace::Tables& tables) {
  return named == actual || tables.addresses[named].is_wildcard();
}

// One direction of the tuple of a named socket: `local` is its own end. Remote port 0: any peer.
bool tuple_fits(const FourTuple& named, const FourTuple& actual, const trace::Tables& tables) {
  if (named.local_port != actual.local_port || !same_end(named.local, actual.local, tables)) return false;
  return named.remote_port == 0 || (named.remote_port == actual.remote_port && named.remote == actual.remote);
}

bool name_fits(SocketRef wanted, const Packet& packet, const trace::Tables& tables,
               const std::vector<NameTuple>& names) {
  return std::any_of(names.begin(), names.end(), [&](const NameTuple& name) {
    if (name.name != wanted || name.protocol != packet.protocol) return false;
    return tuple_fits(name.tuple, sender_tuple(packet), tables) ||
           tuple_fits(name.tuple, receiver_tuple(packet), tables);
  });
}

bool header_fits(const Selector& s, const Packet& packet, const trace::Tables& tables) {
  if (!protocol_fits(s.protocol, packet.protocol)) return false;
  if ((s.flags_set | s.flags_clear) != 0 && packet.protocol != Protocol::tcp) return false;
  if ((packet.flags & s.flags_set) != s.flags_set || (packet.flags & s.flags_clear) != 0) return false;
  const bool icmp = packet.protocol == Protocol::icmp || packet.protocol == Protocol::icmpv6;
  if ((s.icmp_type || s.icmp_code) && !icmp) return false;
  if (s.icmp_type && *s.icmp_type != packet.icmp_type()) return false;
  if (s.icmp_code && *s.icmp_code != packet.icmp_code()) return false;
  // ICMP has no ports: what its header holds in their place must not be compared with one.
  if (s.from && !endpoint_fits(*s.from, packet.source, icmp ? s.from->port.first : packet.source_port, tables))
    return false;
  if (s.to && !endpoint_fits(*s.to, packet.destination, icmp ? s.to->port.first : packet.destination_port, tables))
    return false;
  return !s.length || (s.length->first <= packet.payload_length && packet.payload_length <= s.length->last);
}

}  // namespace

bool fits(const Selector& s, const PacketSight& sight, const trace::Tables& tables,
          const std::vector<NameTuple>& names) {
  if (s.network != nothing && sight.network.value != s.network) return false;
  if (s.sent_by != nothing && sight.made_by.value != s.sent_by) return false;
  if (s.after && sight.at < *s.after) return false;
  if (s.before && !(sight.at < *s.before)) return false;
  if (!header_fits(s, sight.packet, tables)) return false;
  return s.socket == nothing || name_fits(s.socket, sight.packet, tables, names);
}

bool wants_nth(const Selector& selector, std::uint32_t k) {
  return selector.nth.empty() || std::find(selector.nth.begin(), selector.nth.end(), k) != selector.nth.end();
}

void PacketWatch::clear() {
  packets_.clear();
  before_.clear();
}

void PacketWatch::add(const trace::Slot* record) {
  if (record->kind == trace::Kind::packet_rewritten) change(record);
  if (record->kind != trace::Kind::packet_created) return;
  PacketSight sight;
  sight.packet = trace::unpack_packet_created(record).packet;
  sight.made_by = record->host_id();
  sight.at = record->at;
  const std::uint32_t id = sight.packet.id.value;
  if (packets_.size() <= id) packets_.resize(id + 1);
  packets_[id].sight = sight;
}

void PacketWatch::change(const trace::Slot* record) {
  const trace::PacketRewritten event = trace::unpack_packet_rewritten(record);
  if (event.inner || find(event.packet) == nullptr) return;
  TravellingPacket& packet = packets_[event.packet.value];
  packet.before = static_cast<std::uint32_t>(before_.size());
  packet.changed_by = record->host_id();
  before_.push_back(packet.sight.packet);
  trace::rewrite(packet.sight.packet, event);
}

const TravellingPacket* PacketWatch::find(PacketId packet) const {
  if (packet.value >= packets_.size() || !packets_[packet.value].sight.packet.id.valid()) return nullptr;
  return &packets_[packet.value];
}

void PacketWatch::name(const NameTuple& tuple) {
  for (NameTuple& known : names_) {
    const bool grown = known.name == tuple.name && known.host == tuple.host &&
                       known.tuple.local_port == tuple.tuple.local_port && known.tuple.remote_port == 0;
    if (grown) {
      known = tuple;
      return;
    }
  }
  names_.push_back(tuple);
}

}  // namespace fourtuple::world
