#include "sim/netfilter/middlebox/middlebox.h"

#include <algorithm>

#include "sim/netfilter/conntrack/table.h"

namespace fourtuple::netfilter {
namespace {

constexpr std::uint32_t absent = 0xffffffffu;
constexpr std::uint16_t first_free_port = 1024;
constexpr std::uint32_t free_ports = 65536 - first_free_port;

Middlebox& box(Context& c) {
  return c.filter.hosts[c.host.value].middlebox;
}

// ICMP numbers (RFC 792).
constexpr std::uint8_t echo_reply = 0, echo_request = 8;

bool is_error(const Packet& packet) {
  return packet.payload_kind == PayloadKind::quote;
}

std::uint16_t port_of(const Packet& packet, bool source) {
  if (packet.protocol == Protocol::icmp) return packet.destination_port;  // the identifier
  return source ? packet.source_port : packet.destination_port;
}

bool has_ports(const Packet& packet) {
  if (packet.protocol != Protocol::icmp) return packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp;
  return packet.icmp_type() == echo_request || packet.icmp_type() == echo_reply;
}

void set_port(Packet& packet, bool source, std::uint16_t port) {
  if (packet.protocol == Protocol::icmp || !source)
    packet.destination_port = port;
  else
    packet.source_port = port;
}

void note_rewrite(Context& c, PacketId id, const Packet& now, std::uint32_t entry, bool inner) {
  note(c, trace::PacketRewritten{id, now.source, now.destination, now.source_port, now.destination_port, entry, inner,
                                 now.traffic_class});
}

// The parts of the remote end that `dependence` looks at.
MiddleboxPeer seen_by(NatDependence dependence, AddressId address, std::uint16_t port) {
  if (dependence == NatDependence::endpoint_independent) return {};
  return {address, dependence == NatDependence::address_dependent ? std::uint16_t{0} : port};
}

MiddleboxKey key_for(const MiddleboxConfig& config, const Packet& packet) {
  const std::uint16_t remote_port = packet.protocol == Protocol::icmp ? std::uint16_t{0} : packet.destination_port;
  const MiddleboxPeer remote = seen_by(config.mapping, packet.destination, remote_port);
  return {packet.source, remote.address, port_of(packet, true), remote.port, packet.protocol};
}

void forget_mapping(Context& c, std::uint32_t index) {
  Middlebox& b = box(c);
  const Mapping& mapping = b.mappings[index];
  b.by_inside.erase(mapping.key);
  b.by_outside.erase({mapping.outside_port, mapping.key.protocol});
  destroy_foreign_entry(c, mapping.entry);
  b.mappings[index] = Mapping{};
}

std::uint32_t live(Context& c, std::uint32_t index) {
  if (index == absent || box(c).mappings[index].expires > c.now) return index;
  forget_mapping(c, index);
  return absent;
}

bool port_taken(Context& c, std::uint16_t port, Protocol protocol) {
  return live(c, box(c).by_outside.find({port, protocol})) != absent;
}

// 0: none is free.
std::uint16_t choose_port(Context& c, std::uint16_t inside, Protocol protocol) {
  if (box(c).config.preserve_ports && inside != 0 && !port_taken(c, inside, protocol)) return inside;
  const auto start = static_cast<std::uint32_t>(c.mine().random.below(free_ports));
  for (std::uint32_t i = 0; i < free_ports; ++i) {
    const auto port = static_cast<std::uint16_t>(first_free_port + (start + i) % free_ports);
    if (!port_taken(c, port, protocol)) return port;
  }
  return 0;
}

void show(Context& c, Mapping& mapping, const Packet& packet) {
  const AddressId remote = mapping.key.remote.valid() ? mapping.key.remote : wildcard_v4;
  trace::ConntrackCreated event;
  event.packet = packet.id;
  event.original_source = mapping.key.inside;
  event.original_destination = remote;
  event.original_source_port = mapping.key.inside_port;
  event.original_destination_port = mapping.key.remote_port;
  event.reply_source = remote;
  event.reply_destination = box(c).config.address;
  event.reply_source_port = mapping.key.remote_port;
  event.reply_destination_port = mapping.outside_port;
  event.timeout_s = box(c).config.timeout_s;
  event.bytes = c.environment.ip_length(packet);
  event.status = state::ConntrackStatus::confirmed | state::ConntrackStatus::source_nat;
  event.protocol = mapping.key.protocol;
  mapping.entry = create_foreign_entry(c, event);
}

std::uint32_t new_mapping(Context& c, const MiddleboxKey& key, const Packet& packet) {
  const std::uint16_t port = choose_port(c, key.inside_port, key.protocol);
  if (port == 0) return absent;
  Middlebox& b = box(c);
  const auto unused = std::find_if(b.mappings.begin(), b.mappings.end(),
                                   [](const Mapping& mapping) { return mapping.outside_port == 0; });
  const auto index = static_cast<std::uint32_t>(unused - b.mappings.begin());
  if (unused == b.mappings.end()) b.mappings.emplace_back();
  Mapping& mapping = b.mappings[index];
  mapping.key = key;
  mapping.outside_port = port;
  b.by_inside.set(key, index);
  b.by_outside.set({port, key.protocol}, index);
  show(c, mapping, packet);
  return index;
}

void count(Context& c, const Mapping& mapping, const Packet& packet, bool reply) {
  if (mapping.entry == absent) return;
  const state::ConntrackEntry& entry = c.visible.conntrack[mapping.entry];
  const std::uint16_t status = entry.status | (reply ? state::ConntrackStatus::seen_reply : std::uint16_t{0});
  // RFC 4787 REQ-6: packets from inside keep a mapping alive, packets from outside do not.
  const std::uint32_t timeout = reply ? trace::ConntrackSeen::keep_timeout : box(c).config.timeout_s;
  change(c, trace::ConntrackSeen{mapping.entry, packet.id, c.environment.ip_length(packet), timeout, status, 0, reply});
}

void remember_peer(Mapping& mapping, const Packet& packet) {
  const MiddleboxPeer peer{packet.destination,
                           packet.protocol == Protocol::icmp ? std::uint16_t{0} : packet.destination_port};
  for (const MiddleboxPeer& known : mapping.peers)
    if (known.address == peer.address && known.port == peer.port) return;
  mapping.peers.push_back(peer);
}

bool may_enter(Context& c, const Mapping& mapping, const Packet& packet) {
  const NatDependence filtering = box(c).config.filtering;
  if (filtering == NatDependence::endpoint_independent) return true;
  const std::uint16_t port = packet.protocol == Protocol::icmp ? std::uint16_t{0} : packet.source_port;
  return std::any_of(mapping.peers.begin(), mapping.peers.end(), [&](const MiddleboxPeer& peer) {
    return peer.address == packet.source && (filtering == NatDependence::address_dependent || peer.port == port);
  });
}

// An ICMP error about a packet that went out through a mapping: both it and what it quotes go back to the inside.
Inbound translate_error_in(Context& c, Walk& walk) {
  Packet quoted = c.environment.quote(walk.packet.payload_source);
  if (quoted.source != box(c).config.address || !has_ports(quoted)) return Inbound::not_ours;
  const std::uint32_t index = live(c, box(c).by_outside.find({port_of(quoted, true), quoted.protocol}));
  if (index == absent) return Inbound::not_ours;
  const Mapping& mapping = box(c).mappings[index];
  quoted.source = mapping.key.inside;
  set_port(quoted, true, mapping.key.inside_port);
  walk.packet.payload_source = c.environment.add_quote(quoted);
  note_rewrite(c, walk.packet.id, quoted, mapping.entry, true);
  walk.packet.destination = mapping.key.inside;
  note_rewrite(c, walk.packet.id, walk.packet, mapping.entry, false);
  return Inbound::translated;
}

// An ICMP error of the inside about a packet that came in through a mapping.
bool translate_error_out(Context& c, Walk& walk) {
  Packet quoted = c.environment.quote(walk.packet.payload_source);
  Middlebox& b = box(c);
  for (const Mapping& mapping : b.mappings) {
    if (mapping.outside_port == 0 || mapping.key.protocol != quoted.protocol) continue;
    if (mapping.key.inside != quoted.destination || mapping.key.inside_port != port_of(quoted, false)) continue;
    quoted.destination = b.config.address;
    set_port(quoted, false, mapping.outside_port);
    walk.packet.payload_source = c.environment.add_quote(quoted);
    note_rewrite(c, walk.packet.id, quoted, mapping.entry, true);
    break;
  }
  walk.packet.source = b.config.address;
  note_rewrite(c, walk.packet.id, walk.packet, absent, false);
  return true;
}

}  // namespace

bool translate_outbound(Context& c, Walk& walk) {
  const MiddleboxConfig& config = box(c).config;
  Packet& packet = walk.packet;
  const bool hairpin = walk.mark != 0;
  const bool forwarded = walk.in.valid() && walk.in != config.outside;
  if (!forwarded || (walk.out != config.outside && !hairpin)) return true;
  if (c.family(packet) != Family::ipv4) return true;
  if (is_error(packet)) return translate_error_out(c, walk);
  if (!has_ports(packet)) return true;
  const MiddleboxKey key = key_for(config, packet);
  std::uint32_t index = live(c, box(c).by_inside.find(key));
  const bool fresh = index == absent;
  if (fresh) index = new_mapping(c, key, packet);
  if (index == absent) return false;
  Mapping& mapping = box(c).mappings[index];
  if (!fresh) count(c, mapping, packet, false);
  remember_peer(mapping, packet);
  mapping.expires = c.now + seconds(box(c).config.timeout_s);
  packet.source = box(c).config.address;
  set_port(packet, true, mapping.outside_port);
  note_rewrite(c, packet.id, packet, mapping.entry, false);
  return true;
}

Inbound translate_inbound(Context& c, Walk& walk) {
  Packet& packet = walk.packet;
  if (packet.destination != box(c).config.address) return Inbound::not_ours;
  if (is_error(packet)) return translate_error_in(c, walk);
  if (!has_ports(packet)) return Inbound::not_ours;
  const std::uint32_t index = live(c, box(c).by_outside.find({port_of(packet, false), packet.protocol}));
  if (index == absent) return Inbound::not_ours;
  const Mapping& mapping = box(c).mappings[index];
  if (!may_enter(c, mapping, packet)) return Inbound::filtered;
  count(c, mapping, packet, true);
  packet.destination = mapping.key.inside;
  set_port(packet, false, mapping.key.inside_port);
  note_rewrite(c, packet.id, packet, mapping.entry, false);
  // RFC 4787 REQ-9: from inside to inside through the outside address, both ends see outside addresses.
  if (walk.in != box(c).config.outside) walk.mark = 1;
  return Inbound::translated;
}

}  // namespace fourtuple::netfilter
